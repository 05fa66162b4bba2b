#!/usr/bin/env python3
"""Tries to make the program lose or double an acknowledged event, and prints how that went.

`make prove` is this program. Each scenario prints a line with its numbers; the last line is always `N passed, N failed`.
What is random comes from a printed seed.
"""

import argparse
import os
import platform
import signal
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e"), str(HERE.parent)]
from clocks import clock_jumps, odd_times  # noqa: E402
from crowd import crowd  # noqa: E402
from damage import damaged_while_running, derived, journal_flip, registry  # noqa: E402
from disk import disk_full, disk_reserve  # noqa: E402
from ending import restart, sigterm  # noqa: E402
from floods import floods  # noqa: E402
from harness.server import PROGRAM  # noqa: E402
from kills import kills  # noqa: E402
from simulation import simulation  # noqa: E402
from world import World, run_scenario  # noqa: E402

SCENARIOS = {
    "simulation": simulation,
    "kills": kills,
    "sigterm": sigterm,
    "disk-reserve": disk_reserve,
    "disk-full": disk_full,
    "derived": derived,
    "running": damaged_while_running,
    "registry": registry,
    "journal-flip": journal_flip,
    "odd-times": odd_times,
    "clock-jumps": clock_jumps,
    "crowd": crowd,
    "floods": floods,
    "restart": restart,
}

# `make test` runs these alone, with few kills and a short journal.
QUICK = ["kills", "sigterm", "disk-reserve", "registry", "floods", "restart"]


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=os.environ.get("CATCHMENT") or str(PROGRAM))
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--simulate", type=int, metavar="SECONDS", default=60, help="of the simulation")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000_000)
    parser.add_argument("--quick", action="store_true", help="the scenarios of `make test`, in small")
    parser.add_argument("--only", metavar="NAMES", help="comma-separated: " + ",".join(SCENARIOS))
    parser.add_argument("--folder", metavar="DIR", help="where the scratch folder is made")
    return parser.parse_args()


def describe_machine():
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    version = ".".join(platform.release().split(".")[:2])
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {version}, {time.strftime('%Y-%m-%d', time.gmtime())}"


def main():
    options = parse()
    # So that ending this program ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    names = options.only.split(",") if options.only else QUICK if options.quick else list(SCENARIOS)
    unknown = [name for name in names if name not in SCENARIOS]
    if unknown:
        print(f"prove: no scenario {unknown[0]}; there are {', '.join(SCENARIOS)}", file=sys.stderr)
        return 2
    print(f"prove: {describe_machine()}; seed {options.seed} (again: --seed {options.seed})", flush=True)
    results = []
    for name in names:
        with World(options) as world:
            results.append(run_scenario(world, name, SCENARIOS[name]))
    skipped = results.count(None)
    if skipped:
        print(f"{skipped} skipped")
    print(f"{results.count(True)} passed, {results.count(False)} failed", flush=True)
    return 1 if False in results else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
