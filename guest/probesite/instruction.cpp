// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/probesite/instruction.hpp"

#include <Zydis/Decoder.h>
#include <Zydis/Register.h>

#include <algorithm>

namespace nflab::probesite {

namespace {

/// Functions that never come back; from the kernel's __noreturn functions, those that a compiler
/// or a checked helper may call from anywhere.
constexpr std::array no_return{"__stack_chk_fail", "panic", "fortify_panic", "__fortify_panic",
                               "__fortify_report_and_panic"};

bool starts_with(std::string_view text, std::string_view start) {
    return text.substr(0, start.size()) == start;
}

bool is_return_thunk(std::string_view name) {
    constexpr std::string_view tail = "return_thunk";
    return name.size() >= tail.size() && name.substr(name.size() - tail.size()) == tail;
}

bool is_indirect_thunk(std::string_view name) {
    return starts_with(name, "__x86_indirect_");
}

const ZydisDecoder& decoder() {
    static const ZydisDecoder made = [] {
        ZydisDecoder fresh;
        ZydisDecoderInit(&fresh, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
        return fresh;
    }();
    return made;
}

std::optional<Gpr> enclosing(ZydisRegister reg) {
    const auto whole = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg);
    if (whole < ZYDIS_REGISTER_RAX || whole > ZYDIS_REGISTER_R15) {
        return std::nullopt;
    }
    return static_cast<Gpr>(whole - ZYDIS_REGISTER_RAX);
}

Operand translate(const ZydisDecodedOperand& raw, bool relocated) {
    Operand operand;
    operand.bits = raw.size;
    operand.read = (raw.actions & ZYDIS_OPERAND_ACTION_MASK_READ) != 0;
    operand.written = (raw.actions & ZYDIS_OPERAND_ACTION_MASK_WRITE) != 0;
    switch (raw.type) {
    case ZYDIS_OPERAND_TYPE_REGISTER: {
        operand.kind = Operand::Kind::reg;
        const auto reg = enclosing(raw.reg.value);
        operand.general = reg.has_value();
        operand.reg = reg.value_or(Gpr::rax);
        operand.high_byte =
            raw.reg.value >= ZYDIS_REGISTER_AH && raw.reg.value <= ZYDIS_REGISTER_BH;
        break;
    }
    case ZYDIS_OPERAND_TYPE_MEMORY: {
        operand.kind = Operand::Kind::memory;
        const auto& memory = raw.mem;
        operand.base = enclosing(memory.base);
        operand.index = enclosing(memory.index);
        operand.scale = memory.scale;
        operand.displacement = memory.disp.has_displacement ? memory.disp.value : 0;
        // The address of a variable, or one in a per-cpu segment, is not known here.
        operand.general = !relocated && memory.segment != ZYDIS_REGISTER_GS &&
                          memory.segment != ZYDIS_REGISTER_FS &&
                          memory.base != ZYDIS_REGISTER_RIP &&
                          (memory.base == ZYDIS_REGISTER_NONE || operand.base) &&
                          (memory.index == ZYDIS_REGISTER_NONE || operand.index);
        break;
    }
    case ZYDIS_OPERAND_TYPE_IMMEDIATE:
        operand.kind = Operand::Kind::immediate;
        operand.general = !relocated;
        operand.immediate = raw.imm.value.s;
        break;
    default:
        operand.general = false;
        break;
    }
    return operand;
}

Operation operation_of(const ZydisDecodedInstruction& raw, const Instruction& made) {
    const auto& first = made.operands[0];
    const auto& second = made.operands[1];
    const bool same = first.kind == Operand::Kind::reg && second.kind == Operand::Kind::reg &&
                      first.general && second.general && first.reg == second.reg &&
                      first.bits == second.bits && first.bits >= 32;
    switch (raw.mnemonic) {
    case ZYDIS_MNEMONIC_MOV:
    case ZYDIS_MNEMONIC_MOVZX:
        return Operation::move;
    case ZYDIS_MNEMONIC_MOVSX:
    case ZYDIS_MNEMONIC_MOVSXD:
        return Operation::sign_extend;
    case ZYDIS_MNEMONIC_LEA:
        return Operation::address;
    case ZYDIS_MNEMONIC_ADD:
        return Operation::add;
    case ZYDIS_MNEMONIC_SUB:
        return same ? Operation::clear : Operation::subtract;
    case ZYDIS_MNEMONIC_XOR:
        return same ? Operation::clear : Operation::other;
    case ZYDIS_MNEMONIC_AND:
        return Operation::bitwise_and;
    case ZYDIS_MNEMONIC_SHR:
        return Operation::shift_right;
    case ZYDIS_MNEMONIC_PUSH:
        return Operation::push;
    case ZYDIS_MNEMONIC_POP:
        return Operation::pop;
    case ZYDIS_MNEMONIC_LEAVE:
        return Operation::leave;
    case ZYDIS_MNEMONIC_STOSB:
    case ZYDIS_MNEMONIC_STOSD:
    case ZYDIS_MNEMONIC_STOSQ:
        return Operation::store_string;
    default:
        return Operation::other;
    }
}

/// Where a direct call or jump goes: a place, or the name of a function of another module.
void resolve_target(const ElfModule& module, const ZydisDecodedInstruction& raw,
                    Instruction& made) {
    const auto& field = raw.raw.imm[0];
    const auto* relocation = module.relocation_at({made.at.section, made.at.offset + field.offset});
    if (relocation == nullptr) {
        made.target = {made.at.section,
                       made.next().offset + static_cast<std::uint64_t>(field.value.s)};
    } else if (const auto* symbol = module.symbol(relocation->symbol); symbol != nullptr) {
        // The stored displacement counts from the field, the jump from the instruction's end.
        const auto rest = static_cast<std::uint64_t>(raw.length - field.offset);
        made.target = {symbol->at.section,
                       symbol->at.offset + static_cast<std::uint64_t>(relocation->addend) + rest};
        if (symbol->at.section == 0) {
            made.target = {};
            made.callee = symbol->name;
            return;
        }
    }
    made.callee = module.function_at(made.target);
}

void classify_flow(const ElfModule& module, const ZydisDecodedInstruction& raw, Instruction& made) {
    const bool direct = made.operands[0].kind == Operand::Kind::immediate;
    switch (raw.meta.category) {
    case ZYDIS_CATEGORY_RET:
        made.flow = Flow::leave_function;
        return;
    case ZYDIS_CATEGORY_COND_BR:
        made.flow = Flow::branch;
        resolve_target(module, raw, made);
        return;
    case ZYDIS_CATEGORY_UNCOND_BR:
        if (!direct) {
            made.flow = Flow::indirect_jump;
            return;
        }
        resolve_target(module, raw, made);
        made.flow = Flow::jump;
        if (is_indirect_thunk(made.callee)) {
            made.flow = Flow::indirect_jump;
        } else if (is_return_thunk(made.callee) || made.target.section == 0) {
            made.flow = Flow::leave_function;
        }
        return;
    case ZYDIS_CATEGORY_CALL:
        if (!direct) {
            made.flow = Flow::indirect_call;
            return;
        }
        resolve_target(module, raw, made);
        made.flow = is_indirect_thunk(made.callee) ? Flow::indirect_call : Flow::call;
        if (std::find(no_return.begin(), no_return.end(), made.callee) != no_return.end()) {
            made.flow = Flow::stop;
        }
        return;
    default:
        made.undefined = raw.mnemonic == ZYDIS_MNEMONIC_UD0 || raw.mnemonic == ZYDIS_MNEMONIC_UD1 ||
                         raw.mnemonic == ZYDIS_MNEMONIC_UD2;
        return;
    }
}

} // namespace

bool Instruction::transparent_call() const {
    return flow == Flow::call && (callee == "__fentry__" || callee == "mcount");
}

std::optional<Instruction> decode(const ElfModule& module, Place at) {
    const auto* section = module.section(at.section);
    if (section == nullptr || at.offset >= section->data.size()) {
        return std::nullopt;
    }
    const auto bytes = section->data.subspan(at.offset);
    ZydisDecodedInstruction raw;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
    if (!ZYAN_SUCCESS(
            ZydisDecoderDecodeFull(&decoder(), bytes.data(), bytes.size(), &raw, operands))) {
        return std::nullopt;
    }
    Instruction made;
    made.at = at;
    made.length = raw.length;
    const auto relocated = [&](std::uint8_t field) {
        return field != 0 && module.relocation_at({at.section, at.offset + field}) != nullptr;
    };
    for (std::uint8_t i = 0; i < raw.operand_count; ++i) {
        const bool memory = operands[i].type == ZYDIS_OPERAND_TYPE_MEMORY;
        const auto operand =
            translate(operands[i], relocated(memory ? raw.raw.disp.offset : raw.raw.imm[0].offset));
        if (operand.kind == Operand::Kind::reg && operand.general && operand.written) {
            made.clobbered |= static_cast<std::uint16_t>(1U << static_cast<unsigned>(operand.reg));
        }
        if (i < raw.operand_count_visible && i < made.operands.size()) {
            made.operands[i] = operand;
        }
    }
    made.operation = operation_of(raw, made);
    classify_flow(module, raw, made);
    return made;
}

} // namespace nflab::probesite
