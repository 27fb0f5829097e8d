/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "emit.h"

/* What is known of a packet on its way through one table of legacy xtables. Nobody changes CPUs
 * meanwhile: the functions run with bottom halves disabled. REJECT and TEE send packets of their
 * own through the same functions, on the same CPU: those are other sk_buffs. */
INLINE __u64 xt_key(__u64 skb) {
    return (skb & 0xffffffffffffULL) | (__u64)bpf_get_smp_processor_id() << 48;
}

/* The entries from which the packet has jumped and not come back, as offsets in the table's blob.
 * Only packets that have jumped have such a list, until the table's verdict. */
struct xt_path {
    __u64 table;
    __u32 depth;
    __u32 entries[NFV_CHAINS];
};

struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 4096);
    __type(key, __u64);
    __type(value, struct xt_path);
} xt_paths SEC(".maps");

/* How many entries there are, or more: nobody needs to look for one where there is none. */
__u64 xt_path_count = 0;

/* For the verifiers of old kernels, which forget what they knew of a number on the stack. */
INLINE __u32* entry_at(struct xt_path* path, __u32 depth) {
    asm volatile("%0 &= %1" : "+r"(depth) : "i"(NFV_CHAINS - 1));
    return &path->entries[depth];
}

/* What a missed probe has left behind is of another table, or found out by user space. */
INLINE struct xt_path* find_xt_path(__u64 key, __u64 table) {
    if (!*(volatile __u64*)&xt_path_count)
        return 0;
    struct xt_path* path = bpf_map_lookup_elem(&xt_paths, &key);
    return path && path->table == table ? path : 0;
}

INLINE void xt_path_ends(__u64 key) {
    if (*(volatile __u64*)&xt_path_count && bpf_map_delete_elem(&xt_paths, &key) == 0)
        __sync_fetch_and_add(&xt_path_count, -1);
}

/* `left`: NFV_LEFT_BY_GOTO or 0. */
CHECKED_ONCE int xt_path_enters(__u64 key, __u64 table, __u32 entry, __u32 left) {
    struct xt_path* path = find_xt_path(key, table);
    if (!path) {
        struct xt_path first = {.table = table, .depth = 1};
        first.entries[0] = entry | left;
        /* Before the entry is there, and once too often rather than not at all. */
        __sync_fetch_and_add(&xt_path_count, 1);
        bpf_map_update_elem(&xt_paths, &key, &first, BPF_ANY);
        return 0;
    }
    const __u32 depth = path->depth;
    if (depth + 1 >= NFV_CHAINS) {
        xt_path_ends(key);
        return 0;
    }
    *entry_at(path, depth) = entry | left;
    path->depth = depth + 1;
    return 0;
}

/* Back behind the nearest entry that has jumped; goto leaves no way back. */
CHECKED_ONCE int xt_path_returns(__u64 key, __u64 table) {
    struct xt_path* path = find_xt_path(key, table);
    if (!path)
        return 0;
    __u32 depth = path->depth;
    for (int i = 0; i < NFV_CHAINS; ++i) {
        if (depth == 0)
            break;
        --depth;
        if (!(*entry_at(path, depth) & NFV_LEFT_BY_GOTO))
            break;
    }
    if (depth == 0)
        xt_path_ends(key);
    else
        path->depth = depth;
    return 0;
}

INLINE void put_xt_path(struct nfv_event* event, __u64 key, __u64 table) {
    struct xt_path* path = find_xt_path(key, table);
    if (!path)
        return;
    __builtin_memcpy(event->path, path->entries, sizeof(event->path));
    event->path_length = (__u8)path->depth;
}

/* The table that a packet is in, where the function does not keep it. */
struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 1024);
    __type(key, __u64);
    __type(value, __u64);
} xt_entered SEC(".maps");

INLINE int xt_enters(struct pt_regs* ctx, const volatile struct nfv_xt_entry_site* site) {
    __u64 key = xt_key(read_location(ctx, &site->skb));
    __u64 table = read_location(ctx, &site->table);
    bpf_map_update_elem(&xt_entered, &key, &table, BPF_ANY);
    return 0;
}

INLINE __u64 xt_entered_table(__u64 key) {
    __u64* table = bpf_map_lookup_elem(&xt_entered, &key);
    return table ? *table : 0;
}
