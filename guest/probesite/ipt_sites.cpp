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

/// target_offset in struct ipt_entry (uapi/linux/netfilter_ipv4/ip_tables.h), struct ip6t_entry and
/// struct arpt_entry.
constexpr std::uint32_t ipt_target_offset = 0x58;
constexpr std::uint32_t ip6t_target_offset = 0x8c;
constexpr std::uint32_t arpt_target_offset = 0xa4;
constexpr std::int64_t target_operations = 8;   ///< struct xt_entry_target: u.kernel.target
constexpr std::int64_t standard_verdict = 0x20; ///< struct xt_standard_target: verdict
constexpr std::int64_t table_private = 0x18;    ///< struct xt_table: private
/// struct xt_action_param: state, after match and matchinfo; and the struct's size.
constexpr std::int64_t param_state = 0x10;
constexpr std::int64_t param_size = 0x28;

/// A read of [entry + its target_offset + distance].
struct TargetRead {
    Index at;
    ValueId entry;
    std::int64_t distance;
};

/// Whether `length` is the entry's own u16 target_offset; then where the entry is.
std::optional<ValueId> entry_of(ValueTable& values, ValueId pointer, ValueId length,
                                std::uint32_t field) {
    const Value load = values[length];
    if (load.kind != Value::Kind::load || load.size != 2) {
        return std::nullopt;
    }
    const auto from = values.split(load.a);
    if (from.base != pointer) {
        return std::nullopt;
    }
    return values.offset(from.base, from.distance - static_cast<std::int64_t>(field));
}

std::optional<TargetRead> target_read(DataFlow& flow, Index i, std::uint16_t bits,
                                      std::uint32_t field) {
    const auto& instruction = flow.code()[i];
    const auto operand =
        std::find_if(instruction.operands.begin(), instruction.operands.end(), [&](const auto& o) {
            return o.kind == Operand::Kind::memory && o.read && o.bits == bits;
        });
    if (operand == instruction.operands.end() || instruction.operation == Operation::address) {
        return std::nullopt;
    }
    auto& values = flow.values();
    const auto where = values.split(flow.address(flow.before(i), *operand, i));
    const Value sum = values[where.base];
    if (sum.kind != Value::Kind::sum) {
        return std::nullopt;
    }
    for (const auto& [pointer, length] : {std::pair{sum.a, sum.b}, std::pair{sum.b, sum.a}}) {
        if (const auto entry = entry_of(values, pointer, length, field)) {
            // The constant part of the entry's own address is in the sum's distance too.
            const auto entry_distance =
                values.split(*entry).base == pointer ? values.split(*entry).distance : 0;
            return TargetRead{i, *entry, where.distance - entry_distance};
        }
    }
    return std::nullopt;
}

std::vector<TargetRead> target_reads(DataFlow& flow, std::uint16_t bits, std::int64_t distance,
                                     std::uint32_t field) {
    std::vector<TargetRead> found;
    for (Index i = 0; i < flow.code().size(); ++i) {
        const auto read = target_read(flow, i, bits, field);
        if (read && read->distance == distance) {
            found.push_back(*read);
        }
    }
    return found;
}

/// Which argument the indirect calls, to matches and targets, get first.
unsigned skb_argument(DataFlow& flow) {
    std::set<unsigned> found;
    for (Index i = 0; i < flow.code().size(); ++i) {
        if (flow.code()[i].flow == Flow::indirect_call) {
            const Value first = flow.values()[flow.before(i)[Gpr::rdi]];
            found.insert(first.kind == Value::Kind::argument ? static_cast<unsigned>(first.number)
                                                             : ~0U);
        }
    }
    if (found.size() != 1 || *found.begin() > 2) {
        refuse("skb", "the calls of matches and targets do not all get one of the first three "
                      "arguments as their first");
    }
    return *found.begin();
}

unsigned table_argument(DataFlow& flow, unsigned skb) {
    std::set<unsigned> found;
    for (Index i = 0; i < flow.code().size(); ++i) {
        for (const auto& operand : flow.code()[i].operands) {
            if (operand.kind != Operand::Kind::memory || !operand.read || operand.bits != 64) {
                continue;
            }
            const auto where = flow.values().split(flow.address(flow.before(i), operand, i));
            const Value base = flow.values()[where.base];
            if (base.kind == Value::Kind::argument && where.distance == table_private &&
                base.number <= 2 && base.number != skb) {
                found.insert(static_cast<unsigned>(base.number));
            }
        }
    }
    // struct nf_hook_state has a pointer at 0x18 too; only the table's is followed by a lookup.
    if (found.size() != 1) {
        refuse("table", fmt::format("{} arguments are read at {:#x}; one, the table, was expected",
                                    found.size(), table_private));
    }
    return *found.begin();
}

/// The state argument, or its copy in the xt_action_param on the stack: targets get that as const,
/// and no match writes to that member.
std::optional<Location> state_location(DataFlow& flow, Index at, Index call, unsigned argument) {
    auto& values = flow.values();
    const auto state = values.argument(argument);
    if (const auto found = locate(flow, at, state)) {
        return found;
    }
    const auto param = values.as_stack(flow.before(call)[Gpr::rsi]);
    if (!param) {
        return std::nullopt;
    }
    for (Index i = 0; i < flow.code().size(); ++i) {
        const auto store = flow.stack_store(i);
        if (store && store->size == 8 && store->offset == *param + param_state &&
            store->value == state && flow.code().dominates(i, at)) {
            return Location{.kind = Location::Kind::stack,
                            .offset = distance_from_rsp(flow, at, store->offset)};
        }
    }
    return std::nullopt;
}

