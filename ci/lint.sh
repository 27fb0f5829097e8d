#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# ci/lint.sh BUILD_DIR: layout (clang-format), code (clang-tidy), manual pages and SPDX headers.
set -eu
build=$1

mapfile -t sources < <(git ls-files '*.cpp' '*.hpp' '*.c' '*.h')
clang-format --dry-run -Werror "${sources[@]}"

unlicensed=$(git ls-files '*.cpp' '*.hpp' '*.c' '*.h' '*.cmake' '*CMakeLists.txt' '*.sh' Makefile |
    xargs grep -L 'SPDX-License-Identifier: GPL-2.0' || true)
if [[ -n $unlicensed ]]; then
    echo "These files have no SPDX header:"$'\n'"$unlicensed" >&2
    exit 1
fi

mapfile -t manuals < <(git ls-files '*.1' '*.8')
# Other packages' pages may not be installed here.
if mandoc -Tlint -W style "${manuals[@]}" | grep -v 'referenced manual not found\|outdated mandoc.db'; then
    exit 1
fi

# BPF programs are not in the compilation database, and generated skeletons are not ours.
mapfile -t units < <(git ls-files 'harness/*.cpp' 'guest/*.cpp' 'tests/*.cpp')
printf '%s\n' "${units[@]}" |
    xargs -P "$(nproc)" -n 4 clang-tidy -p "$build" --quiet 2> >(grep -v 'warnings generated' >&2)
echo "lint: ${#sources[@]} files are clean"
