// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/probesite/data_flow.hpp"
#include "guest/probesite/elf_module.hpp"
#include "guest/probesite/jump_table.hpp"
#include "guest/probesite/refused.hpp"
#include "guest/probesite/resolve.hpp"

#include <array>
#include <utility>

namespace nflab::probesite {
namespace {

/// In which registers a function gets its arguments: System V ABI for x86-64, 3.2.3.
constexpr std::array arguments{Gpr::rdi, Gpr::rsi, Gpr::rdx, Gpr::rcx, Gpr::r8, Gpr::r9};

std::optional<ValueId> held(DataFlow& flow, const MachineState& state, const Location& place) {
    if (place.kind == Location::Kind::reg) {
        return state[place.reg];
    }
    const auto rsp = flow.values().as_stack(state[Gpr::rsp]);
    const Slot* slot = rsp ? state.slot(*rsp + place.offset, 8) : nullptr;
    return slot ? std::optional(slot->value) : std::nullopt;
}

/// What `look` finds out from the values before the instruction at `at`.
template <typename Look>
auto look_at(std::span<const std::uint8_t> module, const std::string& function,
             const ProbePoint& at, Look look)
    -> decltype(look(std::declval<DataFlow&>(), std::declval<MachineState>())) {
    try {
        const ElfModule file(module);
        const auto jump_sites = read_jump_table(file);
        const ControlFlow code(file, jump_sites, function);
        DataFlow flow(code);
        for (ControlFlow::Index i = 0; i < code.size(); ++i) {
            if (code.point(i) == at) {
                return look(flow, flow.before(i));
            }
        }
    } catch (const Refused&) {
        return {};
    }
    return {};
}

} // namespace

bool same_value(std::span<const std::uint8_t> module, const std::string& function,
                const ProbePoint& at, const Location& one, const Location& other) {
    return look_at(module, function, at, [&](DataFlow& flow, const MachineState& state) {
        const auto value = held(flow, state, one);
        return value && value == held(flow, state, other);
    });
}

std::optional<Gpr> argument_at(std::span<const std::uint8_t> module, const std::string& function,
                               const ProbePoint& at, const Location& place) {
    return look_at(module, function, at,
                   [&](DataFlow& flow, const MachineState& state) -> std::optional<Gpr> {
                       const auto value = held(flow, state, place);
                       for (unsigned i = 0; value && i < arguments.size(); ++i) {
                           if (*value == flow.values().argument(i)) {
                               return arguments.at(i);
                           }
                       }
                       return std::nullopt;
                   });
}

} // namespace nflab::probesite
