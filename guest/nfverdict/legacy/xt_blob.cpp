// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/legacy/xt_blob.hpp"

#include <cstring>

namespace nflab::nfverdict {
namespace {

// struct xt_entry_target: u16 size, char name[29], u8 revision, then the target's own data.
constexpr std::size_t target_name_offset = 2;
constexpr std::size_t target_name_size = 29;
constexpr std::size_t target_data_offset = 32;
constexpr std::size_t error_name_size = 30; // XT_FUNCTION_MAXNAMELEN

template <typename T>
T load(std::span<const std::uint8_t> bytes, std::size_t offset) {
    T value{};
    std::memcpy(&value, bytes.data() + offset, sizeof(value));
    return value;
}

std::string text_at(std::span<const std::uint8_t> bytes, std::size_t offset, std::size_t size) {
    const char* begin = reinterpret_cast<const char*>(bytes.data()) + offset;
    return {begin, ::strnlen(begin, size)};
}

} // namespace

XtEntries decode_xt_blob(const XtInfo& info, std::span<const std::uint8_t> blob,
                         const XtFormat& format) {
    XtEntries entries;
    std::string chain;
    unsigned number = 0;
    XtEntry* previous = nullptr;
    std::size_t at = 0;
    while (at + format.header_size + target_data_offset + sizeof(std::int32_t) <= blob.size()) {
        const auto target_offset = load<std::uint16_t>(blob, at + format.target_offset);
        const auto next_offset = load<std::uint16_t>(blob, at + format.target_offset + 2);
        const std::size_t target = at + target_offset;
        if (target_offset < format.header_size || next_offset < target_offset ||
            at + next_offset > blob.size() ||
            target + target_data_offset + sizeof(std::int32_t) > at + next_offset)
            break;

        XtEntry entry;
        entry.next = static_cast<std::uint32_t>(at + next_offset);
        entry.target = text_at(blob, target + target_name_offset, target_name_size);
        entry.is_goto = (blob[at + format.flags] & format.goto_flag) != 0;
        for (unsigned hook = 0; hook < info.hook_entry.size(); ++hook) {
            if (!(info.valid_hooks & (1U << hook)))
                continue;
            if (info.hook_entry[hook] == at) {
                chain = builtin_chain(format.engine, hook);
                number = 0;
            }
            if (info.underflow[hook] == at)
                entry.kind = XtEntry::Kind::policy;
        }
        if (entry.target == "ERROR") {
            entry.kind = XtEntry::Kind::chain_head;
            const std::size_t room = at + next_offset - target - target_data_offset;
            chain = text_at(blob, target + target_data_offset, std::min(room, error_name_size));
            number = 0;
            // A user's chain ends with the RETURN that every one has, even if it looks like a rule.
            if (previous && previous->kind == XtEntry::Kind::rule) {
                previous->kind = XtEntry::Kind::implicit_return;
                previous->number = 0;
            }
        } else if (entry.kind == XtEntry::Kind::rule) {
            entry.number = ++number;
        }
        if (entry.target.empty())
            entry.verdict = load<std::int32_t>(blob, target + target_data_offset);
        entry.chain = chain;
        previous = &(entries[static_cast<std::uint32_t>(at)] = std::move(entry));
        at += next_offset;
    }
    return entries;
}

} // namespace nflab::nfverdict
