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
 * read at once; where the call ends at the latest that freed the packet; places that may be the
 * hook's state. */
enum {
    NFV_STACK_WORDS = 160,
    NFV_STACK_PIECE = 8,
    NFV_STATE_WORDS = 6,
    NFV_CALL_WORDS = 96,
    NFV_CANDIDATES = 4, /* a power of two */
    NFV_TURNS = 12,     /* of a loop within a loop */
};

/* Of the tracepoint, at least: the context holds the location as well, and is not its frame. */
enum { NFV_DROP_ARGUMENTS = 2 };

struct stack_words {
    __u64 base; /* the verifier does not let us compute with a context's address, as such */
    __u64 location;
    __u64 net;
    __u32 protocol;
    __u32 count;  /* of words */
    __u32 freed;  /* the last word that is the place which freed the packet */
    __u32 called; /* where the function returns to that this place is in */
    __u32 candidates;
    __u32 candidate[NFV_CANDIDATES]; /* words at which a hook's state may begin */
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

/* The kernel's and its modules' code lies in the address space's last 2 GiB. */
INLINE bool is_code(__u64 address) {
    return address >> 31 == 0x1ffffffffULL;
}

/* Whether a call that returns here is one of the function that has freed the packet: it begins
 * shortly before `location`. */
INLINE bool returns_from(__u64 here, __u64 location) {
    const __u8 call = 0xe8;
    const __u32 displacement = 4, size = 5, function = 4096;
    const __u64 begin = here + (__s64)read_s32(here - displacement);
    return read_u8(here - size) == call && location - begin < function;
}

INLINE bool is_device(struct net_device* device, struct net* net) {
    return is_kernel_address((__u64)device) && BPF_CORE_READ(device, nd_net.net) == net;
}

/* Whether a hook of this family has these devices, and a function that the packet would go on to.
 */
INLINE bool fits_hook(__u32 pf, __u32 hook, bool in, bool out, bool goes_on, __u16 protocol) {
    /* NFPROTO_*, and the hooks' numbers, of include/uapi/linux/netfilter.h and netfilter_bridge.h;
     * POST_ROUTING knows from which device a forwarded packet came. */
    enum { IPV4 = 2, NETDEV = 5, BRIDGE = 7, IPV6 = 10 };
    enum { PRE_ROUTING, LOCAL_IN, FORWARD, LOCAL_OUT, POST_ROUTING, BROUTING };
    enum { INGRESS, EGRESS };
    const __u16 ipv4 = 0x0800, ipv6 = 0x86dd;
    if (pf == NETDEV)
        return !goes_on && ((hook == INGRESS && in && !out) || (hook == EGRESS && out && !in));
    if (!goes_on ||
        !(pf == BRIDGE || (pf == IPV4 && protocol == ipv4) || (pf == IPV6 && protocol == ipv6)))
        return 0;
    switch (hook) {
    case PRE_ROUTING:
    case LOCAL_IN:
        return in && !out;
    case FORWARD:
        return in && out;
    case LOCAL_OUT:
        return out && !in;
    case POST_ROUTING:
        return out;
    case BROUTING:
        return pf == BRIDGE && in && !out;
    default:
        return 0;
    }
}

/* Whether these bytes are wholly a hook's state, of a packet of this namespace. */
INLINE bool is_state(struct nf_hook_state* state, struct net* net, __u16 protocol) {
    /* nf_hook_state.hook is an int where pf lies behind four bytes. */
    const __u32 narrow = __CORE_RELO(state, pf, BYTE_OFFSET) == 1;
    const __u64 number = read_u64((__u64)state);
    const __u32 hook = narrow ? (__u8)number : (__u32)number;
    struct net_device* in = BPF_CORE_READ(state, in);
    struct net_device* out = BPF_CORE_READ(state, out);
    const __u64 sk = (__u64)BPF_CORE_READ(state, sk);
    const __u64 okfn = (__u64)BPF_CORE_READ(state, okfn);
    if (BPF_CORE_READ(state, net) != net || (in && !is_device(in, net)) ||
        (out && !is_device(out, net)) || (sk && !is_kernel_address(sk)) ||
        (okfn && okfn >> 32 != 0xffffffff))
        return 0;
    return fits_hook(BPF_CORE_READ(state, pf), hook, in, out, okfn, protocol);
}

/* Looks at the stack's i-th word for the call that led to the freeing; not 0 at the end. */
CHECKED_ONCE int find_call(__u64 i) {
    /* Words of a frame between a function's call and its caller's. */
    const __u32 frame = 24;
    __u32 zero = 0;
    struct stack_words* found = bpf_map_lookup_elem(&stack, &zero);
    if (!found || i >= NFV_STACK_WORDS || i >= found->count || found->called < i)
        return 1;
    const __u64 word = found->words[i];
    if (word == found->location)
        found->freed = (__u32)i;
    else if (found->freed < i && i - found->freed <= frame && is_code(word) &&
             returns_from(word, found->location))
        found->called = (__u32)i;
    return 0;
}

/* Remembers the i-th word if a hook's state may begin there: hook and pf, in, out, sk, net, okfn.
 * Not 0 at the end. */
CHECKED_ONCE int find_candidate(__u64 i) {
    __u32 zero = 0;
    struct stack_words* found = bpf_map_lookup_elem(&stack, &zero);
    if (!found || i > NFV_STACK_WORDS - NFV_STATE_WORDS || i + NFV_STATE_WORDS > found->count ||
        found->candidates >= NFV_CANDIDATES)
        return 1;
    if (i > found->called && found->words[i + 4] == found->net)
        found->candidate[found->candidates++ & (NFV_CANDIDATES - 1)] = (__u32)i;
    return 0;
}

/* The same for several words: fewer turns for the verifier. */
CHECKED_ONCE int find_calls(__u64 i) {
#pragma clang loop unroll(disable)
    for (__u64 n = 0; n < NFV_TURNS; ++n)
        if (find_call(i + n))
            return 1;
    return 0;
}

CHECKED_ONCE int find_candidates(__u64 i) {
#pragma clang loop unroll(disable)
    for (__u64 n = 0; n < NFV_TURNS; ++n)
        if (find_candidate(i + n))
            return 1;
    return 0;
}

INLINE struct nf_hook_state* candidate_state(struct stack_words* found, __u32 n) {
    return (struct nf_hook_state*)(found->base +
                                   found->candidate[n & (NFV_CANDIDATES - 1)] * sizeof(__u64));
}

/* Whether the n-th candidate is a hook's state. */
CHECKED_ONCE int check_candidate(__u32 n) {
    __u32 zero = 0;
    struct stack_words* found = bpf_map_lookup_elem(&stack, &zero);
    return found && n < found->candidates &&
           is_state(candidate_state(found, n), (struct net*)found->net, (__u16)found->protocol);
}

/* nf_hook_slow frees what a hook function drops, nf_queue what nobody listens for, and the struct
 * nf_hook_state that says which hook it was lies in a frame of their callers. The context of a raw
 * tracepoint lies on the same stack, further down. What else lies there may look alike, being left
 * from what was before: so the state is only looked for behind the place that freed the packet and
 * the one that called it, and must be right in all that it says. User space believes it only where
 * the packet was freed by netfilter. */
INLINE void find_state(struct nfv_event* event, void* ctx, __u64 location, struct net* net) {
    __u32 zero = 0;
    struct stack_words* found = bpf_map_lookup_elem(&stack, &zero);
    if (!found)
        return;
    read_stack(found, ctx);
    found->location = location;
    found->net = (__u64)net;
    found->protocol = event->protocol;
    found->freed = found->called = NFV_STACK_WORDS;
    found->candidates = 0;
#pragma clang loop unroll(disable)
    for (__u64 i = NFV_DROP_ARGUMENTS; i < NFV_CALL_WORDS; i += NFV_TURNS)
        if (find_calls(i))
            break;
#pragma clang loop unroll(disable)
    for (__u64 i = NFV_DROP_ARGUMENTS; i < NFV_STACK_WORDS; i += NFV_TURNS)
        if (find_candidates(i))
            break;
#pragma clang loop unroll(disable)
    for (__u32 n = 0; n < NFV_CANDIDATES; ++n) {
        if (check_candidate(n)) {
            read_state(event, candidate_state(found, n));
            break;
        }
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

INLINE bool is_checked(struct sk_buff* skb) {
    /* CHECKSUM_UNNECESSARY, CHECKSUM_PARTIAL of include/linux/skbuff.h */
    const __u8 unnecessary = 1, partial = 3;
    const __u8 summed = BPF_CORE_READ_BITFIELD_PROBED(skb, ip_summed);
    return summed == unnecessary || summed == partial ||
           BPF_CORE_READ_BITFIELD_PROBED(skb, csum_valid);
}

INLINE int report_drop(void* ctx, struct sk_buff* skb, __u64 location, __u32 reason) {
    /* ETH_P_IP, ETH_P_IPV6 of include/uapi/linux/if_ether.h */
    const __u16 ipv4 = 0x0800, ipv6 = 0x86dd;
    const __u16 protocol = __builtin_bswap16(BPF_CORE_READ(skb, protocol));
    if (is_explained((__u64)skb) || (protocol != ipv4 && protocol != ipv6))
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
    event->checked = is_checked(skb);
    read_packet(event, skb);
    count_from_ip_header(event, skb);
    read_conntrack(event, skb);
    find_state(event, ctx, location, owner.net);
    read_device(owner.device == owner.route_device ? event->target : event->chain, owner.device);
    if (!event->has_state) {
        struct net* net = owner.net;
        event->netns = BPF_CORE_READ(net, ns.inum);
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
