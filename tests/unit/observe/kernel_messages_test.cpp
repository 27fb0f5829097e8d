// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/observe/kernel_messages.hpp"
#include "tests/catch.hpp"
#include "tests/unit/observe/judged.hpp"

using namespace nflab;
using scenario::KernelLog;
using test::judged;
using test::said;

namespace {

const observe::Answer boot = said("6,1,100,-;booted\n4,2,200,-;boot warning; with more\n");
const observe::Answer later =
    said("6,1,100,-;booted\n4,2,200,-;boot warning; with more\n"
         "4,3,300,c,caller=T1;IPv4: martian source 10.0.0.1\n SUBSYSTEM=net\n DEVICE=n2\n"
         "30,4,400,-;a facility's info\n");

KernelLog at_level(int level) {
    KernelLog wanted;
    wanted.level = level;
    return wanted;
}

} // namespace

TEST_CASE("records of the kernel's log are read") {
    const auto messages = observe::read_kernel_messages(later.out);
    REQUIRE(messages.size() == 4);
    CHECK(messages[1].text == "boot warning; with more");
    CHECK(messages[2].level == 4);
    CHECK(messages[2].sequence == 3);
    CHECK(messages[3].level == 6);
    CHECK(observe::read_kernel_messages("nonsense\n;\n,;\n1,x,;\n").empty());
}

TEST_CASE("only messages since the beginning of the step count") {
    const auto judgement = judged(at_level(4), later, {.then = &boot});
    CHECK_FALSE(judgement.passed);
    CHECK(judgement.expected == "no kernel message of level warning or above at router");
    CHECK(judgement.seen == "1 message: IPv4: martian source 10.0.0.1");
    CHECK(judged(at_level(4), boot, {.then = &boot}).passed);
    CHECK(judged(at_level(3), later, {.then = &boot}).passed);
    KernelLog wanted = at_level(4);
    wanted.allow = {"martian"};
    CHECK(judged(wanted, later, {.then = &boot}).passed);
}

TEST_CASE("a message is wanted, or must not be there") {
    KernelLog wanted = at_level(7);
    wanted.has = {"martian", "info"};
    CHECK(judged(wanted, later, {.then = &boot}).passed);
    wanted.has = {"booted"};
    CHECK(judged(wanted, later, {.then = &boot}).seen ==
          "no message, but IPv4: martian source 10.0.0.1; a facility's info");
    wanted.has = {"martian"};
    CHECK(judged(wanted, later, {.count = 1, .then = &boot}).passed);
    CHECK_FALSE(judged(wanted, later, {.count = 2, .then = &boot}).passed);
    wanted.has.clear();
    wanted.lacks = {"Oops"};
    CHECK(judged(wanted, later, {.then = &boot}).passed);
    wanted.lacks = {"martian"};
    CHECK_FALSE(judged(wanted, later, {.then = &boot}).passed);
}

TEST_CASE("messages that have been overwritten may have been anything") {
    const auto now = said("6,9,900,-;the only one that is left\n");
    CHECK_FALSE(judged(at_level(4), now, {.then = &boot}).passed);
    CHECK_FALSE(judged(at_level(4), now, {.negated = true, .then = &boot}).passed);
    KernelLog wanted = at_level(7);
    wanted.has = {"left"};
    CHECK(judged(wanted, now, {.then = &boot}).passed);
}

TEST_CASE("a kernel's log that cannot be read proves nothing") {
    CHECK_FALSE(judged(at_level(4), said(""), {.then = &boot}).passed);
    CHECK_FALSE(judged(at_level(4), said(""), {.negated = true, .then = &boot}).passed);
}
