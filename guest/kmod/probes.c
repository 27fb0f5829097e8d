// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kretprobes on the functions that netfilter's verdicts come from. A function of a module that is
 * not loaded yet is probed as soon as it is.
 */
#include "probes.h"

#include "call.h"
#include "ring.h"
#include "stack.h"

#include <linux/cpumask.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/ptrace.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <net/netfilter/nf_tables.h>

static uint maxactive;
module_param(maxactive, uint, 0444);
MODULE_PARM_DESC(maxactive, "calls of one function at once (64 for each processor, at least 256)");

/* The order of the arguments has changed; the headers of this kernel tell it. */
typedef unsigned int (*skb_first)(struct sk_buff *, const struct nf_hook_state *,
				  struct xt_table *);
typedef unsigned int (*table_first)(void *, struct sk_buff *, const struct nf_hook_state *);
#define IPT_SKB_FIRST __builtin_types_compatible_p(typeof(&ipt_do_table), skb_first)
#define IPT_TABLE_FIRST __builtin_types_compatible_p(typeof(&ipt_do_table), table_first)
_Static_assert(IPT_SKB_FIRST || IPT_TABLE_FIRST, "ipt_do_table has other arguments than known");

static u64 missed_before; /* by probes that are gone */

static void begin(struct kretprobe_instance *instance, u8 function, const struct sk_buff *skb)
{
	struct nflab_call *call = (struct nflab_call *)instance->data;

	memset(&call->record, 0, sizeof(call->record));
	call->record.function = function;
	call->frames = 0;
	nflab_copy_packet(&call->record.packet, skb);
	nflab_call_begin(call);
}

static void *argument(struct pt_regs *regs, unsigned int index)
{
	return (void *)regs_get_kernel_argument(regs, index);
}

static void enter_table(struct kretprobe_instance *instance, struct pt_regs *regs, u8 function)
{
	const struct sk_buff *skb = argument(regs, IPT_SKB_FIRST ? 0 : 1);
	const struct nf_hook_state *state = argument(regs, IPT_SKB_FIRST ? 1 : 2);
	const struct xt_table *table = argument(regs, IPT_SKB_FIRST ? 2 : 0);
	struct nflab_record *record = &((struct nflab_call *)instance->data)->record;

	begin(instance, function, skb);
	nflab_copy_state(record, state->hook, state->pf, state->net, state->in, state->out);
	record->family = table->af;
	strscpy(record->table, table->name, sizeof(record->table));
}

static void enter_chain(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	const struct nft_pktinfo *pkt = argument(regs, 0);
	const struct nft_chain *chain = argument(regs, 1);
	const struct nft_base_chain *base = nft_base_chain(chain);
	struct nflab_record *record = &((struct nflab_call *)instance->data)->record;

	begin(instance, NFLAB_NFT_DO_CHAIN, pkt->skb);
	nflab_copy_state(record, nft_hook(pkt), nft_pf(pkt), nft_net(pkt), nft_in(pkt),
			 nft_out(pkt));
	record->family = chain->table->family;
	record->has_priority = true;
	record->priority = base->ops.priority;
	strscpy(record->table, chain->table->name, sizeof(record->table));
	strscpy(record->chain, chain->name, sizeof(record->chain));
}

static void enter_hook(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	const struct nf_hook_state *state = argument(regs, 1);
	struct nflab_record *record = &((struct nflab_call *)instance->data)->record;

	begin(instance, NFLAB_NF_HOOK_SLOW, argument(regs, 0));
	nflab_copy_state(record, state->hook, state->pf, state->net, state->in, state->out);
}

static struct kretprobe probes[NFLAB_FUNCTIONS];

static int entered(struct kretprobe_instance *instance, u8 function)
{
	if (nflab_stacks_wanted())
		nflab_save_stack((struct nflab_call *)instance->data,
				 (unsigned long)probes[function].kp.addr);
	return 0;
}

static int enter_ipt(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	enter_table(instance, regs, NFLAB_IPT_DO_TABLE);
	return entered(instance, NFLAB_IPT_DO_TABLE);
}

static int enter_ip6t(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	enter_table(instance, regs, NFLAB_IP6T_DO_TABLE);
	return entered(instance, NFLAB_IP6T_DO_TABLE);
}

