// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/bpf/event.h"
#include "guest/nfverdict/kernel/kernel_types.hpp"
#include "guest/nfverdict/probes/event_buffer.hpp"
#include "guest/nfverdict/probes/walk.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

struct bpf_link;
struct fexit_bpf;

namespace nflab::nfverdict {

/// What a function that walks rules returns, and about which packet: BPF programs at its entry and
/// exit.
class FexitProbe {
  public:
    /// Throws Error(lab) with the reason when the kernel cannot do it.
    FexitProbe(Walk walk, KernelTypes& types);
    ~FexitProbe();
    FexitProbe(const FexitProbe&) = delete;
    FexitProbe& operator=(const FexitProbe&) = delete;

    /// Calls the sink for every event (NFV_TABLE) that is in the buffer now, oldest first.
    void drain(const std::function<void(const nfv_event&)>& sink);
    std::uint64_t lost() const;

  private:
    struct Free {
        void operator()(bpf_link* link) const;
        void operator()(fexit_bpf* object) const;
    };
    std::unique_ptr<fexit_bpf, Free> object_;
    std::optional<EventBuffer> buffer_;
    std::vector<std::unique_ptr<bpf_link, Free>> links_;
};

} // namespace nflab::nfverdict
