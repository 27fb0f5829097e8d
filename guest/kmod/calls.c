// SPDX-License-Identifier: GPL-2.0-or-later
/* Which probed calls are under way, by task: for the depth and for whole call stacks. */
#include "call.h"

#include <linux/hash.h>
#include <linux/spinlock.h>

enum { NFLAB_BUCKET_BITS = 6 };

static struct {
	struct hlist_head head;
	/* raw: the handlers run with preemption off, on PREEMPT_RT, too */
	raw_spinlock_t lock;
} buckets[1 << NFLAB_BUCKET_BITS] = {
	[0 ...(1 << NFLAB_BUCKET_BITS) - 1] = {.lock = __RAW_SPIN_LOCK_UNLOCKED(buckets.lock)},
};

void nflab_call_begin(struct nflab_call *call)
{
	unsigned int index = hash_ptr(current, NFLAB_BUCKET_BITS);
	struct nflab_call *other;
	unsigned long flags;
	u8 depth = 0;

	call->task = current;
	raw_spin_lock_irqsave(&buckets[index].lock, flags);
	hlist_for_each_entry (other, &buckets[index].head, node)
		if (other->task == current && depth < U8_MAX)
			depth++;
	hlist_add_head(&call->node, &buckets[index].head);
	raw_spin_unlock_irqrestore(&buckets[index].lock, flags);
	call->record.depth = depth;
}

void nflab_call_end(struct nflab_call *call)
{
	unsigned int index = hash_ptr(call->task, NFLAB_BUCKET_BITS);
	unsigned long flags;

	raw_spin_lock_irqsave(&buckets[index].lock, flags);
	hlist_del(&call->node);
	raw_spin_unlock_irqrestore(&buckets[index].lock, flags);
}

struct nflab_call *nflab_call_around(const struct nflab_call *call)
{
	unsigned int index = hash_ptr(call->task, NFLAB_BUCKET_BITS);
	struct nflab_call *other;
	unsigned long flags;
	bool passed = false;
	struct nflab_call *found = NULL;

	raw_spin_lock_irqsave(&buckets[index].lock, flags);
	hlist_for_each_entry (other, &buckets[index].head, node) {
		if (other->task != call->task)
			continue;
		if (passed) {
			found = other;
			break;
		}
		passed = other == call;
	}
	raw_spin_unlock_irqrestore(&buckets[index].lock, flags);
	return found;
}
