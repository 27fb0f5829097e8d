#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# check.sh NFLAB WITHOUT_BPF KERNEL: agree.sh in a lab with the rules of rules.yaml.
set -eu
nflab=$1
without_bpf=$2
kernel=$3
here=$(dirname "$0")
lab=methods-$kernel-$$
module=$("$nflab" kernels headers "$kernel" | awk 'END { print $NF }')
trap '"$nflab" down "$lab" > /dev/null' EXIT
"$nflab" up "$here/rules.yaml" --kernel "$kernel" --name "$lab" || exit 1
put() {
    "$nflab" cp "$1" "$lab:g:$2"
    "$nflab" exec "$lab" g -- chmod 755 "$2"
}
put "$module" /tmp/module.ko
put "$without_bpf" /tmp/without_bpf
put "$here/agree.sh" /tmp/agree.sh
"$nflab" exec "$lab" g -- bash /tmp/agree.sh /tmp/module.ko /tmp/without_bpf
