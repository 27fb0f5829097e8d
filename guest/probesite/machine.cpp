// SPDX-License-Identifier: GPL-2.0-or-later
// What each instruction does to the values in registers and stack slots.
#include "guest/probesite/data_flow.hpp"

#include <limits>

namespace nflab::probesite {

namespace {

/// How much of an object on the stack a callee is taken to write: the size of struct nft_regs, the
/// largest one whose neighbours matter.
constexpr std::int64_t handed_out = 0x50;
/// Numbers for results that are no register's, among the locations of unknown values.
constexpr std::int64_t memory_location = 64;
constexpr std::int64_t scaled_location = 128;

constexpr std::array caller_saved{Gpr::rax, Gpr::rcx, Gpr::rdx, Gpr::rsi, Gpr::rdi,
                                  Gpr::r8,  Gpr::r9,  Gpr::r10, Gpr::r11};

std::int64_t number(Gpr reg) {
    return static_cast<std::int64_t>(reg);
}

void set(MachineState& state, Gpr reg, ValueId value) {
    state.registers[static_cast<std::size_t>(reg)] = value;
}

std::uint8_t bytes(const Operand& operand) {
    return static_cast<std::uint8_t>(operand.bits / 8);
}

} // namespace

ValueId DataFlow::address(const MachineState& state, const Operand& operand, Index i) {
    if (!operand.general) {
        return values_.unknown(i, memory_location);
    }
    auto sum = values_.constant(0);
    if (operand.base) {
        sum = values_.sum(sum, state[*operand.base]);
    }
    if (operand.index) {
        auto index = state[*operand.index];
        if (operand.scale != 1) {
            index = values_.computed(index, i, scaled_location + operand.scale);
        }
        sum = values_.sum(sum, index);
    }
    return values_.offset(sum, operand.displacement);
}

ValueId DataFlow::read(MachineState& state, const Operand& operand, Index i) {
    switch (operand.kind) {
    case Operand::Kind::reg:
        if (!operand.general || operand.high_byte) {
            return values_.unknown(i, number(operand.reg));
        }
        return values_.low(state[operand.reg], bytes(operand));
    case Operand::Kind::immediate:
        return operand.general ? values_.constant(operand.immediate)
                               : values_.unknown(i, memory_location);
    case Operand::Kind::memory: {
        const auto where = address(state, operand, i);
        const auto size = bytes(operand);
        const auto loaded = values_.load(size, where, i);
        const auto offset = values_.as_stack(where);
        if (!offset) {
            return loaded;
        }
        if (const auto* slot = state.slot(*offset, size)) {
            return slot->value;
        }
        for (const auto& slot : state.slots) {
            if (slot.offset == *offset && slot.size > size) {
                return values_.low(slot.value, size);
            }
            if (slot.offset < *offset + size && slot.offset + slot.size > *offset) {
                return loaded;
            }
        }
        state.store(*offset, size, loaded);
        return loaded;
    }
    case Operand::Kind::none:
        break;
    }
    return values_.unknown(i, memory_location);
}

void DataFlow::write(MachineState& state, const Operand& operand, ValueId value, Index i) {
    if (operand.kind == Operand::Kind::memory) {
        if (const auto offset = values_.as_stack(address(state, operand, i))) {
            const bool indexed = operand.index.has_value();
            if (!indexed) {
                state.store(*offset, bytes(operand), values_.low(value, bytes(operand)));
            }
        }
        return;
    }
    if (operand.kind != Operand::Kind::reg || !operand.general) {
        return;
    }
    if (operand.bits >= 32) {
        set(state, operand.reg, values_.low(value, bytes(operand)));
    } else {
        set(state, operand.reg, values_.computed(value, i, number(operand.reg)));
    }
}

void DataFlow::clobber(MachineState& state, const Instruction& instruction, Index i) {
    for (const auto& operand : instruction.operands) {
        if (operand.kind == Operand::Kind::memory && operand.written) {
            write(state, operand, values_.unknown(i, memory_location), i);
        }
    }
    for (unsigned r = 0; r < 16; ++r) {
        if ((instruction.clobbered >> r & 1U) != 0) {
            set(state, static_cast<Gpr>(r), values_.unknown(i, r));
        }
    }
}

void DataFlow::call(MachineState& state, Index i) {
    if (code_[i].transparent_call()) {
        return;
    }
    for (const auto reg : {Gpr::rdi, Gpr::rsi, Gpr::rdx, Gpr::rcx, Gpr::r8, Gpr::r9}) {
        if (const auto offset = values_.as_stack(state[reg])) {
            state.forget(*offset, *offset + handed_out);
        }
    }
    for (const auto reg : caller_saved) {
        set(state, reg, values_.unknown(i, number(reg)));
    }
}

void DataFlow::store_string(MachineState& state, const Instruction& instruction, Index i) {
    if (const auto from = values_.as_stack(state[Gpr::rdi])) {
        const auto count = values_.as_constant(state[Gpr::rcx]);
        constexpr std::int64_t most = 1 << 16;
        const auto to = count && *count >= 0 && *count < most
                            ? *from + *count * 8
                            : std::numeric_limits<std::int64_t>::max();
        state.forget(*from, to);
    }
    clobber(state, instruction, i);
}

ValueId DataFlow::arithmetic(MachineState& state, const Instruction& instruction, Index i) {
    const auto& to = instruction.operands[0];
    const auto left = read(state, to, i);
    const auto right = read(state, instruction.operands[1], i);
    if (to.bits == 64 && instruction.operation == Operation::add) {
        return values_.sum(left, right);
    }
    if (to.bits == 64 && instruction.operation == Operation::subtract) {
        if (const auto distance = values_.as_constant(right)) {
            return values_.offset(
                left, static_cast<std::int64_t>(-static_cast<std::uint64_t>(*distance)));
        }
    }
    return values_.computed(left, i, memory_location);
}

void DataFlow::apply(MachineState& state, Index i) {
    const auto& instruction = code_[i];
    const auto& to = instruction.operands[0];
    const auto& from = instruction.operands[1];
    const auto rsp = state[Gpr::rsp];
    if (instruction.flow == Flow::call || instruction.flow == Flow::indirect_call) {
        call(state, i);
        return;
    }
    if (instruction.flow == Flow::branch || instruction.flow == Flow::jump) {
        return;
    }
    switch (instruction.operation) {
    case Operation::move:
        write(state, to, read(state, from, i), i);
        return;
    case Operation::address:
        write(state, to, address(state, from, i), i);
        return;
    case Operation::clear:
        write(state, to, values_.constant(0), i);
        return;
    case Operation::add:
    case Operation::subtract:
    case Operation::bitwise_and:
    case Operation::shift_right:
        write(state, to, arithmetic(state, instruction, i), i);
        return;
    case Operation::push: {
        const auto value = read(state, to, i);
        set(state, Gpr::rsp, values_.offset(rsp, -8));
        if (const auto offset = values_.as_stack(state[Gpr::rsp])) {
            state.store(*offset, 8, value);
        }
        return;
    }
    case Operation::pop: {
        const auto offset = values_.as_stack(rsp);
        const auto* slot = offset ? state.slot(*offset, 8) : nullptr;
        const auto value = slot ? slot->value : values_.unknown(i, memory_location);
        set(state, Gpr::rsp, values_.offset(rsp, 8));
        write(state, to, value, i);
        return;
    }
    case Operation::leave: {
        const auto frame = state[Gpr::rbp];
        const auto offset = values_.as_stack(frame);
        const auto* slot = offset ? state.slot(*offset, 8) : nullptr;
        set(state, Gpr::rbp, slot ? slot->value : values_.unknown(i, number(Gpr::rbp)));
        set(state, Gpr::rsp, values_.offset(frame, 8));
        return;
    }
    case Operation::store_string:
        store_string(state, instruction, i);
        return;
    case Operation::sign_extend:
    case Operation::other:
        clobber(state, instruction, i);
        return;
    }
}

} // namespace nflab::probesite
