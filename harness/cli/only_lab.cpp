// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/cli/only_lab.hpp"

#include "harness/base/error.hpp"
#include "harness/lab/lab.hpp"

#include <fmt/format.h>

namespace nflab::cli {

std::string only_lab(const std::string& named) {
    if (!named.empty())
        return named;
    const auto labs = lab::list();
    if (labs.size() == 1)
        return labs.front().name;
    if (labs.empty())
        throw Error(Failure::bad_input, "no lab is up", "start one with `nflab up SCENARIO`");
    std::string names;
    for (const auto& running : labs)
        names += (names.empty() ? "" : ", ") + running.name;
    throw Error(Failure::bad_input, fmt::format("several labs are up: {}", names),
                "name the one you mean");
}

} // namespace nflab::cli
