/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "config.h"
#include "event.h"
#include "types.h"

/* Must come before bpf_core_read.h, which uses what it declares. */
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#define INLINE static __attribute__((always_inline)) inline

/* The verifier follows every way through a program, and a loop turn by turn. A global function it
 * checks once, for any argument; old kernels only take numbers as arguments. */
#define CHECKED_ONCE __attribute__((noinline))

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

extern const volatile struct nfv_config config;

/* One register, by a load that the compiler cannot merge with another: it would compute a pointer
 * into the context first, which the verifier forbids. What is known of `offset` when the program is
 * loaded leaves one of these. */
#define REGISTER(member)                                                                           \
    case __builtin_offsetof(struct pt_regs, member) / sizeof(__u64):                               \
        asm volatile("%0 = *(u64 *)(%1 + %2)"                                                      \
                     : "=r"(value)                                                                 \
                     : "r"(ctx), "i"(__builtin_offsetof(struct pt_regs, member)));                 \
        break

INLINE __u64 read_register(struct pt_regs* ctx, __u32 offset) {
    __u64 value = 0;
    switch (offset / sizeof(__u64)) {
        REGISTER(r15);
        REGISTER(r14);
        REGISTER(r13);
        REGISTER(r12);
        REGISTER(bp);
        REGISTER(bx);
        REGISTER(r11);
        REGISTER(r10);
        REGISTER(r9);
        REGISTER(r8);
        REGISTER(ax);
        REGISTER(cx);
        REGISTER(dx);
        REGISTER(si);
        REGISTER(di);
        REGISTER(sp);
    default:
        break;
    }
    return value;
}

#undef REGISTER

INLINE __u64 read_location(struct pt_regs* ctx, const volatile struct nfv_location* where) {
    const __u32 kind = where->kind;
    if (kind == NFV_REGISTER)
        return read_register(ctx, (__u32)where->offset);
    if (kind == NFV_STACK)
        return read_u64(ctx->sp + (__s64)where->offset);
    return 0;
}

/* Two values that mostly lie side by side on the stack. */
struct location_pair {
    __u64 first, second;
};

INLINE void read_pair(struct location_pair* pair, struct pt_regs* ctx,
                      const volatile struct nfv_location* first,
                      const volatile struct nfv_location* second) {
    if (first->kind == NFV_STACK && second->kind == NFV_STACK &&
        second->offset - first->offset == sizeof(__u64)) {
        bpf_probe_read_kernel(pair, sizeof(*pair), (const void*)(ctx->sp + (__s64)first->offset));
        return;
    }
    pair->first = read_location(ctx, first);
    pair->second = read_location(ctx, second);
}

/* A read costs as much as some ten loads, however short it is: so one read takes a piece of an
 * object, and its fields are taken from there. Should they be too far apart in some kernel, the
 * verifier refuses the program, and it is loaded again without `config.pieces`. */
#define TAKE(type, piece, at, otherwise)                                                           \
    (config.pieces ? *(type*)((__u8*)&(piece) + (at)) : (otherwise))

struct skb_piece {
    __u64 words[14]; /* from _nfct to data */
};

struct state_piece {
    __u64 words[5]; /* to net */
};

enum { NFV_PAGE = 4096 };

INLINE void read_header(struct nfv_event* event, __u64 from, __u32 size) {
    if (size > NFV_HEADER)
        size = NFV_HEADER;
    if (size && bpf_probe_read_kernel(event->header, size, (const void*)from) == 0)
        event->header_length = (__u8)size;
}

/* struct skb_frag; struct bio_vec before 6.9. */
struct frag_piece {
    __u64 page;
    __u32 length;
    __u32 offset;
};

/* Drivers leave the headers of long frames in the first page, and the stack pulls them when it
 * comes to them: netdev and bridge see none of them, prerouting no ports. `skip`: so many bytes of
 * the page are before the network header. */
INLINE void read_paged_header(struct nfv_event* event, __u64 shared, __u32 skip) {
    const volatile struct nfv_pages* pages = &config.pages;
    __u64 have = event->header_length;
    if (!pages->struct_size || have >= NFV_HEADER || !read_u8(shared + pages->frag_count))
        return;
    struct frag_piece frag;
    if (bpf_probe_read_kernel(&frag, sizeof(frag), (const void*)(shared + pages->frags)) != 0)
        return;
    const __u64 no_page = 1; /* netmem_ref: memory of a device */
    if (frag.page & no_page || frag.page < pages->structs || frag.length <= skip)
        return;
    const __u64 number = (frag.page - pages->structs) / pages->struct_size;
    __u64 from = pages->memory + number * NFV_PAGE + frag.offset + skip;
    __u64 size = frag.length - skip;
    if (size > NFV_HEADER - have)
        size = NFV_HEADER - have;
    /* The compiler knows how large they are; the verifier has forgotten it, and is told again. */
    asm volatile("" : "+r"(from), "+r"(have), "+r"(size));
    have &= NFV_HEADER - 1;
    if (size > NFV_HEADER)
        return;
    if (bpf_probe_read_kernel(event->header + have, (__u32)size, (const void*)from) == 0)
        event->header_length = (__u8)(have + size);
}

