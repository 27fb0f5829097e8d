// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/legacy/legacy.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>

/// A table of legacy xtables as the kernel gives it: *_SO_GET_INFO and *_SO_GET_ENTRIES of
/// include/uapi/linux/netfilter_ipv4/ip_tables.h, netfilter_ipv6/ip6_tables.h,
/// netfilter_arp/arp_tables.h and netfilter_bridge/ebtables.h. Pure.
namespace nflab::nfverdict {

/// Sizes and offsets of struct ipt_entry, struct ip6t_entry or struct arpt_entry.
struct XtFormat {
    Legacy engine;
    std::uint32_t target_offset; ///< of the u16 target_offset; next_offset follows it
    std::uint32_t header_size;
    std::uint32_t flags;    ///< of ipt_ip.flags or ip6t_ip6.flags
    std::uint8_t goto_flag; ///< IPT_F_GOTO or IP6T_F_GOTO; arptables has none
};
inline constexpr XtFormat ipv4_format{Legacy::iptables, 0x58, 0x70, 82, 0x02};
inline constexpr XtFormat ipv6_format{Legacy::ip6tables, 0x8c, 0xa8, 131, 0x04};
inline constexpr XtFormat arp_format{Legacy::arptables, 0xa4, 0xc0, 158, 0};

/// By hook number. ebtables keeps these in the entries themselves.
struct XtInfo {
    std::uint32_t valid_hooks = 0;
    std::array<std::uint32_t, 5> hook_entry{};
    std::array<std::uint32_t, 5> underflow{};
};

struct XtEntry {
    /// `chain_head`: the ERROR entry or struct ebt_entries at which a chain begins. ebtables keeps
    /// a chain's policy there, the others in the chain's last entry.
    enum class Kind { rule, policy, implicit_return, chain_head };
    Kind kind = Kind::rule;
    std::string chain;
    unsigned number = 0; ///< as `iptables -L --line-numbers` counts; 0 unless a rule
    std::string target;  ///< "" for the standard target
    /// Of a standard target, or the policy of an ebtables chain: < 0 final, RETURN or (ebtables)
    /// CONTINUE, else an offset.
    std::int32_t verdict = 0;
    std::uint32_t next = 0; ///< offset of the following entry
    bool is_goto = false;
};

/// By the entry's offset in the blob.
using XtEntries = std::map<std::uint32_t, XtEntry>;

/// For all but ebtables. Stops at the first entry that is out of bounds; what came before is kept.
XtEntries decode_xt_blob(const XtInfo& info, std::span<const std::uint8_t> blob,
                         const XtFormat& format);

/// For ebtables, whose chains bring their names, policies and numbers of rules with them. Stops in
/// the same way.
XtEntries decode_ebt_blob(std::span<const std::uint8_t> blob);

} // namespace nflab::nfverdict
