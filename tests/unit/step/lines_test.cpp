// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/step/lines.hpp"
#include "tests/catch.hpp"

#include <vector>

TEST_CASE("lines come out whole however they arrive") {
    nflab::step::LineBuffer buffer;
    std::vector<std::string> lines;
    const auto take = [&](std::string_view line) { lines.emplace_back(line); };
    buffer.feed("on", take);
    CHECK(lines.empty());
    buffer.feed("e\ntwo\nth", take);
    buffer.feed("ree\n\n", take);
    CHECK(lines == std::vector<std::string>{"one", "two", "three", ""});
}
