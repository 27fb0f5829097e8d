// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/tables/tables.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace nflab::nfverdict {
namespace {

std::string extension_text(const char* kind, const Extension& extension) {
    std::string text = fmt::format("{} {} rev {}", kind, extension.name, extension.revision);
    if (!extension.revisions.empty())
        text += fmt::format(" of {}", fmt::join(extension.revisions, ","));
    return text + fmt::format(" ({} bytes)", extension.size);
}

std::string meaning(const EntryView& entry) {
    std::string text = entry.conditions;
    const auto add = [&](const std::string& part) { text += (text.empty() ? "" : "; ") + part; };
    for (const Extension& match : entry.matches)
        add(extension_text("match", match));
    for (const Extension& watcher : entry.watchers)
        add(extension_text("watcher", watcher));
    if (!entry.target.name.empty() && entry.place.kind != XtEntry::Kind::chain_head)
        add(extension_text("target", entry.target));
    return entry.action + (text.empty() ? "" : "  [" + text + "]");
}

const char* kind_word(XtEntry::Kind kind) {
    switch (kind) {
    case XtEntry::Kind::rule:
        return "rule";
    case XtEntry::Kind::policy:
        return "policy";
    case XtEntry::Kind::implicit_return:
        return "implicit-return";
    case XtEntry::Kind::chain_head:
        break;
    }
    return "chain-head";
}

nlohmann::json extension_json(const Extension& extension) {
    nlohmann::json out{
        {"name", extension.name}, {"revision", extension.revision}, {"size", extension.size}};
    if (!extension.revisions.empty())
        out["kernel_revisions"] = extension.revisions;
    return out;
}

nlohmann::json extensions_json(const std::vector<Extension>& extensions) {
    nlohmann::json out = nlohmann::json::array();
    for (const Extension& extension : extensions)
        out.push_back(extension_json(extension));
    return out;
}

nlohmann::json entry_json(const EntryView& entry) {
    nlohmann::json out{{"offset", entry.offset},           {"target_offset", entry.target_offset},
                       {"next_offset", entry.next_offset}, {"kind", kind_word(entry.place.kind)},
                       {"chain", entry.place.chain},       {"action", entry.action}};
    if (entry.place.number != 0)
        out["rule"] = entry.place.number;
    if (!entry.conditions.empty())
        out["conditions"] = entry.conditions;
    if (!entry.matches.empty())
        out["matches"] = extensions_json(entry.matches);
    if (!entry.watchers.empty())
        out["watchers"] = extensions_json(entry.watchers);
    if (!entry.target.name.empty())
        out["target"] = extension_json(entry.target);
    if (entry.place.kind != XtEntry::Kind::chain_head) {
        out["packets"] = entry.counter.packets;
        out["bytes"] = entry.counter.bytes;
    }
    return out;
}

} // namespace

std::string to_text(const TableView& table) {
    std::string text = fmt::format("{} table {}: {} {}, {} bytes, valid_hooks {:#x}\n",
                                   name_of(table.engine), table.name, table.number,
                                   table.engine == Legacy::ebtables ? "rules" : "entries",
                                   table.size, table.valid_hooks);
    for (const ChainView& hook : table.hooks)
        text += fmt::format("  {:<12} hook_entry {:>6}  underflow {:>6}\n", hook.name, hook.entry,
                            hook.underflow);
    text += fmt::format("  {:>6} {:>6} {:>6} {:>10} {:>12}  {:<20} {:>4}\n", "offset", "target",
                        "next", "packets", "bytes", "chain", "rule");
    for (const EntryView& entry : table.entries) {
        const bool head = entry.place.kind == XtEntry::Kind::chain_head;
        const auto number = [](bool shown, std::uint64_t value) {
            return shown ? std::to_string(value) : std::string();
        };
        text += fmt::format("  {:>6} {:>6} {:>6} {:>10} {:>12}  {:<20} {:>4}  {}\n", entry.offset,
                            number(entry.target_offset != 0, entry.target_offset),
                            entry.next_offset, number(!head, entry.counter.packets),
                            number(!head, entry.counter.bytes), entry.place.chain,
                            number(entry.place.number != 0, entry.place.number), meaning(entry));
    }
    if (table.undecoded != 0)
        text += fmt::format("  the last {} bytes are no entry that is known\n", table.undecoded);
    return text;
}

nlohmann::json to_json(const TableView& table) {
    nlohmann::json hooks = nlohmann::json::array();
    for (const ChainView& hook : table.hooks)
        hooks.push_back(
            {{"chain", hook.name}, {"hook_entry", hook.entry}, {"underflow", hook.underflow}});
    nlohmann::json entries = nlohmann::json::array();
    for (const EntryView& entry : table.entries)
        entries.push_back(entry_json(entry));
    nlohmann::json out{{"engine", name_of(table.engine)},
                       {"table", table.name},
                       {"valid_hooks", table.valid_hooks},
                       {"number", table.number},
                       {"size", table.size},
                       {"hooks", std::move(hooks)},
                       {"entries", std::move(entries)}};
    if (table.undecoded != 0)
        out["undecoded"] = table.undecoded;
    return out;
}

} // namespace nflab::nfverdict
