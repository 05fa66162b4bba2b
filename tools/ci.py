#!/usr/bin/env python3
"""What continuous integration runs, one after the other, the same commands a person types: the tests, the tests
under the sanitizers, and every fuzz target for a minute. The last line sums up the `N passed, N failed` that each ends
with; the exit status is 1 when anything failed."""

import argparse
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COUNTS = re.compile(r"^(\d+) passed, (\d+) failed(?:, \d+ skipped)?$")
STEPS = [
    ["make", "test"],
    ["make", "asan"],
    ["make", "fuzz", "SECONDS=60"],
    ["make", "tsan"],
]


def run(command):
    """(passed, failed); the output is shown as it comes. A step that does not end as it should has failed."""
    passed, failed = 0, 0
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    with process:
        for line in process.stdout:
            text = line.decode(errors="replace")
            counts = COUNTS.match(text.rstrip("\n"))
            if counts:
                passed, failed = int(counts.group(1)), int(counts.group(2))
            # Only the very last line of the whole run says how it went.
            print(f"  {text}" if counts else text, end="", flush=True)
    if process.returncode != 0 or passed == 0:
        failed = max(failed, 1)
    return passed, failed


def cpu_seconds():
    """Of everything that was started and has ended: what a step costs, however busy the machine is."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="TEXT", default="", help="steps whose command contains the text")
    options = parser.parse_args()
    lines, passed, failed = [], 0, 0
    for step in STEPS:
        command = " ".join(step)
        if options.only not in command:
            continue
        print(f"\nci: {command}", flush=True)
        started, worked = time.monotonic(), cpu_seconds()
        good, bad = run(step)
        passed, failed = passed + good, failed + bad
        minutes, cpu = (time.monotonic() - started) / 60, (cpu_seconds() - worked) / 60
        lines.append(f"  {command:<22} {good:>7} passed {bad:>4} failed {minutes:>6.1f} min, {cpu:>5.1f} of CPU")
    print("\n" + "\n".join(lines))
    print(f"{passed} passed, {failed} failed", flush=True)
    return 1 if failed or passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
