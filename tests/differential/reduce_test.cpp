// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/catch.hpp"
#include "tests/differential/reduce.hpp"

using namespace nflab::witness;

TEST_CASE("a case becomes as small as its cause") {
    Random random(5);
    Case big{make_ruleset(random), make_packets(random, 60)};
    Table table;
    table.family = "ip";
    table.name = "guilty";
    table.chains = {
        {"sub", "", {{"drop", {}}, {"accept", {}}}},
        {"base", "type filter hook input priority 0;", {{"jump sub", {"sub"}}, {"drop", {}}}}};
    big.ruleset.tables.push_back(table);
    const auto guilty = [](const Case& made) {
        bool rule = false;
        for (const Table& each : made.ruleset.tables)
            for (const Chain& chain : each.chains)
                for (const Rule& one : chain.rules)
                    rule = rule || one.text == "jump sub";
        bool packet = false;
        for (const Shot& shot : made.shots)
            packet = packet || shot.packet.uid == 37;
        return rule && packet;
    };
    const Case small = reduce(big, guilty, 1000);
    CHECK(guilty(small));
    CHECK(small.shots.size() == 1);
    CHECK(small.ruleset.tables.size() == 1);
    CHECK(small.ruleset.rules() == 1);
}

TEST_CASE("a reduction asks no more often than it may") {
    Random random(5);
    unsigned asked = 0;
    reduce(
        {make_ruleset(random), make_packets(random, 60)},
        [&](const Case&) {
            ++asked;
            return false;
        },
        9);
    CHECK(asked == 9);
}
