#!/usr/bin/env python3
"""Shows what a change did to the stages: builds the benchmarks of another revision and of this tree, runs both in
turn, and prints how much processor time each takes now by what it took. `make bench-compare BASE=rev` is this program.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from rounds import Spread

ROOT = Path(__file__).resolve().parent.parent
NOISE = 0.03


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", metavar="BASE", help="a revision: a branch, a tag, HEAD~3")
    parser.add_argument("--only", default="", metavar="TEXT", help="programs whose name contains it, e.g. json")
    parser.add_argument("--filter", default="", metavar="REGEX", help="benchmarks within them")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.2, help="at least, of each benchmark in each round")
    return parser.parse_args()


def fail(text):
    sys.exit(f"bench-compare: {text}")


def run(command, folder):
    """Standard output; what failed is shown."""
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        fail(f"{' '.join(map(str, command))}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


def base_tree(revision):
    """A work tree of the revision, below build/, which stays for the next time."""
    commit = run(["git", "rev-parse", "--verify", revision + "^{commit}"], ROOT).strip()
    tree = ROOT / "build" / "bench-base"
    if tree.exists():
        run(["git", "checkout", "--quiet", "--detach", commit], tree)
    else:
        run(["git", "worktree", "prune"], ROOT)  # of one that was removed together with build/
        run(["git", "worktree", "add", "--quiet", "--detach", str(tree), commit], ROOT)
    deps = tree / "build" / "deps"
    deps.parent.mkdir(exist_ok=True)
    if not deps.exists():
        deps.symlink_to(ROOT / "build" / "deps")
    return tree


def build(tree, only):
    """The benchmark programs by name."""
    run(["cmake", "--preset", "release", "-B", "build/bench", "-DCATCHMENT_BENCHES=ON"], tree)
    listed = run(["ninja", "-C", "build/bench", "-t", "targets", "all"], tree)
    names = sorted(line.split(":")[0] for line in listed.splitlines() if line.split(":")[0].endswith("_bench") and "/" not in line)
    names = [name for name in names if only in name]
    if names:
        run(["ninja", "-C", "build/bench", *names], tree)
    programs = {path.name: path for path in (tree / "build" / "bench").rglob("catchment_*_bench") if path.is_file()}
    return {name: programs[name] for name in names if name in programs}


def measure(program, options, scratch):
    """CPU nanoseconds by benchmark. Where other threads do the work, as the journal's committer does, the benchmark
    asks for the time on the wall, and that is taken."""
    command = [str(program), "--benchmark_format=json", f"--benchmark_min_time={options.seconds}"]
    if options.filter:
        command.append(f"--benchmark_filter={options.filter}")
    environment = {**os.environ, "CATCHMENT_BENCH_FOLDER": scratch, "TMPDIR": scratch}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=scratch, check=False)
    if done.returncode != 0:
        fail(f"{program.name} ended with status {done.returncode}: {done.stderr[-1000:]}")
    found = json.loads(done.stdout or "{}")
    units = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}
    out = {}
    for one in found.get("benchmarks", []):
        if not one.get("error_occurred") and one.get("run_type", "iteration") == "iteration":
            wall = one["name"].endswith("/real_time")
            out[one["name"]] = one["real_time" if wall else "cpu_time"] * units[one["time_unit"]]
    return out


def readable(nanoseconds):
    for unit, size in (("s", 1e9), ("ms", 1e6), ("µs", 1e3)):
        if nanoseconds >= size:
            return f"{nanoseconds / size:.2f} {unit}"
    return f"{nanoseconds:.0f} ns"


def compare(name, programs, options, scratch):
    """Prints the lines of one program. Who goes first changes from round to round."""
    samples = {}
    for number in range(options.rounds):
        order = ("base", "now") if number % 2 == 0 else ("now", "base")
        for side in order:
            for benchmark, took in measure(programs[side], options, scratch).items():
                samples.setdefault(benchmark, {"base": [], "now": []})[side].append(took)
    print(f"\n{name}")
    for benchmark, sides in samples.items():
        if not sides["base"] or not sides["now"]:
            print(f"  {benchmark:<44} {'only in ' + ('this tree' if sides['now'] else 'the base')}")
            continue
        ratio = Spread.of(now / base for base, now in zip(sides["base"], sides["now"]))
        times = f"{readable(Spread.of(sides['base']).median):>10} → {readable(Spread.of(sides['now']).median):>10}"
        print(f"  {benchmark:<44} {times}   × {ratio.text(lambda value: f'{value:.2f}')}{verdict(ratio)}", flush=True)


def verdict(ratio):
    """Only what every round agrees on is called a change."""
    if ratio.most < 1 - NOISE:
        return "  faster"
    if ratio.least > 1 + NOISE:
        return "  SLOWER"
    return ""


def main():
    options = parse()
    print(f"bench-compare: builds {options.base}", flush=True)
    base = build(base_tree(options.base), options.only)
    print("bench-compare: builds this tree", flush=True)
    now = build(ROOT, options.only)
    if not now:
        fail(f'no benchmark program\'s name contains "{options.only}"')
    with tempfile.TemporaryDirectory(prefix="bench-compare-", dir=ROOT / "build") as scratch:
        for name, program in now.items():
            if name in base:
                compare(name, {"base": base[name], "now": program}, options, scratch)
            else:
                print(f"\n{name}\n  only in this tree")
    print(f"\n{options.rounds} rounds; time for each iteration, then now by base: median (least–most) of the rounds")
    print("faster and SLOWER: in every round, by more than 3 %")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
