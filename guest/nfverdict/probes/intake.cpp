// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/probes/intake.hpp"

#include <utility>

namespace nflab::nfverdict {

namespace {

/// What tells of a verdict by itself.
bool is_verdict(const nfv_event& event) {
    return event.kind < NFV_RULESET || event.kind == NFV_NFT_PASSED ||
           event.kind == NFV_XT_POLICY || event.kind == NFV_XT_HOTDROP || event.kind == NFV_TABLE;
}

} // namespace

void Intake::pump() {
    constexpr std::size_t enough = 16384; // 12 MB, in guests that have 128
    if (events_.size() > enough)
        return;
    probes_.drain([this](const nfv_event& event) {
        const bool verdict = is_verdict(event);
        if (event.netns == private_netns_) {
            if (verdict)
                private_events_.push_back(event);
        } else if (verdict && counts_ && counts_(event)) {
            ++counted_;
        } else {
            events_.push_back(event);
        }
    });
}

const nfv_event* Intake::next() {
    if (std::exchange(first_is_out_, false))
        events_.pop_front();
    if (events_.empty())
        return nullptr;
    first_is_out_ = true;
    return &events_.front();
}

void Intake::forget_changes() {
    pump();
    std::erase_if(events_, [](const nfv_event& event) { return event.kind == NFV_RULESET; });
}

std::vector<nfv_event> Intake::take_private() {
    return std::exchange(private_events_, {});
}

} // namespace nflab::nfverdict
