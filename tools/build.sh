#!/usr/bin/env bash
# Configures (once, and when the presets change) and builds one preset; prints little when all is well.
# usage: tools/build.sh PRESET [ninja argument...]
set -euo pipefail
cd "$(dirname "$0")/.."
preset=$1
shift
folder=build/$preset
mkdir -p "$folder"
if [ ! -f "$folder/build.ninja" ] || [ CMakePresets.json -nt "$folder/build.ninja" ]; then
  echo "build: configures $preset"
  cmake --preset "$preset" >"$folder/configure.log" 2>&1 || {
    cat "$folder/configure.log" >&2
    rm -f "$folder/CMakeCache.txt"
    exit 1
  }
fi
started=$SECONDS
if [ -t 1 ]; then
  ninja -C "$folder" "$@"
else
  # Without a terminal one line per file is noise: show the whole log only when it fails.
  ninja -C "$folder" "$@" >"$folder/build.log" 2>&1 || {
    grep -vE '^\[[0-9]+/[0-9]+\] (Building|Linking|Generating|Scanning)' "$folder/build.log" >&2
    exit 1
  }
fi
echo "build: $preset is up to date ($((SECONDS - started)) s)"
