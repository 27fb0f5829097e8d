// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/kernel/kernel_api.hpp"
#include "guest/nfverdict/nft/nft_code.hpp"
#include "tests/catch.hpp"
#include "tests/unit/nfverdict/netlink_bytes.hpp"

#include <linux/netfilter/nf_tables_compat.h>

using namespace nflab::nfverdict;
using namespace nflab::nfverdict::netlink;

namespace {

Bytes expression(const std::string& name, const Bytes& data) {
    return attribute(NFTA_LIST_ELEM, text(NFTA_EXPR_NAME, name) + attribute(NFTA_EXPR_DATA, data));
}

Bytes rule(std::uint64_t handle, const Bytes& expressions, const Bytes& more = {}) {
    return message(NFPROTO_IPV4, text(NFTA_RULE_TABLE, "t") + text(NFTA_RULE_CHAIN, "c") +
                                     u64(NFTA_RULE_HANDLE, handle) +
                                     attribute(NFTA_RULE_EXPRESSIONS, expressions) + more);
}

NftRuleCode read(const Bytes& bytes) {
    NftCode code;
    code.take_rule(bytes);
    const NftRuleCode* found = code.rule("ip", "t", 7);
    REQUIRE(found);
    return *found;
}

Bytes compare(const Bytes& value) {
    return expression("cmp", attribute(NFTA_CMP_DATA, attribute(NFTA_DATA_VALUE, value)));
}

Bytes load_iifname() {
    return expression("meta", u32(NFTA_META_KEY, NFT_META_IIFNAME) + u32(NFTA_META_DREG, 1));
}

} // namespace

TEST_CASE("a rule that rejects is known by its expressions") {
    CHECK(read(rule(7, expression("reject", {}))).rejects);
    const auto xt = read(rule(7, expression("target", text(NFTA_TARGET_NAME, "REJECT"))));
    CHECK(xt.rejects);
    CHECK(xt.has_xtables);
    CHECK_FALSE(read(rule(7, expression("target", text(NFTA_TARGET_NAME, "LOG")))).rejects);
    CHECK_FALSE(read(rule(7, expression("match", text(NFTA_MATCH_NAME, "REJECT")))).rejects);
}

TEST_CASE("an interface's name without its whole length is of xtables") {
    const Bytes xtables{'e', 't', 'h', '0', 0};
    Bytes nft = xtables;
    nft.resize(16);
    CHECK(read(rule(7, load_iifname() + compare(xtables))).has_xtables);
    CHECK_FALSE(read(rule(7, load_iifname() + compare(nft))).has_xtables);
    CHECK_FALSE(read(rule(7, load_iifname() + compare({'e', 't', 'h'}))).has_xtables);
    CHECK_FALSE(read(rule(7, compare(xtables))).has_xtables);
}

TEST_CASE("lookups into verdict maps have their set and the place of the key") {
    const auto lookup = [](const Bytes& destination, std::uint32_t source) {
        return expression("lookup",
                          text(NFTA_LOOKUP_SET, "m") + u32(NFTA_LOOKUP_SREG, source) + destination);
    };
    const auto narrow = read(rule(7, lookup(u32(NFTA_LOOKUP_DREG, NFT_REG_VERDICT), 9)));
    REQUIRE(narrow.verdict_maps.size() == 1);
    CHECK(narrow.verdict_maps[0].set == "m");
    CHECK(narrow.verdict_maps[0].source == 4);
    const auto wide = read(rule(7, lookup(u32(NFTA_LOOKUP_DREG, NFT_REG_VERDICT), NFT_REG_2)));
    CHECK(wide.verdict_maps.at(0).source == 16);
    CHECK(read(rule(7, lookup({}, 1))).verdict_maps.empty());
    CHECK(read(rule(7, lookup(u32(NFTA_LOOKUP_DREG, NFT_REG_3), 1))).verdict_maps.empty());
}

TEST_CASE("where a rule leads to") {
    const Bytes verdict = attribute(
        NFTA_IMMEDIATE_DATA,
        attribute(NFTA_DATA_VERDICT, u32(NFTA_VERDICT_CODE, static_cast<std::uint32_t>(NFT_JUMP)) +
                                         text(NFTA_VERDICT_CHAIN, "sub")));
    CHECK(read(rule(7, expression("immediate", verdict))).targets ==
          std::vector<std::string>{"sub"});
}

TEST_CASE("ebtables-nft marks the policy of a chain of one's own") {
    const Bytes marked = attribute(NFTA_RULE_USERDATA, {1, 4, 1, 0, 0, 0});
    NftCode code;
    Bytes bytes = rule(7, {}, marked);
    bytes[0] = NFPROTO_BRIDGE;
    code.take_rule(bytes);
    CHECK(code.rule("bridge", "t", 7)->is_chain_end);
    CHECK_FALSE(read(rule(7, {}, marked)).is_chain_end);
}

TEST_CASE("verdict maps have their elements, other sets are left alone") {
    NftCode code;
    const auto set = [](const char* name, std::uint32_t data) {
        return message(NFPROTO_INET, text(NFTA_SET_TABLE, "t") + text(NFTA_SET_NAME, name) +
                                         u32(NFTA_SET_FLAGS, NFT_SET_MAP | NFT_SET_INTERVAL) +
                                         u32(NFTA_SET_KEY_LEN, 2) + u32(NFTA_SET_KEY_TYPE, 13) +
                                         u32(NFTA_SET_DATA_TYPE, data));
    };
    code.take_set(set("m", NFT_DATA_VERDICT));
    code.take_set(set("other", 5));
    const Bytes element =
        attribute(NFTA_SET_ELEM_KEY, attribute(NFTA_DATA_VALUE, {0, 22})) +
        attribute(NFTA_SET_ELEM_DATA,
                  attribute(NFTA_DATA_VERDICT,
                            u32(NFTA_VERDICT_CODE, static_cast<std::uint32_t>(NFT_GOTO)) +
                                text(NFTA_VERDICT_CHAIN, "sub")));
    const Bytes end = attribute(NFTA_SET_ELEM_KEY, attribute(NFTA_DATA_VALUE, {0, 23})) +
                      u32(NFTA_SET_ELEM_FLAGS, NFT_SET_ELEM_INTERVAL_END);
    code.take_elements(
        message(NFPROTO_INET,
                text(NFTA_SET_ELEM_LIST_TABLE, "t") + text(NFTA_SET_ELEM_LIST_SET, "m") +
                    attribute(NFTA_SET_ELEM_LIST_ELEMENTS, attribute(NFTA_LIST_ELEM, element) +
                                                               attribute(NFTA_LIST_ELEM, end))));
    const auto& maps = code.table("inet", "t")->verdict_maps;
    REQUIRE(maps.size() == 1);
    const auto& map = maps.at("m");
    CHECK(map.interval);
    CHECK(map.key_size == 2);
    REQUIRE(map.elements.size() == 2);
    CHECK(map.elements[0].key == Bytes{0, 22});
    CHECK(map.elements[0].code == NFT_GOTO);
    CHECK(map.elements[0].chain == "sub");
    CHECK(map.elements[1].interval_end);
}

TEST_CASE("broken messages are read as far as they go") {
    const Bytes whole = rule(7, expression("reject", {}));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        NftCode code;
        const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        code.take_rule(cut);
        code.take_set(cut);
        code.take_elements(cut);
        CHECK(code.tables.size() <= 1);
    }
}
