// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/cross_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace nflab::nfverdict {
namespace {

bool same(const nfv_event& a, const nfv_event& b) {
    return a.kind == b.kind && a.cpu == b.cpu && a.skb == b.skb && a.netns == b.netns &&
           a.rule == b.rule && a.base_handle == b.base_handle && a.hook == b.hook &&
           (a.kind == NFV_NFT_POLICY || a.verdict == b.verdict) &&
           std::strncmp(a.table, b.table, NFV_NAME) == 0;
}

} // namespace

void CrossCheck::take(const nfv_event& event) {
    const auto partner =
        std::find_if(waiting_.begin(), waiting_.end(), [&](const nfv_event& other) {
            return other.method != event.method && same(other, event);
        });
    if (partner != waiting_.end()) {
        waiting_.erase(partner);
        ++agreements_;
        return;
    }
    // Both probes of one verdict lie a few instructions apart; this many later it is missing.
    constexpr std::size_t patience = 64;
    waiting_.push_back(event);
    if (waiting_.size() > patience) {
        complain(waiting_.front());
        waiting_.pop_front();
    }
}

void CrossCheck::settle() {
    for (const nfv_event& event : waiting_)
        complain(event);
    waiting_.clear();
}

void CrossCheck::complain(const nfv_event& event) {
    ++disagreements_;
    messages_.push_back(
        fmt::format("only the {} saw this: table {}, {} {}, verdict {}, hook {}, skb {:#x}, cpu {}",
                    event.method == NFV_DECOY ? "decoy" : "probe site", event.table,
                    event.kind == NFV_NFT_POLICY ? "policy of chain" : "rule",
                    event.kind == NFV_NFT_POLICY ? event.base_handle : event.rule, event.verdict,
                    event.hook, event.skb, event.cpu));
}

std::vector<std::string> CrossCheck::take_disagreements() {
    return std::exchange(messages_, {});
}

} // namespace nflab::nfverdict
