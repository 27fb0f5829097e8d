/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NFLAB_FORMAT_H
#define NFLAB_FORMAT_H

#include "call.h"

enum { NFLAB_LINE = 16384 };

/* One line of JSON with its newline; docs/formats/kretprobe.md. Returns its length. */
size_t nflab_format_call(char *line, const struct nflab_record *record,
			 const unsigned long *frames);
/* The line about what could not be reported so far. */
size_t nflab_format_losses(char *line, u64 missed, u64 lost, u64 suppressed);

#endif
