/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "read.h"

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 4 << 20);
} events SEC(".maps");

/* Read by user space through the mapped .bss. */
__u64 lost = 0;
__u32 started[NFV_RULESETS] = {};
__u32 finished[NFV_RULESETS] = {};

const volatile struct nfv_config config = {};

INLINE void count_lost(void) {
    __sync_fetch_and_add(&lost, 1);
}

/* A zeroed event in the ring buffer, or NULL, which is counted. */
INLINE struct nfv_event* begin_event(__u32 kind, __u32 method, __u32 ruleset) {
    struct nfv_event* event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
    if (!event) {
        count_lost();
        return 0;
    }
    __builtin_memset(event, 0, sizeof(*event));
    event->time = bpf_ktime_get_ns();
    event->cpu = bpf_get_smp_processor_id();
    event->kind = kind;
    event->method = method;
    event->ruleset = ruleset;
    event->started = *(volatile __u32*)&started[ruleset];
    event->finished = *(volatile __u32*)&finished[ruleset];
    return event;
}
