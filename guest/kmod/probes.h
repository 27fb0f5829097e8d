/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NFLAB_PROBES_H
#define NFLAB_PROBES_H

#include <linux/types.h>

/* Probes all functions that are there, and those of modules when they come. 0, or a negative error,
 * after which nothing is probed. */
int nflab_probes_attach(void);
void nflab_probes_detach(void);

/* Calls that were not seen: no instance was free, or a probe interrupted another one. */
u64 nflab_missed(void);

#endif
