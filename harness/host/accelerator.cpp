// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/host/accelerator.hpp"

#include "harness/base/error.hpp"
#include "harness/host/kvm.hpp"

#include <fmt/format.h>

namespace nflab::host {

AcceleratorChoice choose_accelerator(const std::string& wish) {
    if (wish == "tcg" || wish == "icount")
        return {plan::Accelerator::tcg, wish == "icount", {}};
    if (wish != "auto" && wish != "kvm")
        throw Error(Failure::bad_input, fmt::format("unknown accelerator '{}'", wish),
                    "use auto, kvm, tcg or icount");
    const KvmAnswer answer = kvm();
    if (answer.usable)
        return {plan::Accelerator::kvm, false, {}};
    if (wish == "kvm")
        throw Error(Failure::lab, fmt::format("KVM cannot be used here: {}", answer.reason),
                    "use --accel auto or tcg; `nflab doctor` has the remedy");
    return {plan::Accelerator::tcg, false, answer.reason};
}

} // namespace nflab::host
