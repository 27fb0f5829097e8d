// SPDX-License-Identifier: GPL-2.0-or-later
/* Call stacks of chosen calls. */
#include "stack.h"

#include <linux/if_ether.h>
#include <linux/inet.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/kallsyms.h>
#include <linux/moduleparam.h>
#include <linux/spinlock.h>
#include <linux/stacktrace.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

static bool stack;
module_param(stack, bool, 0644);
MODULE_PARM_DESC(stack, "report call stacks of the calls that all the other stack_* choose");

static char *stack_verdict = "drop";
module_param(stack_verdict, charp, 0444);
MODULE_PARM_DESC(stack_verdict, "of calls with this verdict; \"any\" for all (drop)");

static ushort stack_port;
module_param(stack_port, ushort, 0644);
MODULE_PARM_DESC(stack_port, "of packets with this source or destination port");

static ushort stack_protocol;
module_param(stack_protocol, ushort, 0644);
MODULE_PARM_DESC(stack_protocol, "of packets of this IP protocol number");

static uint stack_rate = 10;
module_param(stack_rate, uint, 0644);
MODULE_PARM_DESC(stack_rate, "at most so many call stacks in a second, 0 for no limit (10)");

static u8 chosen_address[16];
static unsigned int chosen_length;

static int set_address(const char *text, const struct kernel_param *parameter)
{
	if (in4_pton(text, -1, chosen_address, -1, NULL)) {
		chosen_length = 4;
		return 0;
	}
	if (in6_pton(text, -1, chosen_address, -1, NULL)) {
		chosen_length = 16;
		return 0;
	}
	return -EINVAL;
}

static const struct kernel_param_ops address_ops = {.set = set_address};
module_param_cb(stack_address, &address_ops, NULL, 0200);
MODULE_PARM_DESC(stack_address, "of packets with this source or destination address");

static DEFINE_RAW_SPINLOCK(rate_lock);
static u64 second_begins;
static unsigned int in_this_second;
static u64 suppressed;

bool nflab_stacks_wanted(void)
{
	return stack;
}

u64 nflab_stacks_suppressed(void)
{
	return READ_ONCE(suppressed);
}

void nflab_save_stack(struct nflab_call *call, unsigned long function)
{
	enum { SEARCH = 16, ENTRY = 32 };
	unsigned int i;

	call->frames = stack_trace_save(call->stack, NFLAB_STACK, 0);
	/* The handlers' own frames come first; the probe is at the function's first instructions.
	 */
	for (i = 0; i < call->frames && i < SEARCH; i++) {
		if (call->stack[i] - function >= ENTRY)
			continue;
		call->frames -= i;
		memmove(call->stack, call->stack + i, call->frames * sizeof(call->stack[0]));
		return;
	}
}

static bool has_address(const struct nflab_packet *packet)
{
	unsigned int source, length;

	if (packet->ethertype == ETH_P_IP) {
		source = offsetof(struct iphdr, saddr);
		length = 4;
	} else if (packet->ethertype == ETH_P_IPV6) {
		source = offsetof(struct ipv6hdr, saddr);
		length = 16;
	} else {
		return false;
	}
	if (length != chosen_length || source + 2 * length > packet->header_length)
		return false;
	return !memcmp(packet->header + source, chosen_address, length) ||
	       !memcmp(packet->header + source + length, chosen_address, length);
}

static bool within_rate(void)
{
	u64 now = ktime_get_mono_fast_ns();
	unsigned long flags;
	bool within;

	if (!stack_rate)
		return true;
	raw_spin_lock_irqsave(&rate_lock, flags);
	if (now - second_begins >= NSEC_PER_SEC) {
		second_begins = now;
		in_this_second = 0;
	}
	within = in_this_second < stack_rate;
	if (within)
		in_this_second++;
	else
		suppressed++;
	raw_spin_unlock_irqrestore(&rate_lock, flags);
	return within;
}

bool nflab_wants_stack(const struct nflab_record *record)
{
	const struct nflab_packet *packet = &record->packet;

	if (!stack)
		return false;
	if (strcmp(stack_verdict, "any") &&
	    strcmp(stack_verdict, nflab_verdict_name(record->function, record->value)))
		return false;
	if (stack_port && !(packet->has_ports && (packet->source_port == stack_port ||
						  packet->destination_port == stack_port)))
		return false;
	if (stack_protocol && packet->protocol != stack_protocol)
		return false;
	if (chosen_length && !has_address(packet))
		return false;
	return within_rate();
}

static bool is_trampoline(unsigned long address)
{
	char name[KSYM_SYMBOL_LEN];

	sprint_symbol(name, address);
	return strstr(name, "kretprobe_trampoline") != NULL;
}

unsigned int nflab_whole_stack(const struct nflab_call *call, unsigned long *frames,
			       unsigned int size, bool *cut)
{
	unsigned int count = 0;

	*cut = false;
	while (call) {
		/* Where it was called stands in the inner stack already. */
		unsigned int skip = count ? 1 : 0;
		unsigned int end = call->frames;
		unsigned int some;
		bool ends = end && is_trampoline(call->stack[end - 1]);

		if (ends)
			end--;
		some = end > skip ? min(end - skip, size - count) : 0;
		memcpy(frames + count, call->stack + skip, some * sizeof(*frames));
		count += some;
		if (skip + some < end || call->frames == NFLAB_STACK)
			*cut = true;
		call = ends ? nflab_call_around(call) : NULL;
	}
	return count;
}
