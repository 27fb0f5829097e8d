// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/rulesets/history.hpp"
#include "tests/catch.hpp"

using namespace nflab::nfverdict;

TEST_CASE("a snapshot of the very moment speaks alone") {
    History<int> history;
    history.add({1, 1}, {1, 1}, 10);
    history.add({2, 2}, {2, 2}, 20);
    const auto at = history.at({2, 2});
    REQUIRE(at.size() == 1);
    CHECK(*at[0] == 20);
    CHECK(*history.at({1, 1}).at(0) == 10);
}

TEST_CASE("a moment between two snapshots has both for witnesses") {
    History<int> history;
    history.add({1, 1}, {1, 1}, 10);
    history.add({3, 3}, {3, 3}, 30);
    const auto at = history.at({2, 2});
    REQUIRE(at.size() == 2);
    CHECK(*at[0] == 10);
    CHECK(*at[1] == 30);
    CHECK(history.at({2, 1}).size() == 2);
}

TEST_CASE("one side alone is no witness") {
    History<int> history;
    history.add({3, 3}, {3, 3}, 30);
    CHECK(history.at({2, 2}).empty());
    CHECK(history.at({4, 4}).empty());
    CHECK(history.covers({2, 2}));
    CHECK(history.covers({3, 3}));
    CHECK_FALSE(history.covers({4, 4}));
}

TEST_CASE("a snapshot that was overtaken while it was read is of no single moment") {
    History<int> history;
    history.add({1, 1}, {1, 1}, 10);
    history.add({2, 2}, {3, 3}, 25);
    CHECK(history.at({3, 3}).empty());
    const auto at = history.at({2, 2});
    REQUIRE(at.size() == 2);
    CHECK(*at[1] == 25);
}
