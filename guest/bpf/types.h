/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* The few kernel types that the programs read, by name only: libbpf moves every access to where the
 * running kernel has the field. Only types that are in vmlinux's BTF on every kernel may stand
 * here; the layouts of module types come from user space (config.h). */

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed char __s8;
typedef short __s16;
typedef int __s32;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef _Bool bool;

enum {
    BPF_MAP_TYPE_RINGBUF = 27,
    BPF_MAP_TYPE_HASH = 1,
    BPF_MAP_TYPE_PERCPU_ARRAY = 6,
    BPF_MAP_TYPE_LRU_HASH = 9,
    BPF_ANY = 0,
    BPF_RB_NO_WAKEUP = 1,
    BPF_RB_FORCE_WAKEUP = 2,
    BPF_RB_AVAIL_DATA = 0,
};

/* What a kprobe's context really is: arch/x86/include/asm/ptrace.h. */
struct pt_regs {
    unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di;
    unsigned long orig_ax, ip, cs, flags, sp, ss;
};

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct ns_common {
    unsigned int inum;
};

struct net {
    struct ns_common ns;
};

typedef struct {
    struct net* net;
} possible_net_t;

struct net_device {
    char name[16];
    possible_net_t nd_net;
};

struct sock_common {
    possible_net_t skc_net;
};

struct sock {
    struct sock_common __sk_common;
};

struct dst_entry {
    struct net_device* dev;
    short error;
};

struct sk_buff {
    struct net_device* dev;
    struct sock* sk;
    unsigned long _skb_refdst;
    __u8 pkt_type : 3;
    __u8 ip_summed : 2;
    __u8 csum_valid : 1;
    unsigned int len;
    unsigned int data_len;
    __u32 mark;
    unsigned long _nfct;
    unsigned char* head;
    unsigned char* data;
    __u16 network_header;
    __u16 mac_header;
    __be16 protocol;
    __u32 tail; /* sk_buff_data_t is an offset from head on 64-bit machines */
    __u32 end;
};

struct nf_hook_state {
    __u8 hook; /* unsigned int up to 5.10: the low byte is the same */
    __u8 pf;
    struct net_device* in;
    struct net_device* out;
    struct sock* sk;
    struct net* net;
    void* okfn;
};

#pragma clang attribute pop
