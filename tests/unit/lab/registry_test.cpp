// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/base/error.hpp"
#include "harness/lab/registry.hpp"
#include "tests/catch.hpp"

#include <unistd.h>

#include <string>

using namespace nflab;
using namespace std::string_literals;

TEST_CASE("a lab's first process is known by its command line") {
    CHECK(lab::lab_of_cmdline("/usr/bin/nflab\0lab-supervisor\0nat\0"s) == "nat");
    CHECK_FALSE(lab::lab_of_cmdline("/usr/bin/nflab\0status\0nat\0"s));
    CHECK_FALSE(lab::lab_of_cmdline("grep\0x lab-supervisor nat\0"s));
    CHECK_FALSE(lab::lab_of_cmdline("nflab\0lab-supervisor\0"s));
    CHECK_FALSE(lab::lab_of_cmdline("nflab\0lab-supervisor\0\0"s));
    CHECK_FALSE(lab::lab_of_cmdline("nflab lab-supervisor nat"s));
    CHECK_FALSE(lab::lab_of_cmdline(""));
}

TEST_CASE("the first process of a namespace below ours is told from its children") {
    CHECK(lab::is_first_process("Name:\tnflab\nNSpid:\t4711\t1\nUid:\t0\n"));
    CHECK(lab::is_first_process("Name:\tnflab\nNSpid:\t9\t4711\t1\nUid:\t0\n"));
    CHECK_FALSE(lab::is_first_process("Name:\tnflab\nNSpid:\t4712\t2\n"));
    CHECK_FALSE(lab::is_first_process("Name:\tnflab\nNSpid:\t4711\t21\n"));
    CHECK_FALSE(lab::is_first_process("Name:\tinit\nNSpid:\t1\n"));
    CHECK_FALSE(lab::is_first_process(""));
}

TEST_CASE("names of labs are checked") {
    for (const char* good : {"a", "nat-forward-drop", "6.12_x", "A9"})
        CHECK_NOTHROW(lab::check_name(good));
    for (const std::string& bad : {""s, "-a"s, ".a"s, "a b"s, "a/b"s, "ä"s, std::string(49, 'a')})
        CHECK_THROWS_AS(lab::check_name(bad), Error);
}

TEST_CASE("a name is held by one lab at a time, and leaves nothing behind") {
    const std::string name = "unit-" + std::to_string(::getpid());
    UniqueFd first = lab::lock_name(name);
    CHECK_THROWS_AS(lab::lock_name(name), Error);
    CHECK_NOTHROW(lab::lock_name(name + "x"));
    first.reset();
    CHECK_NOTHROW(lab::lock_name(name));
}

TEST_CASE("a lab that is not up is refused by name") {
    try {
        lab::find("no-such-lab");
        FAIL("found");
    } catch (const Error& error) {
        CHECK(error.what() == "no lab 'no-such-lab' is up"s);
    }
    CHECK_THROWS_AS(lab::end("no-such-lab"), Error);
}
