// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/catch.hpp"
#include "tests/differential/generate.hpp"

using namespace nflab::witness;

TEST_CASE("the same seed makes the same rules and packets") {
    Random one(42);
    Random two(42);
    CHECK(render_all(make_ruleset(one)) == render_all(make_ruleset(two)));
    CHECK(describe(make_packets(one, 5).back()) == describe(make_packets(two, 5).back()));
    Random other(43);
    CHECK(render_all(make_ruleset(other)) != render_all(make_ruleset(one)));
}

TEST_CASE("generated rules name only what is there") {
    for (unsigned seed = 0; seed < 50; ++seed) {
        Random random(seed);
        Ruleset ruleset = make_ruleset(random);
        const std::size_t rules = ruleset.rules();
        drop_dangling(ruleset);
        CHECK(ruleset.rules() == rules);
        CHECK(rules > 0);
    }
}

TEST_CASE("rules and sets that name a dropped chain go with it") {
    Ruleset ruleset;
    Table table;
    table.family = "ip";
    table.name = "t";
    table.sets = {{"m", "elements = { 1 : jump sub }", "map", {"sub"}}};
    table.chains = {
        {"base", "type filter hook input priority 0;", {{"x vmap @m", {"m"}}, {"y", {}}}}};
    ruleset.tables = {table};
    drop_dangling(ruleset);
    CHECK(ruleset.tables[0].sets.empty());
    REQUIRE(ruleset.rules() == 1);
    CHECK(ruleset.tables[0].chains[0].rules[0].text == "y");
}

TEST_CASE("a legacy table that is no longer wanted is emptied") {
    Ruleset before;
    before.tables.push_back({Engine::ebtables,
                             "",
                             "nat",
                             {},
                             {{"OUTPUT", "DROP", {{"-j own", {"own"}}}}, {"own", "RETURN", {}}}});
    before.tables.push_back({Engine::nft, "ip", "t", {}, {}});
    const Ruleset after = with_emptied({}, before);
    CHECK(render(after, Engine::ebtables) == "*nat\n:OUTPUT ACCEPT\n");
    CHECK(after.tables.size() == 1);
    CHECK(with_emptied(before, before).rules() == 1);
}
