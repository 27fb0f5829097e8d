// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/legacy/legacy_api.hpp"
#include "guest/nfverdict/legacy/xt_blob.hpp"

#include <algorithm>
#include <cstring>

namespace nflab::nfverdict {
namespace {

template <std::size_t N>
std::string text_of(const char (&field)[N]) {
    return {field, ::strnlen(field, N)};
}

} // namespace

XtEntries decode_ebt_blob(std::span<const std::uint8_t> blob) {
    XtEntries entries;
    std::string chain;
    unsigned number = 0;
    std::size_t at = 0;
    while (at + sizeof(ebt_entries) <= blob.size()) {
        ebt_entries head{};
        std::memcpy(&head, blob.data() + at, sizeof(head));
        XtEntry entry;
        if (head.distinguisher == 0) {
            chain = text_of(head.name);
            number = 0;
            entry.kind = XtEntry::Kind::chain_head;
            entry.verdict = head.policy;
            entry.next = static_cast<std::uint32_t>(at + sizeof(head));
        } else {
            ebt_entry rule{};
            ebt_standard_target target{};
            if (at + sizeof(rule) > blob.size())
                break;
            std::memcpy(&rule, blob.data() + at, sizeof(rule));
            if (rule.target_offset < sizeof(rule) || rule.next_offset < rule.target_offset ||
                rule.next_offset > blob.size() - at ||
                rule.next_offset - rule.target_offset < sizeof(target.target))
                break;
            std::memcpy(
                &target, blob.data() + at + rule.target_offset,
                std::min<std::size_t>(sizeof(target), rule.next_offset - rule.target_offset));
            entry.target = text_of(target.target.u.name);
            if (entry.target == EBT_STANDARD_TARGET) {
                entry.target.clear();
                entry.verdict = target.verdict;
            }
            entry.number = ++number;
            entry.next = static_cast<std::uint32_t>(at + rule.next_offset);
        }
        entry.chain = chain;
        const std::size_t next = entry.next;
        entries[static_cast<std::uint32_t>(at)] = std::move(entry);
        at = next;
    }
    return entries;
}

} // namespace nflab::nfverdict
