// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/verdict/record.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace nflab::nfverdict {

/// Drops by rules, so that the freeing of the same packet is not told as a drop of its own. The
/// programs leave out most of those; where a match drops by itself they cannot. Pure.
class ToldDrops {
  public:
    /// A rule's record.
    void decided(const verdict::Record& record);

    /// Whether the packet that this record without a rule tells of was dropped by a rule just now,
    /// in the same hook. An sk_buff's address alone says nothing: the next packet may well have it.
    bool knows(const verdict::Record& record) const;

  private:
    struct Dropped {
        std::uint64_t time_ns = 0;
        std::string hook;
        verdict::Packet packet;
    };
    std::map<std::uint64_t, Dropped> dropped_; ///< by sk_buff
};

} // namespace nflab::nfverdict
