// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/records/explain_xt.hpp"

#include "guest/nfverdict/hooks/hook.hpp"
#include "guest/nfverdict/legacy/legacy_api.hpp"
#include "guest/nfverdict/records/infer_rule.hpp"
#include "guest/nfverdict/rulesets/agreed.hpp"

#include <cstring>
#include <optional>
#include <string>
#include <vector>

namespace nflab::nfverdict {
namespace {

constexpr std::int32_t xt_continue = -1;

template <std::size_t N>
std::string text_of(const char (&field)[N]) {
    return {field, ::strnlen(field, N)};
}

const char* xt_verdict(const nfv_event& event) {
    if (event.kind == NFV_XT_TARGET)
        return event.verdict == xt_continue
                   ? "continue"
                   : final_verdict(static_cast<std::uint32_t>(event.verdict));
    if (event.verdict == XT_RETURN)
        return "return";
    if (event.verdict < 0)
        return final_verdict(static_cast<std::uint32_t>(-event.verdict - 1));
    return "jump";
}

} // namespace

const char* ebt_verdict(std::int32_t verdict, const std::string& table) {
    switch (verdict) {
    case EBT_ACCEPT:
        return "accept";
    case EBT_DROP:
        // ebtables(8): DROP in this table means that the frame is routed instead of bridged.
        return table == "broute" ? "stolen" : "drop";
    case EBT_CONTINUE:
        return "continue";
    case EBT_RETURN:
        return "return";
    default:
        return verdict >= 0 ? "jump" : "";
    }
}

namespace {

struct Answer {
    XtEntry entry;
    std::string text;
    std::string target;
    std::vector<std::string> path;
    const char* verdict = nullptr; ///< of a standard target that does not decide

