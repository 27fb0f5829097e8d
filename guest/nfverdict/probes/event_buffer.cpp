// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/nfverdict/probes/event_buffer.hpp"

#include "guest/nfverdict/probes/libbpf_log.hpp"
#include "harness/base/error.hpp"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <cstddef>

namespace nflab::nfverdict {

void EventBuffer::Free::operator()(ring_buffer* buffer) const {
    ring_buffer__free(buffer);
}

EventBuffer::EventBuffer(int map) {
    const auto forward = [](void* self, void* data, std::size_t size) {
        if (size >= sizeof(nfv_event))
            (*static_cast<EventBuffer*>(self)->sink_)(*static_cast<const nfv_event*>(data));
        return 0;
    };
    buffer_.reset(ring_buffer__new(map, forward, this, nullptr));
    if (!buffer_)
        throw Error(Failure::lab, "cannot map the ring buffer: " + libbpf_failure(errno));
}

EventBuffer::~EventBuffer() = default;

int EventBuffer::fd() const {
    return ring_buffer__epoll_fd(buffer_.get());
}

void EventBuffer::drain(const Sink& sink) {
    sink_ = &sink;
    ring_buffer__consume(buffer_.get());
    sink_ = nullptr;
}

std::uint64_t missed_runs(const bpf_object& object) {
    std::uint64_t count = 0;
    bpf_program* program = nullptr;
    bpf_object__for_each_program(program, &object) {
        bpf_prog_info info{};
        std::uint32_t size = sizeof(info);
        if (bpf_program__fd(program) >= 0 &&
            bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size) == 0)
            count += info.recursion_misses;
    }
    return count;
}

} // namespace nflab::nfverdict
