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

TEST_CASE("the text of a record is what its tree says") {
    std::vector<Record> records{Record{}, policy_drop(), nft_accept()};
    Record full = nft_accept();
    full.node = "router";
    full.conntrack = Conntrack{42, "new", Tuple{"a", "b", 1, 2}, {}};
    full.priority = -150;
    full.rule_text = "log prefix \"a\\b\ttab\" \xc3\xa4 \xff";
    full.comment = "say \"no\"\n";
    full.jump_path = {"one", "two \"2\""};
    full.packet.icmp_type = 0;
    full.packet.icmp_code = 0;
    full.packet.tcp_flags = 0xff;
    full.packet.more_fragments = true;
    full.packet.unread = true;
    full.packet.skb = 0xffffffffffffffff;
    full.packet.quoted.emplace();
    full.packet.quoted->source = "10.0.0.1";
    full.packet.stamp.emplace();
    records.push_back(full);
    for (const Record& record : records) {
        std::string line = "before ";
        append_json(line, record);
        const std::string tree =
            nlohmann::json(record).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
        CHECK(nlohmann::json::parse(line.substr(7)) == nlohmann::json::parse(tree));
    }
}
