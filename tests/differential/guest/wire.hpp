// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace nflab::witness {

/// An end of the lab: sends frames, captures everything that arrives, and answers packets that ask
/// for it. `router` is the MAC address of the other side of the wire. Standard input: "f HEX" keeps
/// a frame, "g N" sends what is kept at a fixed pace and a marker behind it (marker.hpp).
/// Standard output: "r" ready, "c LENGTH HEX" a captured frame's first bytes, "d N DROPS" when
/// marker N is here for the last time, with the captures lost meanwhile, "e WORDS" an error. Ends
/// with its input. Returns why it cannot work.
std::string run_wire(const char* device, const char* router);

} // namespace nflab::witness
