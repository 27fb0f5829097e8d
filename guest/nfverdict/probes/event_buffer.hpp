// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "guest/bpf/event.h"

#include <cstdint>
#include <functional>
#include <memory>

struct bpf_object;
struct ring_buffer;

namespace nflab::nfverdict {

/// The ring buffer that BPF programs put their events into, mapped.
class EventBuffer {
  public:
    using Sink = std::function<void(const nfv_event&)>;

    /// `map`: descriptor of a BPF_MAP_TYPE_RINGBUF, which must outlive this. Throws Error(lab).
    explicit EventBuffer(int map);
    ~EventBuffer();
    EventBuffer(const EventBuffer&) = delete;
    EventBuffer& operator=(const EventBuffer&) = delete;

    /// Readable when a program has woken the reader.
    int fd() const;
    /// Calls the sink for every event that is there, oldest first, where it lies.
    void drain(const Sink& sink);

  private:
    struct Free {
        void operator()(ring_buffer* buffer) const;
    };
    std::unique_ptr<ring_buffer, Free> buffer_;
    const Sink* sink_ = nullptr;
};

/// How often the kernel has not run one of the object's loaded programs because another one was
/// running on that processor. Kernels before 5.12 do not count it: 0.
std::uint64_t missed_runs(const bpf_object& object);

} // namespace nflab::nfverdict
