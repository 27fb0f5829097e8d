// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/rulesets/history.hpp"
#include "tests/catch.hpp"

using namespace nflab::nfverdict;

namespace {

Generations all(Generation generation) {
    Generations out;
    out.fill(generation);
    return out;
}

} // namespace

TEST_CASE("a snapshot of the very moment speaks alone") {
    History<int> history;
    history.add(all({1, 1}), all({1, 1}), 10);
    history.add(all({2, 2}), all({2, 2}), 20);
    const auto at = history.at({0, {2, 2}});
    REQUIRE(at.size() == 1);
    CHECK(*at[0] == 20);
    CHECK(*history.at({0, {1, 1}}).at(0) == 10);
}

TEST_CASE("a moment between two snapshots has both for witnesses") {
    History<int> history;
    history.add(all({1, 1}), all({1, 1}), 10);
    history.add(all({3, 3}), all({3, 3}), 30);
    const auto at = history.at({0, {2, 2}});
    REQUIRE(at.size() == 2);
    CHECK(*at[0] == 10);
    CHECK(*at[1] == 30);
    CHECK(history.at({0, {2, 1}}).size() == 2);
}

TEST_CASE("one side alone is no witness") {
    History<int> history;
    history.add(all({3, 3}), all({3, 3}), 30);
    CHECK(history.at({0, {2, 2}}).empty());
    CHECK(history.at({0, {4, 4}}).empty());
    CHECK(history.covers({0, {2, 2}}));
    CHECK(history.covers({0, {3, 3}}));
    CHECK_FALSE(history.covers({0, {4, 4}}));
}

TEST_CASE("a snapshot that was overtaken while it was read is of no single moment") {
    History<int> history;
    history.add(all({1, 1}), all({1, 1}), 10);
    history.add(all({2, 2}), all({3, 3}), 25);
    CHECK(history.at({0, {3, 3}}).empty());
    const auto at = history.at({0, {2, 2}});
    REQUIRE(at.size() == 2);
    CHECK(*at[1] == 25);
}

TEST_CASE("transactions of another slot do not matter") {
    constexpr std::uint8_t mine = 7;
    constexpr std::uint8_t other = 8;
    Generations before = all({1, 1});
    Generations after = before;
    before[other] = {5, 4};
    after[other] = {9, 8};
    History<int> history;
    history.add(before, after, 10);
    CHECK(history.covers({mine, {1, 1}}));
    CHECK(history.at({mine, {1, 1}}).size() == 1);
    CHECK_FALSE(history.covers({other, {9, 8}}));
    CHECK(history.at({other, {4, 4}}).empty());
}
