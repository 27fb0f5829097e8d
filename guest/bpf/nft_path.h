/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "emit.h"

/* The chains that a packet is in, from the base chain on, for as long as nft_do_chain is busy with
 * it. Only packets that have jumped have an entry: it begins with the first jump and ends with the
 * verdict, or with the way back into the base chain.
 *
 * The key is the address of the packet's struct nft_pktinfo. It is on the stack of nft_do_chain's
 * caller, so no two packets that are under way have the same, also where a reject re-enters the
 * function or another CPU is in it. Site and decoy see every jump both, so each has its own. */
struct nft_path {
    __u64 base;
    __u64 skb;
    __u64 chains[NFV_CHAINS];  /* struct nft_chain *; LEFT_BY_GOTO: nobody comes back */
    __u32 handles[NFV_CHAINS]; /* of these chains */
    __u32 depth;               /* of the current chain: chains[depth] */
};

#define LEFT_BY_GOTO 1ULL

struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 4096);
    __type(key, __u64);
    __type(value, struct nft_path);
} paths SEC(".maps");

static const struct nft_path no_path = {};

/* How many entries there are, or more: nobody needs to look for one where there is none. */
__u64 path_count = 0;

/* For the verifiers of old kernels, which forget what they knew of a number on the stack. */
INLINE __u64* chain_at(struct nft_path* path, __u32 depth) {
    asm volatile("%0 &= %1" : "+r"(depth) : "i"(NFV_CHAINS - 1));
    return &path->chains[depth];
}

INLINE __u32* handle_at(struct nft_path* path, __u32 depth) {
    asm volatile("%0 &= %1" : "+r"(depth) : "i"(NFV_CHAINS - 1));
    return &path->handles[depth];
}

INLINE __u64 path_key(__u64 pkt, __u32 method) {
    return pkt | (method == NFV_DECOY);
}

/* An entry that a missed probe has left behind is another packet's, and is taken for none. */
INLINE struct nft_path* find_path(__u64 key, __u64 base, __u64 skb) {
    if (!*(volatile __u64*)&path_count)
        return 0;
    struct nft_path* path = bpf_map_lookup_elem(&paths, &key);
    return path && path->base == base && path->skb == skb ? path : 0;
}

INLINE void forget_path(__u64 key) {
    if (bpf_map_delete_elem(&paths, &key) == 0)
        __sync_fetch_and_add(&path_count, -1);
}

INLINE void path_ends(__u64 key, __u64 base, __u64 skb) {
    if (find_path(key, base, skb))
        forget_path(key);
}

INLINE struct nft_path* begin_path(__u64 key, __u64 base, __u64 skb) {
    /* Before the entry is there, and once too often rather than not at all. */
    __sync_fetch_and_add(&path_count, 1);
    bpf_map_update_elem(&paths, &key, &no_path, BPF_ANY);
    struct nft_path* path = bpf_map_lookup_elem(&paths, &key);
    if (!path)
        return 0;
    path->base = base;
    path->skb = skb;
    path->chains[0] = base;
    path->handles[0] = (__u32)read_u64(base + config.nft_layout.chain_handle);
    return path;
}

/* `left`: LEFT_BY_GOTO or 0. */
CHECKED_ONCE int path_enters(__u64 key, __u64 base, __u64 skb, __u64 target, __u64 left) {
    struct nft_path* path = find_path(key, base, skb);
    if (!path)
        path = begin_path(key, base, skb);
    if (!path)
        return 0;
    const __u32 depth = path->depth;
    if (depth + 1 >= NFV_CHAINS) {
        forget_path(key);
        return 0;
    }
    *chain_at(path, depth) |= left;
    *chain_at(path, depth + 1) = target;
    *handle_at(path, depth + 1) = (__u32)read_u64(target + config.nft_layout.chain_handle);
    path->depth = depth + 1;
    return 0;
}

/* A return, or the end of a chain: back to the nearest chain that was left by a jump. */
CHECKED_ONCE int path_returns(__u64 key, __u64 base, __u64 skb) {
    struct nft_path* path = find_path(key, base, skb);
    if (!path)
        return 0;
    __u32 depth = path->depth;
    for (int i = 0; i < NFV_CHAINS; ++i) {
        if (depth == 0)
            break;
        --depth;
        if (!(*chain_at(path, depth) & LEFT_BY_GOTO))
            break;
    }
    /* In the base chain there is nothing to remember; and where that was left by goto, the policy
     * is next. */
    if (depth == 0)
        forget_path(key);
    else
        path->depth = depth;
    return 0;
}

INLINE void put_path(struct nfv_event* event, const struct nft_path* path) {
    __builtin_memcpy(event->path, path->handles, sizeof(event->path));
    event->path_length = (__u8)path->depth;
}
