// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "harness/plan/plan.hpp"

#include <string>

namespace nflab::host {

struct AcceleratorChoice {
    plan::Accelerator accelerator = plan::Accelerator::tcg;
    bool count_instructions = false; ///< TCG: plan::Plan::count_instructions
    std::string reason;              ///< why TCG, when `auto` could not have KVM; empty otherwise
};

/// `wish` is auto, kvm, tcg or icount (TCG that counts instructions). Throws Error(bad_input) for
/// any other word, and Error(lab) when KVM is asked for by name and cannot be used.
AcceleratorChoice choose_accelerator(const std::string& wish);

} // namespace nflab::host
