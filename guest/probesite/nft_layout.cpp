// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/probesite/nft_layout.hpp"

#include "guest/probesite/refused.hpp"

#include <fmt/format.h>

#include <set>

namespace nflab::probesite {

namespace {

constexpr std::int64_t dlen_mask = 0xfff;
constexpr std::uint64_t handle_mask = (std::uint64_t{1} << 42) - 1;
/// struct nft_rule { struct list_head list; u64 handle:42, genmask:2, dlen:12, udata:1; }
constexpr std::int64_t rule_handle_byte = 16;
constexpr std::int64_t rule_dlen_bit = rule_handle_byte * 8 + 42 + 2;
/// struct nft_rule_dp { u64 is_last:1, dlen:12, handle:42; }
constexpr std::int64_t blob_dlen_bit = 1;

/// The bit, counted from the base of the address, that a right-shifted load has as its lowest.
std::optional<std::int64_t> lowest_bit(DataFlow& flow, ValueId value) {
    const auto& values = flow.values();
    std::int64_t shift = 0;
    // A chain of copies and shifts ends in its load; longer ones than this are something else.
    for (int step = 0; step < 8; ++step) {
        const Value current = values[value];
        if (current.kind == Value::Kind::load) {
            const auto& load = flow.code()[current.where];
            for (const auto& operand : load.operands) {
                if (operand.kind == Operand::Kind::memory && operand.read && operand.base &&
                    !operand.index) {
                    return operand.displacement * 8 + shift;
                }
            }
            return std::nullopt;
        }
        if (current.kind == Value::Kind::computed) {
            const auto& by = flow.code()[current.where];
            if (by.operation == Operation::shift_right) {
                // A narrow shift is seen twice: as the result, and as its merging into the
                // register.
                if (flow.values()[current.a].kind != Value::Kind::computed ||
                    flow.values()[current.a].where != current.where) {
                    if (by.operands[1].kind != Operand::Kind::immediate) {
                        return std::nullopt;
                    }
                    shift += by.operands[1].immediate;
                }
            } else if (by.operation != Operation::move) {
                return std::nullopt;
            }
        } else if (current.kind != Value::Kind::low) {
            return std::nullopt;
        }
        value = current.a;
    }
    return std::nullopt;
}

/// K, when the value is loaded from [[x + 0x40] + K]: chain->table->name.
std::optional<std::int64_t> name_offset(const ValueTable& values, ValueId value) {
    constexpr std::int64_t chain_table = 0x40; // struct nft_chain: table, on all kernels so far
    const Value name = values[value];
    if (name.kind != Value::Kind::load || name.size != 8) {
        return std::nullopt;
    }
    const auto outer = values.split(name.a);
    const Value table = values[outer.base];
    if (table.kind != Value::Kind::load || table.size != 8 ||
        values.split(table.a).distance != chain_table) {
        return std::nullopt;
    }
    return outer.distance;
}

} // namespace

RuleLayout rule_layout(DataFlow& flow) {
    std::set<std::int64_t> bits;
    const auto& code = flow.code();
    for (ControlFlow::Index i = 0; i < code.size(); ++i) {
        const auto& operands = code[i].operands;
        if (code[i].operation != Operation::bitwise_and || operands[0].kind != Operand::Kind::reg ||
            operands[1].kind != Operand::Kind::immediate || operands[1].immediate != dlen_mask) {
            continue;
        }
        auto state = flow.before(i);
        if (const auto bit = lowest_bit(flow, flow.read(state, operands[0], i))) {
            bits.insert(*bit);
        }
    }
    RuleLayout layout;
    layout.handle_mask = handle_mask;
    if (bits == std::set{rule_dlen_bit}) {
        layout.handle_offset = rule_handle_byte;
    } else if (bits == std::set{blob_dlen_bit}) {
        layout.handle_shift = blob_dlen_bit + 12;
        layout.blob = true;
    } else {
        refuse("rule layout",
               bits.empty() ? "nft_do_chain takes no rule's length from a known bit field"
                            : fmt::format("the rule's length lies at bit {}, and neither struct "
                                          "nft_rule nor struct nft_rule_dp has it there",
                                          *bits.begin()));
    }
    return layout;
}

std::uint32_t table_name_offset(const ElfModule& module,
                                const std::map<Place, JumpSite>& jump_sites) {
    const ControlFlow code(module, jump_sites, "nft_trace_notify");
    DataFlow flow(code);
    std::set<std::int64_t> offsets;
    for (ControlFlow::Index i = 0; i < code.size(); ++i) {
        if (code[i].flow != Flow::call) {
            continue;
        }
        const auto state = flow.before(i);
        std::optional<std::int64_t> offset;
        if (code[i].callee == "strlen" || code[i].callee == "strnlen") {
            offset = name_offset(flow.values(), state[Gpr::rdi]);
        } else if (code[i].callee == "nla_put") {
            offset = name_offset(flow.values(), state[Gpr::rcx]);
        }
        if (offset) {
            offsets.insert(*offset);
        }
    }
    constexpr std::int64_t most = 0x1000;
    if (offsets.size() != 1 || *offsets.begin() < 0 || *offsets.begin() > most) {
        refuse("table name", fmt::format("nft_trace_notify reads chain->table->name at {} offsets; "
                                         "one was expected",
                                         offsets.size()));
    }
    return static_cast<std::uint32_t>(*offsets.begin());
}

} // namespace nflab::probesite
