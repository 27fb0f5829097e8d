// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/probesite/data_flow.hpp"
#include "guest/probesite/elf_module.hpp"
#include "guest/probesite/jump_table.hpp"
#include "guest/probesite/refused.hpp"
#include "guest/probesite/resolve.hpp"

namespace nflab::probesite {
namespace {

std::optional<ValueId> held(DataFlow& flow, const MachineState& state, const Location& place) {
    if (place.kind == Location::Kind::reg) {
        return state[place.reg];
    }
    const auto rsp = flow.values().as_stack(state[Gpr::rsp]);
    const Slot* slot = rsp ? state.slot(*rsp + place.offset, 8) : nullptr;
    return slot ? std::optional(slot->value) : std::nullopt;
}

} // namespace

bool same_value(std::span<const std::uint8_t> module, const std::string& function,
                const ProbePoint& at, const Location& one, const Location& other) {
    try {
        const ElfModule file(module);
        const auto jump_sites = read_jump_table(file);
        const ControlFlow code(file, jump_sites, function);
        DataFlow flow(code);
        for (ControlFlow::Index i = 0; i < code.size(); ++i) {
            if (code.point(i) == at) {
                const auto state = flow.before(i);
                const auto value = held(flow, state, one);
                return value && value == held(flow, state, other);
            }
        }
    } catch (const Refused&) {
        return false;
    }
    return false;
}

} // namespace nflab::probesite
