// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/intake.hpp"

#include <utility>

namespace nflab::nfverdict {

void Intake::pump() {
    constexpr std::size_t enough = 16384; // 12 MB, in guests that have 128
    if (events_.size() > enough)
        return;
    probes_.drain([this](const nfv_event& event) {
        if (event.netns != private_netns_)
            events_.push_back(event);
        else if (event.kind < NFV_RULESET || event.kind == NFV_NFT_PASSED ||
                 event.kind == NFV_XT_POLICY || event.kind == NFV_XT_HOTDROP)
            private_events_.push_back(event);
    });
}

std::optional<nfv_event> Intake::next() {
    if (events_.empty())
        return {};
    const nfv_event event = events_.front();
    events_.pop_front();
    return event;
}

void Intake::forget_changes() {
    pump();
    std::erase_if(events_, [](const nfv_event& event) { return event.kind == NFV_RULESET; });
}

std::vector<nfv_event> Intake::take_private() {
    return std::exchange(private_events_, {});
}

} // namespace nflab::nfverdict
