/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NFLAB_CALL_H
#define NFLAB_CALL_H

#include <linux/if.h>
#include <linux/list.h>
#include <linux/netfilter.h>
#include <linux/sched.h>
#include <linux/skbuff.h>
#include <linux/types.h>

enum nflab_function {
	NFLAB_IPT_DO_TABLE,
	NFLAB_IP6T_DO_TABLE,
	NFLAB_NFT_DO_CHAIN,
	NFLAB_NF_HOOK_SLOW,
	NFLAB_FUNCTIONS,
};

enum {
	NFLAB_HEADER = 96,
	NFLAB_NAME = 64,
	NFLAB_STACK = 64,
};

/*
 * The packet as it was when the function was entered: an nft drop frees it before the function
 * returns.
 */
struct nflab_packet {
	u64 skb;
	u64 nfct; /* nf_conn, and ctinfo in the low three bits */
	u32 length;
	u32 mark;
	u16 ethertype;
	u8 protocol;
	bool has_ports;
	u16 source_port;
	u16 destination_port;
	u8 header_length;
	u8 header[NFLAB_HEADER];
};

/* One call of a probed function; what goes into the ring. */
struct nflab_record {
	u64 time; /* CLOCK_MONOTONIC, ns, of the return */
	struct nflab_packet packet;
	u32 netns;
	u32 cpu;
	u32 value; /* what the function returned */
	s32 priority;
	u8 function;
	u8 depth; /* probed calls around this one */
	u8 hook;
	u8 pf;
	u8 family; /* of the table, NFPROTO_* */
	u8 has_priority;
	u8 frames;    /* entries of the call stack behind the record */
	u8 stack_cut; /* more frames than NFLAB_STACK */
	char in[IFNAMSIZ];
	char out[IFNAMSIZ];
	char table[NFLAB_NAME];
	char chain[NFLAB_NAME];
};

/* A call that has not returned; lives in its kretprobe instance. */
struct nflab_call {
	struct hlist_node node;
	struct task_struct *task;
	struct nflab_record record;
	u32 frames;
	unsigned long stack[NFLAB_STACK]; /* from the probed function outwards */
};

/* Calls of one task are nested like its stack, soft interrupts on top included. */
void nflab_call_begin(struct nflab_call *call);
void nflab_call_end(struct nflab_call *call);
/* The innermost call around this one, or NULL. */
struct nflab_call *nflab_call_around(const struct nflab_call *call);

void nflab_copy_packet(struct nflab_packet *packet, const struct sk_buff *skb);
void nflab_copy_state(struct nflab_record *record, u8 hook, u8 pf, const struct net *net,
		      const struct net_device *in, const struct net_device *out);

/* "drop", "accept", … of a returned value. */
const char *nflab_verdict_name(u8 function, u32 value);
extern const char *const nflab_function_names[NFLAB_FUNCTIONS];

#endif