/// The reading of xt_action_param.hotdrop that every way out of the function passes, and that
/// nothing but the way out follows. Nothing where the compiler has left no such place.
std::optional<HotdropSite> hotdrop_site(DataFlow& flow, Index matched, Index call, unsigned skb,
                                        unsigned table, unsigned state) {
    const auto& code = flow.code();
    const auto param = flow.values().as_stack(flow.before(call)[Gpr::rsi]);
    if (!param) {
        return std::nullopt;
    }
    for (Index i = 0; i < code.size(); ++i) {
        for (const auto& operand : code[i].operands) {
            if (operand.kind != Operand::Kind::memory || !operand.read || operand.bits != 8 ||
                code[i].operation == Operation::address) {
                continue;
            }
            const auto flag = flow.values().as_stack(flow.address(flow.before(i), operand, i));
            if (!flag || *flag <= *param + param_state || *flag >= *param + param_size ||
                code.leaves(code.reach(0, {i})) || code.reach(i, {})[matched] ||
                code.jump_site(i) != nullptr) {
                continue;
            }
            const auto at_skb = locate(flow, i, flow.values().argument(skb));
            const auto at_table = locate(flow, i, flow.values().argument(table));
            if (!at_skb || !at_table) {
                return std::nullopt;
            }
            return HotdropSite{code.point(i), distance_from_rsp(flow, i, *flag), *at_skb, *at_table,
                               state_location(flow, i, call, state)};
        }
    }
    return std::nullopt;
}

IptSites resolve(const ElfModule& module, const std::string& function) {
    IptSites sites;
    sites.build_id = module.build_id();
    sites.function = function;
    sites.target_offset_field = function == "ip6t_do_table"   ? ip6t_target_offset
                                : function == "arpt_do_table" ? arpt_target_offset
                                                              : ipt_target_offset;

    const auto jump_sites = read_jump_table(module);
    const ControlFlow code(module, jump_sites, function);
    if (code.has_indirect_jump()) {
        refuse("disassembly", function + " jumps through a table; where to is not known");
    }
    DataFlow flow(code);
    auto& values = flow.values();

    const auto candidates = target_reads(flow, 64, target_operations, sites.target_offset_field);
    if (candidates.empty()) {
        refuse("matched entry", function + " reads no entry's target in a known way");
    }
    const auto first =
        std::find_if(candidates.begin(), candidates.end(), [&](const TargetRead& read) {
            const auto without = code.reach(0, {read.at});
            return std::none_of(candidates.begin(), candidates.end(),
                                [&](const TargetRead& other) { return without[other.at]; });
        });
    if (first == candidates.end()) {
        refuse("dominance", "no read of an entry's target comes before all others");
    }
    const auto matched = code.probe_at(first->at);
    const auto without = code.reach(0, {first->at});
    const auto verdicts = target_reads(flow, 32, standard_verdict, sites.target_offset_field);
    if (verdicts.empty() || std::any_of(verdicts.begin(), verdicts.end(),
                                        [&](const auto& read) { return without[read.at]; })) {
        refuse("coverage", "a standard target's verdict is read for entries that were not seen");
    }
    const auto call = target_call(code, first->at);
    const auto after = code.index_of(code[call].next());
    if (!after) {
        refuse("target call", function + " ends with the call of a target");
    }
    const auto result = code.probe_at(*after);

    const auto skb = skb_argument(flow);
    const auto table = table_argument(flow, skb);
    const auto state = 3 - skb - table;
    sites.matched = code.point(matched);
    sites.entry = require(flow, matched, first->entry, "the entry");
    const bool arp = function == "arpt_do_table";
    if (const auto at_hand = locate(flow, matched, values.argument(table)); at_hand && !arp) {
        sites.table = *at_hand;
        sites.result_table = require(flow, result, values.argument(table), "the table");
    } else {
        sites.entered =
            TableEntrySite{code.point(0), require(flow, 0, values.argument(table), "the table"),
                           require(flow, 0, values.argument(skb), "the packet")};
    }
    sites.skb = require(flow, matched, values.argument(skb), "the packet");
    sites.state = state_location(flow, matched, call, state);
    sites.result = code.point(result);
    sites.result_skb = require(flow, result, values.argument(skb), "the packet");
    sites.result_entry = locate(flow, result, first->entry);
    sites.checks.push_back(fmt::format("dominance: of {} reads of an entry's target all others "
                                       "follow the probed one",
                                       candidates.size()));
    sites.checks.emplace_back("coverage: no standard verdict is read before it");
    sites.checks.emplace_back("one indirect call, the target's, follows it");
    if (arp) {
        sites.checks.emplace_back("arptables has no matches, so none that could drop by itself");
        return sites;
    }
    sites.hotdrop = hotdrop_site(flow, first->at, call, skb, table, state);
    sites.checks.push_back(
        sites.hotdrop ? fmt::format("hotdrop: every way out of {} passes {}+{:#x}", function,
                                    sites.hotdrop->at.symbol, sites.hotdrop->at.offset)
                      : "hotdrop is not seen: no one place on all ways out reads it");
    return sites;
}

} // namespace

std::variant<IptSites, Refusal> resolve_ipt(std::span<const std::uint8_t> module,
                                            const std::string& function) {
    try {
        return resolve(ElfModule(module), function);
    } catch (const Refused& refused) {
        return refused.refusal;
    }
}

} // namespace nflab::probesite
