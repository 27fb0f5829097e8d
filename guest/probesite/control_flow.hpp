// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/probesite/instruction.hpp"
#include "guest/probesite/jump_table.hpp"

#include <initializer_list>
#include <string>
#include <vector>

namespace nflab::probesite {

/// The instructions of one function and of its `.cold` parts that can be reached from its entry,
/// and the ways between them. Instructions are named by their index; 0 is the entry.
class ControlFlow {
  public:
    using Index = std::uint32_t;

    /// Throws Refused when there is no such function or its code cannot be followed.
    ControlFlow(const ElfModule& module, const std::map<Place, JumpSite>& jump_sites,
                std::string_view function);

    [[nodiscard]] const std::vector<Instruction>& instructions() const { return instructions_; }
    [[nodiscard]] const Instruction& operator[](Index i) const { return instructions_[i]; }
    [[nodiscard]] Index size() const { return static_cast<Index>(instructions_.size()); }
    [[nodiscard]] std::optional<Index> index_of(Place place) const;
    [[nodiscard]] const std::vector<Index>& successors(Index i) const { return successors_[i]; }
    [[nodiscard]] const std::vector<Index>& predecessors(Index i) const { return predecessors_[i]; }
    /// The jump-label site at an instruction; null when it is none.
    [[nodiscard]] const JumpSite* jump_site(Index i) const;
    /// Which instructions can be reached from `start`, itself included, without entering `cut`.
    [[nodiscard]] std::vector<bool> reach(Index start, std::initializer_list<Index> cut) const;
    /// Every way from the entry to `later` leads through `earlier`.
    [[nodiscard]] bool dominates(Index earlier, Index later) const;
    /// Some instruction that leaves the function is marked in `reached`.
    [[nodiscard]] bool leaves(const std::vector<bool>& reached) const;
    [[nodiscard]] bool has_indirect_jump() const;
    /// Where to probe what goes on at `from`: the kernel allows no kprobe on a jump-label site
    /// (EINVAL), so the next instruction that is none. Throws Refused when there is no good one.
    [[nodiscard]] Index probe_at(Index from) const;
    /// Symbol and offset by which a kprobe names the instruction.
    [[nodiscard]] ProbePoint point(Index i) const;

  private:
    struct Part {
        std::string_view symbol;
        Place start;
        std::uint64_t size = 0;
        [[nodiscard]] bool contains(Place place) const;
    };

    [[nodiscard]] bool inside(Place place) const;
    void find_parts(const ElfModule& module, std::string_view function);
    void follow(const ElfModule& module);
    /// Where control can go from an instruction, within the function.
    [[nodiscard]] std::vector<Place> ways_from(Instruction& instruction) const;

    std::vector<Part> parts_;
    const std::map<Place, JumpSite>& jump_sites_;
    std::vector<Instruction> instructions_;
    std::map<Place, Index> index_;
    std::vector<std::vector<Index>> successors_;
    std::vector<std::vector<Index>> predecessors_;
};

} // namespace nflab::probesite
