// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/plan/plan.hpp"

#include <cstddef>
#include <string>

/// What a kept guest is like, and which guests may start from it. Pure.
namespace nflab::lab {

/// The files of a kept guest's directory (plan::Warm::directory).
namespace warm_files {
inline constexpr const char* memory = "memory";    ///< all of it, as the guest has it
inline constexpr const char* devices = "devices";  ///< QEMU's migration stream without the memory
inline constexpr const char* guest = "guest.json"; ///< what LabNode::keep() says
inline constexpr const char* console = "console.log";
} // namespace warm_files

/// The hardware address of a kept guest's network device `index`: a guest that starts from it finds
/// its devices by these, and then gives them their own.
std::string warm_mac(std::size_t index);

/// The lab in which a guest of this shape is kept: the node alone, its devices on one network, with
/// neither addresses nor anything else that a guest is told after its boot.
plan::Plan keeping_plan(const plan::Plan& plan, const plan::Node& node,
                        const std::string& directory);

/// All that a guest is until it is told who it is: QEMU's devices, memory and processors, what it
/// boots from and the programs that it runs already. Guests may start from one that was kept if
/// this is the same, and the files that it names have not changed.
std::string warm_shape(const plan::Plan& plan, const plan::Node& node);

} // namespace nflab::lab
