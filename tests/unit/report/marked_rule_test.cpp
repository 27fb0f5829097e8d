// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/report/marked_rule.hpp"
#include "tests/catch.hpp"

using namespace nflab;
using report::Lines;

namespace {

// As nft --stateless --handle list ruleset prints it.
constexpr const char* nft_listing = R"(table ip nat { # handle 1
	map ports { # handle 4
		type inet_service : verdict
		elements = { 80 : accept }
	}
	chain postrouting { # handle 1
		type nat hook postrouting priority srcnat; policy accept;
		oifname "eno1" counter masquerade # handle 2
	}
}
table ip filter { # handle 2
	chain forward { # handle 1
		type filter hook forward priority filter; policy drop;
		tcp dport vmap { 22 : drop,
				 80 : accept } # handle 5
		ip protocol icmp counter accept # handle 7
	}
}
)";
// The same in a person's words.
constexpr const char* nft_source = R"(flush ruleset
define wan = eno1
table ip nat {
    map ports { type inet_service : verdict; elements = { 80 : accept }; }
    chain postrouting {
        type nat hook postrouting priority 100; policy accept;
        oifname $wan counter masquerade;
    }
}
table filter { chain forward { type filter hook forward priority 0; policy drop;
    # a comment; with a semicolon
    tcp dport vmap {
        22 : drop,
        80 : accept
    }
    ip protocol icmp counter accept; } }
)";
constexpr const char* saved = R"(*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
-A FORWARD -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -i lo -j ACCEPT
-A FORWARD -p icmp -j LOG
COMMIT
)";

verdict::Record rule(const std::string& engine, const std::string& table, const std::string& chain,
                     std::uint64_t number, const std::string& text) {
    verdict::Record record;
    record.node = "router";
    record.engine = engine;
    record.family = "ip";
    record.table = table;
    record.chain = record.base_chain = chain;
    record.rule_kind = verdict::RuleKind::rule;
    record.rule = number;
    record.rule_text = text;
    return record;
}

const step::RulesetListing listed{"router", "nft", nft_listing};
const step::RulesetListing listed_legacy{"router", "iptables", saved};
const step::AppliedRuleset source{"router", "nftables", nft_source, "sample.yaml", 10};

} // namespace

TEST_CASE("chains of nft: rules over several lines, sets and maps are no rules") {
    const auto chains = report::nft_chains(nft_source);
    REQUIRE(chains.size() == 2);
    CHECK(chains[0].family == "ip");
    CHECK(chains[0].rules.size() == 1);
    CHECK(chains[1].table == "filter");
    CHECK(chains[1].policy == Lines{10, 10});
    REQUIRE(chains[1].rules.size() == 2);
    CHECK(chains[1].rules[0].lines == Lines{12, 15});
    CHECK(chains[1].rules[1].text == "ip protocol icmp counter accept");
}

TEST_CASE("chains of nft: commands of single rules, and those that put rules elsewhere") {
    const auto chains = report::nft_chains("add table inet f\n"
                                           "add chain inet f c { type filter hook input priority "
                                           "0; policy drop; }\n"
                                           "add rule inet f c tcp dport { 22, 80 } accept\n"
                                           "add rule inet f c drop\n"
                                           "add rule ip f d accept\ninsert rule ip f d drop\n");
    REQUIRE(chains.size() == 2);
    CHECK(chains[0].policy == Lines{2, 2});
    REQUIRE(chains[0].rules.size() == 2);
    CHECK(chains[0].rules[1].lines == Lines{4, 4});
    CHECK_FALSE(chains[0].disordered);
    CHECK(chains[1].disordered);
}

TEST_CASE("a rule is marked in the listing by its handle, when its text is the same") {
    auto record = rule("nft", "filter", "forward", 7, "ip protocol icmp counter accept");
    CHECK(report::mark_in_listing(listed, record).lines == Lines{16, 16});
    record = rule("nft", "filter", "forward", 5, "tcp dport vmap { 22 : drop, 80 : accept }");
    CHECK(report::mark_in_listing(listed, record).lines == Lines{14, 15});
    record.rule_text = "tcp dport 22 drop";
    CHECK_FALSE(report::mark_in_listing(listed, record).lines);
    CHECK(report::mark_in_listing(listed, record).why_not.find("another one") != std::string::npos);
    record.rule_text.clear();
    CHECK_FALSE(report::mark_in_listing(listed, record).lines);
    record = rule("nft", "filter", "forward", 9, "drop");
    CHECK(report::mark_in_listing(listed, record).why_not.find("gone") != std::string::npos);
    record = rule("nft", "filter", "forward", 0, "");
    record.rule_kind = verdict::RuleKind::policy;
    record.verdict = "drop";
    CHECK(report::mark_in_listing(listed, record).lines == Lines{13, 13});
}

TEST_CASE("a rule of legacy iptables is marked by its number in its chain") {
    const auto record = rule("iptables", "filter", "FORWARD", 2, "-A FORWARD -p icmp -j LOG");
    CHECK(report::mark_in_listing(listed_legacy, record).lines == Lines{6, 6});
    auto policy = record;
    policy.rule_kind = verdict::RuleKind::policy;
    policy.verdict = "drop";
    CHECK(report::mark_in_listing(listed_legacy, policy).lines == Lines{3, 3});
}

TEST_CASE("a rule is marked in the scenario's text only while the chain is as the text has it") {
    const auto record = rule("nft", "filter", "forward", 7, "ip protocol icmp counter accept");
    CHECK(report::mark_in_source(source, listed, record).lines == Lines{16, 16});
    auto more = listed;
    more.text.replace(more.text.find("\t\tip protocol"), 0, "\t\tdrop # handle 9\n");
    CHECK_FALSE(report::mark_in_source(source, more, record).lines);
    auto other = source;
    other.text.replace(other.text.find("icmp counter accept"), 19, "icmp counter drop");
    CHECK(report::mark_in_source(other, listed, record).why_not.find("no longer") !=
          std::string::npos);
    auto policy = record;
    policy.rule_kind = verdict::RuleKind::policy;
    policy.verdict = "drop";
    CHECK(report::mark_in_source(source, listed, policy).lines == Lines{10, 10});
    policy.verdict = "accept"; // a command has changed it since
    CHECK(report::mark_in_source(source, listed, policy).why_not.find("another one") !=
          std::string::npos);
}
