/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base_chain.h"

/* The transaction that a task is in the middle of. */
struct change {
    __u32 netns; /* 0: not known */
    __u32 slot;
};

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1024);
    __type(key, __u64);
    __type(value, struct change);
} committing SEC(".maps");

INLINE int change_begins(__u32 ruleset, __u32 netns, __u8 slot) {
    __u64 task = bpf_get_current_pid_tgid();
    struct change change = {.netns = netns, .slot = slot};
    bpf_map_update_elem(&committing, &task, &change, BPF_ANY);
    __sync_fetch_and_add(&moment_at(ruleset, slot)->started, 1);
    return 0;
}

/* One whose beginning was not seen, since the probes were not there yet, is before all records. */
INLINE int change_ends(__u32 ruleset) {
    __u64 task = bpf_get_current_pid_tgid();
    struct change* change = bpf_map_lookup_elem(&committing, &task);
    if (!change)
        return 0;
    const __u8 slot = (__u8)change->slot;
    if (ruleset == NFV_RULESET_NFT)
        __sync_fetch_and_add(&commits_ended, 1);
    __sync_fetch_and_add(&moment_at(ruleset, slot)->finished, 1);
    struct nfv_event* event = begin_event(NFV_RULESET, NFV_SITE, ruleset);
    if (event) {
        event->netns = change->netns;
        read_moment(event, ruleset, slot);
        bpf_ringbuf_submit(event, wakeup(event));
    }
    bpf_map_delete_elem(&committing, &task);
    return 0;
}

INLINE __u32 number_of(__u64 net) {
    return BPF_CORE_READ((struct net*)net, ns.inum);
}

/* nf_tables_commit(struct net *, struct sk_buff *) */
SEC("kprobe")
int on_nft_commit(struct pt_regs* ctx) {
    const __u32 netns = number_of(ctx->di);
    __sync_fetch_and_add(&commits, 1);
    return change_begins(NFV_RULESET_NFT, netns, netns_slot(netns));
}

SEC("kretprobe")
int on_nft_committed(struct pt_regs* ctx) {
    return change_ends(NFV_RULESET_NFT);
}

/* xt_replace_table(struct xt_table *, …) does not say whose table it is. */
SEC("kprobe")
int on_xt_replace(struct pt_regs* ctx) {
    return change_begins(NFV_RULESET_XT, 0, table_slot(ctx->di));
}

SEC("kretprobe")
int on_xt_replaced(struct pt_regs* ctx) {
    return change_ends(NFV_RULESET_XT);
}

/* do_replace_finish(struct net *, …) of ebtables */
SEC("kprobe")
int on_ebt_replace(struct pt_regs* ctx) {
    const __u32 netns = number_of(ctx->di);
    return change_begins(NFV_RULESET_XT, netns, netns_slot(netns));
}

SEC("kretprobe")
int on_ebt_replaced(struct pt_regs* ctx) {
    return change_ends(NFV_RULESET_XT);
}
