// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/legacy/xt_blob.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// A legacy table as getsockopt gives it. Pure.
namespace nflab::nfverdict {

struct Counter {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;
};

/// A table just as the kernel hands it out.
struct RawTable {
    Legacy engine = Legacy::iptables;
    std::string name;
    XtInfo info;
    std::uint32_t number = 0; ///< of entries; of rules for ebtables
    std::vector<std::uint8_t> blob;
    std::vector<Counter> counters; ///< ebtables only, by rule; the others have them in the blob
};

/// Chain, number and kind of every entry.
XtEntries decode(const RawTable& table);

} // namespace nflab::nfverdict
