// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/cli/kernel_names.hpp"

#include "harness/kernel/kernel.hpp"

namespace nflab::cli {

std::vector<std::string> kernel_names(std::vector<std::string> named, bool all) {
    if (all) {
        named.clear();
        for (const kernel::Listed& line : kernel::list())
            named.push_back(line.name);
    } else if (named.empty()) {
        named.emplace_back();
    }
    return named;
}

} // namespace nflab::cli
