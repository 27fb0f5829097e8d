/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "read.h"

enum { NFV_BUFFER = 4 << 20 };

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, NFV_BUFFER);
} events SEC(".maps");

/* Read by user space through the mapped .bss. */
__u64 lost = 0;
struct nfv_moment moments[NFV_RULESETS][NFV_SLOTS] = {};

const volatile struct nfv_config config = {};

INLINE void count_lost(void) {
    __sync_fetch_and_add(&lost, 1);
}

/* Waking the reader takes longer than the packet's own way: it looks by itself now and then. Only a
 * buffer that fills up, and what the reader must act upon, wakes it; how full it is one event in
 * some tens asks, by a clock's bits that are as good as thrown. */
INLINE __u64 wakeup(const struct nfv_event* event) {
    const __u64 much = NFV_BUFFER / 4, sometimes = 31 << 10;
    if (event->kind == NFV_RULESET ||
        (!(event->time & sometimes) && bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA) > much))
        return BPF_RB_FORCE_WAKEUP;
    return BPF_RB_NO_WAKEUP;
}

INLINE __u8 netns_slot(__u32 netns) {
    return (__u8)netns;
}

INLINE __u8 table_slot(__u64 table) {
    return (__u8)(table >> 6 ^ table >> 14);
}

INLINE struct nfv_moment* moment_at(__u32 ruleset, __u64 slot) {
    asm volatile("%0 &= %1" : "+r"(slot) : "i"(NFV_SLOTS - 1));
    return &moments[ruleset][slot];
}

INLINE void read_moment(struct nfv_event* event, __u32 ruleset, __u8 slot) {
    const __u64 both = *(volatile __u64*)moment_at(ruleset, slot);
    event->slot = slot;
    __builtin_memcpy(&event->moment, &both, sizeof(both));
}

/* A new event about nothing yet. Only its head is zeroed, the rest takes longer than all reading.
 */
INLINE void reset_event(struct nfv_event* event, __u32 kind, __u32 method, __u32 ruleset) {
    __builtin_memset(event, 0, __builtin_offsetof(struct nfv_event, path));
    event->in[0] = 0;
    event->out[0] = 0;
    event->table[0] = 0;
    event->base_chain[0] = 0;
    event->chain[0] = 0;
    event->target[0] = 0;
    event->time = bpf_ktime_get_ns();
    event->cpu = bpf_get_smp_processor_id();
    event->kind = kind;
    event->method = method;
    event->ruleset = ruleset;
}

/* A new event in the ring buffer, or NULL, which is counted. */
INLINE struct nfv_event* begin_event(__u32 kind, __u32 method, __u32 ruleset) {
    struct nfv_event* event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
    if (!event) {
        count_lost();
        return 0;
    }
    reset_event(event, kind, method, ruleset);
    return event;
}
