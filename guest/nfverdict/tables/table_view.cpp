// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/tables/table_view.hpp"

#include "guest/nfverdict/legacy/legacy_api.hpp"
#include "guest/nfverdict/tables/entry_words.hpp"

#include <algorithm>
#include <cstring>

namespace nflab::nfverdict {
namespace {

using Bytes = std::span<const std::uint8_t>;

template <typename T>
T load(Bytes bytes, std::size_t at) {
    T value{};
    if (at < bytes.size())
        std::memcpy(&value, bytes.data() + at, std::min(sizeof(value), bytes.size() - at));
    return value;
}

std::string text_at(Bytes bytes, std::size_t at, std::size_t room) {
    if (at >= bytes.size())
        return {};
    const char* begin = reinterpret_cast<const char*>(bytes.data()) + at;
    return {begin, ::strnlen(begin, std::min(room, bytes.size() - at))};
}

// struct xt_entry_match and xt_entry_target: u16 size with all data, name, revision.
Extension xt_extension(Bytes entry, std::size_t at) {
    constexpr std::size_t name = 2;
    constexpr std::size_t revision = name + XT_EXTENSION_MAXNAMELEN;
    return {text_at(entry, at + name, XT_EXTENSION_MAXNAMELEN),
            load<std::uint8_t>(entry, at + revision),
            load<std::uint16_t>(entry, at),
            {}};
}

// struct ebt_entry_match and its like: name, revision, u32 size of the data alone.
Extension ebt_extension(Bytes entry, std::size_t at) {
    const auto header = load<ebt_entry_match>(entry, at);
    return {text_at(entry, at, EBT_EXTENSION_MAXNAMELEN),
            header.u.revision,
            static_cast<std::uint32_t>(sizeof(header) + header.match_size),
            {}};
}

std::vector<Extension> extensions(Legacy engine, Bytes entry, std::size_t from, std::size_t to) {
    constexpr std::size_t smallest = 32;
    std::vector<Extension> found;
    while (from + smallest <= to) {
        found.push_back(engine == Legacy::ebtables ? ebt_extension(entry, from)
                                                   : xt_extension(entry, from));
        if (found.back().size < smallest)
            break;
        from += found.back().size;
    }
    return found;
}

const char* xt_word(std::int32_t verdict) {
    switch (verdict) {
    case -NF_DROP - 1:
        return "DROP";
    case -NF_ACCEPT - 1:
        return "ACCEPT";
    case -NF_QUEUE - 1:
        return "QUEUE";
    case XT_RETURN:
        return "RETURN";
    default:
        return "?";
    }
}

const char* ebt_word(std::int32_t verdict) {
    switch (verdict) {
    case EBT_ACCEPT:
        return "ACCEPT";
    case EBT_DROP:
        return "DROP";
    case EBT_CONTINUE:
        return "CONTINUE";
    case EBT_RETURN:
        return "RETURN";
    default:
        return "?";
    }
}

std::string standard_action(Legacy engine, const XtEntries& entries, const XtEntry& place) {
    if (place.verdict < 0)
        return engine == Legacy::ebtables ? ebt_word(place.verdict) : xt_word(place.verdict);
    const auto destination = static_cast<std::uint32_t>(place.verdict);
    if (destination == place.next && engine != Legacy::ebtables)
        return "continue";
    // What is jumped to is a chain's head in ebtables, and the entry behind it elsewhere.
    const auto chain = entries.find(destination);
    return std::string(place.is_goto ? "goto " : "jump ") +
           (chain == entries.end() ? "?" : chain->second.chain);
}

std::string action(Legacy engine, const XtEntries& entries, const XtEntry& place, bool last) {
    const bool bridge = engine == Legacy::ebtables;
    if (place.kind == XtEntry::Kind::chain_head) {
        if (bridge)
            return "chain " + place.chain + ", policy " + ebt_word(place.verdict);
        return last ? "end of table" : "chain " + place.chain;
    }
    const std::string what =
        place.target.empty() ? standard_action(engine, entries, place) : place.target;
    return place.kind == XtEntry::Kind::policy            ? "policy " + what
           : place.kind == XtEntry::Kind::implicit_return ? "end of chain, " + what
                                                          : what;
}

std::size_t header_size(Legacy engine) {
    switch (engine) {
    case Legacy::iptables:
        return sizeof(ipt_entry);
    case Legacy::ip6tables:
        return sizeof(ip6t_entry);
    case Legacy::arptables:
        return sizeof(arpt_entry);
    case Legacy::ebtables:
        break;
    }
    return sizeof(ebt_entry);
}

// The counters are the last member of all three headers.
Counter counter_of(Legacy engine, Bytes entry) {
    const auto counters = load<xt_counters>(entry, header_size(engine) - sizeof(xt_counters));
    return {counters.pcnt, counters.bcnt};
}

std::uint32_t target_offset(Legacy engine, Bytes entry) {
    switch (engine) {
    case Legacy::iptables:
        return load<std::uint16_t>(entry, ipv4_format.target_offset);
    case Legacy::ip6tables:
        return load<std::uint16_t>(entry, ipv6_format.target_offset);
    case Legacy::arptables:
        return load<std::uint16_t>(entry, arp_format.target_offset);
    case Legacy::ebtables:
        break;
    }
    return load<ebt_entry>(entry, 0).target_offset;
}

void find_hooks(const RawTable& table, const XtEntries& entries, TableView& out) {
    constexpr unsigned most = 6;
    for (unsigned hook = 0; hook < most; ++hook) {
        if ((table.info.valid_hooks >> hook & 1U) == 0)
            continue;
        ChainView chain{builtin_chain(table.engine, hook), 0, 0};
        if (table.engine != Legacy::ebtables) {
            chain.entry = table.info.hook_entry.at(hook);
            chain.underflow = table.info.underflow.at(hook);
        }
        for (const auto& [offset, place] : entries) {
            if (table.engine == Legacy::ebtables && place.kind == XtEntry::Kind::chain_head &&
                place.chain == chain.name) {
                chain.entry = place.next;
                chain.underflow = offset;
            }
        }
        out.hooks.push_back(std::move(chain));
    }
}

} // namespace

TableView view(const RawTable& table) {
    TableView out;
    out.engine = table.engine;
    out.name = table.name;
    out.valid_hooks = table.info.valid_hooks;
    out.number = table.number;
    out.size = static_cast<std::uint32_t>(table.blob.size());
    const bool bridge = table.engine == Legacy::ebtables;
    const XtEntries entries = decode(table);
    find_hooks(table, entries, out);
    std::size_t rules = 0;
    std::uint32_t end = 0;
    for (const auto& [offset, place] : entries) {
        end = place.next;
        const Bytes bytes = Bytes(table.blob).subspan(offset, place.next - offset);
        EntryView entry;
        entry.offset = offset;
        entry.next_offset = place.next - offset;
        entry.place = place;
        entry.action = action(table.engine, entries, place, place.next == out.size);
        const bool head = place.kind == XtEntry::Kind::chain_head;
        if (!bridge || !head) {
            entry.target_offset = target_offset(table.engine, bytes);
            entry.target = bridge ? ebt_extension(bytes, entry.target_offset)
                                  : xt_extension(bytes, entry.target_offset);
            entry.target.name = place.target;
        }
        if (!head) {
            entry.conditions = entry_conditions(table.engine, bytes);
            const std::size_t matches = header_size(table.engine);
            const std::size_t watchers =
                bridge ? load<ebt_entry>(bytes, 0).watchers_offset : entry.target_offset;
            entry.matches = extensions(table.engine, bytes, matches, watchers);
            entry.watchers = extensions(table.engine, bytes, watchers, entry.target_offset);
            if (!bridge)
                entry.counter = counter_of(table.engine, bytes);
            else if (rules < table.counters.size())
                entry.counter = table.counters[rules++];
        }
        out.entries.push_back(std::move(entry));
    }
    out.undecoded = out.size - end;
    return out;
}

} // namespace nflab::nfverdict
