/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "emit.h"
#include "explained.h"

/* Packets that are freed as dropped: the tracepoint skb:kfree_skb. It costs nothing for a packet
 * that gets where it is going, which the kernel frees by other ways. */

struct bpf_raw_tracepoint_args {
    __u64 args[3];
};

/* Words of the stack that are looked through for the hook in which the packet died; how many are
 * read at once. */
enum { NFV_STACK_WORDS = 160, NFV_STACK_PIECE = 8, NFV_STATE_WORDS = 6 };

/* Of the tracepoint, at least: the context holds the location as well, and is not its frame. */
enum { NFV_DROP_ARGUMENTS = 2 };

struct stack_words {
    __u64 base;  /* the verifier does not let us compute with a context's address, as such */
    __u32 count; /* of words; a number that the verifier does not follow */
    __u64 words[NFV_STACK_WORDS];
};

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct stack_words);
} stack SEC(".maps");

INLINE bool is_kernel_address(__u64 address) {
    return address >> 47 == 0x1ffff;
}

struct drop_owner {
    struct net_device*
        device; /* the packet's own; NULL where the kernel keeps other things there */
    struct net_device* route_device;
    struct net* net;
};

INLINE void find_owner(struct drop_owner* owner, struct sk_buff* skb, struct nfv_event* event) {
    /* SKB_DST_NOREF of include/linux/skbuff.h */
    const __u64 flag = 1;
    struct net_device* device = BPF_CORE_READ(skb, dev);
    /* UDP keeps lengths here while a packet is in a socket's queue. */
    if (is_kernel_address((__u64)device)) {
        owner->device = device;
        owner->net = BPF_CORE_READ(device, nd_net.net);
    }
    struct dst_entry* dst = (struct dst_entry*)(BPF_CORE_READ(skb, _skb_refdst) & ~flag);
    if (is_kernel_address((__u64)dst)) {
        event->route_error = BPF_CORE_READ(dst, error);
        struct net_device* route_device = BPF_CORE_READ(dst, dev);
        owner->route_device = route_device;
        if (!owner->net && route_device)
            owner->net = BPF_CORE_READ(route_device, nd_net.net);
    }
    struct sock* sk = BPF_CORE_READ(skb, sk);
    if (!owner->net && is_kernel_address((__u64)sk))
        owner->net = BPF_CORE_READ(sk, __sk_common.skc_net.net);
}

/* In pieces: a read that goes beyond the stack's end fails as a whole, and a packet that comes in
 * on the interrupts' stack dies close to its end. */
INLINE void read_stack(struct stack_words* found, void* ctx) {
    *(void* volatile*)&found->base = ctx;
    const __u64 base = *(volatile __u64*)&found->base;
    volatile __u32* count = &found->count;
    *count = 0;
#pragma clang loop unroll(disable)
    for (__u32 i = 0; i < NFV_STACK_WORDS; i += NFV_STACK_PIECE) {
        if (bpf_probe_read_kernel(&found->words[i], NFV_STACK_PIECE * sizeof(__u64),
                                  (const void*)(base + i * sizeof(__u64))))
            return;
        *count = i + NFV_STACK_PIECE;
    }
}

/* nf_hook_slow frees what a hook function drops, and the struct nf_hook_state that says which hook
 * it was lies in its caller's frame. The context of a raw tracepoint lies on the same stack,
 * further down: from there up, behind the place that freed the packet, the state is found by its
 * pointers. User space believes it only where the packet was freed by netfilter. */
INLINE void find_state(struct nfv_event* event, void* ctx, __u64 location,
                       struct drop_owner* owner) {
    __u32 zero = 0;
    struct stack_words* found = bpf_map_lookup_elem(&stack, &zero);
    if (!found)
        return;
    read_stack(found, ctx);
    const __u64 base = *(volatile __u64*)&found->base;
    const __u32 count = *(volatile __u32*)&found->count;
    const __u64 device = (__u64)owner->device, route = (__u64)owner->route_device;
    bool inside = 0;
#pragma clang loop unroll(disable)
    for (__u32 i = NFV_DROP_ARGUMENTS; i <= NFV_STACK_WORDS - NFV_STATE_WORDS; ++i) {
        if (i + NFV_STATE_WORDS > count)
            return;
        const __u64* word = &found->words[i];
        if (!inside) {
            inside = word[0] == location;
            continue;
        }
        /* hook and pf, in, out, sk, net, okfn */
        if (word[4] != (__u64)owner->net || word[5] >> 32 != 0xffffffff)
            continue;
        const bool in = word[1] && (word[1] == device || word[1] == route);
        const bool out = word[2] && (word[2] == device || word[2] == route);
        if (!in && !out)
            continue;
        read_state(event, (struct nf_hook_state*)(base + i * sizeof(__u64)));
        return;
    }
}

/* Behind the hooks the data does not begin with the IP header: a transport protocol has pulled it,
 * a device has put its own before it. */
INLINE void count_from_ip_header(struct nfv_event* event, struct sk_buff* skb) {
    const __u64 data = (__u64)BPF_CORE_READ(skb, data);
    const __u64 header = (__u64)BPF_CORE_READ(skb, head) + BPF_CORE_READ(skb, network_header);
    const __u8 version = event->header[0] >> 4;
    if (version == 4 || version == 6)
        event->length += (__u32)(data - header);
}

INLINE int report_drop(void* ctx, struct sk_buff* skb, __u64 location, __u32 reason) {
    /* ETH_P_IP, ETH_P_IPV6 of include/uapi/linux/if_ether.h */
    const __u16 ipv4 = 0x0800, ipv6 = 0x86dd;
    const __u16 protocol = __builtin_bswap16(BPF_CORE_READ(skb, protocol));
    if ((protocol != ipv4 && protocol != ipv6) || is_explained((__u64)skb))
        return 0;
    struct nfv_event* event = begin_event(NFV_DROP, NFV_SITE, NFV_RULESET_NFT);
    if (!event)
        return 0;
    struct drop_owner owner = {};
    find_owner(&owner, skb, event);
    if (!owner.net) {
        bpf_ringbuf_discard(event, 0);
        return 0;
    }
    event->location = location;
    event->reason = reason;
    event->packet_type = BPF_CORE_READ_BITFIELD_PROBED(skb, pkt_type);
    read_packet(event, skb);
    count_from_ip_header(event, skb);
    read_conntrack(event, skb);
    find_state(event, ctx, location, &owner);
    if (!event->has_state) {
        struct net* net = owner.net;
        event->netns = BPF_CORE_READ(net, ns.inum);
        read_device(owner.device == owner.route_device ? event->out : event->in, owner.device);
    }
    bpf_ringbuf_submit(event, wakeup(event));
    return 0;
}

/* kfree_skb(skb, location) up to 5.16 */
SEC("raw_tp")
int on_drop(struct bpf_raw_tracepoint_args* ctx) {
    return report_drop(ctx, (struct sk_buff*)ctx->args[0], ctx->args[1], 0);
}

/* kfree_skb(skb, location, reason, …) */
SEC("raw_tp")
int on_drop_reason(struct bpf_raw_tracepoint_args* ctx) {
    return report_drop(ctx, (struct sk_buff*)ctx->args[0], ctx->args[1], (__u32)ctx->args[2]);
}
