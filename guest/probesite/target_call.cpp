// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/probesite/target_call.hpp"

#include "guest/probesite/refused.hpp"

#include <fmt/format.h>

#include <vector>

namespace nflab::probesite {

ControlFlow::Index target_call(const ControlFlow& code, ControlFlow::Index matched) {
    const auto without = code.reach(0, {matched});
    std::vector<ControlFlow::Index> calls;
    for (ControlFlow::Index i = 0; i < code.size(); ++i) {
        if (code[i].flow == Flow::indirect_call && !without[i]) {
            calls.push_back(i);
        }
    }
    if (calls.size() != 1) {
        refuse("target call", fmt::format("{} indirect calls follow the match; one, of the target, "
                                          "was expected",
                                          calls.size()));
    }
    return calls.front();
}

} // namespace nflab::probesite
