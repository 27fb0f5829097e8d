/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "emit.h"
#include "explained.h"

#define LAYOUT config.xt_layout

/* Entries whose target is running, by sk_buff and CPU. A REJECT sends a packet of its own, which
 * passes through the same function before the first one's target returns; and a packet that a
 * target has taken may be another CPU's new one before the target returns. Nobody changes CPUs
 * meanwhile: the function runs with bottom halves disabled. */
struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 1024);
    __type(key, __u64);
    __type(value, struct nfv_event);
} running SEC(".maps");

INLINE __u64 running_key(__u64 skb) {
    return (skb & 0xffffffffffffULL) | (__u64)bpf_get_smp_processor_id() << 48;
}

/* An event does not fit on a program's stack. */
static const struct nfv_event empty_event = {};

INLINE void fill_xt(struct nfv_event* event, struct pt_regs* ctx,
                    const volatile struct nfv_xt_site* site, __u64 entry, __u64 target_kernel) {
    event->table_family = site->family;
    struct sk_buff* skb = (struct sk_buff*)read_location(ctx, &site->skb);
    __u64 table = read_location(ctx, &site->table);
    read_packet(event, skb);
    read_conntrack(event, skb);
    __u64 state = read_location(ctx, &site->state);
    if (state)
        read_state(event, (struct nf_hook_state*)state);
    else
        event->netns = BPF_CORE_READ(skb, dev, nd_net.net, ns.inum);
    __u64 blob = read_u64(table + LAYOUT.table_private) + LAYOUT.info_entries;
    event->entry = (__u32)(entry - blob);
    bpf_probe_read_kernel_str(event->table, NFV_NAME, (const void*)(table + LAYOUT.table_name));
    bpf_probe_read_kernel_str(event->target, NFV_TARGET,
                              (const void*)(target_kernel + LAYOUT.target_name));
}

/* XT_RETURN of include/uapi/linux/netfilter/x_tables.h, as a standard target's verdict. */
#define STANDARD_RETURN (-5)

INLINE int xt_matched(struct pt_regs* ctx, const volatile struct nfv_xt_site* site) {
    __u64 entry = read_location(ctx, &site->entry);
    __u64 target = entry + read_u16(entry + site->target_offset_field);
    __u64 kernel = read_u64(target + LAYOUT.target_kernel);
    if (read_u64(kernel + LAYOUT.target_function)) {
        __u64 key = running_key(read_location(ctx, &site->skb));
        bpf_map_update_elem(&running, &key, &empty_event, BPF_ANY);
        struct nfv_event* event = bpf_map_lookup_elem(&running, &key);
        if (!event) {
            count_lost();
            return 0;
        }
        event->started = started[NFV_RULESET_XT];
        event->finished = finished[NFV_RULESET_XT];
        event->kind = NFV_XT_TARGET;
        event->method = NFV_SITE;
        event->ruleset = NFV_RULESET_XT;
        fill_xt(event, ctx, site, entry, kernel);
        return 0;
    }
    __s32 verdict = read_s32(target + LAYOUT.standard_verdict);
    if (!config.all && (verdict >= 0 || verdict == STANDARD_RETURN))
        return 0;
    struct nfv_event* event = begin_event(NFV_XT_STANDARD, NFV_SITE, NFV_RULESET_XT);
    if (!event)
        return 0;
    event->verdict = verdict;
    fill_xt(event, ctx, site, entry, kernel);
    if (verdict < 0 && verdict != STANDARD_RETURN)
        explain(event->skb, -verdict - 1);
    bpf_ringbuf_submit(event, 0);
    return 0;
}

INLINE int xt_result(struct pt_regs* ctx, const volatile struct nfv_xt_site* site) {
    /* XT_CONTINUE, NF_STOLEN */
    const __u32 go_on = 0xffffffff, stolen = 2;
    __u64 skb = read_location(ctx, &site->result_skb);
    __u64 key = running_key(skb);
    struct nfv_event* event = bpf_map_lookup_elem(&running, &key);
    if (!event) {
        count_lost();
        return 0;
    }
    __u32 verdict = (__u32)ctx->ax;
    if (verdict != go_on || config.all) {
        event->verdict = (__s32)verdict;
        event->time = bpf_ktime_get_ns();
        event->cpu = bpf_get_smp_processor_id();
        /* A NAT target has just decided what the answer will look like; of a stolen packet nothing
         * may be left to read. */
        if ((verdict & 0xff) != stolen)
            read_conntrack(event, (struct sk_buff*)skb);
        if (verdict != go_on)
            explain(skb, verdict);
        if (bpf_ringbuf_output(&events, event, sizeof(*event), 0))
            count_lost();
    }
    bpf_map_delete_elem(&running, &key);
    return 0;
}

SEC("kprobe")
int on_ipt_matched(struct pt_regs* ctx) {
    return xt_matched(ctx, &config.xt[0]);
}

SEC("kprobe")
int on_ip6t_matched(struct pt_regs* ctx) {
    return xt_matched(ctx, &config.xt[1]);
}

SEC("kprobe")
int on_ipt_result(struct pt_regs* ctx) {
    return xt_result(ctx, &config.xt[0]);
}

SEC("kprobe")
int on_ip6t_result(struct pt_regs* ctx) {
    return xt_result(ctx, &config.xt[1]);
}

#undef LAYOUT
