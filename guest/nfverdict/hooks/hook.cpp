// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/hooks/hook.hpp"

#include "guest/nfverdict/legacy/legacy_api.hpp"

#include <array>

namespace nflab::nfverdict {

const char* family_name(unsigned protocol_family) {
    switch (protocol_family) {
    case NFPROTO_INET:
        return "inet";
    case NFPROTO_IPV4:
        return "ip";
    case NFPROTO_ARP:
        return "arp";
    case NFPROTO_NETDEV:
        return "netdev";
    case NFPROTO_BRIDGE:
        return "bridge";
    case NFPROTO_IPV6:
        return "ip6";
    default:
        return "";
    }
}

const char* hook_name(unsigned protocol_family, unsigned hook) {
    constexpr std::array<const char*, 6> inet{"prerouting", "input",       "forward",
                                              "output",     "postrouting", "ingress"};
    constexpr std::array<const char*, 3> arp{"input", "output", "forward"};
    constexpr std::array<const char*, 2> netdev{"ingress", "egress"};
    if (protocol_family == NFPROTO_ARP)
        return hook < arp.size() ? arp[hook] : "";
    if (protocol_family == NFPROTO_BRIDGE && hook == NF_BR_BROUTING)
        return "brouting";
    if (protocol_family == NFPROTO_NETDEV)
        return hook < netdev.size() ? netdev[hook] : "";
    return hook < inet.size() ? inet[hook] : "";
}

namespace {

std::optional<int> bridge_priority(std::string_view table, unsigned hook) {
    const bool output = hook == NF_BR_LOCAL_OUT;
    if (table == "filter")
        return output ? NF_BR_PRI_FILTER_OTHER : NF_BR_PRI_FILTER_BRIDGED;
    if (table == "nat")
        return hook == NF_BR_PRE_ROUTING ? NF_BR_PRI_NAT_DST_BRIDGED
               : output                  ? NF_BR_PRI_NAT_DST_OTHER
                                         : NF_BR_PRI_NAT_SRC;
    if (table == "broute")
        return NF_BR_PRI_FIRST;
    return {};
}

} // namespace

std::optional<int> legacy_priority(Legacy engine, std::string_view table, unsigned hook) {
    if (engine == Legacy::ebtables)
        return bridge_priority(table, hook);
    if (engine == Legacy::arptables)
        return table == "filter" ? std::optional(NF_IP_PRI_FILTER) : std::nullopt;
    if (table == "raw")
        return NF_IP_PRI_RAW;
    if (table == "mangle")
        return NF_IP_PRI_MANGLE;
    if (table == "nat")
        return hook == NF_INET_PRE_ROUTING || hook == NF_INET_LOCAL_OUT ? NF_IP_PRI_NAT_DST
                                                                        : NF_IP_PRI_NAT_SRC;
    if (table == "filter")
        return NF_IP_PRI_FILTER;
    if (table == "security")
        return NF_IP_PRI_SECURITY;
    return {};
}

} // namespace nflab::nfverdict
