// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/probes/layout.hpp"

#include "guest/nfverdict/legacy/xt_blob.hpp"
#include "harness/base/error.hpp"

#include <fmt/format.h>

#include <array>

namespace nflab::nfverdict {
namespace {

constexpr const char* nf_tables = "nf_tables";
constexpr const char* x_tables = "x_tables";
constexpr const char* ebtables = "ebtables";

std::uint32_t need(KernelTypes& types, const char* module, const char* type, const char* member) {
    if (const auto offset = types.offset(module, type, member))
        return *offset;
    throw Error(Failure::lab, fmt::format("this kernel's type information does not tell where "
                                          "struct {} has {}",
                                          type, member));
}

// The member's offset from type information, or `known` where nf_tables has none.
std::uint32_t prefer_types(KernelTypes& types, const char* type, const char* member,
                           std::uint32_t known) {
    return types.knows_module(nf_tables) ? need(types, nf_tables, type, member) : known;
}

// In struct pt_regs, arch/x86/include/asm/ptrace.h.
std::int32_t register_offset(probesite::Gpr reg) {
    using probesite::Gpr;
    constexpr std::int32_t size = 8;
    constexpr std::array order{Gpr::r15, Gpr::r14, Gpr::r13, Gpr::r12, Gpr::rbp,
                               Gpr::rbx, Gpr::r11, Gpr::r10, Gpr::r9,  Gpr::r8,
                               Gpr::rax, Gpr::rcx, Gpr::rdx, Gpr::rsi, Gpr::rdi};
    constexpr std::int32_t stack_pointer = 19;
    for (std::size_t i = 0; i < order.size(); ++i)
        if (order[i] == reg)
            return static_cast<std::int32_t>(i) * size;
    return stack_pointer * size;
}

nfv_location to_config(const probesite::Location& location) {
    nfv_location out{};
    out.kind = location.kind == probesite::Location::Kind::reg ? NFV_REGISTER : NFV_STACK;
    out.offset = location.kind == probesite::Location::Kind::reg ? register_offset(location.reg)
                                                                 : location.offset;
    return out;
}

nfv_location to_config(const std::optional<probesite::Location>& location) {
    return location ? to_config(*location) : nfv_location{};
}

nfv_xt_entry_site to_config(const probesite::TableEntrySite& site) {
    return {to_config(site.table), to_config(site.skb)};
}

} // namespace

nfv_nft_layout nft_layout(KernelTypes& types, const probesite::NftSites& sites,
                          std::vector<std::string>& checks) {
    nfv_nft_layout out{};
    out.handle_offset = sites.rule.handle_offset;
    out.handle_shift = sites.rule.handle_shift;
    out.handle_mask = sites.rule.handle_mask;
    out.blob = sites.rule.blob;
    out.table_name = sites.table_name_offset;
    // The same on all kernels from 5.10 on; without type information these are what they are.
    out.chain_table = prefer_types(types, "nft_chain", "table", 64);
    out.chain_handle = prefer_types(types, "nft_chain", "handle", 72);
    out.chain_name = prefer_types(types, "nft_chain", "name", 88);
    // struct nft_base_chain is struct nf_hook_ops (whose size moves), list head, type, policy and
    // flags, statistics, and then the struct nft_chain that everything else points to.
    const auto ops_size = types.size(nf_tables, "nf_hook_ops");
    if (!ops_size)
        throw Error(Failure::lab, "this kernel's type information has no struct nf_hook_ops");
    out.base_start = prefer_types(types, "nft_base_chain", "chain", *ops_size + 40);
    out.base_policy =
        out.base_start - prefer_types(types, "nft_base_chain", "policy", *ops_size + 24);
    out.base_pf = out.base_start - need(types, nf_tables, "nf_hook_ops", "pf");
    out.base_priority = out.base_start - need(types, nf_tables, "nf_hook_ops", "priority");
    out.last_chain = types.offset(nf_tables, "nft_rule_dp_last", "chain").value_or(0);
    out.trace_abi = sites.trace_abi == probesite::NftSites::TraceAbi::info_on_stack
                        ? NFV_TRACE_INFO
                        : NFV_TRACE_ARGUMENTS;
    const bool known = types.knows_module(nf_tables);
    if (!known && sites.rule.blob)
        throw Error(Failure::lab, "nf_tables has no type information of its own",
                    "it must be built with CONFIG_DEBUG_INFO_BTF_MODULES=y");
    // Without: struct nft_pktinfo is {skb, tprot…, struct xt_action_param}, which has the state
    // behind match and matchinfo; struct nft_traceinfo is {pkt, basechain, chain, rule, verdict}.
    out.pkt_state = prefer_types(types, "nft_pktinfo", "state", 32);
    out.info_base = prefer_types(types, "nft_traceinfo", "basechain", 8);
    if (out.trace_abi == NFV_TRACE_INFO) {
        out.info_pkt = prefer_types(types, "nft_traceinfo", "pkt", 0);
        out.info_chain = prefer_types(types, "nft_traceinfo", "chain", 16);
        out.info_rule = prefer_types(types, "nft_traceinfo", "rule", 24);
        out.info_verdict = prefer_types(types, "nft_traceinfo", "verdict", 32);
    }
    if (known) {
        const auto name = types.offset(nf_tables, "nft_table", "name");
        if (name != sites.table_name_offset)
            throw Error(
                Failure::lab,
                fmt::format("the table's name is at offset {} by disassembly and {} by type "
                            "information",
                            sites.table_name_offset, name.value_or(0)));
        checks.emplace_back("layouts of nft_chain, nft_base_chain, nft_table, nft_pktinfo from the "
                            "module's type information");
    } else {
        checks.emplace_back("layouts of nft_chain and nft_pktinfo as known, nf_hook_ops from the "
                            "kernel's type information");
    }
    return out;
}

nfv_xt_layout xt_layout(KernelTypes& types, std::vector<std::string>& checks) {
    nfv_xt_layout out{};
    out.table_private = need(types, x_tables, "xt_table", "private");
    out.table_name = need(types, x_tables, "xt_table", "name");
    out.info_entries = types.offset(x_tables, "xt_table_info", "entries").value_or(64);
    out.target_function = types.offset(x_tables, "xt_target", "target").value_or(0x30);
    out.target_name = types.offset(x_tables, "xt_target", "name").value_or(0x10);
    // User-visible ABI: struct xt_entry_target {union {…; struct {u16; struct xt_target*}}},
    // struct xt_standard_target {struct xt_entry_target; int verdict}.
    out.target_kernel = 8;
    out.standard_verdict = 32;
    checks.emplace_back("layouts of xt_table and xt_target from type information");
    return out;
}

std::optional<ConntrackLayout> conntrack_layout(KernelTypes& types) {
    constexpr const char* module = "nf_conntrack";
    const auto hash = types.offset(module, "nf_conn", "tuplehash");
    const auto size = types.size(module, "nf_conntrack_tuple_hash");
    const auto tuple = types.offset(module, "nf_conntrack_tuple_hash", "tuple");
    if (!hash || !size || !tuple)
        return {};
    return ConntrackLayout{*hash, *size, *tuple};
}

nfv_nft_site to_config(const probesite::NftVerdictSite& site) {
    nfv_nft_site out{};
    out.rule = to_config(site.rule);
    out.pkt = to_config(site.pkt);
    out.base_chain = to_config(site.base_chain);
    out.chain = to_config(site.chain);
    out.verdict_code = site.verdict_code;
    out.has_registers = site.registers;
    return out;
}

nfv_nft_site to_config(const probesite::NftPolicySite& site) {
    nfv_nft_site out{};
    out.pkt = to_config(site.pkt);
    out.base_chain = to_config(site.base_chain);
    return out;
}

nfv_xt_site to_config(const probesite::IptSites& site, Legacy legacy) {
    nfv_xt_site out{};
    out.entry = to_config(site.entry);
    out.skb = to_config(site.skb);
    out.state = to_config(site.state);
    out.result_skb = to_config(site.result_skb);
    if (site.entered)
        out.entered = to_config(*site.entered);
    else
        out.table = to_config(site.table);
    if (site.hotdrop) {
        out.hotdrop.table = to_config(site.hotdrop->table);
        out.hotdrop.skb = to_config(site.hotdrop->skb);
        out.hotdrop.state = to_config(site.hotdrop->state);
        out.hotdrop.flag = site.hotdrop->flag;
    }
    const XtFormat& format = legacy == Legacy::iptables    ? ipv4_format
                             : legacy == Legacy::ip6tables ? ipv6_format
                                                           : arp_format;
    out.target_offset_field = site.target_offset_field;
    out.flags_field = format.flags;
    out.goto_flag = format.goto_flag;
    out.family = protocol_family(legacy);
    return out;
}

std::uint32_t ebt_table_name(KernelTypes& types) {
    // Behind the list head at its beginning, on all kernels.
    return types.offset(ebtables, "ebt_table", "name").value_or(16);
}

nfv_ebt_site ebt_config(KernelTypes& types, const probesite::EbtSites& sites,
                        std::vector<std::string>& checks) {
    nfv_ebt_site out{};
    out.entry = to_config(sites.entry);
    out.skb = to_config(sites.skb);
    out.state = to_config(sites.state);
    out.result_skb = to_config(sites.result_skb);
    out.policy_chain = to_config(sites.policy_chain);
    out.policy_skb = to_config(sites.policy_skb);
    out.policy_state = to_config(sites.policy_state);
    out.entered = to_config(sites.entered);
    out.table_private = sites.private_offset;
    out.table_name = ebt_table_name(types);
    const auto known = types.offset(ebtables, "ebt_table", "private");
    if (known && *known != sites.private_offset)
        throw Error(Failure::lab, fmt::format("ebt_table.private is at offset {} by disassembly "
                                              "and {} by type information",
                                              sites.private_offset, *known));
    checks.emplace_back(known ? "layout of ebt_table from disassembly and type information alike"
                              : "layout of ebt_table from disassembly");
    return out;
}

} // namespace nflab::nfverdict
