// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Where to probe a kernel so that each probe hit is one rule's decision, and where the values lie
/// at that instruction. Found by disassembly and data flow (docs/probe-sites.md), never by version.
namespace nflab::probesite {

/// General purpose registers by their number in x86-64 machine code.
enum class Gpr : std::uint8_t {
    rax,
    rcx,
    rdx,
    rbx,
    rsp,
    rbp,
    rsi,
    rdi,
    r8,
    r9,
    r10,
    r11,
    r12,
    r13,
    r14,
    r15
};

/// Where a value is while the probed instruction has not yet run.
struct Location {
    enum class Kind : std::uint8_t {
        reg,   ///< in `reg`
        stack, ///< the `size` bytes at [rsp + offset]
    };
    Kind kind = Kind::reg;
    Gpr reg = Gpr::rax;
    std::int32_t offset = 0;
    std::uint8_t size = 8;

    bool operator==(const Location&) const = default;
};

/// A kprobe address: function symbol (may be "nft_do_chain.cold") and offset in it.
struct ProbePoint {
    std::string symbol;
    std::uint64_t offset = 0;
    bool operator==(const ProbePoint&) const = default;
};

/// A rule's verdict in nft_do_chain. `rule` points to a struct nft_rule or nft_rule_dp
/// (RuleLayout).
struct NftVerdictSite {
    ProbePoint at;
    Location rule;
    Location pkt;        ///< struct nft_pktinfo *; skb is its first member
    Location base_chain; ///< nft_do_chain's `priv`: struct nft_chain * that the hook entered
    std::optional<Location>
        chain; ///< struct nft_chain * in which the rule stands, where it is at hand
    std::int32_t verdict_code =
        0; ///< [rsp + this] is the s32 verdict code; verdict.chain is 8 further
    /// That slot is handed to the expressions as their struct nft_regs: the registers follow it.
    bool registers = false;
};

/// A base chain's policy being applied.
struct NftPolicySite {
    ProbePoint at;
    Location pkt;
    Location base_chain;
};

/// How to get the handle out of what `rule` points to.
struct RuleLayout {
    std::uint32_t handle_offset = 0; ///< of the u64 that holds it
    std::uint32_t handle_shift = 0;
    std::uint64_t handle_mask = 0; ///< after the shift: 2^42 - 1
    bool blob = false;             ///< struct nft_rule_dp: bit 0 of the u64 is the end marker
    bool operator==(const RuleLayout&) const = default;
};

struct NftSites {
    std::string build_id;   ///< hex, of the module file
    NftVerdictSite verdict; ///< S: reached when no trace is on
    /// S2: reached instead of S while any netns has an nftrace rule. Empty where traced verdicts
    /// come past S as well, so that probing what is here never counts a verdict twice.
    std::optional<NftVerdictSite> traced;
    NftPolicySite policy;
    /// As `traced`: empty where `policy` sees all. Also where the way forks for another reason, at
    /// a place that cannot be probed: each policy comes past exactly one of the two.
    std::optional<NftPolicySite> policy_traced;
    RuleLayout rule;
    std::uint32_t table_name_offset = 0; ///< of the char * in struct nft_table
    /// The decoy method's function: its full name with .isra/.constprop suffix.
    std::string trace_verdict_function;
    std::string trace_packet_function;
    /// Where the entry of trace_verdict_function finds the values: 5.10 and 6.1 keep the rule in a
    /// struct behind rdi, later ones pass pkt, rule, regs.
    enum class TraceAbi : std::uint8_t { info_on_stack, arguments };
    TraceAbi trace_abi = TraceAbi::arguments;
    std::uint32_t trace_rule_offset = 0; ///< info_on_stack: the rule pointer is at [rdi + this]
    std::vector<std::string> checks;     ///< what was verified, for people
};

/// Where a match that dropped a packet by itself is noticed: once per walk through a table.
struct HotdropSite {
    ProbePoint at;
    std::int32_t flag = 0; ///< the byte at [rsp + this] is not 0 when that has happened
    Location skb;
    Location table;
    std::optional<Location> state;
};

/// The function's entry, where the table is an argument; for functions that have no more use for
/// it at S. What was seen there belongs to the same packet on the same CPU.
struct TableEntrySite {
    ProbePoint at;
    Location table;
    Location skb;
};

/// ipt_do_table, ip6t_do_table or arpt_do_table.
struct IptSites {
    std::string build_id;
    std::string function;
    ProbePoint matched; ///< S: once per entry whose matches all matched
    Location entry;     ///< struct ipt_entry * / ip6t_entry *
    Location table;     ///< struct xt_table *; nowhere when there is `entered`
    Location skb;
    std::optional<TableEntrySite> entered;
    std::optional<Location> state;         ///< struct nf_hook_state *
    std::uint32_t target_offset_field = 0; ///< 0x58 for ipt_entry, 0x8c for ip6t_entry
    ProbePoint result; ///< R: after a non-standard target ran; eax is its verdict
    Location result_skb;
    Location result_table;
    std::optional<Location> result_entry;
    std::optional<HotdropSite> hotdrop; ///< empty where it cannot be told, which `checks` says
    std::vector<std::string> checks;
};

/// ebt_do_table.
struct EbtSites {
    std::string build_id;
    ProbePoint matched; ///< S: once per entry whose matches all matched, before its target
    Location entry;     ///< struct ebt_entry *
    Location skb;
    Location state;         ///< struct nf_hook_state *
    TableEntrySite entered; ///< struct ebt_table *
    ProbePoint result;      ///< R: after a non-standard target ran; eax is its verdict
    Location result_skb;
    ProbePoint policy;     ///< P: the end of a chain, where its policy is read
    Location policy_chain; ///< struct ebt_entries *
    Location policy_skb;
    Location policy_state;
    /// struct ebt_table: private; its type information is missing in old kernels.
    std::uint32_t private_offset = 0;
    std::vector<std::string> checks;
};

/// Why a module's sites were refused; never a guess.
struct Refusal {
    std::string step; ///< "jump table", "verdict call", "coverage", …
    std::string reason;
};

} // namespace nflab::probesite
