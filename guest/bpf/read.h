/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "config.h"
#include "event.h"
#include "types.h"

/* Must come before bpf_core_read.h, which uses what it declares. */
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#define INLINE static __attribute__((always_inline)) inline

INLINE __u64 read_u64(__u64 address) {
    __u64 value = 0;
    bpf_probe_read_kernel(&value, sizeof(value), (const void*)address);
    return value;
}

INLINE __s32 read_s32(__u64 address) {
    __s32 value = 0;
    bpf_probe_read_kernel(&value, sizeof(value), (const void*)address);
    return value;
}

INLINE __u16 read_u16(__u64 address) {
    __u16 value = 0;
    bpf_probe_read_kernel(&value, sizeof(value), (const void*)address);
    return value;
}

INLINE __u8 read_u8(__u64 address) {
    __u8 value = 0;
    bpf_probe_read_kernel(&value, sizeof(value), (const void*)address);
    return value;
}

/* Registers are read like memory: a switch over them would become loads through a computed context
 * pointer, which the verifier forbids. */
INLINE __u64 read_location(struct pt_regs* ctx, const volatile struct nfv_location* where) {
    if (where->kind == NFV_REGISTER)
        return read_u64((__u64)ctx + (__s64)where->offset);
    if (where->kind == NFV_STACK)
        return read_u64(ctx->sp + (__s64)where->offset);
    return 0;
}

INLINE void read_packet(struct nfv_event* event, struct sk_buff* skb) {
    event->skb = (__u64)skb;
    event->length = BPF_CORE_READ(skb, len);
    event->mark = BPF_CORE_READ(skb, mark);
    event->protocol = __builtin_bswap16(BPF_CORE_READ(skb, protocol));
    __u32 start = BPF_CORE_READ(skb, network_header);
    __u32 end = BPF_CORE_READ(skb, tail);
    __u32 size = end > start ? end - start : 0;
    if (size > NFV_HEADER)
        size = NFV_HEADER;
    if (size && bpf_probe_read_kernel(event->header, size, BPF_CORE_READ(skb, head) + start) == 0)
        event->header_length = (__u8)size;
}

INLINE void read_conntrack(struct nfv_event* event, struct sk_buff* skb) {
    event->nfct = BPF_CORE_READ(skb, _nfct);
    __u64 conn = event->nfct & ~7ULL;
    if (conn && bpf_probe_read_kernel(event->conn, NFV_CONN, (const void*)conn))
        event->nfct = 0;
}

INLINE void read_device(char* name, struct net_device* device) {
    if (device)
        bpf_core_read_str(name, NFV_DEVICE, &device->name);
}

INLINE void read_state(struct nfv_event* event, struct nf_hook_state* state) {
    event->has_state = 1;
    event->hook = BPF_CORE_READ(state, hook);
    event->pf = BPF_CORE_READ(state, pf);
    event->netns = BPF_CORE_READ(state, net, ns.inum);
    read_device(event->in, BPF_CORE_READ(state, in));
    read_device(event->out, BPF_CORE_READ(state, out));
}

/* NFPROTO_NETDEV and NFPROTO_BRIDGE: families whose packets are frames. */
INLINE void read_mac(struct nfv_event* event, struct sk_buff* skb) {
    if (event->pf != 5 && event->pf != 7)
        return;
    __u16 start = BPF_CORE_READ(skb, mac_header);
    const __u16 unset = 0xffff;
    if (start != unset &&
        bpf_probe_read_kernel(event->mac, NFV_MAC, BPF_CORE_READ(skb, head) + start) == 0)
        event->has_mac = 1;
}
