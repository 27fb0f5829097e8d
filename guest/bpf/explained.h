/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "read.h"

/* The packet that a rule on this CPU has dropped last: the kernel frees it next, and that must not
 * be told as a drop of its own. */
struct explained_drop {
    __u64 skb;
    __u64 time; /* ns; its sk_buff is somebody else's soon */
};

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct explained_drop);
} explained SEC(".maps");

/* A rule's or policy's verdict about a packet is reported; `verdict` is netfilter's. */
INLINE void explain(__u64 skb, __u32 verdict) {
    const __u32 mask = 0xff, drop = 0; /* NF_VERDICT_MASK, NF_DROP */
    __u32 zero = 0;
    if ((verdict & mask) != drop)
        return;
    struct explained_drop* last = bpf_map_lookup_elem(&explained, &zero);
    if (!last)
        return;
    last->skb = skb;
    last->time = bpf_ktime_get_ns();
}

INLINE bool is_explained(__u64 skb) {
    /* Not sooner: a busy machine stops a guest for longer than 10 ms. */
    const __u64 soon = 100000000;
    __u32 zero = 0;
    struct explained_drop* last = bpf_map_lookup_elem(&explained, &zero);
    if (!last || last->skb != skb || bpf_ktime_get_ns() - last->time > soon)
        return 0;
    last->skb = 0;
    return 1;
}
