/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What the programs put into the ring buffer; read by guest/nfverdict. Plain C, both sides. */

#ifdef __bpf__
#include "types.h"
#else
#include <linux/types.h>
#endif

enum nfv_kind {
    NFV_NFT_VERDICT = 1, /* nft_do_chain has a verdict, or came to the end of a chain */
    NFV_NFT_POLICY = 2,  /* a base chain's policy is applied */
    NFV_XT_STANDARD = 3, /* an xt entry with the standard target matched: accept, drop, jump … */
    NFV_XT_TARGET = 4,   /* an xt entry with another target matched, and the target has run */
    NFV_RULESET = 5,     /* a transaction is in force */
    NFV_HOOK = 6,        /* a packet enters a hook; `table` holds its functions */
    NFV_DROP = 7,        /* a packet is freed as dropped, and no rule has said so */
    NFV_XT_HOTDROP = 8,  /* a match of this table has dropped the packet by itself */
    NFV_NFT_PASSED = 9,  /* a rule matched, and its chain goes on behind it */
    NFV_FLOW = 10,       /* a flowtable has sent a packet on */
    NFV_HOOK_DONE = 11,  /* a packet leaves a hook: skb, and nf_hook_slow's result as verdict */
    NFV_XT_POLICY = 12,  /* ebtables: the end of a chain, whose policy is applied */
    NFV_TABLE = 13,      /* a base chain or xt table has returned: its result as verdict */
};

enum nfv_method { NFV_SITE = 1, NFV_DECOY = 2, NFV_KPROBE_EVENTS = 3, NFV_FEXIT = 4 };

enum { NFV_NAME = 64, NFV_HEADER = 128, NFV_CONN = 192, NFV_DEVICE = 16, NFV_TARGET = 32 };

/* Chains that a packet can be in at once: NFT_JUMP_STACK_SIZE of include/net/netfilter/nf_tables.h
 * (a power of two, as the programs need it); bytes of 16 registers; two addresses of a frame. */
enum { NFV_CHAINS = 16, NFV_REGISTERS = 64, NFV_MAC = 12 };

/* Of an entry's offset in `path`; no blob is as large. */
#define NFV_LEFT_BY_GOTO 0x80000000U

/* A ruleset engine, as index. */
enum nfv_ruleset { NFV_RULESET_NFT = 0, NFV_RULESET_XT = 1, NFV_RULESETS = 2 };

/* Transactions that had begun, and that had ended. */
struct nfv_moment {
    __u32 started;
    __u32 finished;
};

/* They are counted in slots: those of nftables and ebtables by the network namespace's number,
 * those of the other xtables by the table's address, since a change does not say whose the table
 * is. Two may meet in a slot; then each has the other one's transactions, too. */
enum { NFV_SLOTS = 256 };

/* A packet that a rule has dropped is freed within so many ns, or that was another one. Not sooner:
 * a busy machine stops a guest for longer than 100 ms. */
enum { NFV_SOON = 1000000000 };

/* How the chain in which the rule stands is known. */
enum nfv_chain { NFV_CHAIN_UNKNOWN = 0, NFV_CHAIN_TOLD = 1, NFV_CHAIN_FOLLOWED = 2 };

/* What stands before `path` is zero where it is not known. The rest is as long as its length or
 * flag says, names end with NUL, and behind that it is anything. */
struct nfv_event {
    __u64 time; /* CLOCK_MONOTONIC, ns */
    __u64 skb;
    __u64 nfct; /* sk_buff._nfct: nf_conn and, in the low 3 bits, ctinfo */
    __u64 rule; /* nft: handle; 0 where the verdict has no rule */
    __u64 chain_handle;
    __u64 base_handle;
    __u64 target_handle; /* nft: of the chain that is jumped to */
    __u64 location;      /* drop: where the kernel goes on after it has freed the packet */
    __u32 kind;
    __u32 method;
    __u32 ruleset; /* enum nfv_ruleset */
    __u32 cpu;
    __u32 netns;
    __u32 length; /* sk_buff.len */
    __u32 mark;
    __u32 protocol;           /* sk_buff.protocol, in host order */
    struct nfv_moment moment; /* of `slot`; only of rules' and tables' events */
    __s32 verdict;  /* as the kernel has it: nft code, xt standard verdict or xt target's result */
    __s32 priority; /* nft: of the base chain */
    __u32 reason;   /* drop: enum skb_drop_reason or 0; hook: how many functions */
    __s32 route_error; /* drop: dst_entry.error of the packet's route, of either sign */
    __u32 entry;       /* xt: offset of the entry in its table's blob; hook: the first function */
    __u8 hook;
    __u8 pf; /* of the packet: nf_hook_state.pf */
    __u8 has_state;
    __u8 table_family; /* nft: NFPROTO_* of the base chain */
    __u8 policy;       /* nft: of the base chain, 0 drop, 1 accept */
    __u8 end_marker;   /* nft: the "rule" is the end of a rule blob */
    __u8 has_chain;    /* nft: enum nfv_chain; the base chain's name is not repeated in `chain` */
    __u8 header_length;
    __u8 packet_type;   /* drop: PACKET_* of include/uapi/linux/if_packet.h */
    __u8 checked;       /* drop: the transport's checksum is known to be right, or not yet made */
    __u8 path_length;   /* of `path` */
    __u8 has_registers; /* nft: `registers` is known */
    __u8 has_mac;       /* `mac` is known */
    __u8 mac[NFV_MAC];  /* destination and source of the frame; bridge and netdev only */
    __u8 slot;          /* of NFV_SLOTS */
    /* nft: handles of the chains that led to `chain`, from the base chain on; a handle that does
     * not fit is cut, and found out by user space, which checks the way. xt: the entries that
     * jumped, with NFV_LEFT_BY_GOTO for those that went. */
    __u32 path[NFV_CHAINS];        /* the last one is never of use; what follows lies at words */
    __u8 registers[NFV_REGISTERS]; /* nft: NFT_REG32_00 and following, as the verdict left them */
    char in[NFV_DEVICE];
    char out[NFV_DEVICE];
    char table[NFV_NAME];
    char base_chain[NFV_NAME];
    char chain[NFV_NAME]; /* nft: in which the rule stands; drop: the device it came in by */
    /* nft: chain that is jumped to; xt: the target's name; drop: the device it was to leave by. As
     * the packet itself has them, and not the hook's state that was found. */
    char target[NFV_NAME];
    /* Not the last: the verifier is not sure that what is put behind the first bytes ends here. */
    __u8 header[NFV_HEADER];
    __u8 conn[NFV_CONN]; /* the first bytes of the nf_conn */
};
