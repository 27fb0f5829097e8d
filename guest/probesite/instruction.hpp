// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/probesite/elf_module.hpp"
#include "guest/probesite/site.hpp"

#include <array>
#include <optional>

namespace nflab::probesite {

/// What data flow has to tell apart; all else only destroys what it writes.
enum class Operation : std::uint8_t {
    other,
    move,        ///< copies, zero-extending to the width of the destination
    sign_extend, ///< movsx, movsxd, cdqe
    address,     ///< lea
    add,
    subtract,
    bitwise_and,
    shift_right,
    clear, ///< xor r, r or sub r, r
    push,
    pop,
    leave,
    store_string, ///< rep stos
};

/// Where control goes after an instruction, its jump-label rewriting aside.
enum class Flow : std::uint8_t {
    next,
    jump,
    branch,        ///< conditional: target or next
    call,          ///< a known function, `callee`
    indirect_call, ///< through a register, memory or a retpoline thunk
    indirect_jump,
    leave_function, ///< return, or a tail call out of the function
    stop,           ///< a function that does not return
};

struct Operand {
    enum class Kind : std::uint8_t { none, reg, memory, immediate };
    Kind kind = Kind::none;
    std::uint16_t bits = 0;
    bool read = false;
    bool written = false;
    bool high_byte = false; ///< ah, ch, dh, bh
    Gpr reg = Gpr::rax;     ///< kind reg; meaningful only when `general`
    bool general = true;    ///< a general purpose register, or memory addressed by such
    std::int64_t immediate = 0;
    std::optional<Gpr> base;
    std::optional<Gpr> index;
    std::uint8_t scale = 1;
    std::int64_t displacement = 0;
};

struct Instruction {
    Place at;
    std::uint8_t length = 0;
    Operation operation = Operation::other;
    Flow flow = Flow::next;
    bool undefined = false;          ///< ud2: the kernel's WARN, BUG
    std::uint16_t clobbered = 0;     ///< bit per Gpr written, hidden operands included
    std::array<Operand, 3> operands; ///< the visible ones
    Place target;                    ///< of jump, branch, and of a call inside the module
    std::string_view callee;

    [[nodiscard]] Place next() const { return {at.section, at.offset + length}; }
    /// The call has no effect on the registers (the entry hook of ftrace).
    [[nodiscard]] bool transparent_call() const;
};

/// Decodes the instruction at a place, with calls and jumps resolved through the relocations.
/// Nothing when there is no valid instruction.
std::optional<Instruction> decode(const ElfModule& module, Place at);

} // namespace nflab::probesite
