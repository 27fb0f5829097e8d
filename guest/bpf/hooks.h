/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "emit.h"

/* Walks through a hook's functions, for `--all`: nf_hook_slow's beginning, with the functions, and
 * its end, with what came of it. One that was interrupted by another on its processor is not told.
 */

struct hook_walk {
    __u64 skb;
};

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct hook_walk);
} walking SEC(".maps");

/* nf_hook_slow(struct sk_buff *, struct nf_hook_state *, const struct nf_hook_entries *, unsigned)
 */
SEC("kprobe")
int on_hook(struct pt_regs* ctx) {
    __u32 zero = 0;
    struct hook_walk* walk = bpf_map_lookup_elem(&walking, &zero);
    struct nfv_event* event = walk ? begin_event(NFV_HOOK, NFV_SITE, NFV_RULESET_NFT) : 0;
    if (!event)
        return 0;
    walk->skb = ctx->di;
    read_packet(event, (struct sk_buff*)ctx->di);
    read_connection(event);
    read_state_at_kprobe(event, (struct nf_hook_state*)ctx->si);
    event->entry = (__u32)ctx->cx;
    /* num_hook_entries, then {function, priv} from the next 8 bytes on */
    event->reason = read_u16(ctx->dx);
    bpf_probe_read_kernel(event->table, NFV_NAME * 4, (const void*)(ctx->dx + 8));
    bpf_ringbuf_submit(event, wakeup(event));
    return 0;
}

SEC("kretprobe")
int on_hook_done(struct pt_regs* ctx) {
    __u32 zero = 0;
    struct hook_walk* walk = bpf_map_lookup_elem(&walking, &zero);
    if (!walk || !walk->skb)
        return 0;
    struct nfv_event* event = begin_event(NFV_HOOK_DONE, NFV_SITE, NFV_RULESET_NFT);
    if (event) {
        event->skb = walk->skb;
        event->verdict = (__s32)ctx->ax;
        bpf_ringbuf_submit(event, wakeup(event));
    }
    walk->skb = 0;
    return 0;
}
