#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# must_fail.sh NFLAB SCENARIO: the scenario must end with exit code 1 and print every line that its
# own comments "# says: TEXT" ask for.
set -u
output=$("$1" run "$2" 2>&1)
code=$?
echo "$output"
if [[ $code -ne 1 ]]; then
    echo "must_fail: exit code $code instead of 1" >&2
    exit 1
fi
while read -r text; do
    if [[ $output != *"$text"* ]]; then
        echo "must_fail: the output lacks: $text" >&2
        exit 1
    fi
done < <(sed -n 's/^# says: //p' "$2")
