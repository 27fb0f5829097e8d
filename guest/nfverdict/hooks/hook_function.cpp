// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/hooks/hook_function.hpp"

#include "guest/nfverdict/kernel/kallsyms.hpp"

namespace nflab::nfverdict {
namespace {

using Kind = HookFunction::Kind;

struct Prefix {
    std::string_view name;
    Kind kind;
    const char* stage;
};

// The kernel's hook functions (every nf_hook_ops of net/ and security/) by the beginning of their
// names; the more special ones first.
constexpr Prefix functions[] = {
    {"nft_do_chain", Kind::nft_chain, "table"},
    {"nft_nat_do_chain", Kind::nft_chain, "table"},
    {"nf_route_table_", Kind::nft_chain, "table"}, // chains of type route
    {"ipt_do_table", Kind::xt_table, "table"},
    {"ip6t_do_table", Kind::xt_table, "table"},
    {"arpt_do_table", Kind::xt_table, "table"},
    {"ebt_do_table", Kind::xt_table, "table"},
    {"ebt_in_hook", Kind::xt_table, "table"},
    {"ebt_out_hook", Kind::xt_table, "table"},
    {"ebt_nat_in", Kind::xt_table, "table"},
    {"ebt_nat_out", Kind::xt_table, "table"},
    {"ebt_broute", Kind::xt_table, "table"},
    {"iptable_", Kind::xt_table, "table"},
    {"ip6table_", Kind::xt_table, "table"},
    {"arptable_", Kind::xt_table, "table"},
    {"nf_nat_", Kind::nat_lookup, "nat"},
    {"nf_flow_offload_", Kind::flowtable, "flowtable"},
    {"nf_hook_run_bpf", Kind::bpf, "bpf"},
    {"ipv4_conntrack_defrag", Kind::other, "defrag"},
    {"ipv6_defrag", Kind::other, "defrag"},
    {"ipv4_conntrack_", Kind::other, "conntrack"},
    {"ipv6_conntrack_", Kind::other, "conntrack"},
    {"ipv4_confirm", Kind::other, "conntrack"},
    {"ipv6_confirm", Kind::other, "conntrack"},
    {"nf_confirm", Kind::other, "conntrack"},
    {"nf_ct_bridge_", Kind::other, "conntrack"},
    {"ipv4_synproxy_hook", Kind::other, "synproxy"},
    {"ipv6_synproxy_hook", Kind::other, "synproxy"},
    {"br_nf_", Kind::other, "br_netfilter"},
    {"ip_sabotage_in", Kind::other, "br_netfilter"},
    {"ip_vs_", Kind::other, "ipvs"},
    {"clusterip_", Kind::other, "clusterip"},
    {"selinux_", Kind::other, "selinux"},
    {"smack_", Kind::other, "smack"},
    {"apparmor_", Kind::other, "apparmor"},
    {"nf_lwtunnel_", Kind::other, "lwtunnel"},
    {"ila_", Kind::other, "ila"},
    {"ipvlan_nf_", Kind::other, "ipvlan"},
    {"nf_", Kind::other, "netfilter"},
};

} // namespace

HookFunction classify_hook(std::string_view function, std::string_view module) {
    const std::string_view name = source_name(function);
    if (name == "nf_hook_run_bpf")
        return {Kind::bpf, "bpf"};
    for (const Prefix& each : functions)
        if (name.starts_with(each.name))
            return {each.kind, each.stage};
    return {Kind::other, module.empty() ? "hook" : std::string(module)};
}

std::string table_of_module(std::string_view module) {
    for (const std::string_view prefix : {"iptable_", "ip6table_", "arptable_", "ebtable_"})
        if (module.starts_with(prefix))
            return std::string(module.substr(prefix.size()));
    return {};
}

std::string xt_engine(std::string_view function, std::string_view module) {
    constexpr std::pair<std::string_view, const char*> engines[] = {
        {"ipt_", "iptables"},       {"iptable_", "iptables"}, {"ip6t_", "ip6tables"},
        {"ip6table_", "ip6tables"}, {"arpt_", "arptables"},   {"arptable_", "arptables"},
        {"ebt_", "ebtables"},       {"ebtable_", "ebtables"},
    };
    for (const std::string_view name : {function, module})
        for (const auto& [prefix, engine] : engines)
            if (name.starts_with(prefix))
                return engine;
    return {};
}

} // namespace nflab::nfverdict
