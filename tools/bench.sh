#!/usr/bin/env bash
# Builds the benchmarks with the release flags and runs those whose name contains TEXT.
# usage: tools/bench.sh [TEXT]
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset release -B build/bench -DCATCHMENT_BENCHES=ON >/dev/null
ninja -C build/bench
for program in $(find build/bench -type f -executable -name '*_bench' | sort); do
  case $(basename "$program") in
    *"${1:-}"*) "$program" ;;
  esac
done
