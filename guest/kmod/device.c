// SPDX-License-Identifier: GPL-2.0-or-later
/* /dev/nflab_kretprobe: whole lines of JSON for one reader; blocking, with poll. */
#include "device.h"

#include "format.h"
#include "probes.h"
#include "ring.h"
#include "stack.h"

#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

struct reader {
	struct mutex lock; /* between threads that share the descriptor */
	u64 missed, lost, suppressed;
	size_t length, at;
	struct nflab_record record;
	unsigned long frames[NFLAB_STACK];
	char line[NFLAB_LINE];
};

static unsigned long in_use;

static int device_open(struct inode *inode, struct file *file)
{
	struct reader *reader;

	/* Two readers would each see some of the calls. */
	if (test_and_set_bit(0, &in_use))
		return -EBUSY;
	reader = kvzalloc(sizeof(*reader), GFP_KERNEL);
	if (!reader) {
		clear_bit(0, &in_use);
		return -ENOMEM;
	}
	mutex_init(&reader->lock);
	file->private_data = reader;
	return stream_open(inode, file);
}

static int device_release(struct inode *inode, struct file *file)
{
	kvfree(file->private_data);
	clear_bit(0, &in_use);
	return 0;
}

static bool losses_changed(const struct reader *reader)
{
	return reader->missed != nflab_missed() || reader->lost != nflab_ring_lost() ||
	       reader->suppressed != nflab_stacks_suppressed();
}

static bool fill_line(struct reader *reader)
{
	reader->at = 0;
	reader->length = 0;
	if (losses_changed(reader)) {
		reader->missed = nflab_missed();
		reader->lost = nflab_ring_lost();
		reader->suppressed = nflab_stacks_suppressed();
		reader->length = nflab_format_losses(reader->line, reader->missed, reader->lost,
						     reader->suppressed);
	} else if (nflab_ring_take(&reader->record, reader->frames)) {
		reader->length = nflab_format_call(reader->line, &reader->record, reader->frames);
	}
	return reader->length != 0;
}

static bool has_more(const struct reader *reader)
{
	return reader->at < reader->length || !nflab_ring_empty() || losses_changed(reader);
}

static ssize_t copy_lines(struct reader *reader, char __user *buffer, size_t size)
{
	size_t done = 0;

	while (done < size) {
		size_t some;

		if (reader->at == reader->length && !fill_line(reader))
			break;
		some = min(size - done, reader->length - reader->at);
		if (copy_to_user(buffer + done, reader->line + reader->at, some))
			return done ? done : -EFAULT;
		reader->at += some;
		done += some;
	}
	return done;
}

static ssize_t device_read(struct file *file, char __user *buffer, size_t size, loff_t *position)
{
	struct reader *reader = file->private_data;
	ssize_t done;

	if (!size)
		return 0;
	for (;;) {
		if (mutex_lock_interruptible(&reader->lock))
			return -ERESTARTSYS;
		done = copy_lines(reader, buffer, size);
		mutex_unlock(&reader->lock);
		if (done)
			return done;
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		if (wait_event_interruptible(nflab_ring_readers, has_more(reader)))
			return -ERESTARTSYS;
	}
}

static __poll_t device_poll(struct file *file, poll_table *table)
{
	poll_wait(file, &nflab_ring_readers, table);
	return has_more(file->private_data) ? EPOLLIN | EPOLLRDNORM : 0;
}

static const struct file_operations operations = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
	.read = device_read,
	.poll = device_poll,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "nflab_kretprobe",
	.fops = &operations,
	.mode = 0400,
};

int nflab_device_create(void)
{
	return misc_register(&device);
}

void nflab_device_destroy(void)
{
	misc_deregister(&device);
}
