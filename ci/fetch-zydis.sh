#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# ci/fetch-zydis.sh DEST: the source of the disassembler Zydis, from the distribution's own source
# package. Debian ships Zydis as a shared library only, and nfverdict is one static binary.
# apt checks the signatures. It works in a state of its own, made from the sources that the system
# is set up with, so the system's apt configuration and package lists stay as they are.
set -eu

dest=${1:?usage: ci/fetch-zydis.sh DEST}
[[ -f $dest/src/Decoder.c ]] && exit 0

fail() {
    echo "fetch-zydis: $1" >&2
    exit 3
}
command -v apt-get >/dev/null || fail "no apt-get here; unpack Zydis 4 into $dest yourself"
command -v tar >/dev/null || fail "tar is missing; install it"

state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
mkdir -p "$state"/{lists,cache,source}/partial "$state/download"

# Only the distribution's own archives: a source package of Zydis is not to come from elsewhere.
origin=$(. /etc/os-release && echo "${ID:-debian}")
keyring=/usr/share/keyrings/$origin-archive-keyring.gpg
option=
[[ -f $keyring ]] && option="[signed-by=$keyring] "
apt-get indextargets --format '$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(ORIGIN)' \
    'Created-By: Packages' | sort -u | while IFS='|' read -r uri release component label; do
    # Before the first apt-get update apt knows no origin, and the address has to tell.
    [[ ${label,,} == "$origin" || ( -z $label && $uri == *"$origin"* ) ]] || continue
    echo "deb-src $option$uri $release $component"
done >"$state/sources.list"
[[ -s $state/sources.list ]] || fail "apt has no source of $origin; see /etc/apt/sources.list.d"

private=(-q=2 -o "Dir::Etc::sourcelist=$state/sources.list" -o "Dir::Etc::sourceparts=-"
    -o "Dir::State=$state" -o "Dir::State::lists=$state/lists" -o "Dir::Cache=$state/cache"
    -o "APT::Sandbox::User=" -o "APT::Update::Post-Invoke-Success::=")
apt-get "${private[@]}" update || fail "the package lists could not be read; is the mirror reachable?"
(cd "$state/download" && apt-get "${private[@]}" source --download-only zydis) ||
    fail "the source package zydis could not be fetched"

archive=$(find "$state/download" -name 'zydis_*.orig.tar.*' | head -n 1)
[[ -n $archive ]] || fail "the source package zydis has no upstream archive"
mkdir -p "$(dirname "$dest")"
fresh=$(mktemp -d "$dest.XXXXXX")
chmod 755 "$fresh"
tar -xf "$archive" -C "$fresh" --strip-components=1
[[ -f $fresh/src/Decoder.c ]] || fail "the source package zydis has no src/Decoder.c"
rm -rf "$dest"
# Somebody else may have been as fast; theirs is as good as ours.
mv -T "$fresh" "$dest" 2>/dev/null || rm -rf "$fresh"
[[ -f $dest/src/Decoder.c ]] || fail "$dest could not be written"
