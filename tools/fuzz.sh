#!/usr/bin/env bash
# Runs the libFuzzer programs whose name contains TEXT, each for SECONDS, on what earlier runs kept in
# build/fuzz/corpus/NAME.
# usage: tools/fuzz.sh TEXT SECONDS
set -euo pipefail
cd "$(dirname "$0")/.."
text=$1
seconds=$2
tools/build.sh fuzz
ran=0
for program in $(find build/fuzz -type f -executable -name '*_fuzz' | sort); do
  name=$(basename "$program")
  case $name in
    *"$text"*) ;;
    *) continue ;;
  esac
  mkdir -p "build/fuzz/corpus/$name"
  echo "fuzz: $name for $seconds s"
  "$program" -max_total_time="$seconds" -artifact_prefix="build/fuzz/$name-" "build/fuzz/corpus/$name"
  ran=$((ran + 1))
done
[ "$ran" -gt 0 ] || {
  echo "fuzz: no program's name contains \"$text\"" >&2
  exit 2
}
