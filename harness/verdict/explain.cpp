// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/verdict/explain.hpp"

#include "harness/verdict/decision.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace nflab::verdict {
namespace {

std::string chain_in_words(const Record& record) {
    std::string words =
        fmt::format("{}, table {}", record.engine,
                    is_xtables(record) ? record.table : record.family + " " + record.table);
    // Methods that see whole tables know no chain.
    if (const std::string& chain = deciding_chain(record); !chain.empty())
        words += ", chain " + chain;
    if (!record.jump_path.empty())
        words += fmt::format(" (entered from {})", record.jump_path.back());
    return words;
}

// The command that a user of this engine types: "iptables-legacy", "ip6tables-nft", …
std::string tool(const Record& record) {
    return record.engine.find('-') == std::string::npos ? record.engine + "-legacy" : record.engine;
}

std::string explain_policy(const PacketPath& path, const Record& end) {
    const std::string chain = end.base_chain.empty() ? end.chain : end.base_chain;
    const std::string change =
        is_xtables(end) ? fmt::format("`{} -t {} -P {} ACCEPT`", tool(end), end.table, chain)
                        : fmt::format("`nft chain {} {} {} '{{ policy accept; }}'`", end.family,
                                      end.table, end.chain);
    const bool accepted_before =
        std::any_of(path.records.begin(), path.records.end(), [&](const Record& record) {
            return record.hook == end.hook && record.node == end.node && record.verdict == "accept";
        });
    return fmt::format(
        "No rule of {} took a decision, so its policy did{}; {} or a rule that accepts the packet "
        "there would change it.",
        chain_in_words(end),
        accepted_before ? " (an accept in another table is not final: every table of the hook must "
                          "accept)"
                        : "",
        change);
}

std::string explain_rule(const Record& end) {
    const std::string name = is_xtables(end) && end.rule != 0
                                 ? fmt::format("#{}", end.rule)
                                 : fmt::format("with handle {}", end.rule ? end.rule : end.handle);
    if (!end.element.empty())
        return fmt::format(
            "Rule {} of {} decided by its map's element \"{}\"; changing that element "
            "would change it.",
            name, chain_in_words(end), end.element);
    const std::string change =
        is_xtables(end)
            ? fmt::format("`{} -t {} -D {} {}`", tool(end), end.table, end.chain, end.rule)
            : fmt::format("`nft delete rule {} {} {} handle {}`", end.family, end.table, end.chain,
                          end.rule);
    if (end.verdict == "queue")
        return fmt::format(
            "Rule {} of {} gave it to a queue for user space, and nothing gave it "
            "back; a listener on that queue, or deleting the rule ({}), would change "
            "it.",
            name, chain_in_words(end), change);
    return fmt::format("Rule {} of {} decided; deleting it ({}), or an accepting rule before it in "
                       "the same chain, would change it.",
                       name, chain_in_words(end), change);
}

struct StageWords {
    std::string_view stage;
    const char* did;    ///< after "No rule did it: "; {source}, {destination} and {in} are replaced
    const char* change; ///< before "would change it"
};

// In the order of a packet's way; a stage that is not here is named as it is.
constexpr std::array stages{
    StageWords{"checksum", "its checksum is wrong",
               "a sender (or a device) that computes it right"},
    StageWords{"bridge", "the bridge dropped it",
               "the port's state, its VLANs or its forwarding entries"},
    StageWords{"defrag", "its fragments could not be put together in time",
               "the missing fragments, or a larger net.ipv4.ipfrag_high_thresh"},
    StageWords{"conntrack", "connection tracking dropped it",
               "a larger net.netfilter.nf_conntrack_max where its table is full, or notrack"},
    StageWords{"rp_filter",
               "the reverse path filter did, as the way back to {source} is not by {in}",
               "a route to {source} by {in}, or net.ipv4.conf.{in}.rp_filter=0 (2: loose), for "
               "`all`, too,"},
    StageWords{"martian", "{source} cannot be a source there (martian)",
               "an address that may come in by {in}"},
    StageWords{"route", "there is no route to {destination}", "a route to {destination}"},
    StageWords{"ttl", "its time to live was used up",
               "a larger one at the sender, or no loop of routes"},
    StageWords{"mtu", "it is larger than the next network takes and must not be fragmented",
               "a larger MTU there, or a sender that heeds \"fragmentation needed\""},
    StageWords{"xfrm", "an IPsec policy asks for a protection that it had not",
               "`ip xfrm policy` or a matching state"},
    StageWords{"neighbour", "nobody answers for the next hop's address",
               "a next hop that answers ARP or neighbour solicitations"},
    StageWords{"socket", "no socket took it", "a program that listens, or reads its queue in time"},
};

std::string fill(std::string text, const Record& record) {
    const std::array<std::pair<std::string_view, std::string>, 3> values{
        {{"{source}", record.packet.source},
         {"{destination}", record.packet.destination},
         {"{in}", record.in_device.empty() ? "that device" : record.in_device}}};
    for (const auto& [name, value] : values)
        for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at))
            text.replace(at, name.size(), value);
    return text;
}

std::string explain_ruleless(const Record& end) {
    const auto words = std::find_if(stages.begin(), stages.end(), [&](const StageWords& each) {
        return each.stage == end.stage;
    });
    std::string why = grounds(end);
    // What the record says in words stands before it already.
    if (!end.rule_text.empty() && why.starts_with(end.rule_text + ": "))
        why.erase(0, end.rule_text.size() + 2);
    if (!why.empty())
        why = fmt::format(" ({})", why);
    // What the kernel's own reason says is nearer to the case than the stage.
    std::string did = end.rule_text.empty() ? "" : fmt::format("{}: {}", end.stage, end.rule_text);
    if (did.empty())
        did = words != stages.end() ? fill(words->did, end)
              : end.stage.empty()   ? "why is not known"
                                    : end.stage;
    if (end.stage == "conntrack" && end.rule_text.find("clash") != std::string::npos)
        return fmt::format("No rule did it: {}{}; more ports or addresses to translate to (or "
                           "`random` ports) would change it.",
                           did, why);
    if (words == stages.end())
        return fmt::format("No rule did it: {}{}.", did, why);
    return fmt::format("No rule did it: {}{}; {} would change it.", did, why,
                       fill(words->change, end));
}

bool bypasses_hooks(const Record& record) {
    return record.rule_kind == RuleKind::none && record.stage == "flowtable";
}

} // namespace

std::string explain(const PacketPath& path) {
    const Record* end = path.end();
    if (!end) {
        const bool offloaded =
            std::any_of(path.records.begin(), path.records.end(), bypasses_hooks);
        return offloaded ? "Its flow is offloaded: the flowtable forwarded it, and the hooks from "
                           "prerouting to postrouting never saw it; a rule added there now has no "
                           "say until the flow ends (`conntrack -D` ends it)."
                         : "";
    }
    switch (end->rule_kind) {
    case RuleKind::policy:
        return explain_policy(path, *end);
    case RuleKind::rule:
        return explain_rule(*end);
    case RuleKind::none:
        return explain_ruleless(*end);
    case RuleKind::table:
        return fmt::format(
            "A match of {}, table {} dropped it by itself (hotdrop); which rule's is "
            "not known.",
            end->engine, end->table);
    case RuleKind::end_of_chain:
    case RuleKind::unknown:
        break;
    }
    return fmt::format("{} decided, but which rule is not known.", chain_in_words(*end));
}

} // namespace nflab::verdict
