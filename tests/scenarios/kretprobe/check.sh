#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# check.sh NFLAB SCENARIO KERNEL: the scenario passes, and the chosen drop has a call stack that
# leads from the table to the network card's driver.
set -eu
report=$("$1" run "$2" --kernel "$3" --json) || {
    echo "$report"
    exit 1
}
for frame in ipt_do_table nf_hook_slow ip_local_deliver virtnet_poll; do
    if ! grep -q "\"$frame+0x" <<< "$report"; then
        echo "no call stack goes through $frame:"
        grep -A 30 '"stack"' <<< "$report" || echo "there is no call stack at all"
        exit 1
    fi
done
