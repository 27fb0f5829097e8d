#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Installs what is missing through the system's package manager; says what and why.
# Without root it prints the command and stops. `ci/deps.sh LIST...` reads further package lists.
set -eu
here=$(cd "$(dirname "$0")" && pwd)

if ! command -v apt-get >/dev/null; then
    echo "This system has no apt-get. Install the counterparts of the packages in ci/packages.txt." >&2
    exit 3
fi

installed() { dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed; }

missing=()
reasons=()
while read -r names why; do
    [[ -z $names || $names == \#* ]] && continue
    found=
    for name in ${names//|/ }; do
        if installed "$name"; then found=$name; break; fi
    done
    [[ -n $found ]] && continue
    missing+=("$names")
    reasons+=("$why")
done < <(cat "$here/packages.txt" "$@")

[[ ${#missing[@]} -eq 0 ]] && exit 0

echo "nflab needs ${#missing[@]} packages that are not installed:"
for i in "${!missing[@]}"; do printf '  %-30s %s\n' "${missing[$i]}" "${reasons[$i]}"; done

if [[ $(id -u) -ne 0 ]]; then
    echo
    echo "Install them as root, then run make again:"
    echo "  apt-get update && apt-get install --no-install-recommends ${missing[*]%%|*}"
    exit 3
fi

export DEBIAN_FRONTEND=noninteractive
# Package lists that are a day old name files that the mirror may no longer have.
apt-get update -q
chosen=()
for names in "${missing[@]}"; do
    for name in ${names//|/ }; do
        if apt-cache show "$name" >/dev/null 2>&1; then chosen+=("$name"); break; fi
    done
done
apt-get install -y -q --no-install-recommends "${chosen[@]}"
