/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NFLAB_RING_H
#define NFLAB_RING_H

#include "call.h"

#include <linux/wait.h>

int nflab_ring_create(void);
void nflab_ring_destroy(void);

/* From any context. What finds no room is counted as lost. */
void nflab_ring_put(const struct nflab_record *record, const unsigned long *frames);

/* The oldest record, with `frames` filled as record->frames says; false when there is none. */
bool nflab_ring_take(struct nflab_record *record, unsigned long *frames);
bool nflab_ring_empty(void);
u64 nflab_ring_lost(void);

extern wait_queue_head_t nflab_ring_readers;

#endif
