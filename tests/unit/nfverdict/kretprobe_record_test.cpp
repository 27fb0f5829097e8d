// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/kretprobe/kretprobe_record.hpp"
#include "tests/catch.hpp"

#include <nlohmann/json.hpp>

using namespace nflab;
using nlohmann::json;

namespace {

// A UDP datagram of Linux 5.10 on its way in, as the module wrote it.
json call() {
    return json::parse(R"({"type":"call","function":"ipt_do_table","time_ns":32267805045,"cpu":0,
        "depth":1,"netns":4026531992,"hook":1,"pf":2,"in":"eth0","family":2,"table":"filter",
        "return":0,"verdict":"drop","skb":18446612682127211008,"length":31,"ethertype":2048,
        "source":"10.0.0.1","destination":"10.0.0.2","protocol":17,"source_port":40845,
        "destination_port":8080,
        "header":"4500001f27f740004011fed40a0000010a0000029f8d1f90000b141f68690a",
        "stack":["ipt_do_table+0x5/0x640 [ip_tables]","nf_hook_slow+0x3f/0xb0"]})");
}

json hook_of(const json& inner) {
    json outer = inner;
    outer["function"] = "nf_hook_slow";
    outer["depth"] = 0;
    outer["return"] = -1;
    outer.erase("table");
    outer.erase("family");
    return outer;
}

} // namespace

TEST_CASE("a legacy table's verdict has table, hook, packet and call stack, and no rule") {
    nfverdict::KretprobeRecords records;
    const auto record = records.next(call());
    REQUIRE(record);
    CHECK(record->method == "kretprobe");
    CHECK(record->engine == "iptables");
    CHECK(record->table == "filter");
    CHECK(record->base_chain == "INPUT");
    CHECK(record->chain.empty());
    CHECK(record->rule_kind == verdict::RuleKind::unknown);
    CHECK(record->hook == "input");
    CHECK(record->priority == 0);
    CHECK(record->verdict == "drop");
    CHECK(record->packet.source == "10.0.0.1");
    CHECK(record->packet.source_port == 40845);
    CHECK(record->packet.destination_port == 8080);
    CHECK(record->packet.ip_id == 0x27f7);
    CHECK(record->stack.size() == 2);
}

TEST_CASE("an ARP request that a netdev chain has seen says who asks for whom") {
    json line = call();
    line["function"] = "nft_do_chain";
    line["pf"] = 5;
    line["hook"] = 0;
    line["priority"] = 0;
    line["chain"] = "in";
    line["ethertype"] = 0x806;
    line["header"] = "000108000604000102000000000a0a0200020000000000000a020001";
    nfverdict::KretprobeRecords records;
    const auto record = records.next(line);
    REQUIRE(record);
    CHECK(record->packet.family == 0);
    CHECK(record->packet.ethertype == 0x806);
    CHECK(record->packet.arp_operation == 1);
    CHECK(record->packet.source == "10.2.0.2");
    CHECK(record->packet.destination == "10.2.0.1");
}

TEST_CASE("an nft base chain's verdict is the chain's, not a rule's") {
    json line = call();
    line["function"] = "nft_do_chain";
    line["family"] = 1;
    line["table"] = "t";
    line["chain"] = "incoming";
    line["priority"] = 10;
    line["return"] = 65538;
    nfverdict::KretprobeRecords records;
    const auto record = records.next(line);
    REQUIRE(record);
    CHECK(record->engine == "nft");
    CHECK(record->family == "inet");
    CHECK(record->base_chain == "incoming");
    CHECK(record->chain.empty());
    CHECK(record->priority == 10);
}

TEST_CASE("a hook's drop is told only where no table has told it") {
    nfverdict::KretprobeRecords records;
    REQUIRE(records.next(call()));
    CHECK_FALSE(records.next(hook_of(call())));
    const auto alone = records.next(hook_of(call()));
    REQUIRE(alone);
    CHECK(alone->engine == "none");
    CHECK(alone->rule_kind == verdict::RuleKind::none);
    CHECK(alone->stage == "hook");
    json passed = hook_of(call());
    passed["verdict"] = "accept";
    CHECK_FALSE(records.next(passed));
}

TEST_CASE("a line of another shape is an error") {
    nfverdict::KretprobeRecords records;
    CHECK_THROWS_AS(records.next(json::object()), json::exception);
}
