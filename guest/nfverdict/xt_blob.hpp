// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>

/// A table of legacy iptables as IPT_SO_GET_INFO and IPT_SO_GET_ENTRIES give it
/// (include/uapi/linux/netfilter_ipv4/ip_tables.h, netfilter_ipv6/ip6_tables.h). Pure.
namespace nflab::nfverdict {

/// Sizes and offsets of struct ipt_entry or struct ip6t_entry.
struct XtFormat {
    std::uint32_t target_offset; ///< of the u16 target_offset; next_offset follows it
    std::uint32_t header_size;
    std::uint32_t flags;    ///< of ipt_ip.flags or ip6t_ip6.flags
    std::uint8_t goto_flag; ///< IPT_F_GOTO or IP6T_F_GOTO
};
inline constexpr XtFormat ipv4_format{0x58, 0x70, 82, 0x02};
inline constexpr XtFormat ipv6_format{0x8c, 0xa8, 131, 0x04};

struct XtInfo {
    std::uint32_t valid_hooks = 0;
    std::array<std::uint32_t, 5> hook_entry{};
    std::array<std::uint32_t, 5> underflow{};
};

struct XtEntry {
    enum class Kind { rule, policy, implicit_return, chain_head };
    Kind kind = Kind::rule;
    std::string chain;
    unsigned number = 0;      ///< as `iptables -L --line-numbers` counts; 0 unless a rule
    std::string target;       ///< "" for the standard target
    std::int32_t verdict = 0; ///< of a standard target: < 0 final or RETURN, else an offset
    std::uint32_t next = 0;   ///< offset of the following entry
    bool is_goto = false;
};

/// By the entry's offset in the blob.
using XtEntries = std::map<std::uint32_t, XtEntry>;

/// "PREROUTING" … by NF_INET_*.
const char* builtin_chain(unsigned hook);

/// Stops at the first entry that is out of bounds; what came before is kept.
XtEntries decode_xt_blob(const XtInfo& info, std::span<const std::uint8_t> blob,
                         const XtFormat& format);

} // namespace nflab::nfverdict
