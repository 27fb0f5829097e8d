// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/kernel_constraint.hpp"
#include "tests/catch.hpp"

using nflab::scenario::KernelConstraint;
using nflab::scenario::parse_release;
using nflab::scenario::Release;

TEST_CASE("numbers of a release") {
    CHECK(parse_release("6.12.94+deb13-cloud-amd64") == Release{6, 12, 94});
    CHECK(parse_release("5.10.0-40-cloud-amd64") == Release{5, 10, 0});
    CHECK(parse_release("7.2-rc3") == Release{7, 2});
    CHECK(parse_release("6.") == Release{6});
    CHECK_FALSE(parse_release("next"));
    CHECK_FALSE(parse_release(""));
    CHECK_FALSE(parse_release("99999999999999999999.1"));
}

TEST_CASE("which releases a constraint admits") {
    struct Case {
        const char* constraint;
        const char* release;
        bool admitted;
    };
    const Case cases[] = {
        {">=5.10", "5.10.0-40-cloud-amd64", true},
        {">=5.10", "5.4.1", false},
        {">=5.10", "6.1.0", true},
        {"<6.12", "6.12.94+deb13-cloud-amd64", false},
        {"<6.12", "6.11.10", true},
        {"<=6.12", "6.12.94+deb13-cloud-amd64", true},
        {">6.12", "6.12.94+deb13-cloud-amd64", false},
        {">6.12", "6.18.1", true},
        {"=6.12", "6.12.94", true},
        {"==6.12.94", "6.12.94+deb13", true},
        {"!=6.1.170", "6.1.170", false},
        {"!=6.1.170", "6.1.171", true},
        {">=5.10 <6.12", "6.1.0", true},
        {">=5.10 <6.12", "6.12.0", false},
        {">=5.10, <6.12", "5.4.0", false},
        {">=6.12.1", "6.12", false},
        {">=5.10", "next-20260101", false},
    };
    for (const auto& each : cases) {
        INFO(each.constraint << " and " << each.release);
        const auto constraint = KernelConstraint::parse(each.constraint);
        REQUIRE(constraint);
        CHECK(constraint->admits(each.release) == each.admitted);
    }
}

TEST_CASE("what is not a constraint") {
    for (const auto* text : {"", " ", "5.10", ">=", ">= 5.10", "~5.10", ">=5.10-rc1",
                             ">=5.10 or newer", ">=five", ">=-1"}) {
        INFO(text);
        CHECK_FALSE(KernelConstraint::parse(text));
    }
}
