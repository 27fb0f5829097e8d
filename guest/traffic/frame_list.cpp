// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/traffic/frame_list.hpp"

#include "harness/packet/hex.hpp"

#include <charconv>

namespace nflab::traffic {

std::string read_frames(std::istream& in, std::vector<Frame>& frames) {
    for (std::string line; std::getline(in, line);) {
        const std::size_t space = line.find(' ');
        std::int64_t after = 0;
        const char* end = line.data() + std::min(space, line.size());
        const auto number = std::from_chars(line.data(), end, after);
        const auto bytes = space == std::string::npos
                               ? std::nullopt
                               : packet::from_hex(std::string_view(line).substr(space + 1));
        if (number.ec != std::errc{} || number.ptr != end || after < 0 || !bytes || bytes->empty())
            return "line " + std::to_string(frames.size() + 1) +
                   " must be microseconds and a frame in hexadecimal";
        frames.push_back(
            {std::chrono::microseconds(after), std::string(bytes->begin(), bytes->end())});
    }
    return {};
}

std::string to_hex(std::string_view bytes) {
    return packet::to_hex(packet::Bytes(bytes.begin(), bytes.end()));
}

} // namespace nflab::traffic
