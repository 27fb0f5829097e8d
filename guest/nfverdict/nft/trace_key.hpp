// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/nfverdict/kernel/netns.hpp"

namespace nflab::nfverdict {

/// While this lives, the kernel's global nft_trace_enabled is up, and __nft_trace_verdict and
/// __nft_trace_packet are called for every namespace's packets; a rule in an unhooked chain of a
/// private namespace does that. The namespace's end, so also our own sudden death, lowers it again.
class TraceKey {
  public:
    /// Throws Error(lab).
    explicit TraceKey(const Netns& netns);
    ~TraceKey();
    TraceKey(const TraceKey&) = delete;
    TraceKey& operator=(const TraceKey&) = delete;

  private:
    const Netns& netns_;
};

} // namespace nflab::nfverdict
