// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/bpf/config.h"

#include <cstdint>
#include <string>

/// What the kernel is to fetch at a probe, in the words of Documentation/trace/kprobetrace.rst. It
/// follows pointers, but cannot add two values that it has read. Pure.
namespace nflab::nfverdict {

/// A bit field within one byte of a structure.
struct BitField {
    std::uint32_t offset, first, count;
};

/// Byte offsets in structures of the kernel proper.
struct PacketLayout {
    std::uint32_t skb_length, skb_data_length, skb_mark, skb_protocol, skb_conntrack, skb_head,
        skb_data, skb_network_header, skb_mac_header, skb_device, skb_route, skb_socket;
    BitField skb_packet_type, skb_summed, skb_valid;
    std::uint32_t state_hook, state_pf, state_in, state_out, state_net;
    std::uint32_t device_name, device_net, net_inode, route_device, route_error, socket_net;
};

/// Of the array fields in these definitions, in bytes.
enum : std::size_t {
    kprobe_header_size = 128,
    kprobe_mac_size = 14,      ///< those before `data`
    kprobe_conntrack_lead = 8, ///< `conntrack` begins so far before what skb->_nfct says
    kprobe_conntrack_size = 208,
    kprobe_entry_size = 512,  ///< of `entry`, and of `entry_rest` behind it
    kprobe_around_lead = 128, ///< `around` begins so far before the data
    kprobe_around_size = 256,
    kprobe_identity_size = 40, ///< of `headers`, in a hook: the IP header
};

/// The arguments of a definition, " name=+8(%di):u64 …".
/// @{
/// A rule's verdict in nft_do_chain; a policy.
std::string nft_verdict_arguments(const nfv_nft_site& site, const nfv_nft_layout& layout,
                                  const PacketLayout& packet);
std::string nft_policy_arguments(const nfv_nft_site& site, const nfv_nft_layout& layout,
                                 const PacketLayout& packet);
/// An xt entry whose matches all matched, with the entry's own bytes; its target's result; a table
/// where a match has dropped the packet.
std::string xt_matched_arguments(const nfv_xt_site& site, const nfv_xt_layout& layout,
                                 const PacketLayout& packet);
std::string xt_result_arguments(const nfv_xt_site& site, const PacketLayout& packet);
std::string xt_hotdrop_arguments(const nfv_xt_site& site, const nfv_xt_layout& layout,
                                 const PacketLayout& packet);
/// Where a function is entered that does not keep its table: arpt_do_table, ebt_do_table.
std::string xt_entered_arguments(const nfv_xt_site& site, const nfv_xt_layout& layout);
std::string ebt_entered_arguments(const nfv_ebt_site& site);
/// As of the xt functions; a chain whose policy is applied.
std::string ebt_matched_arguments(const nfv_ebt_site& site, const PacketLayout& packet);
std::string ebt_result_arguments(const nfv_ebt_site& site, const PacketLayout& packet);
std::string ebt_policy_arguments(const nfv_ebt_site& site, const PacketLayout& packet);
/// At the entry of a function that changes a ruleset and has the namespace as first argument.
std::string change_arguments(const PacketLayout& packet);
/// At the entry of a function whose first arguments are a packet and its hook's state.
std::string hook_arguments(const PacketLayout& packet);
/// At the entry of kfree_skb.
std::string freeing_arguments(const PacketLayout& packet);
/// Of the tracepoint skb:kfree_skb, in the words of an event probe. `reason`: it has that field.
std::string freed_arguments(const PacketLayout& packet, bool reason);
/// @}

} // namespace nflab::nfverdict
