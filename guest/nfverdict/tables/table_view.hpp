// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/legacy/raw_table.hpp"

#include <string>
#include <vector>

/// A legacy table taken apart for people: every entry with its extensions, in words. Pure.
namespace nflab::nfverdict {

/// A match, watcher or target.
struct Extension {
    std::string name; ///< "" for the standard target
    int revision = 0;
    std::uint32_t size = 0;     ///< bytes, header included
    std::vector<int> revisions; ///< that the kernel knows; filled in by the caller
};

struct EntryView {
    std::uint32_t offset = 0;
    std::uint32_t target_offset = 0; ///< from the entry's start; 0 for a chain's head in ebtables
    std::uint32_t next_offset = 0;   ///< from the entry's start
    XtEntry place;
    std::string conditions; ///< of the entry's own header, as options: "-s 10.0.0.0/8 -p tcp"
    std::vector<Extension> matches;
    std::vector<Extension> watchers; ///< ebtables only
    Extension target;
    std::string action; ///< "ACCEPT", "jump mine", "REJECT", "policy DROP", "chain mine", …
    Counter counter;    ///< none for a chain's head
};

struct ChainView {
    std::string name;
    std::uint32_t entry = 0;     ///< offset of the first entry
    std::uint32_t underflow = 0; ///< offset of the policy's entry; the chain's head for ebtables
};

struct TableView {
    Legacy engine = Legacy::iptables;
    std::string name;
    std::uint32_t valid_hooks = 0;
    std::uint32_t number = 0; ///< of entries, as the kernel counts them; of rules for ebtables
    std::uint32_t size = 0;   ///< bytes of all entries
    std::vector<ChainView> hooks;
    std::vector<EntryView> entries;
    /// Bytes at the end that are no entry; 0 unless something is wrong.
    std::uint32_t undecoded = 0;
};

TableView view(const RawTable& table);

} // namespace nflab::nfverdict
