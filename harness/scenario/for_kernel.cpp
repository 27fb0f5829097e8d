// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/for_kernel.hpp"

#include "harness/scenario/kernel_constraint.hpp"

#include <algorithm>

namespace nflab::scenario {

namespace {

bool admits(const std::string& kernels, std::string_view release) {
    if (kernels.empty())
        return true;
    const auto constraint = KernelConstraint::parse(kernels);
    return constraint && constraint->admits(release);
}

template <typename Part>
void keep_admitted(std::vector<Part>& parts, std::string_view release) {
    parts.erase(std::remove_if(parts.begin(), parts.end(),
                               [&](const Part& part) { return !admits(part.kernels, release); }),
                parts.end());
}

} // namespace

Scenario for_kernel(const Scenario& scenario, std::string_view release) {
    Scenario fitting = scenario;
    keep_admitted(fitting.steps, release);
    for (Step& step : fitting.steps)
        keep_admitted(step.expect, release);
    return fitting;
}

} // namespace nflab::scenario