    bool operator==(const Answer& other) const {
        return entry.kind == other.entry.kind && entry.chain == other.entry.chain &&
               entry.number == other.entry.number && text == other.text && target == other.target &&
               path == other.path;
    }
};

/// The chain that a jump leads to; "" when the entry does not jump.
std::string destination(const XtEntries& entries, const XtEntry& entry) {
    if (!entry.target.empty() || entry.verdict < 0)
        return {};
    const auto chain = entries.find(static_cast<std::uint32_t>(entry.verdict));
    return chain == entries.end() ? std::string() : chain->second.chain;
}

// The chains from which the packet has jumped. Each jump must lead to where the next one stands,
// else something has been missed on the way, and it is not told.
std::vector<std::string> jump_path(const XtSnapshot& snapshot, const nfv_event& event,
                                   const std::string& base_chain, const std::string& chain) {
    std::vector<std::string> path;
    std::string expected = base_chain;
    for (unsigned i = 0; i < event.path_length; ++i) {
        const auto from = snapshot.entries.find(event.path[i] & ~NFV_LEFT_BY_GOTO);
        if (from == snapshot.entries.end() || from->second.chain != expected)
            return {};
        path.push_back(expected);
        expected = destination(snapshot.entries, from->second);
    }
    return expected == chain ? path : std::vector<std::string>();
}

std::optional<Answer> look_up(const XtSnapshot& snapshot, const nfv_event& event,
                              const std::string& base_chain) {
    const auto found = snapshot.entries.find(event.entry);
    if (found == snapshot.entries.end())
        return {};
    Answer answer{found->second, {}, found->second.target, {}};
    answer.path = jump_path(snapshot, event, base_chain, answer.entry.chain);
    if (event.kind == NFV_XT_STANDARD && event.verdict >= 0) {
        if (static_cast<std::uint32_t>(event.verdict) == answer.entry.next) {
            answer.verdict = "continue";
        } else if (auto chain = destination(snapshot.entries, answer.entry); !chain.empty()) {
            answer.target = std::move(chain);
            answer.verdict = answer.entry.is_goto ? "goto" : "jump";
        }
    }
    if (answer.entry.kind == XtEntry::Kind::rule) {
        const auto rules = snapshot.save.find(answer.entry.chain);
        if (rules != snapshot.save.end() && answer.entry.number <= rules->second.size())
            answer.text = rules->second[answer.entry.number - 1];
    }
    return answer;
}

} // namespace

const char* final_verdict(std::uint32_t verdict) {
    switch (verdict & NF_VERDICT_MASK) {
    case NF_DROP:
        return "drop";
    case NF_ACCEPT:
    case NF_STOP:
        return "accept";
    case NF_STOLEN:
        return "stolen";
    case NF_QUEUE:
        return "queue";
    case NF_REPEAT:
        return "repeat";
    default:
        return "";
    }
}

const char* returned_verdict(std::uint32_t verdict) {
    const bool reasoned =
        (verdict & NF_VERDICT_MASK) == NF_STOLEN && verdict >> NF_VERDICT_QBITS != 0;
    return reasoned ? "drop" : final_verdict(verdict);
}

void assemble_xt(const nfv_event& event, verdict::Record& record) {
    const Legacy engine = legacy_of(event.table_family);
    record.engine = name_of(engine);
    record.family = family_name(event.table_family);
    if (event.has_state) {
        record.base_chain = builtin_chain(engine, event.hook);
        record.priority = legacy_priority(engine, record.table, event.hook);
    }
    if (event.kind == NFV_TABLE) {
        const bool bridge = engine == Legacy::ebtables;
        const auto verdict = static_cast<std::uint32_t>(event.verdict);
        record.verdict = bridge && verdict == NF_DROP ? ebt_verdict(EBT_DROP, record.table)
                                                      : returned_verdict(verdict);
        return;
    }
    if (event.kind == NFV_XT_HOTDROP) {
        record.rule_kind = verdict::RuleKind::table;
        record.verdict = "drop";
        return;
    }
    record.verdict =
        engine == Legacy::ebtables ? ebt_verdict(event.verdict, record.table) : xt_verdict(event);
    if (event.kind != NFV_XT_TARGET)
        return;
    record.rule_kind = verdict::RuleKind::rule;
    record.target = text_of(event.target);
    if (record.target == "REJECT" && record.verdict == "drop")
        record.verdict = "reject";
}

void explain_xt(const nfv_event& event, const Candidates<XtSnapshot>& candidates,
                verdict::Record& record) {
    if (event.kind == NFV_XT_HOTDROP)
        return;
    if (event.kind == NFV_TABLE)
        return infer_xt(candidates, record);
    const auto answer = agreed(candidates, [&](const XtSnapshot& snapshot) {
        return look_up(snapshot, event, record.base_chain);
    });
    if (!answer)
        return;
    record.chain = answer->entry.chain;
    record.jump_path = answer->path;
    record.target = answer->target;
    if (answer->verdict)
        record.verdict = answer->verdict;
    switch (answer->entry.kind) {
    case XtEntry::Kind::rule:
        record.rule_kind = verdict::RuleKind::rule;
        record.rule = answer->entry.number;
        record.rule_text = answer->text;
        record.comment = xt_comment(answer->text);
        break;
    case XtEntry::Kind::policy:
        record.rule_kind = verdict::RuleKind::policy;
        record.rule_text = "policy " + record.verdict;
        break;
    case XtEntry::Kind::implicit_return:
        record.rule_kind = verdict::RuleKind::end_of_chain;
        break;
    case XtEntry::Kind::chain_head:
        // Only ebtables decides there: a chain's policy, which is to return unless somebody has
        // set another.
        record.rule_kind = event.verdict == EBT_RETURN ? verdict::RuleKind::end_of_chain
                                                       : verdict::RuleKind::policy;
        if (record.rule_kind == verdict::RuleKind::policy)
            record.rule_text = "policy " + record.verdict;
        break;
    }
}

} // namespace nflab::nfverdict
