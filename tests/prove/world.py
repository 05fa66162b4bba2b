"""Where the scenarios run: a scratch folder, servers that are surely ended, and the table of results."""

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from harness.server import Catchment, CommandFailed, ServerFailed

APP = "prove"
SMALL = {"CATCHMENT_JOURNAL_SEGMENT_SIZE": "1MiB", "CATCHMENT_STORE_SEAL_ROWS": "400"}


class Skipped(Exception):
    """The scenario cannot run here; the text says why."""


class Outcome:
    """What a scenario found: problems, and numbers for the table."""

    def __init__(self, say):
        self.problems, self.numbers = [], []
        self.say = say

    def check(self, good, problem):
        if not good:
            self.problems.append(problem)
        return good

    def equal(self, name, actual, expected):
        return self.check(actual == expected, f"{name}: expected {expected}, got {actual}")

    def note(self, text):
        self.numbers.append(text)

    def audit(self, found, when=""):
        self.check(found.good, f"{when + ': ' if when else ''}{found}; e.g. {sorted(found.lost)[:3]}{found.doubled[:3]}")

    def load(self, load):
        """Every answer was the documented one."""
        self.check(not load.complaints, "; ".join(load.complaints[:3]))


class World:
    def __init__(self, options):
        self.program = options.program
        self.seed = options.seed
        self.options = options
        self.folder = Path(tempfile.mkdtemp(prefix="catchment-prove-", dir=options.folder))
        self.servers = []
        self.undo = []  # what has to be taken back, such as mounts

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end_all()
        shutil.rmtree(self.folder, ignore_errors=True)

    def end_all(self):
        """Ends what still runs, each by its own id."""
        for server in self.servers:
            if server.running:
                server.kill()
        self.servers.clear()
        while self.undo:
            self.undo.pop()()

    def server(self, name, folder=None, **environment):
        """Not started. `environment` as JOURNAL_RESERVE="0B"."""
        settings = {f"CATCHMENT_{key}": value for key, value in environment.items()}
        server = Catchment((folder or self.folder) / name, self.program, environment={**SMALL, **settings})
        server.log = self.folder / f"{name}.log"
        self.servers.append(server)
        return server

    def progress(self, name):
        live = sys.stdout.isatty()

        def say(text):
            if live:
                print(f"\r  {name:<16} …     {text:<90.90}", end="", flush=True)

        return say


def run_scenario(world, name, scenario):
    """Prints the scenario's line of the table; True, False or None for skipped."""
    say = world.progress(name)
    outcome = Outcome(say)
    started = time.monotonic()
    say("")
    skipped = None
    try:
        scenario(world, outcome)
    except Skipped as reason:
        skipped = str(reason)
    except (ServerFailed, CommandFailed, OSError, ValueError, KeyError, TimeoutError) as error:
        outcome.problems.append(f"{type(error).__name__}: {error}")
    tails = [f"{server.log.name}: {server.log_tail(8)}" for server in world.servers] if outcome.problems else []
    world.end_all()
    mark = "skip" if skipped else "FAIL" if outcome.problems else "pass"
    if sys.stdout.isatty():
        print("\r\033[K", end="")
    numbers = skipped or "; ".join(outcome.numbers)
    print(f"  {name:<16} {mark}  {time.monotonic() - started:6.1f} s  {numbers}")
    for problem in outcome.problems + tails:
        print("      " + problem.replace("\n", "\n      "))
    sys.stdout.flush()
    return None if skipped else not outcome.problems


def rss_mib(server):
    for line in Path(f"/proc/{server.process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def is_root():
    return os.geteuid() == 0
