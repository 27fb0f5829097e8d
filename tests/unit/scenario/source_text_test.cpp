// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/source_text.hpp"
#include "tests/catch.hpp"

#include <string>

using namespace nflab::scenario;

TEST_CASE("lines of a text") {
    CHECK(line_of("a\nb\r\nc", 1) == "a");
    CHECK(line_of("a\nb\r\nc", 2) == "b");
    CHECK(line_of("a\nb\r\nc", 3) == "c");
    CHECK(line_of("a\n", 2).empty());
    CHECK(line_of("a\n", 9).empty());
}

TEST_CASE("columns count characters") {
    const std::string text = "x\nä€𝄞b";
    const Position in_bytes = position_of(text, text.size() - 1);
    CHECK(in_bytes.line == 2);
    CHECK(in_bytes.column == 10);
    CHECK(in_characters(text, in_bytes).column == 4);
}

TEST_CASE("what is not UTF-8") {
    CHECK_FALSE(find_fault("plain\ttext\r\nä€𝄞\n"));
    struct Case {
        std::string text;
        std::size_t offset;
    };
    const Case cases[] = {
        {"a\x80", 1},                // a second byte without a first
        {"a\xc3", 1},                // cut off
        {"\xc0\xaf", 0},             // overlong '/'
        {"\xe0\x80\xaf", 0},         // overlong
        {"\xed\xa0\x80", 0},         // surrogate
        {"\xf4\x90\x80\x80", 0},     // beyond U+10FFFF
        {"\xf5", 0},                 // never used
        {std::string("ab\0", 3), 2}, // NUL
        {"\x1b[0m", 0},              // escape
        {"ä\x7f", 2},                // delete
        {"\xff\xfe"
         "a",
         0}, // UTF-16's mark
    };
    for (const auto& each : cases) {
        const auto fault = find_fault(each.text);
        REQUIRE(fault);
        CHECK(fault->offset == each.offset);
    }
}
