/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* What user space has found out about the running kernel; constant once the programs are loaded. */

#ifdef __bpf__
#include "types.h"
#else
#include <linux/types.h>
#endif

enum nfv_location_kind { NFV_NOWHERE = 0, NFV_REGISTER = 1, NFV_STACK = 2 };

struct nfv_location {
    __u32 kind;
    __s32 offset; /* in struct pt_regs, or from rsp */
};

struct nfv_nft_site {
    struct nfv_location rule, pkt, base_chain, chain;
    __s32 verdict_code;  /* from rsp */
    __u32 has_registers; /* the verdict code is the beginning of the whole struct nft_regs */
};

/* How the decoy method's functions are called. */
enum nfv_trace_abi { NFV_TRACE_ARGUMENTS = 0, NFV_TRACE_INFO = 1 };

struct nfv_nft_layout {
    __u32 handle_offset, handle_shift;
    __u64 handle_mask;
    __u32 blob;       /* rule headers are struct nft_rule_dp, bit 0 marks the end */
    __u32 last_chain; /* of the chain pointer in struct nft_rule_dp_last; 0: there is none */
    __u32 pkt_state;
    __u32 chain_table, chain_handle, chain_name;
    __u32 table_name;
    /* Distances back from struct nft_chain to members of the enclosing struct nft_base_chain. */
    __u32 base_policy, base_pf, base_priority, base_start;
    __u32 trace_abi;
    __u32 info_pkt, info_base, info_chain, info_rule, info_verdict;
};

struct nfv_xt_entry_site {
    struct nfv_location table, skb;
};

struct nfv_xt_site {
    struct nfv_location entry, table, skb, state; /* no table: it was seen at the entry */
    struct nfv_location result_skb;
    struct nfv_xt_entry_site entered;
    struct {
        struct nfv_location table, skb, state;
        __s32 flag; /* from rsp */
    } hotdrop;
    __u32 target_offset_field;
    __u32 flags_field;
    __u8 goto_flag;
    __u8 family; /* NFPROTO_* */
};

struct nfv_ebt_site {
    struct nfv_location entry, skb, state;
    struct nfv_location result_skb;
    struct nfv_location policy_chain, policy_skb, policy_state;
    struct nfv_xt_entry_site entered;
    __u32 table_private, table_name;
};

struct nfv_xt_layout {
    __u32 table_private, table_name, info_entries;
    __u32 target_kernel;   /* of the struct xt_target * in struct xt_entry_target */
    __u32 target_function; /* of xt_target.target: NULL for the standard target */
    __u32 target_name;
    __u32 standard_verdict;
};

/* Which argument is what, of ipt_do_table and its siblings. */
struct nfv_walk_arguments {
    __u32 skb, state, table;
};

/* Where the kernel sees a page that it has a struct page of; all 0 where that is not known. */
struct nfv_pages {
    __u64 memory;            /* address of physical address 0 */
    __u64 structs;           /* address of the struct page of physical address 0 */
    __u32 struct_size;       /* bytes of a struct page */
    __u32 frag_count, frags; /* offsets in struct skb_shared_info */
};

struct nfv_config {
    struct nfv_nft_site nft[2];    /* no trace on; some namespace has a trace rule */
    struct nfv_nft_site policy[2]; /* pkt and base_chain only */
    struct nfv_nft_layout nft_layout;
    struct nfv_xt_site xt[3]; /* ip, ip6, arp */
    struct nfv_ebt_site ebt;
    struct nfv_xt_layout xt_layout;
    struct nfv_pages pages;
    __u32 all;    /* verdicts that are not final, too */
    __u32 pieces; /* what is read together lies together, as on all kernels that were seen */
    struct nfv_walk_arguments walk[4]; /* ip, ip6, arp, bridge; for fexit.bpf.c */
};
