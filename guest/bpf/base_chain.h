/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "emit.h"

#define LAYOUT config.nft_layout

struct chain_piece {
    __u64 words[4]; /* from table on */
};

struct base_piece {
    __u64 words[6]; /* of the enclosing struct nft_base_chain, from ops.pf on */
};

/* Transactions of nftables that have begun, and that have ended, in any namespace. */
__u32 commits = 0;
__u32 commits_ended = 0;

/* What a base chain is called is read once for as long as no transaction begins. It is only for
 * final verdicts of rules: a chain in another one's memory has no rules before its transaction.
 * Names that are longer are not kept. */
enum { NFV_KNOWN = 64, NFV_KNOWN_NAME = 32 };

struct known_base {
    __u64 chain, handle;
    char table_name[NFV_KNOWN_NAME]; /* at words, else they are copied byte by byte */
    char chain_name[NFV_KNOWN_NAME];
    __u32 commits;
    __s32 priority;
    __u8 family;
    __u8 policy;
};

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, NFV_KNOWN);
    __type(key, __u32);
    __type(value, struct known_base);
} known_bases SEC(".maps");

INLINE struct known_base* known_slot(__u64 chain) {
    __u32 slot = (__u32)(chain >> 7 ^ chain >> 13) & (NFV_KNOWN - 1);
    return bpf_map_lookup_elem(&known_bases, &slot);
}

INLINE long read_string(char* text, __u64 from) {
    return bpf_probe_read_kernel_str(text, NFV_NAME, (const void*)from);
}

INLINE void read_chain_name(char* name, __u64 chain) {
    read_string(name, read_u64(chain + LAYOUT.chain_name));
}

INLINE void read_base(struct nfv_event* event, __u64 chain) {
    struct base_piece piece;
    const __u64 distance = (LAYOUT.base_pf + 7ULL) & ~7ULL;
    bpf_probe_read_kernel(&piece, sizeof(piece), (const void*)(chain - distance));
    event->table_family =
        TAKE(__u8, piece, distance - LAYOUT.base_pf, read_u8(chain - LAYOUT.base_pf));
    event->priority =
        TAKE(__s32, piece, distance - LAYOUT.base_priority, read_s32(chain - LAYOUT.base_priority));
    event->policy =
        TAKE(__u8, piece, distance - LAYOUT.base_policy, read_u8(chain - LAYOUT.base_policy));
}

INLINE void read_base_chain(struct nfv_event* event, __u64 chain, bool by_rule) {
    if (!chain)
        return;
    const __u32 ended = *(volatile __u32*)&commits_ended;
    const __u32 now = *(volatile __u32*)&commits;
    struct known_base* known = by_rule ? known_slot(chain) : 0;
    if (known && known->chain == chain && known->commits == now) {
        event->base_handle = known->handle;
        event->table_family = known->family;
        event->priority = known->priority;
        event->policy = known->policy;
        __builtin_memcpy(event->table, known->table_name, NFV_KNOWN_NAME);
        __builtin_memcpy(event->base_chain, known->chain_name, NFV_KNOWN_NAME);
        return;
    }
    struct chain_piece piece;
    const __u32 start = LAYOUT.chain_table;
    bpf_probe_read_kernel(&piece, sizeof(piece), (const void*)(chain + start));
    const __u64 table = piece.words[0];
    const __u64 handle =
        TAKE(__u64, piece, LAYOUT.chain_handle - start, read_u64(chain + LAYOUT.chain_handle));
    const __u64 name =
        TAKE(__u64, piece, LAYOUT.chain_name - start, read_u64(chain + LAYOUT.chain_name));
    event->base_handle = handle;
    read_base(event, chain);
    const long chain_length = read_string(event->base_chain, name);
    const long table_length = read_string(event->table, read_u64(table + LAYOUT.table_name));
    /* In the middle of a transaction a chain may just be renamed. */
    if (!known || now != ended || chain_length <= 0 || chain_length > NFV_KNOWN_NAME ||
        table_length <= 0 || table_length > NFV_KNOWN_NAME)
        return;
    known->chain = chain;
    known->handle = handle;
    known->commits = now;
    known->family = event->table_family;
    known->priority = event->priority;
    known->policy = event->policy;
    __builtin_memcpy(known->table_name, event->table, NFV_KNOWN_NAME);
    __builtin_memcpy(known->chain_name, event->base_chain, NFV_KNOWN_NAME);
}

#undef LAYOUT
