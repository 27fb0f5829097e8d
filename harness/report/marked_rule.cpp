// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/report/marked_rule.hpp"

#include "harness/base/words.hpp"
#include "harness/verdict/decision.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace nflab::report {
namespace {

using verdict::Record;
using verdict::RuleKind;

bool is_save(const std::string& engine) {
    return engine == "iptables" || engine == "ip6tables";
}

std::vector<TextChain> chains_of(const step::RulesetListing& listing) {
    return is_save(listing.engine) ? iptables_chains(listing.text) : nft_chains(listing.text);
}

std::vector<TextChain> chains_of(const step::AppliedRuleset& source) {
    return source.engine == "nftables" ? nft_chains(source.text) : iptables_chains(source.text);
}

const TextChain* find_chain(const std::vector<TextChain>& chains, const Record& record) {
    const std::string& name = verdict::deciding_chain(record);
    for (const TextChain& chain : chains)
        if (chain.table == record.table && chain.name == name &&
            (chain.family.empty() || chain.family == record.family))
            return &chain;
    return nullptr;
}

// The words of a rule that say what it does with a packet, in their order; blanks, quotes, numbers
// and the order of matches differ between what people write and what the tools list.
std::string deeds(const TextRule& rule) {
    constexpr std::array words{"accept",   "drop",       "reject", "queue",    "return", "jump",
                               "goto",     "masquerade", "snat",   "dnat",     "vmap",   "redirect",
                               "continue", "notrack",    "tproxy", "synproxy", "dup",    "-j",
                               "-g",       "--jump",     "--goto", "log"};
    std::string text;
    bool with_next = false;
    for (const std::string& word : split_words(rule.text)) {
        if (with_next || std::find(words.begin(), words.end(), word) != words.end())
            text += word + ' ';
        with_next = word == "jump" || word == "goto" || word.starts_with("-j") ||
                    word.starts_with("-g") || word == "--jump" || word == "--goto";
    }
    return text;
}

// The place of the record's rule in its listing's chain.
struct Place {
    std::optional<std::size_t> index;
    std::string why_not;
};

Place place_in(const TextChain& chain, const Record& record, bool by_number) {
    std::optional<std::size_t> index;
    const std::uint64_t handle = record.handle != 0 ? record.handle : record.rule;
    if (by_number && record.rule >= 1 && record.rule <= chain.rules.size())
        index = record.rule - 1;
    for (std::size_t i = 0; !by_number && i < chain.rules.size(); ++i)
        if (chain.rules[i].handle == handle)
            index = i;
    if (!index)
        return {{}, "the rule was gone when the step was over"};
    // The texts of iptables-nft are not nft's.
    if (record.engine.ends_with("-nft"))
        return {index, ""};
    if (record.rule_text.empty())
        return {{}, "the rule's text at that moment is not known"};
    if (join_words(split_words(record.rule_text)) != chain.rules[*index].text)
        return {{}, "the rule there was another one when the step was over"};
    return {index, ""};
}

MarkedLines mark_policy(const TextChain& chain, const Record& record) {
    if (!chain.policy)
        return {{}, "the policy is not in this text"};
    if (chain.policy_word != record.verdict)
        return {{}, "the policy was another one than this text has"};
    return {chain.policy, ""};
}

} // namespace

MarkedLines mark_in_listing(const step::RulesetListing& listing, const Record& record) {
    const auto chains = chains_of(listing);
    const TextChain* chain = find_chain(chains, record);
    if (!chain)
        return {{}, "the chain was gone when the step was over"};
    if (record.rule_kind == RuleKind::policy)
        return mark_policy(*chain, record);
    if (record.rule_kind != RuleKind::rule)
        return {{}, "which rule it was is not known"};
    const Place place = place_in(*chain, record, is_save(listing.engine));
    if (!place.index)
        return {{}, place.why_not};
    return {chain->rules[*place.index].lines, ""};
}

MarkedLines mark_in_source(const step::AppliedRuleset& source, const step::RulesetListing& listing,
                           const Record& record) {
    const auto written = chains_of(source);
    const TextChain* chain = find_chain(written, record);
    if (!chain)
        return {{}, "the chain is not in this text"};
    if (record.rule_kind == RuleKind::policy)
        return mark_policy(*chain, record);
    if (record.rule_kind != RuleKind::rule)
        return {{}, "which rule it was is not known"};
    const auto listed_chains = chains_of(listing);
    const TextChain* listed = find_chain(listed_chains, record);
    if (!listed)
        return {{}, "the chain was gone when the step was over"};
    const Place place = place_in(*listed, record, is_save(listing.engine));
    if (!place.index)
        return {{}, place.why_not};
    const bool alike =
        !chain->disordered && chain->rules.size() == listed->rules.size() &&
        std::equal(chain->rules.begin(), chain->rules.end(), listed->rules.begin(),
                   [](const TextRule& a, const TextRule& b) { return deeds(a) == deeds(b); });
    if (!alike)
        return {{}, "the chain is no longer as this text has it"};
    return {chain->rules[*place.index].lines, ""};
}

bool has_chain(const step::AppliedRuleset& source, const Record& record) {
    return find_chain(chains_of(source), record) != nullptr;
}

bool is_of_engine(const step::AppliedRuleset& source, const std::string& engine) {
    if (engine == "nft")
        return source.engine == "nftables";
    if (engine.ends_with("-nft"))
        return source.engine == engine;
    return source.engine == engine + "-legacy";
}

const step::AppliedRuleset* source_of(const std::vector<step::AppliedRuleset>& applied,
                                      const Record& record) {
    const auto found =
        std::find_if(applied.rbegin(), applied.rend(), [&](const step::AppliedRuleset& source) {
            return source.node == record.node && is_of_engine(source, record.engine) &&
                   has_chain(source, record);
        });
    return found == applied.rend() ? nullptr : &*found;
}

const step::RulesetListing* listing_of(const step::StepOutcome& step, const Record& record) {
    const std::string engine = record.engine.ends_with("-nft") ? "nft" : record.engine;
    for (const step::RulesetListing& listing : step.listings)
        if (listing.node == record.node && listing.engine == engine)
            return &listing;
    return nullptr;
}

} // namespace nflab::report
