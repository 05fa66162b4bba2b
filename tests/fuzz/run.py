#!/usr/bin/env python3
"""Runs the fuzz targets, each over its seeds (seeds.py).

Without --seconds: the seeds, the inputs that once broke something, and some random changes of each, with the
programs catchment_*_replay of the release build; seconds in all. With --seconds: libFuzzer, with the programs
catchment_*_fuzz of the asan build, on from what earlier runs kept in build/fuzz/corpus. An input that breaks a target
is left in build/fuzz/crashes; put it into tests/fuzz/crashes/TARGET when it is mended. Ends with "N passed, N failed",
which counts targets.
"""

import argparse
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import seeds

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "build/fuzz"
REPLAY_TIMEOUT_S = 900
CHANGES = 60


def programs(preset, kind, only):
    """By target, in the order of their names."""
    found = {}
    for path in sorted((ROOT / "build" / preset / "src").rglob(f"catchment_*_{kind}")):
        if path.is_file() and os.access(path, os.X_OK):
            name = path.name.removeprefix("catchment_").removesuffix("_" + kind)
            if only in name:
                found[name] = path
    return found


def run(command, folder, timeout):
    """Exit status and output."""
    try:
        done = subprocess.run(
            [str(word) for word in command],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout,
            check=False,
        )
        return done.returncode, done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as late:
        return 124, (late.stdout or b"").decode(errors="replace") + f"\nno end after {timeout} s"


def replay(name, program, changes):
    """(passed, failed, what to print)."""
    folder = WORK / "replay" / name
    folder.mkdir(parents=True, exist_ok=True)
    here = WORK / "seeds" / name
    if seeds.write(name, here) == 0:
        return 0, 1, f"{name}: no seed; write some into tests/fuzz/seeds/{name}.txt"
    status, output = run([program, "--changes", changes, here], folder, REPLAY_TIMEOUT_S)
    inputs = re.search(r"^(\d+) inputs$", output, re.MULTILINE)
    if status == 0 and inputs:
        return 1, 0, f"  {name}: {int(inputs.group(1)):,} inputs"
    named = re.findall(r"^changing (.*)$|^(/.*)$", output, re.MULTILINE)
    last = folder / "last_change.input"
    culprit = last if named and named[-1][0] and last.is_file() else Path((named or [("", "-")])[-1][1] or "-")
    kept = WORK / "crashes" / f"{name}-replay"
    if culprit.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(culprit, kept)
    return 0, 1, f"{name}: status {status} with the input in {kept}\n" + "\n".join(output.splitlines()[-15:])


def fuzz(name, program, seconds, seed):
    here, corpus = WORK / "seeds" / name, WORK / "corpus" / name
    seeds.write(name, here)
    for folder in (corpus, WORK / "crashes"):
        folder.mkdir(parents=True, exist_ok=True)
    command = [program, f"-max_total_time={seconds}", "-timeout=120", "-rss_limit_mb=4096", "-print_final_stats=1", "-verbosity=0"]
    command += [f"-artifact_prefix={WORK}/crashes/{name}-"]
    if seed is not None:
        command.append(f"-seed={seed}")
    words = seeds.HERE / "seeds" / f"{name}.dict"
    if words.is_file():
        command.append(f"-dict={words}")
    status, output = run([*command, corpus, here], WORK, seconds + 300)
    runs = re.search(r"stat::number_of_executed_units:\s*(\d+)", output)
    if status == 0 and runs:
        return 1, 0, f"  {name}: {int(runs.group(1)):,} inputs"
    return 0, 1, f"{name}: status {status}, see build/fuzz/crashes\n" + "\n".join(output.splitlines()[-40:])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, help="fuzz each target for that long")
    parser.add_argument("--seed", type=int, help="the same changes in the same order each time (default: others)")
    parser.add_argument("--only", default="", metavar="TEXT", help="targets whose name contains the text")
    parser.add_argument("--changes", type=int, default=CHANGES, help=f"random changes of each seed (default: {CHANGES})")
    parser.add_argument("--jobs", "-j", type=int, default=2, help="targets that run at the same time (default: 2)")
    parser.add_argument("--preset", default="release", help="build whose replay programs run (default: release)")
    options = parser.parse_args()

    fuzzing = options.seconds is not None
    found = programs("asan", "fuzz", options.only) if fuzzing else programs(options.preset, "replay", options.only)
    if not found:
        print(f'no fuzz target\'s name contains "{options.only}", or none is built')
        print("0 passed, 1 failed")
        return 1
    one = (lambda item: fuzz(*item, options.seconds, options.seed)) if fuzzing else (lambda item: replay(*item, options.changes))
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for good, bad, text in pool.map(one, found.items()):
            passed, failed = passed + good, failed + bad
            print(f"\n--- {text}" if bad else text, flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
