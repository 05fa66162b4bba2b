#!/usr/bin/env bash
# The slow checks: every header compiles alone, and clang-tidy 19 on every source file.
# usage: tools/check.sh [FILE...]   without files: all sources
set -euo pipefail
cd "$(dirname "$0")/.."
python3 tools/tidy.py
tools/build.sh dev
tools/build.sh dev all_verify_interface_header_sets
files=("$@")
[ ${#files[@]} -gt 0 ] || mapfile -t files < <(git ls-files 'src/*.cc')
echo "check: clang-tidy on ${#files[@]} files"
printf '%s\0' "${files[@]}" |
  xargs -0 -n 4 -P "$(nproc)" clang-tidy-19 --quiet -p build/dev 2> >(grep -vE 'warnings? generated|^Suppressed|^Use -' >&2)
echo "check: clang-tidy has nothing to say"
