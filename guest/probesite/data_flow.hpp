// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/probesite/control_flow.hpp"
#include "guest/probesite/value.hpp"

#include <array>
#include <set>
#include <vector>

namespace nflab::probesite {

/// A part of the stack frame, `offset` counting from rsp at the function's entry.
struct Slot {
    std::int64_t offset = 0;
    std::uint8_t size = 8;
    ValueId value = 0;
    bool operator==(const Slot&) const = default;
};

/// What registers and stack slots hold at one point of the code.
struct MachineState {
    std::array<ValueId, 16> registers{};
    std::vector<Slot> slots; ///< ordered by offset, not overlapping

    [[nodiscard]] ValueId operator[](Gpr reg) const {
        return registers[static_cast<std::size_t>(reg)];
    }
    [[nodiscard]] const Slot* slot(std::int64_t offset, std::uint8_t size) const;
    /// Forgets every slot that has a byte in [from, to).
    void forget(std::int64_t from, std::int64_t to);
    void store(std::int64_t offset, std::uint8_t size, ValueId value);
    bool operator==(const MachineState&) const = default;
};

/// The values in registers and stack slots before every instruction of a function, as the fixpoint
/// over its control flow. Assumes what compilers keep to: stores through other pointers and indexed
/// stores do not hit spilled values, and a callee writes only to objects that it was handed.
class DataFlow {
  public:
    using Index = ControlFlow::Index;

    /// Throws Refused when the values do not settle. `code` must outlive this.
    explicit DataFlow(const ControlFlow& code);

    [[nodiscard]] ValueTable& values() { return values_; }
    [[nodiscard]] const ControlFlow& code() const { return code_; }
    [[nodiscard]] MachineState before(Index i);
    /// The address of a memory operand.
    ValueId address(const MachineState& state, const Operand& operand, Index i);
    /// What an operand that is read holds. Loading from a slot that nothing is known of names it.
    ValueId read(MachineState& state, const Operand& operand, Index i);

    /// What a phi can be: the values that the ways into its block bring along. Empty for any other
    /// value.
    [[nodiscard]] std::vector<ValueId> incoming(ValueId phi) const;

    struct StackStore {
        Index where;
        std::int64_t offset;
        std::uint8_t size;
        ValueId value;
    };
    /// The plain store of a value to the stack that an instruction is, if it is one.
    std::optional<StackStore> stack_store(Index i);

  private:
    void find_blocks();
    void settle();
    MachineState join(std::uint32_t block, bool with_loops);
    void apply(MachineState& state, Index i);
    void call(MachineState& state, Index i);
    void write(MachineState& state, const Operand& operand, ValueId value, Index i);
    void clobber(MachineState& state, const Instruction& instruction, Index i);
    void store_string(MachineState& state, const Instruction& instruction, Index i);
    ValueId arithmetic(MachineState& state, const Instruction& instruction, Index i);

    const ControlFlow& code_;
    ValueTable values_;
    MachineState entry_;
    std::vector<std::uint32_t> block_of_;             ///< by instruction
    std::vector<std::vector<Index>> blocks_;          ///< in reverse post order
    std::vector<std::vector<std::uint32_t>> sources_; ///< by block: the blocks that lead to it
    std::vector<std::set<std::int64_t>> differing_;   ///< by block: locations that become a phi
    std::vector<std::set<std::int64_t>> lost_; ///< by block: slots that not every way there has
    std::vector<MachineState> in_;
    std::vector<std::optional<MachineState>> out_;
};

} // namespace nflab::probesite
