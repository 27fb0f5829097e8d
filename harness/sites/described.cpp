// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/sites/described.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace nflab::sites {

namespace {

using probesite::Location;

DescribedSite describe(const std::string& name, const probesite::NftVerdictSite& site) {
    DescribedSite described{
        name, site.at, {{"rule", site.rule}, {"pkt", site.pkt}, {"base chain", site.base_chain}}};
    if (site.chain)
        described.values.push_back({"chain", *site.chain});
    described.values.push_back(
        {"registers", {Location::Kind::stack, probesite::Gpr::rsp, site.verdict_code, 4}, true});
    return described;
}

DescribedSite describe(const std::string& name, const probesite::NftPolicySite& site) {
    return {name, site.at, {{"pkt", site.pkt}, {"base chain", site.base_chain}}};
}

DescribedSite describe(const probesite::TableEntrySite& site) {
    return {"entry", site.at, {{"table", site.table}, {"skb", site.skb}}};
}

} // namespace

const DescribedSite* Described::find(const std::string& site) const {
    const auto found = std::find_if(sites.begin(), sites.end(),
                                    [&](const DescribedSite& each) { return each.name == site; });
    return found == sites.end() ? nullptr : &*found;
}

Described describe(const probesite::NftSites& sites) {
    Described described;
    described.build_id = sites.build_id;
    described.sites = {describe("verdict", sites.verdict), describe("policy", sites.policy)};
    if (sites.traced)
        described.sites.push_back(describe("traced verdict", *sites.traced));
    if (sites.policy_traced)
        described.sites.push_back(describe("traced policy", *sites.policy_traced));
    described.layout =
        fmt::format("{}, nft_table.name at {}", sites.rule.blob ? "nft_rule_dp" : "nft_rule",
                    sites.table_name_offset);
    described.checks = sites.checks;
    return described;
}

Described describe(const probesite::IptSites& sites) {
    DescribedSite matched{
        "matched entry", sites.matched, {{"entry", sites.entry}, {"skb", sites.skb}}};
    DescribedSite result{"target's verdict", sites.result, {{"skb", sites.result_skb}}};
    if (!sites.entered) {
        matched.values.push_back({"table", sites.table});
        result.values.push_back({"table", sites.result_table});
    }
    if (sites.state)
        matched.values.push_back({"state", *sites.state});
    if (sites.result_entry)
        result.values.push_back({"entry", *sites.result_entry});
    Described described{sites.build_id,
                        {std::move(matched), std::move(result)},
                        fmt::format("target_offset at {:#x}", sites.target_offset_field),
                        sites.checks};
    if (sites.hotdrop) {
        DescribedSite hotdrop{"hotdrop",
                              sites.hotdrop->at,
                              {{"skb", sites.hotdrop->skb}, {"table", sites.hotdrop->table}}};
        if (sites.hotdrop->state)
            hotdrop.values.push_back({"state", *sites.hotdrop->state});
        described.sites.push_back(std::move(hotdrop));
    }
    if (sites.entered)
        described.sites.push_back(describe(*sites.entered));
    return described;
}

Described describe(const probesite::EbtSites& sites) {
    return {sites.build_id,
            {{"matched entry",
              sites.matched,
              {{"entry", sites.entry}, {"skb", sites.skb}, {"state", sites.state}}},
             {"target's verdict", sites.result, {{"skb", sites.result_skb}}},
             {"policy",
              sites.policy,
              {{"chain", sites.policy_chain},
               {"skb", sites.policy_skb},
               {"state", sites.policy_state}}},
             describe(sites.entered)},
            fmt::format("ebt_table.private at {:#x}", sites.private_offset),
            sites.checks};
}

std::string to_text(const Location& location) {
    constexpr std::array names = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                  "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};
    if (location.kind == Location::Kind::reg)
        return names.at(static_cast<std::size_t>(location.reg));
    return location.offset < 0 ? fmt::format("[rsp-{:#x}]", -std::int64_t{location.offset})
                               : fmt::format("[rsp+{:#x}]", location.offset);
}

std::string to_text(const probesite::ProbePoint& point, const std::string& function) {
    return fmt::format("{}+{:#x}", point.symbol == function ? "" : point.symbol, point.offset);
}

} // namespace nflab::sites
