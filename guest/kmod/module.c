// SPDX-License-Identifier: GPL-2.0-or-later
/* What makes a module of ring, probes and device. */
#include "device.h"
#include "probes.h"
#include "ring.h"

#include <linux/module.h>

static int __init nflab_kretprobe_init(void)
{
	int error = nflab_ring_create();

	if (error)
		return error;
	error = nflab_probes_attach();
	if (error)
		goto no_probes;
	error = nflab_device_create();
	if (!error)
		return 0;
	nflab_probes_detach();
no_probes:
	nflab_ring_destroy();
	return error;
}

static void __exit nflab_kretprobe_exit(void)
{
	nflab_device_destroy();
	nflab_probes_detach();
	nflab_ring_destroy();
}

module_init(nflab_kretprobe_init);
module_exit(nflab_kretprobe_exit);
MODULE_DESCRIPTION("What netfilter's functions return for each packet");
MODULE_AUTHOR("nflab");
MODULE_LICENSE("GPL");
