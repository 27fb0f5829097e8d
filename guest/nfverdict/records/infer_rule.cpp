// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/records/infer_rule.hpp"

#include "guest/nfverdict/legacy/legacy.hpp"
#include "guest/nfverdict/legacy/legacy_api.hpp"
#include "guest/nfverdict/records/explain_xt.hpp"
#include "guest/nfverdict/rulesets/agreed.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace nflab::nfverdict {
namespace {

/// What may have given the verdict.
struct Suspect {
    verdict::RuleKind kind = verdict::RuleKind::rule;
    std::string chain;
    std::uint64_t rule = 0;
    std::string text{};
    std::string comment{};
    bool rejects = false;

    bool operator==(const Suspect&) const = default;
};

/// Nothing unless it is the only one.
std::optional<Suspect> single(std::vector<Suspect> suspects) {
    return suspects.size() == 1 ? std::optional(std::move(suspects.front())) : std::nullopt;
}

void tell(const std::optional<Suspect>& suspect, verdict::Record& record) {
    if (!suspect)
        return;
    record.basis = "inferred";
    record.rule_kind = suspect->kind;
    record.chain = suspect->chain;
    record.rule = suspect->rule;
    record.rule_text = suspect->text;
    record.comment = suspect->comment;
    if (suspect->rejects)
        record.verdict = "reject";
}

const NftChain* chain_called(const NftTable& table, const std::string& name) {
    const auto found = std::find_if(table.chains.begin(), table.chains.end(),
                                    [&](const NftChain& chain) { return chain.name == name; });
    return found == table.chains.end() ? nullptr : &*found;
}

/// Chains that a packet can come to, the first one included.
template <typename NextChains>
std::set<std::string> reachable(const std::string& first, const NextChains& next_chains) {
    std::set<std::string> seen{first};
    std::vector<std::string> open{first};
    while (!open.empty()) {
        const std::string chain = std::move(open.back());
        open.pop_back();
        for (const std::string& next : next_chains(chain))
            if (seen.insert(next).second)
                open.push_back(next);
    }
    return seen;
}

std::vector<std::string> jumps_of(const NftTableCode& code, const NftRuleCode& rule) {
    std::vector<std::string> chains = rule.targets;
    for (const NftVerdictLookup& lookup : rule.verdict_maps)
        if (const auto map = code.verdict_maps.find(lookup.set); map != code.verdict_maps.end())
            for (const NftMapElement& element : map->second.elements)
                if (!element.chain.empty())
                    chains.push_back(element.chain);
    return chains;
}

bool could_say(const NftTableCode& code, const NftRuleCode& rule, const std::string& verdict) {
    const auto says = [&](std::int32_t number) {
        return number >= 0 && final_verdict(static_cast<std::uint32_t>(number)) == verdict;
    };
    if (rule.opaque || (rule.rejects && verdict == "drop") ||
        std::any_of(rule.verdicts.begin(), rule.verdicts.end(), says))
        return true;
    return std::any_of(
        rule.verdict_maps.begin(), rule.verdict_maps.end(), [&](const NftVerdictLookup& lookup) {
            const auto map = code.verdict_maps.find(lookup.set);
            return map == code.verdict_maps.end() ||
                   std::any_of(map->second.elements.begin(), map->second.elements.end(),
                               [&](const NftMapElement& each) { return says(each.code); });
        });
}

std::optional<Suspect> suspect_nft(const NftSnapshot& snapshot, const nfv_event& event,
                                   const verdict::Record& record) {
    const NftTable* table = snapshot.listing.table(record.family, record.table);
    const NftTableCode* code = snapshot.code.table(record.family, record.table);
    // Rules of xtables' tools are named as those do, by what a probe in the chain has seen.
    if (!table || !code || snapshot.xtables.contains({record.family, record.table}))
        return {};
    const auto chains = reachable(record.base_chain, [&](const std::string& name) {
        std::vector<std::string> next;
        if (const NftChain* chain = chain_called(*table, name))
            for (const NftRule& rule : chain->rules)
                if (const auto found = code->rules.find(rule.handle); found != code->rules.end())
                    std::ranges::copy(jumps_of(*code, found->second), std::back_inserter(next));
        return next;
    });
    std::vector<Suspect> suspects;
    if (const std::string policy = final_verdict(event.policy); policy == record.verdict)
        suspects.push_back({verdict::RuleKind::policy, record.base_chain, 0, "policy " + policy});
    for (const std::string& name : chains) {
        const NftChain* chain = chain_called(*table, name);
        if (!chain)
            return {};
        for (const NftRule& rule : chain->rules) {
            const auto found = code->rules.find(rule.handle);
            if (found == code->rules.end())
                return {};
            if (could_say(*code, found->second, record.verdict))
                suspects.push_back({verdict::RuleKind::rule, name, rule.handle, rule.text,
                                    rule.comment, found->second.rejects});
        }
    }
    return single(std::move(suspects));
}

// Targets that leave the verdict to the rules behind them.
bool only_goes_on(std::string_view target) {
    constexpr std::array names{"AUDIT",  "CHECKSUM", "CLASSIFY", "CONNMARK", "CONNSECMARK",
                               "CT",     "DSCP",     "HL",       "LOG",      "MARK",
                               "NFLOG",  "NOTRACK",  "RATEEST",  "SECMARK",  "SET",
                               "TCPMSS", "TOS",      "TRACE",    "TTL"};
    return std::find(names.begin(), names.end(), target) != names.end();
}

bool could_say(const XtEntry& entry, const verdict::Record& record) {
    const std::string& verdict = record.verdict;
    const bool bridge = record.engine == name_of(Legacy::ebtables);
    if (bridge)
        return !entry.target.empty() || ebt_verdict(entry.verdict, record.table) == verdict;
    if (entry.target.empty())
        return entry.verdict < 0 && entry.verdict != XT_RETURN &&
               final_verdict(static_cast<std::uint32_t>(-entry.verdict - 1)) == verdict;
    if (entry.target == "REJECT")
        return verdict == "drop";
    return !only_goes_on(entry.target);
}

std::optional<Suspect> suspect_xt(const XtSnapshot& snapshot, const verdict::Record& record) {
    const auto chains = reachable(record.base_chain, [&](const std::string& name) {
        std::vector<std::string> next;
        for (const auto& [offset, entry] : snapshot.entries)
            if (entry.chain == name && entry.target.empty() && entry.verdict >= 0)
                if (const auto to =
                        snapshot.entries.find(static_cast<std::uint32_t>(entry.verdict));
                    to != snapshot.entries.end())
                    next.push_back(to->second.chain);
        return next;
    });
    std::vector<Suspect> suspects;
    for (const auto& [offset, entry] : snapshot.entries) {
        // Each chain of ebtables has a policy, which stands at its head.
        const bool policy =
            entry.kind == XtEntry::Kind::policy ||
            (entry.kind == XtEntry::Kind::chain_head && record.engine == name_of(Legacy::ebtables));
        const bool decides = entry.kind == XtEntry::Kind::rule || policy;
        if (!decides || !chains.contains(entry.chain) || !could_say(entry, record))
            continue;
        if (policy) {
            suspects.push_back(
                {verdict::RuleKind::policy, entry.chain, 0, "policy " + record.verdict});
            continue;
        }
        Suspect rule{verdict::RuleKind::rule, entry.chain, entry.number};
        const auto saved = snapshot.save.find(entry.chain);
        if (saved != snapshot.save.end() && entry.number <= saved->second.size())
            rule.text = saved->second[entry.number - 1];
        rule.comment = xt_comment(rule.text);
        rule.rejects = entry.target == "REJECT";
        suspects.push_back(std::move(rule));
    }
    return single(std::move(suspects));
}

} // namespace

void infer_nft(const nfv_event& event, const Candidates<NftSnapshot>& candidates,
               verdict::Record& record) {
    tell(agreed(candidates,
                [&](const NftSnapshot& snapshot) { return suspect_nft(snapshot, event, record); }),
         record);
}

void infer_xt(const Candidates<XtSnapshot>& candidates, verdict::Record& record) {
    tell(agreed(candidates,
                [&](const XtSnapshot& snapshot) { return suspect_xt(snapshot, record); }),
         record);
}

} // namespace nflab::nfverdict
