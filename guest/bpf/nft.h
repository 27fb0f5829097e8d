/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base_chain.h"
#include "explained.h"
#include "nft_path.h"

#define LAYOUT config.nft_layout

struct verdict_piece { /* the beginning of struct nft_regs */
    __s32 code;
    __u32 padding;
    __u64 chain; /* of a jump */
    __u8 registers[NFV_REGISTERS];
};

struct nft_hit {
    __u64 rule, pkt, base_chain, chain;
    __u64 skb, state;
    struct verdict_piece verdict;
    bool has_registers;
};

/* Codes of include/uapi/linux/netfilter/nf_tables.h; from 0 on they are netfilter's, and final. */
enum { NFT_CONTINUE = -1, NFT_JUMP = -3, NFT_GOTO = -4, NFT_RETURN = -5 };

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

/* The chain and the way to it, as long as nobody knows better. */
INLINE void read_chain(struct nfv_event* event, struct nft_hit* hit, __u64 key) {
    struct nft_path* path = find_path(key, hit->base_chain, hit->skb);
    __u64 current = hit->base_chain;
    if (path)
        current = *chain_at(path, path->depth);
    if (hit->chain && hit->chain != current) {
        current = hit->chain;
        path = 0;
    }
    event->has_chain = hit->chain ? NFV_CHAIN_TOLD : NFV_CHAIN_FOLLOWED;
    if (current == hit->base_chain) {
        event->chain_handle = event->base_handle;
        return;
    }
    event->chain_handle = read_u64(current + LAYOUT.chain_handle);
    read_chain_name(event->chain, current);
    if (path)
        put_path(event, path);
}

INLINE bool is_jump(__s32 code) {
    return code == NFT_JUMP || code == NFT_GOTO;
}

INLINE void read_outcome(struct nfv_event* event, struct nft_hit* hit, __u64 key) {
    const __s32 code = hit->verdict.code;
    read_rule(event, hit);
    read_chain(event, hit, key);
    if (is_jump(code)) {
        event->target_handle = read_u64(hit->verdict.chain + LAYOUT.chain_handle);
        read_chain_name(event->target, hit->verdict.chain);
    }
    if (hit->has_registers && code != NFT_CONTINUE) {
        __builtin_memcpy(event->registers, hit->verdict.registers, NFV_REGISTERS);
        event->has_registers = 1;
    }
}

/* `key`: of the path, for other events than a policy's. */
INLINE int report_nft(__u32 kind, __u32 method, struct nft_hit* hit, __u64 key) {
    const __s32 code = hit->verdict.code;
    struct nfv_event* event = begin_event(kind, method, NFV_RULESET_NFT);
    if (!event)
        return 0;
    struct sk_buff* skb = (struct sk_buff*)hit->skb;
    read_packet(event, skb);
    read_connection(event);
    read_state_at_kprobe(event, (struct nf_hook_state*)hit->state);
    read_moment(event, NFV_RULESET_NFT, netns_slot(event->netns));
    read_mac(event, skb);
    read_base_chain(event, hit->base_chain, kind == NFV_NFT_VERDICT && code >= 0);
    event->verdict = code;
    if (kind != NFV_NFT_POLICY)
        read_outcome(event, hit, key);
    if (kind == NFV_NFT_POLICY)
        explain(hit->skb, event->policy);
    else if (code >= 0)
        explain(hit->skb, code);
    bpf_ringbuf_submit(event, wakeup(event));
    return 0;
}

struct pkt_piece {
    __u64 words[5]; /* skb, and as far as the state */
};

INLINE void read_pkt(struct nft_hit* hit) {
    struct pkt_piece piece;
    const __u32 size = LAYOUT.pkt_state + sizeof(hit->state);
    if (config.pieces)
        bpf_probe_read_kernel(&piece, size, (const void*)hit->pkt);
    else
        piece.words[0] = read_u64(hit->pkt);
    hit->skb = piece.words[0];
    hit->state = TAKE(__u64, piece, LAYOUT.pkt_state, read_u64(hit->pkt + LAYOUT.pkt_state));
}

INLINE int on_verdict(__u32 method, struct nft_hit* hit) {
    const __s32 code = hit->verdict.code;
    read_pkt(hit);
    const __u64 key = path_key(hit->pkt, method);
    bool told = code >= 0 || config.all;
    /* Else the compiler writes the report twice, for verdicts that are final and others. */
    asm volatile("" : "+r"(told));
    if (told)
        report_nft(NFV_NFT_VERDICT, method, hit, key);
    if (code >= 0)
        path_ends(key, hit->base_chain, hit->skb);
    else if (is_jump(code))
        path_enters(key, hit->base_chain, hit->skb, hit->verdict.chain,
                    code == NFT_GOTO ? LEFT_BY_GOTO : 0);
    else
        path_returns(key, hit->base_chain, hit->skb);
    return 0;
}

