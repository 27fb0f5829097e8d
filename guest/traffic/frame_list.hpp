// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <istream>
#include <string>
#include <vector>

namespace nflab::traffic {

/// A frame and how long after the one before it leaves.
struct Frame {
    std::chrono::microseconds after{};
    std::string bytes;
};

/// Reads lines of a number of microseconds and hexadecimal bytes up to the end of the stream.
/// Returns what is wrong with the first line that is none, or nothing.
std::string read_frames(std::istream& in, std::vector<Frame>& frames);

/// Two lower-case digits for each byte.
std::string to_hex(std::string_view bytes);

} // namespace nflab::traffic
