// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace nflab::nfverdict {

/// Where x86-64 has all of the physical memory and what describes its pages
/// (Documentation/arch/x86/x86_64/mm.rst); chosen at random at each boot.
struct DirectMap {
    std::uint64_t memory = 0; ///< address of physical address 0 (page_offset_base)
    std::uint64_t pages = 0;  ///< address of the struct page of physical address 0 (vmemmap_base)
    bool operator==(const DirectMap&) const = default;
};

/// From the head of /proc/kcore: fs/proc/kcore.c has a segment for each range of memory, with its
/// physical address, and behind it one for the range's pages. `page_size`: bytes of a struct page.
/// Nothing when the segments are not like that, or disagree. Pure.
std::optional<DirectMap> find_direct_map(std::span<const std::uint8_t> kcore,
                                         std::uint32_t page_size);

} // namespace nflab::nfverdict
