// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/nft/xtables_nft.hpp"

#include <algorithm>
#include <span>
#include <string_view>

namespace nflab::nfverdict {
namespace {

using Names = std::span<const std::string_view>;

constexpr std::string_view ip_tables[] = {"filter", "nat", "mangle", "raw", "security"};
constexpr std::string_view ip_chains[] = {"PREROUTING", "INPUT", "FORWARD", "OUTPUT",
                                          "POSTROUTING"};
constexpr std::string_view arp_tables[] = {"filter"};
constexpr std::string_view arp_chains[] = {"INPUT", "OUTPUT", "FORWARD"};
constexpr std::string_view bridge_tables[] = {"filter", "nat", "broute"};
constexpr std::string_view bridge_chains[] = {"BROUTING", "PREROUTING", "INPUT",
                                              "FORWARD",  "OUTPUT",     "POSTROUTING"};

struct Tool {
    std::string_view family;
    Names tables;
    Names chains;
    XtablesNft names;
};

const Tool tools[] = {
    {"ip", ip_tables, ip_chains, {"iptables-nft", "iptables-nft-save"}},
    {"ip6", ip_tables, ip_chains, {"ip6tables-nft", "ip6tables-nft-save"}},
    {"arp", arp_tables, arp_chains, {"arptables-nft", "arptables-nft-save"}},
    {"bridge", bridge_tables, bridge_chains, {"ebtables-nft", "ebtables-nft-save"}},
};

bool contains(Names names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool stands_for_policy(const NftTableCode& code, std::uint64_t handle) {
    const auto rule = code.rules.find(handle);
    return rule != code.rules.end() && rule->second.is_chain_end;
}

} // namespace

const XtablesNft* xtables_tool(const NftTable& table) {
    for (const Tool& tool : tools)
        if (tool.family == table.family && contains(tool.tables, table.name) &&
            std::all_of(table.chains.begin(), table.chains.end(), [&](const NftChain& chain) {
                return !chain.base || contains(tool.chains, chain.name);
            }))
            return &tool.names;
    return nullptr;
}

bool has_xtables(const NftTableCode& table) {
    return std::any_of(table.rules.begin(), table.rules.end(),
                       [](const auto& rule) { return rule.second.has_xtables; });
}

bool is_incompatible(const std::string& saved) {
    return saved.find(" is incompatible, use 'nft' tool") != std::string::npos;
}

std::size_t xtables_number(const NftChain& chain, const NftTableCode& code, std::uint64_t handle) {
    std::size_t number = 0;
    for (const NftRule& rule : chain.rules) {
        if (stands_for_policy(code, rule.handle))
            continue;
        ++number;
        if (rule.handle == handle)
            return number;
    }
    return 0;
}

} // namespace nflab::nfverdict
