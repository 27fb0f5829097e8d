// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/probesite/locate.hpp"
#include "guest/probesite/nft_layout.hpp"
#include "guest/probesite/refused.hpp"
#include "guest/probesite/resolve.hpp"
#include "guest/probesite/trace_call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace nflab::probesite {

namespace {

using Index = ControlFlow::Index;
using TraceAbi = NftSites::TraceAbi;

constexpr std::int64_t info_size = 0x50;              ///< more than struct nft_traceinfo ever had
constexpr std::int64_t verdict_continue = 0xffffffff; ///< NFT_CONTINUE as it is stored, in 4 bytes

bool is_verdict(const TraceCall& call) {
    return call.function.starts_with("__nft_trace_verdict");
}

/// The stores into the struct nft_traceinfo that the call is handed.
std::vector<DataFlow::StackStore> info_stores(const ValueTable& values, const TraceCall& call) {
    std::vector<DataFlow::StackStore> inside;
    const auto info = values.as_stack(call.state[Gpr::rdi]);
    for (const auto& store : call.stores) {
        if (info && store.size == 8 && store.offset >= *info && store.offset < *info + info_size) {
            inside.push_back(store);
        }
    }
    return inside;
}

/// What a verdict's trace call tells about the values that matter.
struct Handed {
    TraceAbi abi = TraceAbi::arguments;
    ValueId rule = 0;
    std::uint32_t rule_offset = 0;
    std::optional<ValueId> chain;
    std::optional<std::int64_t> registers; ///< stack offset of struct nft_regs
};

Handed read_verdict_call(DataFlow& flow, const TraceCall& call) {
    auto& values = flow.values();
    Handed handed;
    if (const auto info = values.as_stack(call.state[Gpr::rdi])) {
        const auto stores = info_stores(values, call);
        if (stores.size() != 1) {
            refuse("rule", fmt::format("{} pointers are stored for {}; one, the rule, was expected",
                                       stores.size(), call.function));
        }
        handed.abi = TraceAbi::info_on_stack;
        handed.rule = stores.front().value;
        handed.rule_offset = static_cast<std::uint32_t>(stores.front().offset - *info);
        handed.chain = call.state[Gpr::rsi];
        return handed;
    }
    if (call.state[Gpr::rdi] != values.argument(0)) {
        refuse("rule", fmt::format("{} is handed neither a struct on the stack nor the packet",
                                   call.function));
    }
    handed.rule = call.state[Gpr::rdx];
    handed.registers = values.as_stack(call.state[Gpr::rcx]);
    if (values.as_stack(handed.rule) || values.as_constant(handed.rule) || !handed.registers) {
        refuse("rule",
               fmt::format("{} is not handed packet, info, rule and registers", call.function));
    }
    return handed;
}

bool is_policy(DataFlow& flow, const TraceCall& call) {
    if (is_verdict(call)) {
        return false;
    }
    auto& values = flow.values();
    if (!values.as_stack(call.state[Gpr::rdi])) {
        return values.as_constant(call.state[Gpr::rdx]) == 0;
    }
    const auto stores = info_stores(values, call);
    return std::any_of(stores.begin(), stores.end(),
                       [&](const auto& store) { return values.as_constant(store.value) == 0; });
}

/// The slot of regs.verdict.code: the one that is set to NFT_CONTINUE.
struct VerdictSlot {
    std::int64_t offset = 0;
    bool registers = false; ///< expressions are handed its address as that of their registers
};

VerdictSlot verdict_slot(DataFlow& flow, const Handed& handed) {
    std::set<std::int64_t> slots;
    std::set<std::int64_t> given; // as the second argument of an expression's evaluation
    for (Index i = 0; i < flow.code().size(); ++i) {
        const auto store = flow.stack_store(i);
        if (store && store->size == 4 &&
            flow.values().as_constant(store->value) == verdict_continue) {
            slots.insert(store->offset);
        }
        if (flow.code()[i].flow == Flow::indirect_call) {
            if (const auto regs = flow.values().as_stack(flow.before(i)[Gpr::rsi])) {
                given.insert(*regs);
            }
        }
    }
    std::erase_if(slots, [&](std::int64_t slot) {
        return handed.registers ? slot != *handed.registers
                                : !given.empty() && !given.contains(slot);
    });
    if (slots.size() != 1) {
        refuse(
            "verdict code",
            fmt::format("{} stack slots are set to NFT_CONTINUE; one was expected", slots.size()));
    }
    return {*slots.begin(), handed.registers || given.contains(*slots.begin())};
}

NftVerdictSite verdict_site(DataFlow& flow, Index at, const Handed& handed,
                            const VerdictSlot& slot) {
    auto& values = flow.values();
    NftVerdictSite site;
    site.at = flow.code().point(at);
    site.rule = require(flow, at, handed.rule, "the rule");
    site.pkt = require(flow, at, values.argument(0), "the packet");
    site.base_chain = require(flow, at, values.argument(1), "the base chain");
    if (handed.chain) {
        site.chain = locate(flow, at, *handed.chain);
    }
    site.verdict_code = distance_from_rsp(flow, at, slot.offset);
    site.registers = slot.registers;
    return site;
}

NftPolicySite policy_site(DataFlow& flow, Index at) {
    NftPolicySite site;
    site.at = flow.code().point(at);
    site.pkt = require(flow, at, flow.values().argument(0), "the packet");
    site.base_chain = require(flow, at, flow.values().argument(1), "the base chain");
    return site;
}

/// Whatever goes on at `from` comes past `site` before it can leave the function or come to the
/// trace point `again`. Not so where a jump-label site that had to be skipped leads around it.
bool covers(const ControlFlow& code, Index site, Index from, Index again) {
    const auto around = code.reach(from, {site});
    return !code.leaves(around) && !around[again];
}

/// The way on after a traced call: nothing when it leads to the untraced site in any case, which
/// then sees traced events as well.
std::optional<Index> traced_site(const ControlFlow& code, const TraceCall& call, Index untraced,
                                 const std::string& what) {
    const auto after = code.index_of(code[call.call].next());
    if (!after) {
        refuse(what, "the function ends with the call of " + call.function);
    }
    if (code.reach(*after, {call.at})[untraced]) {
        if (!covers(code, untraced, *after, call.at)) {
            refuse(what, "a traced event may or may not come past the untraced site");
        }
        return std::nullopt;
    }
    const auto site = code.probe_at(*after);
    if (!covers(code, site, *after, call.at)) {
        refuse(what, "a traced event may or may not come past the traced site");
    }
    if (code.reach(untraced, {call.at})[site]) {
        refuse(what, "an untraced event may come past the traced site too");
    }
    return site;
}

/// An instruction from which there is no other way than to the trace point, and to which there is
/// no other way than through it.
std::optional<Index> before_trace_point(const ControlFlow& code, Index at) {
    while (code.predecessors(at).size() == 1) {
        at = code.predecessors(at).front();
        if (code.successors(at).size() != 1) {
            return std::nullopt;
        }
        if (code.probe_at(at) == at) {
            return at;
        }
    }
    return std::nullopt;
}

struct PolicyPoints {
    Index untraced = 0;
    std::optional<Index> traced;
};

/// Where another jump label (whether chains are counted) follows the trace point at once, the way
/// forks at a place that cannot be probed: then each branch has its own site.
std::optional<PolicyPoints> both_branches(const ControlFlow& code, const TraceCall& call) {
    const auto& branches = code.successors(call.untraced);
    const auto after = code.index_of(code[call.call].next());
    if (code.probe_at(call.untraced) == call.untraced || branches.size() != 2 || !after) {
        return std::nullopt;
    }
    const auto one = code.probe_at(branches.front());
    const auto other = code.probe_at(branches.back());
    for (const auto from : {call.untraced, *after}) {
        const auto around = code.reach(from, {one, other});
        if (code.leaves(around) || around[call.at]) {
            return std::nullopt;
        }
    }
    if (code.reach(one, {call.at})[other] || code.reach(other, {call.at})[one]) {
        return std::nullopt;
    }
    return PolicyPoints{one, other};
}

PolicyPoints policy_points(const ControlFlow& code, const TraceCall& call) {
    const auto after = code.probe_at(call.untraced);
    if (covers(code, after, call.untraced, call.at)) {
        return {after, traced_site(code, call, after, "traced policy")};
    }
    // The compiler made the rest of the function twice, for chains with and without counters.
    if (const auto before = before_trace_point(code, call.at)) {
        return {*before, std::nullopt};
    }
    if (const auto branches = both_branches(code, call)) {
        return *branches;
    }
    refuse("policy site", "a policy comes past more than one place, and no place before them");
}

const TraceCall& only(const std::vector<TraceCall>& calls, const std::string& step,
                      const std::string& what) {
    if (calls.size() != 1) {
        refuse(step, fmt::format("nft_do_chain has {} places that trace {}; one was expected",
                                 calls.size(), what));
    }
    return calls.front();
}

Place trace_key(const ElfModule& module) {
    for (const auto& symbol : module.symbols()) {
        if (symbol.name == "nft_trace_enabled" && symbol.at.section != 0) {
            return symbol.at;
        }
    }
    refuse("jump table", "the module has no nft_trace_enabled");
}

NftSites resolve(const ElfModule& module) {
    const auto jump_sites = read_jump_table(module);
    const ControlFlow code(module, jump_sites, "nft_do_chain");
    if (code.has_indirect_jump()) {
        refuse("disassembly", "nft_do_chain jumps through a table; where to is not known");
    }
    DataFlow flow(code);
    std::vector<TraceCall> verdicts;
    std::vector<TraceCall> policies;
    for (auto& call : find_trace_calls(flow, trace_key(module))) {
        if (is_verdict(call)) {
            verdicts.push_back(std::move(call));
        } else if (is_policy(flow, call)) {
            policies.push_back(std::move(call));
        }
    }
    const auto& verdict = only(verdicts, "verdict call", "a rule's verdict");
    const auto& policy = only(policies, "policy call", "a policy");

    NftSites sites;
    sites.build_id = module.build_id();
    sites.trace_verdict_function = verdict.function;
    sites.trace_packet_function = policy.function;
    const auto handed = read_verdict_call(flow, verdict);
    sites.trace_abi = handed.abi;
    sites.trace_rule_offset = handed.rule_offset;
    const auto slot = verdict_slot(flow, handed);

    const auto untraced = code.probe_at(verdict.untraced);
    const auto uncovered = code.reach(0, {verdict.at});
    if (code.leaves(uncovered)) {
        refuse("coverage", "nft_do_chain can be left without passing the verdict's trace point");
    }
    if (!covers(code, untraced, verdict.untraced, verdict.at)) {
        refuse("coverage", "a verdict may go on without passing the probe site");
    }
    if (uncovered[untraced]) {
        refuse("dominance", "the probe site can be reached without passing the trace point");
    }
    sites.verdict = verdict_site(flow, untraced, handed, slot);
    sites.checks.push_back(fmt::format("coverage: every way out of nft_do_chain passes {:#x}",
                                       code.point(verdict.at).offset));
    sites.checks.emplace_back("dominance: the verdict site is reached from there only");
    if (const auto traced = traced_site(code, verdict, untraced, "traced verdict")) {
        if (uncovered[*traced]) {
            refuse("dominance", "the traced site can be reached without a trace");
        }
        sites.traced = verdict_site(flow, *traced, handed, slot);
        sites.checks.emplace_back("traced verdicts pass a site of their own, and only that");
    } else {
        sites.checks.emplace_back("traced verdicts pass the verdict site as well");
    }

    const auto points = policy_points(code, policy);
    if (uncovered[points.untraced] || (points.traced && uncovered[*points.traced])) {
        refuse("dominance", "the policy site can be reached without a last verdict");
    }
    sites.policy = policy_site(flow, points.untraced);
    if (points.traced) {
        sites.policy_traced = policy_site(flow, *points.traced);
    }
    sites.checks.emplace_back("dominance: a policy is applied after a last verdict only");

    sites.checks.emplace_back(slot.registers
                                  ? "registers: the expressions' registers follow the verdict"
                                  : "registers: not known; no elements of verdict maps");
    sites.rule = rule_layout(flow);
    if (sites.trace_abi == TraceAbi::arguments && !sites.rule.blob) {
        refuse("rule layout", "struct nft_rule where struct nft_rule_dp was expected");
    }
    sites.table_name_offset = table_name_offset(module, jump_sites);
    sites.checks.push_back(fmt::format("layout: {}, nft_table.name at {}",
                                       sites.rule.blob ? "struct nft_rule_dp" : "struct nft_rule",
                                       sites.table_name_offset));
    return sites;
}

} // namespace

std::variant<NftSites, Refusal> resolve_nft(std::span<const std::uint8_t> module) {
    try {
        return resolve(ElfModule(module));
    } catch (const Refused& refused) {
        return refused.refusal;
    }
}

std::string build_id(std::span<const std::uint8_t> module) {
    try {
        return ElfModule(module).build_id();
    } catch (const Refused&) {
        return {};
    }
}

} // namespace nflab::probesite
