/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One object for all kernels; the probes' places come from user space (docs/nfverdict.md). */
#include "drop.h"
#include "ebt.h"
#include "flow.h"
#include "hooks.h"
#include "missed.h"
#include "nft.h"
#include "ruleset.h"
#include "xt.h"

char LICENSE[] SEC("license") = "GPL";
