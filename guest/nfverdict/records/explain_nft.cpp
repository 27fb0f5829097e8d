// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/records/explain_nft.hpp"

#include "guest/nfverdict/nft/nft_element.hpp"
#include "guest/nfverdict/nft/xtables_nft.hpp"
#include "guest/nfverdict/records/infer_rule.hpp"
#include "guest/nfverdict/rulesets/agreed.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace nflab::nfverdict {
namespace {

struct Answer {
    std::string engine = "nft";
    std::string chain;
    std::vector<std::string> jump_path;
    std::uint64_t number = 0; ///< as xtables' tools count
    std::string text;
    std::string comment;
    std::string element;
    bool rejects = false;
    bool is_policy = false; ///< a rule that xtables' tools show as a chain's policy

    bool operator==(const Answer&) const = default;
};

const NftTableCode& code_of(const NftSnapshot& snapshot, const NftTable& table) {
    static const NftTableCode no_rules;
    const NftTableCode* code = snapshot.code.table(table.family, table.name);
    return code ? *code : no_rules;
}

bool contains(const std::vector<std::string>& list, const std::string& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

bool leads_to(const NftTableCode& code, const NftRuleCode& rule, const std::string& chain) {
    if (contains(rule.targets, chain))
        return true;
    return std::any_of(rule.verdict_maps.begin(), rule.verdict_maps.end(), [&](const auto& lookup) {
        const auto map = code.verdict_maps.find(lookup.set);
        return map != code.verdict_maps.end() &&
               std::any_of(map->second.elements.begin(), map->second.elements.end(),
                           [&](const NftMapElement& element) { return element.chain == chain; });
    });
}

bool leads_to(const NftTableCode& code, const NftChain& from, const std::string& chain) {
    return std::any_of(from.rules.begin(), from.rules.end(), [&](const NftRule& rule) {
        const auto found = code.rules.find(rule.handle);
        return found != code.rules.end() && leads_to(code, found->second, chain);
    });
}

// The way into the chain. A probe that did not run may have left a false one behind, so it must be
// one that the rules allow; otherwise it is not known.
std::vector<std::string> jump_path(const NftTable& table, const NftTableCode& code,
                                   const nfv_event& event, const NftChain& chain) {
    if (event.chain_handle != chain.handle || event.path_length > std::size(event.path))
        return {};
    std::vector<const NftChain*> way;
    for (std::size_t i = 0; i < event.path_length; ++i)
        way.push_back(find_chain(table, event.path[i]));
    way.push_back(&chain);
    if (std::find(way.begin(), way.end(), nullptr) != way.end() ||
        way.front()->handle != event.base_handle)
        return {};
    std::vector<std::string> names;
    for (std::size_t i = 0; i + 1 < way.size(); ++i) {
        if (!leads_to(code, *way[i], way[i + 1]->name))
            return {};
        names.push_back(way[i]->name);
    }
    return names;
}

bool is_verdict_of(const NftMapElement& element, const nfv_event& event,
                   const verdict::Record& record) {
    return element.code == event.verdict && element.chain == record.target;
}

std::string element_of(const NftSnapshot& snapshot, const NftTable& table, const NftTableCode& code,
                       const NftRule& rule, const nfv_event& event, const verdict::Record& record) {
    const auto rule_code = code.rules.find(rule.handle);
    if (!event.has_registers || rule_code == code.rules.end())
        return {};
    const std::span<const std::uint8_t> registers(event.registers);
    std::string text;
    for (const NftVerdictLookup& lookup : rule_code->second.verdict_maps) {
        const auto map = code.verdict_maps.find(lookup.set);
        if (map == code.verdict_maps.end() ||
            lookup.source + map->second.key_size > registers.size())
            return {};
        const NftMatch match =
            find_element(map->second, registers.subspan(lookup.source, map->second.key_size));
        if (!match.element || !is_verdict_of(*match.element, event, record))
            continue;
        if (!text.empty()) // two maps in one rule, and either could have said so
            return {};
        const auto listed = table.verdict_maps.find(lookup.set);
        text = element_text(map->second, match,
                            listed == table.verdict_maps.end() ? anonymous_map(rule.text)
                                                               : listed->second,
                            snapshot.interfaces);
    }
    return text;
}

void use_saved(const XtablesNftTable& xtables, const NftTableCode& code, const NftPlace& place,
               Answer& answer) {
    answer.engine = xtables.engine;
    answer.number = xtables_number(*place.chain, code, place.rule->handle);
    answer.is_policy = answer.number == 0;
    const auto saved = xtables.save.find(place.chain->name);
    const auto count = static_cast<std::size_t>(std::count_if(
        place.chain->rules.begin(), place.chain->rules.end(),
        [&](const NftRule& rule) { return xtables_number(*place.chain, code, rule.handle) != 0; }));
    if (answer.is_policy || saved == xtables.save.end() || saved->second.size() != count)
        return;
    answer.text = saved->second[answer.number - 1];
    answer.comment = xt_comment(answer.text);
}

std::optional<Answer> look_up(const NftSnapshot& snapshot, const nfv_event& event,
                              const verdict::Record& record) {
    const NftTable* table = snapshot.listing.table(record.family, record.table);
    if (!table)
        return {};
    const NftTableCode& code = code_of(snapshot, *table);
    const auto xtables = snapshot.xtables.find({record.family, record.table});
    Answer answer;
    if (xtables != snapshot.xtables.end())
        answer.engine = xtables->second.engine;
    if (record.rule_kind != verdict::RuleKind::rule) {
        const NftChain* chain =
            find_chain(*table, event.has_chain ? event.chain_handle : event.base_handle);
        answer.chain = chain ? chain->name : record.chain;
        if (chain && event.has_chain)
            answer.jump_path = jump_path(*table, code, event, *chain);
        return answer;
    }
    const NftPlace place = find_rule(*table, event.rule);
    if (!place.rule ||
        (event.has_chain == NFV_CHAIN_TOLD && place.chain->handle != event.chain_handle))
        return {};
    answer.chain = place.chain->name;
    answer.text = place.rule->text;
    answer.comment = place.rule->comment;
    answer.jump_path = jump_path(*table, code, event, *place.chain);
    answer.element = element_of(snapshot, *table, code, *place.rule, event, record);
    if (const auto rule = code.rules.find(event.rule); rule != code.rules.end())
        answer.rejects = rule->second.rejects;
    if (xtables != snapshot.xtables.end())
        use_saved(xtables->second, code, place, answer);
    return answer;
}

// "-j NAME" or "-g NAME" of a rule as iptables-save prints it.
std::string saved_target(std::string_view text) {
    for (const std::string_view option : {" -j ", " -g "})
        if (const auto at = text.find(option); at != std::string_view::npos) {
            const std::string_view rest = text.substr(at + option.size());
            return std::string(rest.substr(0, rest.find(' ')));
        }
    return {};
}

void use_xtables(const Answer& answer, verdict::Record& record) {
    record.handle = record.rule;
    record.rule = answer.number;
    if (answer.is_policy) {
        record.rule_kind = verdict::RuleKind::policy;
        record.rule_text = "policy " + record.verdict;
    } else if (record.target.empty()) {
        record.target = saved_target(answer.text);
    }
}

} // namespace

void explain_nft(const nfv_event& event, const Candidates<NftSnapshot>& candidates,
                 verdict::Record& record) {
    if (event.kind == NFV_TABLE)
        return infer_nft(event, candidates, record);
    const auto answer = agreed(
        candidates, [&](const NftSnapshot& snapshot) { return look_up(snapshot, event, record); });
    if (!answer)
        return;
    record.engine = answer->engine;
    record.chain = answer->chain;
    record.jump_path = answer->jump_path;
    if (record.rule_kind != verdict::RuleKind::rule)
        return;
    record.rule_text = answer->text;
    record.comment = answer->comment;
    record.element = answer->element;
    if (record.verdict == "drop" && answer->rejects)
        record.verdict = "reject";
    if (record.engine != "nft")
        use_xtables(*answer, record);
}

} // namespace nflab::nfverdict
