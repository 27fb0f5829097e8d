// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/kernel/features.hpp"

#include "harness/kernel/catalogue.hpp"
#include "harness/kernel/kernel.hpp"

#include <algorithm>
#include <sstream>

namespace nflab::kernel {
namespace fs = std::filesystem;

namespace {

/// A feature is there when all its options are set or all its modules exist. The options are asked
/// first; the modules are for kernels whose .config nobody has.
struct Rule {
    std::string feature;
    std::vector<std::string> options;
    std::vector<std::string> modules;
};

const std::vector<Rule>& rules() {
    static const std::vector<Rule> all = {
        {"arptables", {"IP_NF_ARPTABLES"}, {"arp_tables"}},
        {"arptables-legacy",
         {"IP_NF_ARPTABLES", "IP_NF_ARPFILTER"},
         {"arp_tables", "arptable_filter"}},
        {"bpf", {"BPF_SYSCALL", "BPF_EVENTS"}, {}},
        {"bridge", {"BRIDGE"}, {"bridge"}},
        {"bridge-netfilter", {"BRIDGE_NETFILTER"}, {"br_netfilter"}},
        {"btf", {"DEBUG_INFO_BTF"}, {}},
        {"conntrack", {"NF_CONNTRACK"}, {"nf_conntrack"}},
        {"conntrack-netlink", {"NF_CT_NETLINK"}, {"nf_conntrack_netlink"}},
        {"conntrack-zones", {"NF_CONNTRACK", "NF_CONNTRACK_ZONES"}, {"nf_conntrack"}},
        {"ebtables", {"BRIDGE_NF_EBTABLES"}, {"ebtables"}},
        {"ebtables-legacy",
         {"BRIDGE_NF_EBTABLES", "BRIDGE_EBT_T_FILTER", "BRIDGE_EBT_T_NAT"},
         {"ebtables", "ebtable_filter", "ebtable_nat"}},
        {"ftrace", {"FUNCTION_TRACER", "DYNAMIC_FTRACE"}, {}},
        {"function-graph", {"FUNCTION_GRAPH_TRACER", "DYNAMIC_FTRACE"}, {}},
        {"ip6tables-legacy",
         {"IP6_NF_IPTABLES", "IP6_NF_FILTER"},
         {"ip6_tables", "ip6table_filter"}},
        {"ip6tables-legacy-nat", {"IP6_NF_IPTABLES", "IP6_NF_NAT"}, {"ip6_tables", "ip6table_nat"}},
        {"ipset", {"IP_SET"}, {"ip_set"}},
        {"iptables-legacy", {"IP_NF_IPTABLES", "IP_NF_FILTER"}, {"ip_tables", "iptable_filter"}},
        {"iptables-legacy-mangle",
         {"IP_NF_IPTABLES", "IP_NF_MANGLE"},
         {"ip_tables", "iptable_mangle"}},
        {"iptables-legacy-nat", {"IP_NF_IPTABLES", "IP_NF_NAT"}, {"ip_tables", "iptable_nat"}},
        {"iptables-legacy-raw", {"IP_NF_IPTABLES", "IP_NF_RAW"}, {"ip_tables", "iptable_raw"}},
        {"iptables-legacy-security",
         {"IP_NF_IPTABLES", "IP_NF_SECURITY"},
         {"ip_tables", "iptable_security"}},
        {"iptables-nft", {"NF_TABLES", "NFT_COMPAT"}, {"nf_tables", "nft_compat"}},
        {"ipvs", {"IP_VS"}, {"ip_vs"}},
        {"kprobes", {"KPROBES", "KPROBE_EVENTS"}, {}},
        {"module-btf", {"DEBUG_INFO_BTF_MODULES"}, {}},
        {"nfqueue", {"NETFILTER_NETLINK_QUEUE"}, {"nfnetlink_queue"}},
        {"nft", {"NF_TABLES"}, {"nf_tables"}},
        {"nft-bridge", {"NF_TABLES", "NF_TABLES_BRIDGE"}, {}},
        {"nft-connlimit", {"NF_TABLES", "NFT_CONNLIMIT"}, {"nf_tables", "nft_connlimit"}},
        {"nft-ct", {"NF_TABLES", "NFT_CT"}, {"nf_tables", "nft_ct"}},
        {"nft-fib", {"NF_TABLES", "NFT_FIB"}, {"nf_tables", "nft_fib"}},
        {"nft-flowtable",
         {"NF_TABLES", "NF_FLOW_TABLE", "NFT_FLOW_OFFLOAD"},
         {"nf_tables", "nf_flow_table", "nft_flow_offload"}},
        {"nft-log", {"NF_TABLES", "NFT_LOG"}, {"nf_tables", "nft_log"}},
        {"nft-masquerade", {"NF_TABLES", "NFT_MASQ"}, {"nf_tables", "nft_masq"}},
        {"nft-nat", {"NF_TABLES", "NFT_NAT"}, {"nf_tables", "nft_nat"}},
        {"nft-netdev", {"NF_TABLES", "NF_TABLES_NETDEV"}, {}},
        {"nft-queue", {"NF_TABLES", "NFT_QUEUE"}, {"nf_tables", "nft_queue"}},
        {"nft-reject", {"NF_TABLES", "NFT_REJECT"}, {"nf_tables", "nft_reject"}},
        {"nft-socket", {"NF_TABLES", "NFT_SOCKET"}, {"nf_tables", "nft_socket"}},
        {"nft-synproxy", {"NF_TABLES", "NFT_SYNPROXY"}, {"nf_tables", "nft_synproxy"}},
        {"nft-tproxy", {"NF_TABLES", "NFT_TPROXY"}, {"nf_tables", "nft_tproxy"}},
        {"nft-tunnel", {"NF_TABLES", "NFT_TUNNEL"}, {"nf_tables", "nft_tunnel"}},
        {"sctp", {"IP_SCTP"}, {"sctp"}},
        {"vrf", {"NET_VRF"}, {"vrf"}},
        {"vxlan", {"VXLAN"}, {"vxlan"}},
        {"wireguard", {"WIREGUARD"}, {"wireguard"}},
        {"xfrm", {"XFRM", "INET_ESP"}, {"esp4"}},
    };
    return all;
}

bool includes(const std::set<std::string>& set, const std::vector<std::string>& words) {
    return !words.empty() && std::all_of(words.begin(), words.end(), [&](const std::string& word) {
        return set.count(word) != 0;
    });
}

Abilities abilities_of(const Kernel& kernel) {
    Abilities abilities;
    if (!kernel.config.empty())
        abilities.config = parse_config(read_text(kernel.config));
    if (kernel.modules.empty())
        return abilities;
    for (const auto& entry : fs::recursive_directory_iterator(kernel.modules / "kernel")) {
        if (entry.path().filename().string().find(".ko") == std::string::npos)
            continue;
        abilities.modules.insert(module_name(entry.path().string()));
        abilities.modular = true;
    }
    if (fs::exists(kernel.modules / "modules.builtin")) {
        std::istringstream lines(read_text(kernel.modules / "modules.builtin"));
        for (std::string line; std::getline(lines, line);)
            abilities.modules.insert(module_name(line));
    }
    return abilities;
}

} // namespace

std::set<std::string> parse_config(std::string_view text) {
    std::set<std::string> options;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        constexpr std::string_view prefix = "CONFIG_";
        const std::size_t equals = line.find('=');
        if (line.substr(0, prefix.size()) == prefix && equals != std::string_view::npos) {
            const std::string_view value = line.substr(equals + 1);
            if (value == "y" || value == "m")
                options.emplace(line.substr(prefix.size(), equals - prefix.size()));
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return options;
}

std::string module_name(std::string_view path) {
    path.remove_prefix(path.rfind('/') == std::string_view::npos ? 0 : path.rfind('/') + 1);
    std::string name(path.substr(0, path.find(".ko")));
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

std::vector<std::string> features_of(const Abilities& abilities) {
    std::vector<std::string> found;
    for (const Rule& rule : rules()) {
        const bool by_config = includes(abilities.config, rule.options);
        const bool by_modules = includes(abilities.modules, rule.modules);
        // A config that promises a module which was not delivered promises too much.
        const bool delivered = rule.modules.empty() || by_modules || !abilities.modular;
        if (abilities.config.empty() ? by_modules : by_config && delivered)
            found.push_back(rule.feature);
    }
    return found;
}

std::vector<std::string> features(const Kernel& kernel) {
    return features_of(abilities_of(kernel));
}

const std::vector<std::string>& known_features() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        for (const Rule& rule : rules())
            all.push_back(rule.feature);
        return all;
    }();
    return names;
}

} // namespace nflab::kernel
