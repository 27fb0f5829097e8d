/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "emit.h"

#define LAYOUT config.nft_layout

struct nft_hit {
    __u64 rule, pkt, base_chain, chain;
    __u64 target; /* struct nft_chain * of a jump */
    __s32 code;
};

INLINE void read_chain_name(char* name, __u64 chain) {
    bpf_probe_read_kernel_str(name, NFV_NAME, (const void*)read_u64(chain + LAYOUT.chain_name));
}

INLINE void read_base_chain(struct nfv_event* event, __u64 chain) {
    if (!chain)
        return;
    event->base_handle = read_u64(chain + LAYOUT.chain_handle);
    event->table_family = read_u8(chain - LAYOUT.base_pf);
    event->priority = read_s32(chain - LAYOUT.base_priority);
    event->policy = read_u8(chain - LAYOUT.base_policy);
    read_chain_name(event->base_chain, chain);
    __u64 table = read_u64(chain + LAYOUT.chain_table);
    bpf_probe_read_kernel_str(event->table, NFV_NAME,
                              (const void*)read_u64(table + LAYOUT.table_name));
}

INLINE void read_rule(struct nfv_event* event, struct nft_hit* hit) {
    if (!hit->rule)
        return;
    __u64 header = read_u64(hit->rule + LAYOUT.handle_offset);
    if (LAYOUT.blob && (header & 1)) {
        event->end_marker = 1;
        if (!hit->chain && LAYOUT.last_chain)
            hit->chain = read_u64(hit->rule + LAYOUT.last_chain);
        return;
    }
    event->rule = (header >> LAYOUT.handle_shift) & LAYOUT.handle_mask;
}

INLINE int report_nft(__u32 kind, __u32 method, struct nft_hit* hit) {
    if (kind == NFV_NFT_VERDICT && hit->code < 0 && !config.all)
        return 0;
    struct nfv_event* event = begin_event(kind, method, NFV_RULESET_NFT);
    if (!event)
        return 0;
    struct sk_buff* skb = (struct sk_buff*)read_u64(hit->pkt);
    read_packet(event, skb);
    read_conntrack(event, skb);
    read_state(event, (struct nf_hook_state*)read_u64(hit->pkt + LAYOUT.pkt_state));
    read_base_chain(event, hit->base_chain);
    event->verdict = hit->code;
    if (kind == NFV_NFT_VERDICT) {
        read_rule(event, hit);
        if (hit->chain) {
            event->has_chain = 1;
            event->chain_handle = read_u64(hit->chain + LAYOUT.chain_handle);
            read_chain_name(event->chain, hit->chain);
        }
        if (hit->target) {
            event->target_handle = read_u64(hit->target + LAYOUT.chain_handle);
            read_chain_name(event->target, hit->target);
        }
    }
    bpf_ringbuf_submit(event, 0);
    return 0;
}

/* NFT_JUMP and NFT_GOTO of include/uapi/linux/netfilter/nf_tables.h: only they carry a chain. */
INLINE void read_verdict(struct nft_hit* hit, __u64 verdict) {
    hit->code = read_s32(verdict);
    if (hit->code == -3 || hit->code == -4)
        hit->target = read_u64(verdict + 8);
}

INLINE int nft_verdict(struct pt_regs* ctx, const volatile struct nfv_nft_site* site) {
    struct nft_hit hit = {
        .rule = read_location(ctx, &site->rule),
        .pkt = read_location(ctx, &site->pkt),
        .base_chain = read_location(ctx, &site->base_chain),
        .chain = read_location(ctx, &site->chain),
    };
    read_verdict(&hit, ctx->sp + (__s64)site->verdict_code);
    return report_nft(NFV_NFT_VERDICT, NFV_SITE, &hit);
}

INLINE int nft_policy(struct pt_regs* ctx, const volatile struct nfv_nft_site* site) {
    struct nft_hit hit = {
        .pkt = read_location(ctx, &site->pkt),
        .base_chain = read_location(ctx, &site->base_chain),
    };
    return report_nft(NFV_NFT_POLICY, NFV_SITE, &hit);
}

/* Fills the hit from a struct nft_traceinfo; before 6.4 it held the packet and the rule, too. */
INLINE void read_trace_info(struct nft_hit* hit, __u64 info) {
    __u64 base = read_u64(info + LAYOUT.info_base);
    hit->base_chain = base ? base + LAYOUT.base_start : 0;
    if (LAYOUT.trace_abi != NFV_TRACE_INFO)
        return;
    hit->pkt = read_u64(info + LAYOUT.info_pkt);
    hit->rule = read_u64(info + LAYOUT.info_rule);
}

SEC("kprobe")
int on_nft_verdict(struct pt_regs* ctx) {
    return nft_verdict(ctx, &config.nft[0]);
}

SEC("kprobe")
int on_nft_verdict_traced(struct pt_regs* ctx) {
    return nft_verdict(ctx, &config.nft[1]);
}

SEC("kprobe")
int on_nft_policy(struct pt_regs* ctx) {
    return nft_policy(ctx, &config.policy[0]);
}

SEC("kprobe")
int on_nft_policy_traced(struct pt_regs* ctx) {
    return nft_policy(ctx, &config.policy[1]);
}

SEC("kprobe")
int on_decoy_verdict(struct pt_regs* ctx) {
    struct nft_hit hit = {};
    if (LAYOUT.trace_abi == NFV_TRACE_INFO) {
        read_trace_info(&hit, ctx->di);
        hit.chain = ctx->si;
        read_verdict(&hit, read_u64(ctx->di + LAYOUT.info_verdict));
    } else {
        read_trace_info(&hit, ctx->si);
        hit.pkt = ctx->di;
        hit.rule = ctx->dx;
        read_verdict(&hit, ctx->cx);
    }
    return report_nft(NFV_NFT_VERDICT, NFV_DECOY, &hit);
}

SEC("kprobe")
int on_decoy_packet(struct pt_regs* ctx) {
    /* NFT_TRACETYPE_POLICY */
    const __u32 policy = 1;
    struct nft_hit hit = {};
    if (LAYOUT.trace_abi == NFV_TRACE_INFO) {
        if ((__u32)ctx->dx != policy)
            return 0;
        read_trace_info(&hit, ctx->di);
    } else {
        if ((__u32)ctx->r8 != policy)
            return 0;
        read_trace_info(&hit, ctx->cx);
        hit.pkt = ctx->di;
    }
    return report_nft(NFV_NFT_POLICY, NFV_DECOY, &hit);
}

#undef LAYOUT