static int enter_nft(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	enter_chain(instance, regs);
	return entered(instance, NFLAB_NFT_DO_CHAIN);
}

static int enter_hook_slow(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	enter_hook(instance, regs);
	return entered(instance, NFLAB_NF_HOOK_SLOW);
}

static int leave(struct kretprobe_instance *instance, struct pt_regs *regs)
{
	struct nflab_call *call = (struct nflab_call *)instance->data;
	struct nflab_record *record = &call->record;
	unsigned long frames[NFLAB_STACK];
	bool cut = false;

	record->time = ktime_get_mono_fast_ns();
	record->cpu = raw_smp_processor_id();
	record->value = regs_return_value(regs);
	if (nflab_wants_stack(record)) {
		record->frames = nflab_whole_stack(call, frames, NFLAB_STACK, &cut);
		record->stack_cut = cut;
	}
	nflab_call_end(call);
	nflab_ring_put(record, frames);
	return 0;
}

static const struct {
	const char *module; /* NULL: of the kernel proper */
	kretprobe_handler_t enter;
} functions[NFLAB_FUNCTIONS] = {
	[NFLAB_IPT_DO_TABLE] = {"ip_tables", enter_ipt},
	[NFLAB_IP6T_DO_TABLE] = {"ip6_tables", enter_ip6t},
	[NFLAB_NFT_DO_CHAIN] = {"nf_tables", enter_nft},
	[NFLAB_NF_HOOK_SLOW] = {NULL, enter_hook_slow},
};

static bool registered[NFLAB_FUNCTIONS];
static DEFINE_MUTEX(registration);

static int attach(int function)
{
	struct kretprobe *probe = &probes[function];
	int error = 0;

	mutex_lock(&registration);
	if (!registered[function]) {
		memset(probe, 0, sizeof(*probe));
		probe->kp.symbol_name = nflab_function_names[function];
		probe->handler = leave;
		probe->entry_handler = functions[function].enter;
		probe->data_size = sizeof(struct nflab_call);
		probe->maxactive = maxactive ?: max(256U, 64 * num_possible_cpus());
		error = register_kretprobe(probe);
		registered[function] = !error;
	}
	mutex_unlock(&registration);
	return error;
}

static void detach(int function)
{
	mutex_lock(&registration);
	if (registered[function]) {
		unregister_kretprobe(&probes[function]);
		WRITE_ONCE(missed_before,
			   missed_before + probes[function].nmissed + probes[function].kp.nmissed);
		registered[function] = false;
	}
	mutex_unlock(&registration);
}

u64 nflab_missed(void)
{
	u64 count = READ_ONCE(missed_before);
	int i;

	for (i = 0; i < NFLAB_FUNCTIONS; i++)
		if (READ_ONCE(registered[i]))
			count += READ_ONCE(probes[i].nmissed) + READ_ONCE(probes[i].kp.nmissed);
	return count;
}

static int on_module(struct notifier_block *block, unsigned long state, void *data)
{
	const struct module *module = data;
	int i;

	for (i = 0; i < NFLAB_FUNCTIONS; i++) {
		if (!functions[i].module || strcmp(module->name, functions[i].module))
			continue;
		if (state == MODULE_STATE_LIVE && attach(i))
			pr_warn("nflab_kretprobe: %s cannot be probed\n", nflab_function_names[i]);
		else if (state == MODULE_STATE_GOING)
			detach(i);
	}
	return NOTIFY_DONE;
}

static struct notifier_block modules = {.notifier_call = on_module};

void nflab_probes_detach(void)
{
	int i;

	unregister_module_notifier(&modules);
	for (i = 0; i < NFLAB_FUNCTIONS; i++)
		detach(i);
}

int nflab_probes_attach(void)
{
	int error = 0;
	int i;

	register_module_notifier(&modules);
	for (i = 0; i < NFLAB_FUNCTIONS && !error; i++) {
		error = attach(i);
		/* What is in a module that is not there comes with it, or never. */
		if (functions[i].module)
			error = 0;
	}
	if (error)
		nflab_probes_detach();
	return error;
}
