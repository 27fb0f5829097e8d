// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/catch.hpp"
#include "tests/unit/scenario/read_text.hpp"

#include <string>
#include <string_view>

using namespace nflab;

namespace {

std::string example() {
    return test::content_of(test::source_file("scenarios/seeds/nat-forward-drop.yaml"));
}

/// Either a scenario or problems, all of them inside of the text.
void check_sane(const std::string& text) {
    const auto result = test::read(text);
    REQUIRE(result.scenario.has_value() == result.problems.empty());
    for (const auto& problem : result.problems) {
        REQUIRE(problem.where.line >= 1);
        REQUIRE(problem.where.column >= 1);
        REQUIRE_FALSE(problem.message.empty());
    }
}

} // namespace

TEST_CASE("a scenario cut off at any byte is read or refused") {
    const std::string text = example();
    for (std::size_t size = 0; size <= text.size(); ++size) {
        INFO("the first " << size << " bytes");
        REQUIRE_NOTHROW(check_sane(text.substr(0, size)));
    }
}

TEST_CASE("a scenario with one byte changed is read or refused") {
    const std::string text = example();
    constexpr std::string_view replacements = "{}[]:,-&*!|>'\"%@`#?\n\t \\\xff";
    std::size_t next = 0;
    for (std::size_t offset = 0; offset < text.size(); offset += 2) {
        std::string changed = text;
        changed[offset] = replacements[next++ % replacements.size()];
        INFO("byte " << offset);
        REQUIRE_NOTHROW(check_sane(changed));
    }
}

TEST_CASE("large and deep files are refused in time") {
    constexpr std::size_t size = 1U << 20U;
    for (const std::string_view unit : {"[", "{", "- ", "? ", "a: ", "&a ", "!a ", "*a ", "\"", "'",
                                        "[]\n", "- a\n", "a: b\n", "#", "--- \n", "|\n", "%A\n"}) {
        std::string text;
        while (text.size() + unit.size() <= size)
            text += unit;
        INFO(unit);
        REQUIRE_NOTHROW(check_sane(text));
    }
}
