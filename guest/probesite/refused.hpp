// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/probesite/site.hpp"

#include <string>
#include <utility>

namespace nflab::probesite {

/// Carries a Refusal out of the depth of an analysis; never leaves resolve_nft or resolve_ipt.
struct Refused {
    Refusal refusal;
};

[[noreturn]] inline void refuse(std::string step, std::string reason) {
    throw Refused{{std::move(step), std::move(reason)}};
}

} // namespace nflab::probesite
