// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/nft/xtables_nft.hpp"
#include "tests/catch.hpp"

using namespace nflab::nfverdict;

namespace {

NftTable table(const char* family, const char* name, const char* base_chain) {
    NftTable out;
    out.family = family;
    out.name = name;
    out.chains.push_back({base_chain, 1, true, {}});
    out.chains.push_back({"anything", 2, false, {}});
    return out;
}

std::string engine(const char* family, const char* name, const char* base_chain) {
    const XtablesNft* tool = xtables_tool(table(family, name, base_chain));
    return tool ? tool->engine : "";
}

} // namespace

TEST_CASE("each family has its tool, tables and chains") {
    CHECK(engine("ip", "filter", "FORWARD") == "iptables-nft");
    CHECK(engine("ip6", "nat", "PREROUTING") == "ip6tables-nft");
    CHECK(engine("arp", "filter", "INPUT") == "arptables-nft");
    CHECK(engine("bridge", "filter", "FORWARD") == "ebtables-nft");
    CHECK(engine("ip", "filter", "forward").empty());
    CHECK(engine("ip", "mine", "FORWARD").empty());
    CHECK(engine("inet", "filter", "FORWARD").empty());
    CHECK(engine("arp", "nat", "INPUT").empty());
}

TEST_CASE("the policy of a chain of one's own has no number") {
    const NftChain chain{"mine", 1, false, {{5, "", ""}, {6, "", ""}, {9, "", ""}}};
    NftTableCode code;
    code.rules[9].is_chain_end = true;
    CHECK(xtables_number(chain, code, 5) == 1);
    CHECK(xtables_number(chain, code, 6) == 2);
    CHECK(xtables_number(chain, code, 9) == 0);
    CHECK(xtables_number(chain, code, 77) == 0);
}

TEST_CASE("what only xtables' tools make, and what they refuse") {
    NftTableCode code;
    code.rules[1] = {};
    CHECK_FALSE(has_xtables(code));
    code.rules[2].has_xtables = true;
    CHECK(has_xtables(code));
    CHECK(is_incompatible("# Table `filter' is incompatible, use 'nft' tool.\n"));
    CHECK_FALSE(is_incompatible("*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n"));
}
