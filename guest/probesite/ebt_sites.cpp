// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/probesite/locate.hpp"
#include "guest/probesite/refused.hpp"
#include "guest/probesite/resolve.hpp"
#include "guest/probesite/target_call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace nflab::probesite {

namespace {

using Index = ControlFlow::Index;

// include/uapi/linux/netfilter_bridge/ebtables.h
constexpr std::int64_t entry_target_offset = 0x68; ///< struct ebt_entry: target_offset
constexpr std::int64_t standard_verdict = 0x28;    ///< struct ebt_standard_target: verdict
constexpr std::int64_t chain_policy = 0x28;        ///< struct ebt_entries: policy
constexpr std::int64_t chain_entries = 0x2c;       ///< struct ebt_entries: nentries
/// struct ebt_table_info of linux/netfilter_bridge/ebtables.h: chainstack, entries.
constexpr std::int64_t info_chainstack = 0x38;
constexpr std::int64_t info_entries = 0x40;
/// struct xt_target: target, the function.
constexpr std::int64_t target_function = 0x30;

struct Access {
    Index at;
    ValueId base;
    std::int64_t distance;
};

/// Every read of so many bits of memory that is not the stack, as base and distance.
std::vector<Access> reads(DataFlow& flow, std::uint16_t bits) {
    std::vector<Access> found;
    for (Index i = 0; i < flow.code().size(); ++i) {
        const auto& instruction = flow.code()[i];
        if (instruction.operation == Operation::address) {
            continue;
        }
        for (const auto& operand : instruction.operands) {
            if (operand.kind != Operand::Kind::memory || !operand.read || operand.bits != bits ||
                !operand.general) {
                continue;
            }
            const auto address = flow.address(flow.before(i), operand, i);
            if (!flow.values().as_stack(address)) {
                const auto where = flow.values().split(address);
                found.push_back({i, where.base, where.distance});
            }
        }
    }
    return found;
}

/// Whether `length` is [entry + target_offset], on every way here.
bool is_target_offset(DataFlow& flow, ValueId length, ValueId entry, int depth = 4) {
    auto& values = flow.values();
    Value value = values[length];
    if (value.kind == Value::Kind::low && value.size == 4) {
        value = values[value.a];
    }
    if (value.kind == Value::Kind::load && value.size == 4) {
        const auto from = values.split(value.a);
        return from.base == entry && from.distance == entry_target_offset;
    }
    if (value.kind != Value::Kind::phi || depth == 0) {
        return false;
    }
    const auto ways = flow.incoming(length);
    return !ways.empty() && std::all_of(ways.begin(), ways.end(), [&](ValueId way) {
        return way == length || is_target_offset(flow, way, entry, depth - 1);
    });
}

/// The entry whose target begins at `base`.
std::optional<ValueId> entry_of_target(DataFlow& flow, ValueId base) {
    const Value sum = flow.values()[base];
    if (sum.kind != Value::Kind::sum) {
        return std::nullopt;
    }
    for (const auto& [entry, length] : {std::pair{sum.a, sum.b}, std::pair{sum.b, sum.a}}) {
        if (is_target_offset(flow, length, entry)) {
            return entry;
        }
    }
    return std::nullopt;
}

struct TargetRead {
    Index at;
    ValueId entry;
};

std::vector<TargetRead> target_reads(DataFlow& flow, std::uint16_t bits, std::int64_t distance) {
    std::vector<TargetRead> found;
    for (const Access& access : reads(flow, bits)) {
        if (access.distance != distance) {
            continue;
        }
        if (const auto entry = entry_of_target(flow, access.base)) {
            found.push_back({access.at, *entry});
        }
    }
    return found;
}

/// The read of a target that comes before all others.
TargetRead first_of(const ControlFlow& code, const std::vector<TargetRead>& candidates) {
    const auto first =
        std::find_if(candidates.begin(), candidates.end(), [&](const TargetRead& read) {
            const auto without = code.reach(0, {read.at});
            return std::none_of(candidates.begin(), candidates.end(),
                                [&](const TargetRead& other) { return without[other.at]; });
        });
    if (first == candidates.end()) {
        refuse("matched entry", candidates.empty()
                                    ? "ebt_do_table reads no entry's target in a known way"
                                    : "no read of an entry's target comes before all others");
    }
    return *first;
}

/// A chain's policy: the only 32-bit read at this place that is no target's verdict, of something
/// whose number of entries is read, too. The same place in the loop may be there twice.
std::vector<Access> policy_reads(DataFlow& flow) {
    std::vector<Access> found;
    std::set<ValueId> chains;
    const auto all = reads(flow, 32);
    for (const Access& access : all) {
        if (access.distance == chain_entries) {
            chains.insert(access.base);
        }
    }
    const auto is_chain = [&](ValueId base) {
        const auto ways = flow.incoming(base);
        return chains.contains(base) || std::any_of(ways.begin(), ways.end(), [&](ValueId way) {
                   return chains.contains(way);
               });
    };
    for (const Access& access : all) {
        if (access.distance == chain_policy && !entry_of_target(flow, access.base) &&
            is_chain(access.base)) {
            found.push_back(access);
        }
    }
    return found;
}

struct Arguments {
    unsigned skb = 0;
    unsigned table = 0;
    unsigned state = 0;
    std::uint32_t private_offset = 0;
};

/// The table is the argument through whose `private` both chainstack and entries are read.
Arguments arguments(DataFlow& flow, Index call) {
    auto& values = flow.values();
    const Value first = values[flow.before(call)[Gpr::rdi]];
    Arguments found;
    if (first.kind != Value::Kind::argument || first.number > 2) {
        refuse("skb", "a target does not get one of the first three arguments as its first");
    }
    found.skb = static_cast<unsigned>(first.number);
    std::set<std::pair<unsigned, std::int64_t>> with_stack;
    std::set<std::pair<unsigned, std::int64_t>> tables;
    for (const std::int64_t member : {info_chainstack, info_entries}) {
        for (const Access& access : reads(flow, 64)) {
            const Value info = values[access.base];
            if (access.distance != member || info.kind != Value::Kind::load || info.size != 8) {
                continue;
            }
            const auto table = values.split(info.a);
            const Value argument = values[table.base];
            if (argument.kind != Value::Kind::argument || argument.number > 2 ||
                argument.number == found.skb) {
                continue;
            }
            const std::pair place{static_cast<unsigned>(argument.number), table.distance};
            if (member == info_chainstack) {
                with_stack.insert(place);
            } else if (with_stack.contains(place)) {
                tables.insert(place);
            }
        }
    }
    if (tables.size() != 1) {
        refuse("table", fmt::format("{} arguments lead to a chain stack and entries; one, the "
                                    "table, was expected",
                                    tables.size()));
    }
    found.table = tables.begin()->first;
    found.state = 3 - found.skb - found.table;
    found.private_offset = static_cast<std::uint32_t>(tables.begin()->second);
    return found;
}

/// Where an argument is, or its copy in the xt_action_param on the stack.
Location find_argument(DataFlow& flow, Index at, unsigned argument, const std::string& what) {
    return require(flow, at, flow.values().argument(argument), what);
}

Location find_state(DataFlow& flow, Index at, Index call, unsigned argument) {
    constexpr std::int64_t param_state = 0x10; // struct xt_action_param: state
    const auto state = flow.values().argument(argument);
    if (const auto found = locate(flow, at, state)) {
        return *found;
    }
    const auto param = flow.values().as_stack(flow.before(call)[Gpr::rsi]);
    for (Index i = 0; param && i < flow.code().size(); ++i) {
        const auto store = flow.stack_store(i);
        if (store && store->size == 8 && store->offset == *param + param_state &&
            store->value == state && flow.code().dominates(i, at)) {
            return Location{.kind = Location::Kind::stack,
                            .offset = distance_from_rsp(flow, at, store->offset)};
        }
    }
    return require(flow, at, state, "the hook's state");
}

EbtSites resolve(const ElfModule& module) {
    EbtSites sites;
    sites.build_id = module.build_id();
    const auto jump_sites = read_jump_table(module);
    const ControlFlow code(module, jump_sites, "ebt_do_table");
    if (code.has_indirect_jump()) {
        refuse("disassembly", "ebt_do_table jumps through a table; where to is not known");
    }
    DataFlow flow(code);

    const auto targets = target_reads(flow, 64, 0);
    const auto first = first_of(code, targets);
    const auto without = code.reach(0, {first.at});
    const auto verdicts = target_reads(flow, 32, standard_verdict);
    if (verdicts.empty() || std::any_of(verdicts.begin(), verdicts.end(),
                                        [&](const auto& read) { return without[read.at]; })) {
        refuse("coverage", "a standard target's verdict is read for entries that were not seen");
    }
    const auto call = target_call(code, first.at);
    const auto after = code.index_of(code[call].next());
    if (!after) {
        refuse("target call", "ebt_do_table ends with the call of a target");
    }
    const auto policies = policy_reads(flow);
    if (policies.size() != 1) {
        refuse("policy", fmt::format("a chain's policy is read at {} places; one was expected",
                                     policies.size()));
    }
    // What is left is the way out that a match takes which drops by itself.
    const auto neither = code.reach(0, {first.at, policies.front().at});
    if (std::any_of(verdicts.begin(), verdicts.end(),
                    [&](const auto& read) { return neither[read.at]; })) {
        refuse("coverage", "a verdict can be reached past both probes");
    }

    const auto found = arguments(flow, call);
    const auto matched = code.probe_at(first.at);
    const auto result = code.probe_at(*after);
    const auto policy = code.probe_at(policies.front().at);
    sites.private_offset = found.private_offset;
    sites.matched = code.point(matched);
    sites.entry = require(flow, matched, first.entry, "the entry");
    sites.entered = {code.point(0), find_argument(flow, 0, found.table, "the table"),
                     find_argument(flow, 0, found.skb, "the frame")};
    sites.skb = find_argument(flow, matched, found.skb, "the frame");
    sites.state = find_state(flow, matched, call, found.state);
    sites.result = code.point(result);
    sites.result_skb = find_argument(flow, result, found.skb, "the frame");
    sites.policy = code.point(policy);
    sites.policy_chain = require(flow, policy, policies.front().base, "the chain");
    sites.policy_skb = find_argument(flow, policy, found.skb, "the frame");
    sites.policy_state = find_state(flow, policy, call, found.state);
    sites.checks.push_back(fmt::format("dominance: of {} reads of an entry's target all others "
                                       "follow the probed one",
                                       targets.size()));
    sites.checks.emplace_back("coverage: no standard verdict is read before it");
    sites.checks.emplace_back("one indirect call, the target's, follows it");
    sites.checks.emplace_back("one place reads a chain's policy");
    return sites;
}

} // namespace

std::variant<EbtSites, Refusal> resolve_ebt(std::span<const std::uint8_t> module) {
    try {
        return resolve(ElfModule(module));
    } catch (const Refused& refused) {
        return refused.refusal;
    }
}

} // namespace nflab::probesite
