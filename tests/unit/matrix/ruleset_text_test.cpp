// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/matrix/ruleset_text.hpp"
#include "tests/catch.hpp"

using namespace nflab::matrix;

namespace {

std::vector<std::string> shown(std::string_view engine, const std::string& text) {
    std::vector<std::string> lines;
    for (const RulesetStatement& each : ruleset_statements(engine, text))
        lines.push_back((each.kind == RulesetStatement::Kind::policy ? "policy " : "rule ") +
                        each.chain + ": " + each.text);
    return lines;
}

using Lines = std::vector<std::string>;

} // namespace

TEST_CASE("rules of nft blocks, whatever stands on one line") {
    CHECK(shown("nftables",
                "table ip nat { chain postrouting { type nat hook postrouting priority 100; "
                "policy accept; oifname eno1 counter masquerade; } }") ==
          Lines{"policy ip nat postrouting: policy accept",
                "rule ip nat postrouting: oifname eno1 counter masquerade"});
    CHECK(shown("nftables", "table inet filter {\n"
                            "  set ports { type inet_service; elements = { 22, 80 }; }\n"
                            "  chain input { # a comment; with { braces\n"
                            "    type filter hook input priority 0; policy drop;\n"
                            "    tcp dport { 22, 80 } accept comment \"a ; } b\"\n"
                            "    tcp dport vmap { 23 : drop, 24 : accept }\n"
                            "  }\n"
                            "}\n") ==
          Lines{"policy inet filter input: policy drop",
                "rule inet filter input: tcp dport { 22, 80 } accept comment \"a ; } b\"",
                "rule inet filter input: tcp dport vmap { 23 : drop, 24 : accept }"});
}

TEST_CASE("rules of nft commands") {
    CHECK(
        shown("nftables",
              "add table ip filter\n"
              "add chain ip filter forward { type filter hook forward priority 0; policy drop; }\n"
              "add rule ip filter forward ip saddr 10.0.0.1 \\\n"
              "    accept\n"
              "insert rule filter forward counter drop\n") ==
        Lines{"policy ip filter forward: policy drop",
              "rule ip filter forward: ip saddr 10.0.0.1 accept",
              "rule ip filter forward: counter drop"});
}

TEST_CASE("rules of iptables-save, numbered by chain") {
    const std::string text = "*filter\n:INPUT ACCEPT [0:0]\n:mine - [0:0]\n"
                             "-A INPUT -p tcp -j mine\n# a comment\n-A mine -j DROP\n"
                             "-A mine -j RETURN\nCOMMIT\n";
    const auto statements = ruleset_statements("iptables-legacy", text);
    REQUIRE(statements.size() == 4);
    CHECK(statements[0].kind == RulesetStatement::Kind::policy);
    CHECK(statements[0].chain == "filter/INPUT");
    CHECK(statements[3].chain == "filter/mine");
    CHECK(statements[3].number == 2);
    CHECK(statements[3].line == 7);
    CHECK(text.substr(statements[2].begin, statements[2].end - statements[2].begin) ==
          "-A mine -j DROP");
}

TEST_CASE("a ruleset's text cut anywhere is read to its end") {
    const std::string text = "table ip nat {\n chain a { type nat hook output priority 0; policy "
                             "accept; tcp dport { 1, \"x\" } dnat to 10.0.0.1 } }\n# end";
    for (std::size_t size = 0; size <= text.size(); ++size)
        for (const RulesetStatement& each : ruleset_statements("nftables", text.substr(0, size)))
            CHECK((each.begin < each.end && each.end <= size));
}
