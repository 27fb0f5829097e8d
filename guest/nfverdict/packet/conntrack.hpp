// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/verdict/record.hpp"

#include <cstdint>
#include <optional>
#include <span>

/// The conntrack entry of a packet from the raw bytes of its struct nf_conn. Pure.
namespace nflab::nfverdict {

/// Where struct nf_conn keeps its two tuples; from the running kernel's BTF.
struct ConntrackLayout {
    std::uint32_t tuplehash = 0; ///< of nf_conn.tuplehash[0]
    std::uint32_t hash_size = 0; ///< sizeof(struct nf_conntrack_tuple_hash)
    std::uint32_t tuple = 0;     ///< of the tuple in a tuple_hash
    bool operator==(const ConntrackLayout&) const = default;
};

/// `nfct` is sk_buff._nfct. Nothing when the packet has no entry; without a layout, or where the
/// bytes hold no plausible tuple, an entry without tuples.
std::optional<verdict::Conntrack> parse_conntrack(std::uint64_t nfct,
                                                  std::span<const std::uint8_t> conn,
                                                  const std::optional<ConntrackLayout>& layout);

} // namespace nflab::nfverdict
