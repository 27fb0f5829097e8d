// SPDX-License-Identifier: GPL-2.0-or-later
#include "sample.hpp"
#include "tests/catch.hpp"

#include <nlohmann/json.hpp>

using namespace nflab::verdict;
using namespace nflab::verdict::sample;

TEST_CASE("a record survives the way through JSON") {
    Record record = policy_drop();
    record.conntrack = Conntrack{42, "new", Tuple{"a", "b", 1, 2}, Tuple{"b", "c", 2, 3}};
    record.in_device = "eno2";
    record.priority = -150;
    const Record back = nlohmann::json::parse(nlohmann::json(record).dump()).get<Record>();
    CHECK(nlohmann::json(back) == nlohmann::json(record));
    CHECK(back.priority == -150);
    REQUIRE(back.conntrack);
    CHECK(back.conntrack->reply->destination == "c");
    CHECK(back.rule_kind == RuleKind::policy);
}

TEST_CASE("a record without a priority keeps none") {
    Record record = nft_accept();
    record.priority.reset();
    CHECK_FALSE(nlohmann::json(record).get<Record>().priority.has_value());
}

TEST_CASE("only verdicts that leave the chain are final") {
    Record record = nft_accept();
    for (const char* verdict : {"jump", "goto", "return", "continue"}) {
        record.verdict = verdict;
        CHECK_FALSE(record.final());
    }
    record.verdict = "queue";
    CHECK(record.final());
}
