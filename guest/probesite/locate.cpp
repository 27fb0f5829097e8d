// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/probesite/locate.hpp"

#include "guest/probesite/refused.hpp"

#include <fmt/format.h>

namespace nflab::probesite {

namespace {

constexpr std::array preference{Gpr::rbx, Gpr::rbp, Gpr::r12, Gpr::r13, Gpr::r14,
                                Gpr::r15, Gpr::rax, Gpr::rcx, Gpr::rdx, Gpr::rsi,
                                Gpr::rdi, Gpr::r8,  Gpr::r9,  Gpr::r10, Gpr::r11};

} // namespace

std::optional<Location> locate(DataFlow& flow, ControlFlow::Index at, ValueId value) {
    const auto state = flow.before(at);
    for (const auto reg : preference) {
        if (state[reg] == value) {
            return Location{.kind = Location::Kind::reg, .reg = reg};
        }
    }
    const auto rsp = flow.values().as_stack(state[Gpr::rsp]);
    for (const auto& slot : state.slots) {
        // Below rsp an interrupt may have written anything.
        if (rsp && slot.offset >= *rsp && slot.size == 8 && slot.value == value) {
            return Location{.kind = Location::Kind::stack,
                            .offset = static_cast<std::int32_t>(slot.offset - *rsp)};
        }
    }
    return std::nullopt;
}

Location require(DataFlow& flow, ControlFlow::Index at, ValueId value, const std::string& what) {
    if (const auto found = locate(flow, at, value)) {
        return *found;
    }
    const auto point = flow.code().point(at);
    refuse("location", fmt::format("{} is in no register and no stack slot at {}+{:#x}", what,
                                   point.symbol, point.offset));
}

std::int32_t distance_from_rsp(DataFlow& flow, ControlFlow::Index at, std::int64_t stack_offset) {
    const auto rsp = flow.values().as_stack(flow.before(at)[Gpr::rsp]);
    if (!rsp) {
        refuse("location", "the stack pointer is not a known distance from the function's entry");
    }
    return static_cast<std::int32_t>(stack_offset - *rsp);
}

} // namespace nflab::probesite
