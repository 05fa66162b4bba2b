#!/usr/bin/env python3
"""All checks in one run, the same commands a person types: the tests, the published clients, the tests under
the sanitizers, and every fuzz target for a minute. The fuzzers run at low priority beside the tests under the
sanitizers, which wait most of the time. The last line sums up the `N passed, N failed` that each ends with; the exit
status is 1 when anything failed."""

import argparse
import os
import re
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COUNTS = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$")
FIRST = [["make", "test"], ["make", "test-clients"]]
BUILDS = [["tools/build.sh", "asan"], ["tools/build.sh", "tsan"]]
# What `make fuzz` runs once it has built; two builds of one folder at a time would be in each other's way.
# From a fixed seed, so that a commit gets the same answer each time; `make fuzz` goes where nobody has been.
BESIDE = ["nice", "-n", "10", "python3", "tests/fuzz/run.py", "--seconds", "60", "--seed", "1"]
STEPS = [["make", "asan"], ["make", "tsan"]]


@dataclass
class Step:
    """One command and how it went."""

    command: list
    counts_tests: bool = True
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    minutes: float = 0
    cpu_minutes: float = 0

    def run(self, show):
        """The output goes to `show` line by line as it comes. A step that does not end as it should has failed."""
        started, passed, failed = time.monotonic(), 0, 0
        self.failed = 1  # until it has ended
        process = subprocess.Popen(
            self.command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        with process.stdout:
            for line in process.stdout:
                text = line.decode(errors="replace")
                counts = COUNTS.match(text.rstrip("\n"))
                if counts:
                    passed, failed, self.skipped = (int(count or 0) for count in counts.groups())
                # Only the very last line of the whole run says how it went.
                show(f"  {text}" if counts else text)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0 or (self.counts_tests and passed + self.skipped == 0):
            failed = max(failed, 1)
        self.passed, self.failed = passed, failed
        self.minutes = (time.monotonic() - started) / 60
        # What a step costs, however busy the machine is.
        self.cpu_minutes = (usage.ru_utime + usage.ru_stime) / 60

    def line(self):
        counts = f"{self.passed:>7} passed {self.failed:>4} failed"
        return f"  {' '.join(self.command):<54} {counts} {self.minutes:>6.1f} min, {self.cpu_minutes:>5.1f} of CPU"


class Beside:
    """A step that runs while others do; what it prints comes when it has ended."""

    def __init__(self, step):
        self.step, self.text = step, []
        self.thread = threading.Thread(target=step.run, args=(self.text.append,))
        self.thread.start()

    def join(self):
        self.thread.join()
        print(f"\nci: {' '.join(self.step.command)}\n{''.join(self.text)}", end="", flush=True)


def foreground(step):
    print(f"\nci: {' '.join(step.command)}", flush=True)
    step.run(lambda text: print(text, end="", flush=True))
    return step


def run_all():
    steps = [foreground(Step(command)) for command in FIRST]
    steps += [foreground(Step(command, counts_tests=False)) for command in BUILDS]
    beside = Beside(Step(BESIDE))
    steps += [foreground(Step(command)) for command in STEPS]
    beside.join()
    return [*steps, beside.step]


def run_some(text):
    commands = [*FIRST, *STEPS, BESIDE]
    return [foreground(Step(command)) for command in commands if text in " ".join(command)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="TEXT", default="", help="steps whose command contains the text")
    options = parser.parse_args()
    started = time.monotonic()
    steps = run_some(options.only) if options.only else run_all()
    passed, failed = sum(step.passed for step in steps), sum(step.failed for step in steps)
    print("\n" + "\n".join(step.line() for step in steps))
    print(f"  in all {(time.monotonic() - started) / 60:.1f} min")
    print(f"{passed} passed, {failed} failed", flush=True)
    return 1 if failed or passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
