// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/features.hpp"

namespace nflab::scenario {

const std::vector<std::string>& feature_names() {
    static const std::vector<std::string> names = {
        "arptables",
        "arptables-legacy",
        "bpf",
        "bridge",
        "bridge-netfilter",
        "btf",
        "conntrack",
        "conntrack-netlink",
        "conntrack-zones",
        "ebtables",
        "ebtables-legacy",
        "ftrace",
        "function-graph",
        "ip6tables-legacy",
        "ip6tables-legacy-nat",
        "ipset",
        "iptables-legacy",
        "iptables-legacy-mangle",
        "iptables-legacy-nat",
        "iptables-legacy-raw",
        "iptables-legacy-security",
        "iptables-nft",
        "ipvs",
        "kprobes",
        "module-btf",
        "nfqueue",
        "nft",
        "nft-bridge",
        "nft-connlimit",
        "nft-ct",
        "nft-fib",
        "nft-flowtable",
        "nft-log",
        "nft-masquerade",
        "nft-nat",
        "nft-netdev",
        "nft-queue",
        "nft-reject",
        "nft-socket",
        "nft-synproxy",
        "nft-tproxy",
        "nft-tunnel",
        "sctp",
        "vrf",
        "vxlan",
        "wireguard",
        "xfrm",
    };
    return names;
}

} // namespace nflab::scenario
