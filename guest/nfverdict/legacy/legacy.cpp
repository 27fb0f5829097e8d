// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/legacy/legacy.hpp"

#include "guest/nfverdict/kernel/kernel_api.hpp"

namespace nflab::nfverdict {

const char* name_of(Legacy engine) {
    switch (engine) {
    case Legacy::iptables:
        return "iptables";
    case Legacy::ip6tables:
        return "ip6tables";
    case Legacy::arptables:
        return "arptables";
    case Legacy::ebtables:
        break;
    }
    return "ebtables";
}

std::uint8_t protocol_family(Legacy engine) {
    switch (engine) {
    case Legacy::iptables:
        return NFPROTO_IPV4;
    case Legacy::ip6tables:
        return NFPROTO_IPV6;
    case Legacy::arptables:
        return NFPROTO_ARP;
    case Legacy::ebtables:
        break;
    }
    return NFPROTO_BRIDGE;
}

Legacy legacy_of(std::uint8_t family) {
    for (const Legacy engine : all_legacy)
        if (protocol_family(engine) == family)
            return engine;
    return Legacy::iptables;
}

const char* builtin_chain(Legacy engine, unsigned hook) {
    constexpr std::array<const char*, 3> arp{"INPUT", "OUTPUT", "FORWARD"};
    constexpr std::array<const char*, 6> others{"PREROUTING", "INPUT",       "FORWARD",
                                                "OUTPUT",     "POSTROUTING", "BROUTING"};
    if (engine == Legacy::arptables)
        return hook < arp.size() ? arp[hook] : "";
    const std::size_t count = engine == Legacy::ebtables ? 6 : 5;
    return hook < count ? others[hook] : "";
}

} // namespace nflab::nfverdict
