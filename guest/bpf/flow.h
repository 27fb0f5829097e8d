/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "emit.h"

/* Packets that a flowtable forwards: its function at ingress sends them out by itself, and no other
 * hook sees them. They are read at its entry, since they are on their way when it returns. */

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct nfv_event);
} offloading SEC(".maps");

/* nf_flow_offload_ip_hook(void *priv, struct sk_buff *, const struct nf_hook_state *), and ipv6's
 */
SEC("kprobe")
int on_flow(struct pt_regs* ctx) {
    __u32 zero = 0;
    struct nfv_event* event = bpf_map_lookup_elem(&offloading, &zero);
    if (!event)
        return 0;
    reset_event(event, NFV_FLOW, NFV_SITE, NFV_RULESET_NFT);
    read_packet(event, (struct sk_buff*)ctx->si);
    read_connection(event);
    read_state_at_kprobe(event, (struct nf_hook_state*)ctx->dx);
    return 0;
}

SEC("kretprobe")
int on_flow_done(struct pt_regs* ctx) {
    const __u32 stolen = 2; /* NF_STOLEN */
    __u32 zero = 0;
    struct nfv_event* event = bpf_map_lookup_elem(&offloading, &zero);
    if (!event || !event->kind)
        return 0;
    if ((__u32)ctx->ax == stolen &&
        bpf_ringbuf_output(&events, event, sizeof(*event), wakeup(event)))
        count_lost();
    event->kind = 0;
    return 0;
}
