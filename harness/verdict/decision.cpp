// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/verdict/decision.hpp"

#include "harness/verdict/packet.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <vector>

namespace nflab::verdict {
namespace {

std::string upper(std::string text) {
    for (char& c : text)
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

std::string joined(const std::vector<std::string>& parts, const char* between) {
    std::string text;
    for (const std::string& part : parts)
        if (!part.empty())
            text += (text.empty() ? "" : between) + part;
    return text;
}

std::string chains(const Record& record) {
    if (record.jump_path.empty()) {
        // Which chains lie between is not known; that there was a jump is.
        const bool jumped = !record.base_chain.empty() && !record.chain.empty() &&
                            record.base_chain != record.chain;
        return jumped ? fmt::format("{} > … > {}", record.base_chain, record.chain)
                      : deciding_chain(record);
    }
    std::vector<std::string> all = record.jump_path;
    all.push_back(record.chain);
    return joined(all, " > ");
}

std::string with_module(const std::string& name, const std::string& module) {
    return module.empty() || name.empty() ? name : fmt::format("{} [{}]", name, module);
}

std::string rule_name(const Record& record) {
    if (!is_xtables(record))
        return fmt::format("handle {}", record.rule);
    // A rule of the nft variants has a number only where iptables' own view could be read.
    if (record.rule == 0)
        return fmt::format("handle {}", record.handle);
    return fmt::format("#{}", record.rule);
}

// iptables-save repeats the chain, which stands beside it already.
std::string rule_itself(const Record& record) {
    const std::string prefix = fmt::format("-A {} ", record.chain);
    return record.rule_text.rfind(prefix, 0) == 0 ? record.rule_text.substr(prefix.size())
                                                  : record.rule_text;
}

std::string ruleless_grounds(const Record& record) {
    std::string text;
    // The flowtable's words are its decision already.
    if (is_ruleless_drop(record) && !record.rule_text.empty())
        text = record.rule_text + ":";
    if (!record.reason.empty())
        text += fmt::format("{}reason {}", text.empty() ? "" : " ", record.reason);
    // A hook function's packet is freed by the hook's caller, which lives elsewhere.
    const bool freed_there = record.location.starts_with(record.function);
    if (!record.location.empty())
        text += fmt::format("{}at {}", text.empty() ? "" : " ",
                            with_module(record.location, freed_there ? record.module : ""));
    if (!record.function.empty() && (record.location.empty() || !freed_there))
        text += fmt::format("{}by {}", text.empty() ? "" : " ",
                            with_module(record.function, record.module));
    if (!record.basis.empty() && record.basis != "reason")
        text += fmt::format("{}told by {}", text.empty() ? "" : ", ", record.basis);
    return text;
}

} // namespace

bool is_xtables(const Record& record) {
    return record.engine.find("tables") != std::string::npos;
}

bool ends_packet(const Record& record) {
    return destroys_packet(record) || record.verdict == "stolen" || record.verdict == "queue";
}

bool destroys_packet(const Record& record) {
    return record.verdict == "drop" || record.verdict == "reject";
}

const std::string& deciding_chain(const Record& record) {
    return record.rule_kind == RuleKind::unknown && record.chain.empty() ? record.base_chain
                                                                         : record.chain;
}

bool is_ruleless_drop(const Record& record) {
    return record.rule_kind == RuleKind::none && record.verdict == "drop";
}

std::string table_and_chain(const Record& record) {
    if (record.rule_kind == RuleKind::none)
        return record.method == "hook" && !record.function.empty()
                   ? with_module(record.function, record.module)
                   : record.stage;
    if (is_xtables(record))
        return joined({record.table, chains(record)}, " ");
    return joined({record.family, record.table, chains(record)}, " ");
}

std::string place(const Record& record) {
    if (record.rule_kind == RuleKind::none)
        return record.method == "hook" ? "hook function " + table_and_chain(record)
                                       : "no rule: " + record.stage;
    return joined({record.engine, table_and_chain(record)}, " ");
}

std::string decision(const Record& record) {
    const std::string verdict = is_xtables(record) ? upper(record.verdict) : record.verdict;
    const std::string target =
        record.verdict == "jump" || record.verdict == "goto" ? " " + record.target : "";
    switch (record.rule_kind) {
    case RuleKind::policy:
        return "policy " + verdict;
    case RuleKind::end_of_chain:
        return "end of chain: " + verdict;
    case RuleKind::rule: {
        const bool both = record.handle != 0 && record.rule != 0 && record.handle != record.rule;
        return fmt::format("{} {}{}{}", rule_name(record), verdict, target,
                           both ? fmt::format(" (handle {})", record.handle) : "");
    }
    case RuleKind::table:
        return fmt::format("{} by a match (which rule is not known)", verdict);
    case RuleKind::none:
        if (record.verdict == "continue" || record.verdict == "accept")
            return record.stage == "flowtable" ? "hooks not traversed: flow offloaded" : "passed";
        return record.method == "hook" ? verdict : fmt::format("{} by no rule", verdict);
    case RuleKind::unknown:
        break;
    }
    return fmt::format("{} (the rule is not known)", verdict);
}

std::string grounds(const Record& record) {
    std::vector<std::string> parts;
    if (record.rule_kind == RuleKind::none)
        parts.push_back(ruleless_grounds(record));
    if (record.rule_kind == RuleKind::rule && !record.rule_text.empty())
        parts.push_back(fmt::format("\"{}\"", rule_itself(record)));
    if (!record.element.empty())
        parts.push_back(fmt::format("element \"{}\"", record.element));
    if (record.basis == "inferred")
        parts.emplace_back("(inferred)");
    return joined(parts, " ");
}

std::string line(const Record& record, const std::string& node) {
    std::string text =
        fmt::format("{:>12.6f} {}{:<11} {:>5}  {:<44} {} {}",
                    static_cast<double>(record.time_ns) / 1e9, node.empty() ? "" : node + " ",
                    record.hook, record.priority ? std::to_string(*record.priority) : "",
                    describe(record.packet), place(record), decision(record));
    if (const std::string why = grounds(record); !why.empty())
        text += " " + why;
    return text;
}

} // namespace nflab::verdict
