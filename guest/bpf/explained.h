/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "read.h"

/* The packets that rules have dropped and the kernel has not freed yet, with the time (ns): that it
 * frees them must not be told as a drop of its own. There are several on one CPU at a time: before
 * ip_tables goes back to the hook it lets softirqs run, in which other packets are dropped. The
 * table's oldest make room for those whose freeing nobody tells of. */
enum { NFV_EXPLAINED = 4096 };

struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, NFV_EXPLAINED);
    __type(key, __u64); /* the sk_buff */
    __type(value, __u64);
} explained SEC(".maps");

/* A rule's or policy's verdict about a packet is reported; `verdict` is netfilter's. */
INLINE void explain(__u64 skb, __u32 verdict) {
    const __u32 mask = 0xff, drop = 0; /* NF_VERDICT_MASK, NF_DROP */
    if ((verdict & mask) != drop)
        return;
    __u64 now = bpf_ktime_get_ns();
    bpf_map_update_elem(&explained, &skb, &now, BPF_ANY);
}

/* The packet is freed: its sk_buff is somebody else's soon. */
INLINE bool is_explained(__u64 skb) {
    __u64* time = bpf_map_lookup_elem(&explained, &skb);
    if (!time)
        return 0;
    const bool just_now = bpf_ktime_get_ns() - *time <= NFV_SOON;
    bpf_map_delete_elem(&explained, &skb);
    return just_now;
}
