// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/bpf/config.h"

#include <cstdint>
#include <string>

/// What the kernel is to fetch at a probe, in the words of Documentation/trace/kprobetrace.rst. It
/// follows pointers, but cannot add two values that it has read. Pure.
namespace nflab::nfverdict {

/// Byte offsets in structures of the kernel proper.
struct PacketLayout {
    std::uint32_t skb_length, skb_data_length, skb_mark, skb_protocol, skb_conntrack, skb_head,
        skb_data, skb_network_header, skb_mac_header, skb_device;
    std::uint32_t state_hook, state_pf, state_in, state_out, state_net;
    std::uint32_t device_name, device_net, net_inode;
};

/// Of the array fields in these definitions, in bytes.
enum : std::size_t {
    kprobe_header_size = 128,
    kprobe_mac_size = 14,      ///< those before `data`
    kprobe_conntrack_lead = 8, ///< `conntrack` begins so far before what skb->_nfct says
    kprobe_conntrack_size = 208,
    kprobe_entry_size = 512, ///< of `entry`, and of `entry_rest` behind it
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
/// At the entry of nf_tables_commit, whose first argument is the namespace.
std::string nft_commit_arguments(const PacketLayout& packet);
/// @}

} // namespace nflab::nfverdict
