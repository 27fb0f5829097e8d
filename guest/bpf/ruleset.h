/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "emit.h"

/* The namespace of the transaction that a task is in the middle of. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1024);
    __type(key, __u64);
    __type(value, __u32);
} committing SEC(".maps");

INLINE int change_begins(__u32 ruleset, struct net* net) {
    __u64 task = bpf_get_current_pid_tgid();
    __u32 netns = net ? BPF_CORE_READ(net, ns.inum) : 0;
    bpf_map_update_elem(&committing, &task, &netns, BPF_ANY);
    __sync_fetch_and_add(&started[ruleset], 1);
    return 0;
}

INLINE int change_ends(__u32 ruleset) {
    __u64 task = bpf_get_current_pid_tgid();
    __sync_fetch_and_add(&finished[ruleset], 1);
    __u32* netns = bpf_map_lookup_elem(&committing, &task);
    struct nfv_event* event = begin_event(NFV_RULESET, NFV_SITE, ruleset);
    if (event) {
        event->netns = netns ? *netns : 0;
        bpf_ringbuf_submit(event, wakeup(event));
    }
    bpf_map_delete_elem(&committing, &task);
    return 0;
}

/* nf_tables_commit(struct net *, struct sk_buff *) */
SEC("kprobe")
int on_nft_commit(struct pt_regs* ctx) {
    return change_begins(NFV_RULESET_NFT, (struct net*)ctx->di);
}

SEC("kretprobe")
int on_nft_committed(struct pt_regs* ctx) {
    return change_ends(NFV_RULESET_NFT);
}

/* xt_replace_table(struct xt_table *, …) does not say whose table it is. */
SEC("kprobe")
int on_xt_replace(struct pt_regs* ctx) {
    return change_begins(NFV_RULESET_XT, 0);
}

SEC("kretprobe")
int on_xt_replaced(struct pt_regs* ctx) {
    return change_ends(NFV_RULESET_XT);
}

/* do_replace_finish(struct net *, …) of ebtables */
SEC("kprobe")
int on_ebt_replace(struct pt_regs* ctx) {
    return change_begins(NFV_RULESET_XT, (struct net*)ctx->di);
}

SEC("kretprobe")
int on_ebt_replaced(struct pt_regs* ctx) {
    return change_ends(NFV_RULESET_XT);
}
