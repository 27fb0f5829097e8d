// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

namespace nflab::nfverdict {

/// What one of the kernel's drop reasons means; include/net/dropreason-core.h. Pure.
struct DropReason {
    std::string_view name; ///< without SKB_DROP_REASON_; one that ends in `*` stands for all that
                           ///< begin so
    const char* stage;
    const char* detail;
    bool noise = false;
};

/// nullptr for a reason that says nothing about the place, or that is newer than this table.
const DropReason* find_reason(std::string_view name);

/// What a function that frees packets means; by the beginning of its name.
struct DropSite {
    std::string_view function; ///< `*` as above
    const char* stage;
    const char* detail;
    bool noise = false;
};

const DropSite* find_site(std::string_view function);

} // namespace nflab::nfverdict
