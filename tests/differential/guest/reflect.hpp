// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace nflab::witness {

/// Turns markers (marker.hpp) from one device of the router to another. Each route is two devices
/// with the MAC address of the other side of its wire: "lan0 MAC wan0 MAC", any number of them.
/// Prints "r" when it listens; ends with its input. Returns why it cannot work.
std::string run_reflect(int count, const char* const* words);

} // namespace nflab::witness
