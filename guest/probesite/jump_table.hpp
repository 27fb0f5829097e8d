// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/probesite/elf_module.hpp"

#include <map>

namespace nflab::probesite {

/// A jump-label site: an instruction that the kernel rewrites between a nop and a jump.
struct JumpSite {
    Place code;
    Place target;
    Place key; ///< the static key; section 0 when another module or the kernel has it
    /// The branch is taken while the key is off (static_branch_likely).
    bool inverted = false;
};

/// The sites in a module's __jump_table by their code address (struct jump_entry with relative
/// members, include/linux/jump_label.h: s32 code, s32 target, s64 key). Empty without the section.
std::map<Place, JumpSite> read_jump_table(const ElfModule& module);

} // namespace nflab::probesite
