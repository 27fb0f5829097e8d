// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/traffic/frame_list.hpp"
#include "tests/catch.hpp"

#include <sstream>

using namespace nflab::traffic;

namespace {

std::string complaint(const std::string& text) {
    std::istringstream in(text);
    std::vector<Frame> frames;
    return read_frames(in, frames);
}

} // namespace

TEST_CASE("frames are read line by line") {
    std::istringstream in("0 0102ff\n1500 00\n");
    std::vector<Frame> frames;
    CHECK(read_frames(in, frames).empty());
    REQUIRE(frames.size() == 2);
    CHECK(frames[0].bytes == "\x01\x02\xff");
    CHECK(frames[1].after == std::chrono::microseconds(1500));
    CHECK(to_hex(frames[0].bytes) == "0102ff");
}

TEST_CASE("a line that is no frame is named") {
    const std::string rest = " must be microseconds and a frame in hexadecimal";
    for (const std::string bad : {"0\n", "0 \n", "-1 00\n", "x 00\n", "0 0g\n", " 00\n"})
        CHECK(complaint(bad) == "line 1" + rest);
    CHECK(complaint("0 00\n0 000\n") == "line 2" + rest);
}
