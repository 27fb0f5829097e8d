/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NFLAB_STACK_H
#define NFLAB_STACK_H

#include "call.h"

/* Whether call stacks are wanted at all. */
bool nflab_stacks_wanted(void);

/* At entry, since a kretprobe takes the way back off the stack. `function` is its address. */
void nflab_save_stack(struct nflab_call *call, unsigned long function);

/* At return: whether this call is one whose stack was asked for, and the rate allows it. */
bool nflab_wants_stack(const struct nflab_record *record);

/*
 * The whole stack of a call into `frames`; where an older kernel's unwinder ends at the trampoline
 * of a call around this one, that call's own stack goes on. Returns the number of frames.
 */
unsigned int nflab_whole_stack(const struct nflab_call *call, unsigned long *frames,
			       unsigned int size, bool *cut);

u64 nflab_stacks_suppressed(void);

#endif
