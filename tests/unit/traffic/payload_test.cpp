// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/traffic/options.hpp"
#include "guest/traffic/payload.hpp"
#include "tests/catch.hpp"

using namespace nflab::traffic;

TEST_CASE("a payload carries its mark") {
    CHECK(make_payload({0xdeadbeef, 1}, min_size) == "nflabdeadbeef00000001");
    CHECK(make_payload({1, 2}, min_size + 28) ==
          "nflab0000000100000002abcdefghijklmnopqrstuvwxyzab");
    CHECK(parse_mark(make_payload({7, 99999}, 1000)) == Mark{7, 99999});
}

TEST_CASE("what is not ours has no mark") {
    for (const char* other : {"", "nflab", "nflab00000001000000", "nflab0000000g00000001",
                              "other0000000100000001", "nflab+000000100000001"})
        CHECK_FALSE(parse_mark(other));
}