INLINE void read_packet(struct nfv_event* event, struct sk_buff* skb) {
    event->skb = (__u64)skb;
    __u32 header, end, paged, shared;
    __u64 head;
    if (config.pieces) {
        struct skb_piece piece;
        const __u64 start =
            __builtin_preserve_field_info(((struct sk_buff*)0)->_nfct, BPF_FIELD_BYTE_OFFSET);
        bpf_probe_read_kernel(&piece, sizeof(piece), (const void*)((__u64)skb + start));
        /* The verifier lets nobody subtract from a pointer into the stack. */
        __u64 back;
        asm volatile("%0 = 0; %0 -= %1" : "=&r"(back) : "r"(start));
        const struct sk_buff* near = (const struct sk_buff*)((__u8*)&piece + back);
        event->length = near->len;
        event->mark = near->mark;
        event->protocol = __builtin_bswap16(near->protocol);
        event->nfct = near->_nfct;
        header = near->network_header;
        end = near->tail;
        paged = near->data_len;
        shared = near->end;
        head = (__u64)near->head;
    } else {
        event->length = BPF_CORE_READ(skb, len);
        event->mark = BPF_CORE_READ(skb, mark);
        event->protocol = __builtin_bswap16(BPF_CORE_READ(skb, protocol));
        event->nfct = BPF_CORE_READ(skb, _nfct);
        header = BPF_CORE_READ(skb, network_header);
        end = BPF_CORE_READ(skb, tail);
        paged = BPF_CORE_READ(skb, data_len);
        shared = BPF_CORE_READ(skb, end);
        head = (__u64)BPF_CORE_READ(skb, head);
    }
    read_header(event, head + header, end > header ? end - header : 0);
    const bool known = end <= header || event->header_length;
    if (paged && known && end < header + NFV_HEADER)
        read_paged_header(event, head + shared, header > end ? header - end : 0);
}

/* Of the packet that has been read. */
INLINE void read_connection(struct nfv_event* event) {
    __u64 conn = event->nfct & ~7ULL;
    if (conn && bpf_probe_read_kernel(event->conn, NFV_CONN, (const void*)conn))
        event->nfct = 0;
}

INLINE void read_conntrack(struct nfv_event* event, struct sk_buff* skb) {
    event->nfct = BPF_CORE_READ(skb, _nfct);
    read_connection(event);
}

/* All of the array: what is behind the name's end is not looked at. */
INLINE void read_device(char* name, struct net_device* device) {
    if (device)
        bpf_core_read(name, NFV_DEVICE, &device->name);
}

/* Namespace and devices of the packet before, which the next one mostly has, too. Nobody tells when
 * a namespace or a device ends or is renamed. But its memory is another one's only after grace
 * periods and a lot of work, so for half a millisecond the same addresses are the same things. Only
 * for programs at kprobes, which do not interrupt each other. */
enum { NFV_FRESH = 500000 };

struct surroundings {
    __u64 net, in, out;
    __u64 read; /* ns */
    char in_name[NFV_DEVICE];
    char out_name[NFV_DEVICE];
    __u32 netns;
};

struct {
    __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct surroundings);
} last_surroundings SEC(".maps");

INLINE void read_surroundings(struct nfv_event* event, struct net* net, struct net_device* in,
                              struct net_device* out) {
    event->netns = BPF_CORE_READ(net, ns.inum);
    read_device(event->in, in);
    read_device(event->out, out);
}

INLINE void recall_surroundings(struct nfv_event* event, struct net* net, struct net_device* in,
                                struct net_device* out) {
    __u32 zero = 0;
    struct surroundings* last = bpf_map_lookup_elem(&last_surroundings, &zero);
    if (last && last->net == (__u64)net && last->in == (__u64)in && last->out == (__u64)out &&
        event->time - last->read < NFV_FRESH) {
        event->netns = last->netns;
        __builtin_memcpy(event->in, last->in_name, NFV_DEVICE);
        __builtin_memcpy(event->out, last->out_name, NFV_DEVICE);
        return;
    }
    read_surroundings(event, net, in, out);
    if (!last)
        return;
    last->net = (__u64)net;
    last->in = (__u64)in;
    last->out = (__u64)out;
    last->read = event->time;
    last->netns = event->netns;
    __builtin_memcpy(last->in_name, event->in, NFV_DEVICE);
    __builtin_memcpy(last->out_name, event->out, NFV_DEVICE);
}

INLINE void read_hook(struct nfv_event* event, struct nf_hook_state* state, bool at_kprobe) {
    struct net_device *in, *out;
    struct net* net;
    event->has_state = 1;
    if (config.pieces) {
        struct state_piece piece;
        bpf_probe_read_kernel(&piece, sizeof(piece), state);
        const struct nf_hook_state* near = (const struct nf_hook_state*)&piece;
        event->hook = near->hook;
        event->pf = near->pf;
        net = near->net;
        in = near->in;
        out = near->out;
    } else {
        event->hook = BPF_CORE_READ(state, hook);
        event->pf = BPF_CORE_READ(state, pf);
        net = BPF_CORE_READ(state, net);
        in = BPF_CORE_READ(state, in);
        out = BPF_CORE_READ(state, out);
    }
    if (at_kprobe)
        recall_surroundings(event, net, in, out);
    else
        read_surroundings(event, net, in, out);
}

INLINE void read_state(struct nfv_event* event, struct nf_hook_state* state) {
    read_hook(event, state, 0);
}

INLINE void read_state_at_kprobe(struct nfv_event* event, struct nf_hook_state* state) {
    read_hook(event, state, 1);
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
