// SPDX-License-Identifier: GPL-2.0-or-later
#include "format.h"

#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/kallsyms.h>

const char *const nflab_function_names[NFLAB_FUNCTIONS] = {
	[NFLAB_IPT_DO_TABLE] = "ipt_do_table",
	[NFLAB_IP6T_DO_TABLE] = "ip6t_do_table",
	[NFLAB_NFT_DO_CHAIN] = "nft_do_chain",
	[NFLAB_NF_HOOK_SLOW] = "nf_hook_slow",
};

/* A NF_STOLEN with an error in its upper half is NF_DROP_REASON(): dropped, and freed already. */
static bool is_reasoned_drop(u32 value)
{
	return (value & NF_VERDICT_MASK) == NF_STOLEN && value >> NF_VERDICT_QBITS;
}

const char *nflab_verdict_name(u8 function, u32 value)
{
	/* 1: go on with the packet; 0: somebody else has it; negative: dropped, with this error */
	if (function == NFLAB_NF_HOOK_SLOW)
		return (s32)value < 0 ? "drop" : value ? "accept" : "stolen";
	if (is_reasoned_drop(value))
		return "drop";
	switch (value & NF_VERDICT_MASK) {
	case NF_DROP:
		return "drop";
	case NF_ACCEPT:
	case NF_STOP:
		return "accept";
	case NF_STOLEN:
		return "stolen";
	case NF_QUEUE:
		return "queue";
	case NF_REPEAT:
		return "repeat";
	default:
		return "unknown";
	}
}

#define put(...) (at += scnprintf(line + at, NFLAB_LINE - at, __VA_ARGS__))

static size_t put_text(char *line, size_t at, const char *key, const char *text)
{
	if (!*text)
		return at;
	put(",\"%s\":\"", key);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\' || (unsigned char)*text < ' ')
			put("\\u%04x", *text);
		else
			put("%c", *text);
	}
	put("\"");
	return at;
}

static size_t put_packet(char *line, size_t at, const struct nflab_packet *packet)
{
	const u8 *ip = packet->header;

	put(",\"skb\":%llu,\"length\":%u,\"ethertype\":%u", packet->skb, packet->length,
	    packet->ethertype);
	if (packet->mark)
		put(",\"mark\":%u", packet->mark);
	if (packet->nfct)
		put(",\"conntrack\":%llu", packet->nfct);
	if (packet->ethertype == ETH_P_IP && packet->header_length >= sizeof(struct iphdr))
		put(",\"source\":\"%pI4\",\"destination\":\"%pI4\"",
		    ip + offsetof(struct iphdr, saddr), ip + offsetof(struct iphdr, daddr));
	if (packet->ethertype == ETH_P_IPV6 && packet->header_length >= sizeof(struct ipv6hdr))
		put(",\"source\":\"%pI6c\",\"destination\":\"%pI6c\"",
		    ip + offsetof(struct ipv6hdr, saddr), ip + offsetof(struct ipv6hdr, daddr));
	if (packet->protocol)
		put(",\"protocol\":%u", packet->protocol);
	if (packet->has_ports)
		put(",\"source_port\":%u,\"destination_port\":%u", packet->source_port,
		    packet->destination_port);
	put(",\"header\":\"%*phN\"", packet->header_length > 64 ? 64 : packet->header_length, ip);
	if (packet->header_length > 64) { /* the most that %*ph takes */
		at--;
		put("%*phN\"", packet->header_length - 64, ip + 64);
	}
	return at;
}

size_t nflab_format_call(char *line, const struct nflab_record *record, const unsigned long *frames)
{
	size_t at = 0;
	u32 value = record->value;
	unsigned int i;

	put("{\"type\":\"call\",\"function\":\"%s\",\"time_ns\":%llu,\"cpu\":%u,\"depth\":%u",
	    nflab_function_names[record->function], record->time, record->cpu, record->depth);
	put(",\"netns\":%u,\"hook\":%u,\"pf\":%u", record->netns, record->hook, record->pf);
	at = put_text(line, at, "in", record->in);
	at = put_text(line, at, "out", record->out);
	if (record->family)
		put(",\"family\":%u", record->family);
	if (record->has_priority)
		put(",\"priority\":%d", record->priority);
	at = put_text(line, at, "table", record->table);
	at = put_text(line, at, "chain", record->chain);
	put(",\"return\":%d,\"verdict\":\"%s\"", (s32)value,
	    nflab_verdict_name(record->function, value));
	if (record->function == NFLAB_NF_HOOK_SLOW) {
		if ((s32)value < 0)
			put(",\"errno\":%d", -(s32)value);
	} else if (is_reasoned_drop(value) ||
		   ((value & NF_VERDICT_MASK) == NF_DROP && value >> NF_VERDICT_QBITS)) {
		put(",\"errno\":%u", value >> NF_VERDICT_QBITS & 0x7fff);
	} else if ((value & NF_VERDICT_MASK) == NF_QUEUE) {
		put(",\"queue\":%u", value >> NF_VERDICT_QBITS);
	}
	at = put_packet(line, at, &record->packet);
	if (record->frames) {
		put(",\"stack\":[");
		for (i = 0; i < record->frames; i++)
			put("%s\"%pS\"", i ? "," : "", (void *)frames[i]);
		put("]");
		if (record->stack_cut)
			put(",\"stack_cut\":true");
	}
	put("}\n");
	return at;
}

size_t nflab_format_losses(char *line, u64 missed, u64 lost, u64 suppressed)
{
	size_t at = 0;

	put("{\"type\":\"lost\",\"missed\":%llu,\"overrun\":%llu,\"stacks_suppressed\":%llu}\n",
	    missed, lost, suppressed);
	return at;
}
