// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

/// Rules and verdict maps as the kernel itself holds them, which `nft` translates and partly hides:
/// read out of the messages that NFT_MSG_GETRULE, GETSET and GETSETELEM are answered with
/// (include/uapi/linux/netfilter/nf_tables.h). Pure.
namespace nflab::nfverdict {

/// A rule's use of a verdict map.
struct NftVerdictLookup {
    std::string set;
    std::size_t source = 0; ///< offset of the key in the registers that nfv_event has, in bytes
};

/// What a rule is made of, as far as records need it.
struct NftRuleCode {
    bool rejects = false;      ///< has nft's or xtables' reject
    bool has_xtables = false;  ///< matches or targets of xtables, or something only its tools make
    bool is_chain_end = false; ///< ebtables-nft's way to give a chain of one's own a policy
    std::vector<std::string> targets; ///< chains that it jumps or goes to, but by a map
    std::vector<NftVerdictLookup> verdict_maps;
    std::vector<std::int32_t> verdicts; ///< that it gives itself, from 0 on
    bool opaque = false; ///< has an expression that may give a verdict of its own, such as nat
};

struct NftMapElement {
    std::vector<std::uint8_t> key;     ///< empty: the catch-all element
    std::vector<std::uint8_t> key_end; ///< of a range in a concatenation
    bool interval_end = false;         ///< not an element: where the one before it ends
    std::int32_t code = 0;             ///< the verdict
    std::string chain;                 ///< of a jump or goto
};

struct NftVerdictMap {
    bool interval = false; ///< elements may be ranges: its keys are in network order
    std::size_t key_size = 0;
    std::uint32_t key_type = 0;           ///< nft's number; 6 bits for each field
    std::vector<std::size_t> field_sizes; ///< of a concatenation with ranges, from the kernel
    std::vector<NftMapElement> elements;
};

struct NftTableCode {
    std::map<std::uint64_t, NftRuleCode> rules; ///< by handle
    std::map<std::string, NftVerdictMap> verdict_maps;
};

struct NftCode {
    std::map<std::pair<std::string, std::string>, NftTableCode> tables; ///< by family and name

    const NftTableCode* table(const std::string& family, const std::string& name) const;
    const NftRuleCode* rule(const std::string& family, const std::string& table,
                            std::uint64_t handle) const;

    /// Each takes one message, from its struct nfgenmsg on.
    void take_rule(std::span<const std::uint8_t> message);
    void take_set(std::span<const std::uint8_t> message);
    void take_elements(std::span<const std::uint8_t> message);
};

} // namespace nflab::nfverdict
