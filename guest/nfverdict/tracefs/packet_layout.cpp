// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/tracefs/packet_layout.hpp"

#include "harness/base/error.hpp"

#include <fmt/format.h>

namespace nflab::nfverdict {

PacketLayout packet_layout(KernelTypes& types) {
    const auto at = [&](const char* type, const char* member) {
        if (const auto offset = types.offset("", type, member))
            return *offset;
        throw Error(Failure::lab, fmt::format("this kernel's type information does not tell where "
                                              "struct {} has {}",
                                              type, member));
    };
    const auto bits = [&](const char* member) {
        if (const auto field = types.bits("", "sk_buff", member))
            return BitField{field->offset, field->first, field->count};
        throw Error(Failure::lab,
                    fmt::format("this kernel's type information does not tell which bits of struct "
                                "sk_buff are {}",
                                member));
    };
    PacketLayout out{};
    out.skb_length = at("sk_buff", "len");
    out.skb_data_length = at("sk_buff", "data_len");
    out.skb_mark = at("sk_buff", "mark");
    out.skb_protocol = at("sk_buff", "protocol");
    out.skb_conntrack = at("sk_buff", "_nfct");
    out.skb_head = at("sk_buff", "head");
    out.skb_data = at("sk_buff", "data");
    out.skb_network_header = at("sk_buff", "network_header");
    out.skb_mac_header = at("sk_buff", "mac_header");
    out.skb_device = at("sk_buff", "dev");
    out.skb_route = at("sk_buff", "_skb_refdst");
    out.skb_socket = at("sk_buff", "sk");
    out.skb_packet_type = bits("pkt_type");
    out.skb_summed = bits("ip_summed");
    out.skb_valid = bits("csum_valid");
    out.state_hook = at("nf_hook_state", "hook");
    out.state_pf = at("nf_hook_state", "pf");
    out.state_in = at("nf_hook_state", "in");
    out.state_out = at("nf_hook_state", "out");
    out.state_net = at("nf_hook_state", "net");
    out.device_name = at("net_device", "name");
    out.device_net = at("net_device", "nd_net"); // its only member is the pointer
    out.net_inode = at("net", "ns") + at("ns_common", "inum");
    out.route_device = at("dst_entry", "dev");
    out.route_error = at("dst_entry", "error");
    out.socket_net = at("sock", "__sk_common") + at("sock_common", "skc_net");
    return out;
}

} // namespace nflab::nfverdict
