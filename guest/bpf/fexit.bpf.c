/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What base chains and legacy tables return, by trampolines at their functions' entry and exit
 * (Documentation/bpf/prog_lsm.rst and libbpf's fentry, fexit): needs no site within them, and sees
 * no rule. Each program is loaded only for a function that is there. */
#include "base_chain.h"

char LICENSE[] SEC("license") = "GPL";

/* Calls that have not returned. The key is an address on the stack of the function's caller, so no
 * two calls that are under way have the same. */
struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 1024);
    __type(key, __u64);
    __type(value, struct nfv_event);
} calls SEC(".maps");

static const struct nfv_event empty_event = {};

/* The packet is read now: an nft drop frees it before the function returns. */
INLINE struct nfv_event* enters(__u64 key, __u32 ruleset, __u64 skb, __u64 state) {
    bpf_map_update_elem(&calls, &key, &empty_event, BPF_ANY);
    struct nfv_event* event = bpf_map_lookup_elem(&calls, &key);
    if (!event) {
        count_lost();
        return 0;
    }
    reset_event(event, NFV_TABLE, NFV_FEXIT, ruleset);
    read_packet(event, (struct sk_buff*)skb);
    read_connection(event);
    read_state(event, (struct nf_hook_state*)state);
    read_mac(event, (struct sk_buff*)skb);
    return event;
}

INLINE int leaves(__u64 key, __u32 result) {
    struct nfv_event* event = bpf_map_lookup_elem(&calls, &key);
    if (!event) {
        count_lost();
        return 0;
    }
    event->verdict = (__s32)result;
    event->time = bpf_ktime_get_ns();
    event->cpu = bpf_get_smp_processor_id();
    if (bpf_ringbuf_output(&events, event, sizeof(*event), wakeup(event)))
        count_lost();
    bpf_map_delete_elem(&calls, &key);
    return 0;
}

/* nft_do_chain(struct nft_pktinfo *pkt, void *priv) */
SEC("?fentry/nft_do_chain")
int nft_enters(__u64* ctx) {
    const __u64 pkt = ctx[0], chain = ctx[1];
    struct nfv_event* event =
        enters(pkt, NFV_RULESET_NFT, read_u64(pkt), read_u64(pkt + config.nft_layout.pkt_state));
    if (event) {
        read_base_chain(event, chain, 0);
        event->slot = netns_slot(event->netns);
    }
    return 0;
}

SEC("?fexit/nft_do_chain")
int nft_leaves(__u64* ctx) {
    return leaves(ctx[0], (__u32)ctx[2]);
}

/* One of the three. All are loaded, since the verifier forbids a computed place in the context. */
INLINE __u64 argument(__u64* ctx, __u32 which) {
    __u64 first = ctx[0], second = ctx[1], third = ctx[2];
    asm volatile("" : "+r"(first), "+r"(second), "+r"(third));
    if (which == 0)
        return first;
    return which == 1 ? second : third;
}

/* NFPROTO_* of include/uapi/linux/netfilter.h. */
enum { IPV4 = 2, ARP = 3, BRIDGE = 7, IPV6 = 10 };

INLINE int xt_enters_table(__u64* ctx, const volatile struct nfv_walk_arguments* walk, __u8 family,
                           __u32 table_name) {
    const __u64 state = argument(ctx, walk->state);
    const __u64 table = argument(ctx, walk->table);
    struct nfv_event* event = enters(state, NFV_RULESET_XT, argument(ctx, walk->skb), state);
    if (!event)
        return 0;
    event->table_family = family;
    event->slot = family == BRIDGE ? netns_slot(event->netns) : table_slot(table);
    bpf_probe_read_kernel_str(event->table, NFV_NAME, (const void*)(table + table_name));
    return 0;
}

INLINE int xt_leaves_table(__u64* ctx, const volatile struct nfv_walk_arguments* walk) {
    return leaves(argument(ctx, walk->state), (__u32)ctx[3]);
}

SEC("?fentry/ipt_do_table")
int ipt_enters(__u64* ctx) {
    return xt_enters_table(ctx, &config.walk[0], IPV4, config.xt_layout.table_name);
}

SEC("?fexit/ipt_do_table")
int ipt_leaves(__u64* ctx) {
    return xt_leaves_table(ctx, &config.walk[0]);
}

SEC("?fentry/ip6t_do_table")
int ip6t_enters(__u64* ctx) {
    return xt_enters_table(ctx, &config.walk[1], IPV6, config.xt_layout.table_name);
}

SEC("?fexit/ip6t_do_table")
int ip6t_leaves(__u64* ctx) {
    return xt_leaves_table(ctx, &config.walk[1]);
}

SEC("?fentry/arpt_do_table")
int arpt_enters(__u64* ctx) {
    return xt_enters_table(ctx, &config.walk[2], ARP, config.xt_layout.table_name);
}

SEC("?fexit/arpt_do_table")
int arpt_leaves(__u64* ctx) {
    return xt_leaves_table(ctx, &config.walk[2]);
}

SEC("?fentry/ebt_do_table")
int ebt_enters(__u64* ctx) {
    return xt_enters_table(ctx, &config.walk[3], BRIDGE, config.ebt.table_name);
}

SEC("?fexit/ebt_do_table")
int ebt_leaves(__u64* ctx) {
    return xt_leaves_table(ctx, &config.walk[3]);
}
