#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make-fixtures.sh PACKAGE.deb...: trims the packet-filter modules of kernel packages
# (linux-image-*, from 6.19 on linux-modules-*) into <release>/ beside this script, and notes in
# sources.txt what each was made from.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for package in "$@"; do
    rm -rf "${work:?}"/*
    dpkg-deb --fsys-tarfile "$package" | tar -x -C "$work" --wildcards \
        '*/nf_tables.ko*' '*/ip_tables.ko*' '*/ip6_tables.ko*' '*/arp_tables.ko*' \
        '*/ebtables.ko*' 2>"$work/missing" || [ -n "$(find "$work" -name 'nf_tables.ko*')" ]
    found=$(find "$work" -name 'nf_tables.ko*')
    release=${found##*/lib/modules/}
    release=${release%%/*}
    mkdir -p "$here/$release"
    for trim in "nf_tables nft_do_chain nft_trace_notify" "ip_tables ipt_do_table" \
        "ip6_tables ip6t_do_table" "arp_tables arpt_do_table" "ebtables ebt_do_table"; do
        read -r module functions <<<"$trim"
        file=$(find "$work" -name "$module.ko*")
        # Newer kernels come without legacy ebtables.
        [[ -n $file ]] || continue
        [[ $file == *.xz ]] && xz -d "$file" && file=${file%.xz}
        # shellcheck disable=SC2086 # a list of functions
        "$here/trim-module.py" "$file" "$here/$release/$module.ko.xz" $functions
    done
    line="$release $(dpkg-deb -f "$package" Package Version | sed 's/.*: //' | paste -sd ' ')"
    line+=" $(sha256sum "$package" | cut -d ' ' -f 1)"
    touch "$here/sources.txt"
    { grep -v "^$release " "$here/sources.txt" || true; echo "$line"; } | sort -V >"$work/new"
    cp "$work/new" "$here/sources.txt"
done