INLINE int on_policy(__u32 method, struct nft_hit* hit) {
    read_pkt(hit);
    return report_nft(NFV_NFT_POLICY, method, hit, 0);
}

/* The verdict is the first member of struct nft_regs, as long as four registers. */
INLINE void read_verdict(struct nft_hit* hit, __u64 verdict, bool has_registers) {
    hit->has_registers = has_registers;
    if (has_registers)
        bpf_probe_read_kernel(&hit->verdict, sizeof(hit->verdict), (const void*)verdict);
    else
        bpf_probe_read_kernel(&hit->verdict, __builtin_offsetof(struct verdict_piece, registers),
                              (const void*)verdict);
}

INLINE int nft_verdict(struct pt_regs* ctx, const volatile struct nfv_nft_site* site) {
    struct nft_hit hit;
    hit.rule = read_location(ctx, &site->rule);
    hit.pkt = read_location(ctx, &site->pkt);
    hit.base_chain = read_location(ctx, &site->base_chain);
    hit.chain = read_location(ctx, &site->chain);
    read_verdict(&hit, ctx->sp + (__s64)site->verdict_code, site->has_registers);
    return on_verdict(NFV_SITE, &hit);
}

INLINE int nft_policy(struct pt_regs* ctx, const volatile struct nfv_nft_site* site) {
    struct nft_hit hit = {
        .pkt = read_location(ctx, &site->pkt),
        .base_chain = read_location(ctx, &site->base_chain),
    };
    return on_policy(NFV_SITE, &hit);
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
        read_verdict(&hit, read_u64(ctx->di + LAYOUT.info_verdict), 1);
    } else {
        read_trace_info(&hit, ctx->si);
        hit.pkt = ctx->di;
        hit.rule = ctx->dx;
        read_verdict(&hit, ctx->cx, 1);
    }
    return on_verdict(NFV_DECOY, &hit);
}

/* The arguments of __nft_trace_packet: false when its type is another one. */
INLINE bool read_trace_packet(struct nft_hit* hit, struct pt_regs* ctx, __u32 type) {
    if (LAYOUT.trace_abi == NFV_TRACE_INFO) {
        if ((__u32)ctx->dx != type)
            return 0;
        read_trace_info(hit, ctx->di);
        hit->chain = ctx->si;
        hit->verdict.code = read_s32(read_u64(ctx->di + LAYOUT.info_verdict));
    } else {
        if ((__u32)ctx->r8 != type)
            return 0;
        read_trace_info(hit, ctx->cx);
        hit->pkt = ctx->di;
        hit->rule = ctx->dx;
        hit->verdict.code = read_s32(ctx->si);
    }
    return 1;
}

/* Of enum nft_trace_types. */
enum { NFT_TRACETYPE_POLICY = 1, NFT_TRACETYPE_RULE = 3 };

SEC("kprobe")
int on_decoy_packet(struct pt_regs* ctx) {
    struct nft_hit hit = {};
    if (!read_trace_packet(&hit, ctx, NFT_TRACETYPE_POLICY))
        return 0;
    return on_policy(NFV_DECOY, &hit);
}

/* Whether this is the end of a chain: a mark behind the last rule, on kernels that have one. */
INLINE bool is_end_marker(__u64 rule) {
    return LAYOUT.blob && (read_u64(rule + LAYOUT.handle_offset) & 1);
}

/* While the key is up, the kernel tells of every rule that matched and went on. Those that decide
 * come here, too, by way of __nft_trace_verdict. */
SEC("kprobe")
int on_nft_passed(struct pt_regs* ctx) {
    struct nft_hit hit = {};
    if (!read_trace_packet(&hit, ctx, NFT_TRACETYPE_RULE) || hit.verdict.code != NFT_CONTINUE ||
        is_end_marker(hit.rule))
        return 0;
    read_pkt(&hit);
    const __u64 by_site = path_key(hit.pkt, NFV_SITE);
    const bool known = find_path(by_site, hit.base_chain, hit.skb);
    return report_nft(NFV_NFT_PASSED, NFV_DECOY, &hit,
                      known ? by_site : path_key(hit.pkt, NFV_DECOY));
}

#undef LAYOUT
