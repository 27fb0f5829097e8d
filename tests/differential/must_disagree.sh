#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: must_disagree.sh PROGRAM ARGUMENTS…
# Succeeds when the witness test fails because its witnesses disagree about rules.
out=$("$@" 2>&1)
code=$?
printf '%s\n' "$out" | tail -40
[ "$code" -eq 1 ] || { echo "exit code $code instead of 1"; exit 1; }
printf '%s\n' "$out" | grep -q "differs by nft monitor trace: [1-9]" || { echo "nft's shift was not caught"; exit 1; }
printf '%s\n' "$out" | grep -q "differs by xt TRACE: [1-9]" || { echo "iptables' shift was not caught"; exit 1; }
printf '%s\n' "$out" | grep -q "nfverdict  nothing" && { echo "the mutant saw nothing"; exit 1; }
printf '%s\n' "$out" | grep -q "wrong [1-9]" || { echo "nothing was counted as wrong"; exit 1; }
