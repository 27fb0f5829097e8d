// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace nflab::witness {

/// An end of the lab: sends frames, captures everything that arrives, and answers packets that ask
/// for it. Standard input: "f HEX" keeps a frame, "g N" sends what is kept at a fixed pace.
/// Standard output: "r" ready, "c LENGTH HEX" a captured frame's first bytes, "d N DROPS" when all
/// is sent and nothing has arrived for a while, with the captures lost meanwhile, "e WORDS" an
/// error. Ends with its input. Returns why it cannot work.
std::string run_wire(const char* device);

} // namespace nflab::witness
