/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NFLAB_PROBES_H
#define NFLAB_PROBES_H

#include <linux/types.h>

/* Calls that were not seen: no instance was free, or a probe interrupted another one. */
u64 nflab_missed(void);

#endif
