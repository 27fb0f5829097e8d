// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/catch.hpp"
#include "tests/unit/observe/judged.hpp"

using namespace nflab;
using scenario::CommandOutput;
using test::judged;
using test::said;

namespace {

CommandOutput printing() {
    CommandOutput wanted;
    wanted.command = "show";
    return wanted;
}

} // namespace

TEST_CASE("a command's output and exit code are held against what they should be") {
    CommandOutput wanted = printing();
    CHECK(judged(wanted, said("")).passed);
    wanted.has = {"one", "two"};
    wanted.lacks = {"three"};
    CHECK(judged(wanted, said("one two\n")).passed);
    CHECK_FALSE(judged(wanted, said("one\n")).passed);
    CHECK_FALSE(judged(wanted, said("one two three\n")).passed);
    const auto judgement = judged(wanted, said("one\nand no more\n"));
    CHECK(
        judgement.expected ==
        R"(exit code 0 of `show`, which prints "one", which prints "two", which does not print "three" at router)");
    CHECK(judgement.seen == R"(no "two"; the output is: one; and no more)");
}

TEST_CASE("a command's output is compared as a whole, white space at its ends aside") {
    CommandOutput wanted = printing();
    wanted.equals = "a\nb";
    CHECK(judged(wanted, said("a\nb\n")).passed);
    CHECK_FALSE(judged(wanted, said("a\n b\n")).passed);
    CHECK_FALSE(judged(wanted, said("a\nb\nc\n")).passed);
}

TEST_CASE("a regular expression is looked for within the lines of an output") {
    CommandOutput wanted = printing();
    wanted.matches = "^via [0-9.]+$";
    CHECK(judged(wanted, said("x\nvia 10.0.0.1\n")).passed);
    CHECK(judged(wanted, said("x via 10.0.0.1\n")).seen ==
          "no line like /^via [0-9.]+$/; the output is: x via 10.0.0.1");
}

TEST_CASE("an output's lines are counted") {
    CHECK(judged(printing(), said("\n\n"), {.count = 0}).passed);
    CHECK(judged(printing(), said("a\n\nb\n"), {.count = 2}).passed);
    CHECK_FALSE(judged(printing(), said("a\n"), {.count = 2}).passed);
}

TEST_CASE("a command that ends otherwise than it should says so in its own words") {
    CommandOutput wanted = printing();
    CHECK(judged(wanted, test::complained("no such table\nmore\n", 2)).seen ==
          "exit code 2: no such table");
    CHECK(judged(wanted, test::complained("", 2), {.negated = true}).passed);
    wanted.exit_code = 2;
    CHECK(judged(wanted, test::complained("", 2)).passed);
    CHECK(judged(wanted, said("")).seen == "exit code 0");
}

TEST_CASE("a command without an end proves nothing, negated or not") {
    observe::Answer answer;
    answer.timed_out = true;
    CHECK_FALSE(judged(printing(), answer).passed);
    CHECK_FALSE(judged(printing(), answer, {.negated = true}).passed);
    CHECK(judged(printing(), answer).seen == "it did not end in time");
}
