// SPDX-License-Identifier: GPL-2.0-or-later
/* Records on their way to the reader. */
#include "ring.h"

#include <linux/irq_work.h>
#include <linux/kfifo.h>
#include <linux/moduleparam.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>

static uint ring_kib = 2048;
module_param(ring_kib, uint, 0444);
MODULE_PARM_DESC(ring_kib, "size of the ring, rounded up to a power of two (2048)");

static struct kfifo ring;
static void *memory;
static DEFINE_RAW_SPINLOCK(lock);
static u64 lost;

DECLARE_WAIT_QUEUE_HEAD(nflab_ring_readers);

/* Waking takes locks that the probed code may hold; an irq_work runs after it. */
static void wake_readers(struct irq_work *work)
{
	wake_up_interruptible(&nflab_ring_readers);
}

static struct irq_work waker;

int nflab_ring_create(void)
{
	size_t size = roundup_pow_of_two(clamp(ring_kib, 64U, 65536U) * 1024UL);
	int error;

	memory = vzalloc(size);
	if (!memory)
		return -ENOMEM;
	error = kfifo_init(&ring, memory, size);
	if (error)
		vfree(memory);
	init_irq_work(&waker, wake_readers);
	return error;
}

void nflab_ring_destroy(void)
{
	irq_work_sync(&waker);
	vfree(memory);
}

void nflab_ring_put(const struct nflab_record *record, const unsigned long *frames)
{
	unsigned int more = record->frames * sizeof(*frames);
	unsigned long flags;

	raw_spin_lock_irqsave(&lock, flags);
	if (kfifo_avail(&ring) < sizeof(*record) + more) {
		lost++;
	} else {
		kfifo_in(&ring, (const unsigned char *)record, sizeof(*record));
		kfifo_in(&ring, (const unsigned char *)frames, more);
	}
	raw_spin_unlock_irqrestore(&lock, flags);
	irq_work_queue(&waker);
}

bool nflab_ring_take(struct nflab_record *record, unsigned long *frames)
{
	unsigned long flags;
	bool any;

	raw_spin_lock_irqsave(&lock, flags);
	any = kfifo_out(&ring, (unsigned char *)record, sizeof(*record)) == sizeof(*record) &&
	      kfifo_out(&ring, (unsigned char *)frames, record->frames * sizeof(*frames)) ==
		      record->frames * sizeof(*frames);
	raw_spin_unlock_irqrestore(&lock, flags);
	return any;
}

bool nflab_ring_empty(void)
{
	return kfifo_is_empty(&ring);
}

u64 nflab_ring_lost(void)
{
	return READ_ONCE(lost);
}
