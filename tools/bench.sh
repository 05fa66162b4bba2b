#!/usr/bin/env bash
# Builds the benchmarks of single stages with the release flags and runs those whose name contains
# TEXT; or builds the targets named and runs nothing.
# usage: tools/bench.sh [TEXT]
#        tools/bench.sh --build TARGET...
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset release -B build/bench -DCATCHMENT_BENCHES=ON -DCATCHMENT_TESTS=OFF >/dev/null
if [ "${1:-}" = --build ]; then
  shift
  exec ninja -C build/bench --quiet "$@"
fi
mapfile -t targets < <(ninja -C build/bench -t targets all | sed -nE 's/^(catchment_\w+_bench): phony$/\1/p' |
  grep -F -- "${1:-}")
ninja -C build/bench "${targets[@]}"
for target in "${targets[@]}"; do
  "$(find build/bench -type f -executable -name "$target")"
done
