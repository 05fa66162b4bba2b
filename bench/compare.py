#!/usr/bin/env python3
"""Measures Catchment beside nginx and Redis on this machine, with one generator and the same bodies for all, and prints
one table. `make bench` is this program; docs/benchmarks.md says what the lines mean.

The exit status is not 0 when something acknowledged is not in the store exactly once, or a server failed.
"""

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import flows  # noqa: E402
import footprint  # noqa: E402
import machine  # noqa: E402
import peers  # noqa: E402
import report  # noqa: E402
import rounds  # noqa: E402
from generator import Generator, Load, LoadFailed  # noqa: E402
from harness.server import PROGRAM, CommandFailed, ServerFailed  # noqa: E402
from subject import NotAccounted, Subject  # noqa: E402

PARTS = ["peers", "signed", "latency", "freshness", "sustained", "disk", "start"]
GENERATOR = ROOT / "build" / "bench" / "catchment-load"
MEMORY_FILES = Path("/dev/shm")
DISK_FREE_MIN = 8 << 30
PROBE_S = 2.0
QUICK = {"rounds": 1, "seconds": 1, "sustained": 12, "latency_seconds": 5}
SMALL_SEGMENTS = {"JOURNAL_SEGMENT_SIZE": "16MiB"}


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5, help="of each measurement, after a second of warm-up")
    parser.add_argument("--latency-seconds", type=float, default=30, help="at half load, and of the freshness")
    parser.add_argument("--sustained", type=float, default=60, metavar="SECONDS", help="of all four APIs; 600 for the full figure")
    parser.add_argument("--sustained-rate", type=float, default=60_000, metavar="EVENTS", help="offered a second then")
    parser.add_argument("--quick", action="store_true", help="one short round of everything: shows that it works")
    parser.add_argument("--only", metavar="PARTS", help="comma-separated: " + ",".join(PARTS))
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of Catchment's, e.g. server.threads=2")
    parser.add_argument("--program", type=Path, default=Path(os.environ.get("CATCHMENT") or PROGRAM))
    parser.add_argument("--generator", type=Path, default=GENERATOR)
    parser.add_argument("--folder", type=Path, default=ROOT / "build", help="a scratch folder is made in it, on the disk to measure")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="the tables again, between the marks of docs/benchmarks.md, or as a file of their own")
    parser.add_argument("--json", type=Path, metavar="FILE", help="the table and every single measurement")
    options = parser.parse_args()
    if options.quick:
        for name, value in QUICK.items():
            setattr(options, name, value)
    options.parts = options.only.split(",") if options.only else PARTS
    if wrong := [one for one in options.set if "=" not in one]:
        parser.error(f"--set {wrong[0]}: expected KEY=VALUE")
    if unknown := [part for part in options.parts if part not in PARTS]:
        parser.error(f"no part {unknown[0]}; there are {', '.join(PARTS)}")
    return options


class Bench:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.rows, self.notes, self.peaks, self.single = [], [], {}, {}
        self.servers, self.runs, self.problems = [], [], []
        self.places = rounds.places(machine.two_cores())
        self.own, self.both = self.places[0], self.places[-1]
        self.accounted, self.memory_folders = 0, []
        self.probe = []

    def say(self, text):
        print(f"{time.strftime('%H:%M:%S')}  {text}", file=sys.stderr, flush=True)

    def generator(self, server):
        return Generator(self.options.generator, server.app_file, self.folder, self.runs)

    def subject(self, key, settings=None, **more):
        given = dict(one.split("=", 1) for one in self.options.set)
        given = {key.upper().replace(".", "_"): value for key, value in given.items()}
        server = Subject(self.folder / key, self.options.program, settings={**given, **(settings or {})}, **more)
        self.servers.append(server)
        return server

    def end_all(self):
        for server in self.servers:
            server.stop()

    def finish(self, server):
        """Notes what memory the server took, holds it to account, whose questions take memory too, and removes it."""
        self.peaks[str(server.folder.name)] = machine.memory_mib(server.processes()[0], "VmHWM")
        self.say(f"{server.name}: counts what is stored")
        try:
            self.accounted += server.account()
        except NotAccounted as problem:
            self.problems.append(str(problem))
        server.stop()
        shutil.rmtree(server.server.data, ignore_errors=True)

    def with_server(self, key, place, work, settings=None):
        """One part that needs a server of its own."""
        server = self.subject(key, settings=settings)
        server.start(place.server)
        result = work(self.generator(server), server)
        self.finish(server)
        return result

    # ---- the parts, in their order ----------------------------------------------------------------

    def peers(self):
        """Everybody under the same loads."""
        servers, ours = [], []
        for place in self.places:
            for kind in peers.KINDS:
                if problem := kind.missing():
                    self.notes.append(f"without {kind.name}: {problem}")
                    continue
                servers.append((place, kind(self.folder / place.key)))
            servers.append((place, self.subject(f"catchment-{place.key}")))
            ours.append(servers[-1][1])
        if MEMORY_FILES.is_dir():
            data = Path(tempfile.mkdtemp(prefix="catchment-bench-", dir=MEMORY_FILES))
            self.memory_folders.append(data)
            server = self.subject("catchment-shm", name="Catchment, data in memory", data=data / "data")
            server.key = report.IN_MEMORY
            servers.append((self.own, server))
            ours.append(server)
        self.servers += [server for _, server in servers if server not in self.servers]
        for place, server in servers:
            server.start(place.server)
        loads = {report.SINGLE: Load(seconds=self.options.seconds), report.BATCHES: Load(batch=10, seconds=self.options.seconds)}
        table = rounds.Table()
        generator = self.generator(ours[0])
        rounds.measure(table, generator, servers, loads, self.options.rounds, self.say)
        self.take(table)
        for server in ours:
            self.finish(server)
        for _, server in servers:
            server.stop()

    def take(self, table):
        self.rows += report.compared(table) + report.loading_figures(table)
        cell = table.cell(report.SINGLE, self.both.key, report.OURS)
        self.single["requests_per_s"] = cell.spread(report.per_second).median
        busy = max(run.generator_share for cell in table.cells.values() for run in cell.runs)
        pushed_back = sum(run.told["pushed_back"] for cell in table.cells.values() for run in cell.runs)
        self.notes.append(f"the generator used its cores up to {busy:.0%}; {pushed_back:,} requests were pushed back")

    def signed(self):
        options = self.options
        found = self.with_server(
            "signed", self.own, lambda generator, server: flows.signed(generator, server, self.own, options.rounds, options.seconds, self.say)
        )
        self.rows.append(report.signed_row(found))

    def latency(self):
        def work(generator, server):
            most = self.single.get("requests_per_s")
            if most is None:
                run = generator.run(server, Load(seconds=self.options.seconds), self.both.generator)
                most = run.requests_per_s
            return flows.answers(generator, server, self.both, most / 2, self.options.latency_seconds, self.say)

        found = self.with_server("latency", self.both, work)
        self.rows.append(report.latency_row(found, self.probe))

    def freshness(self):
        seconds = self.options.latency_seconds
        found = self.with_server(
            "freshness", self.both, lambda generator, server: flows.freshness(generator, server, self.both, seconds, self.say)
        )
        self.rows.append(report.freshness_row(found))
        if found.problem:
            self.notes.append(f"the freshness probe ended early: {found.problem}")

    def sustained(self):
        options = self.options
        found = self.with_server(
            "sustained",
            self.both,
            lambda generator, server: flows.sustained(generator, server, self.both, options.sustained_rate, options.sustained, self.say),
        )
        self.rows.append(report.sustained_row(found, 60_000))
        for number, part in enumerate(found.parts, 1):
            self.notes.append(f"all four APIs, part {number}: {flows.part_text(part)}")

    def disk(self):
        settings = {**footprint.SETTINGS, **(SMALL_SEGMENTS if self.options.quick else {})}
        for batch in (10, 1):
            found = self.with_server(
                f"disk-{batch}",
                self.both,
                lambda generator, server, batch=batch: footprint.disk_use(generator, server, self.both, batch, self.options.seconds),
                settings,
            )
            self.say(f"batches of {batch}: journal {found.journal:.0f} bytes an event, store {found.store:.0f}")
            self.rows.append(report.disk_row(found))

    def start(self):
        idle = footprint.idle_memory(self.subject, self.both.server, self.say)
        self.rows += report.memory_rows(idle, self.peaks)
        self.rows.append(report.start_row(footprint.start_times(self.subject, self.both.server, self.say)))

    def run(self):
        seconds = PROBE_S / 4 if self.options.quick else PROBE_S
        self.notes += [f"set: {one}" for one in self.options.set]
        self.notes += [f"{time.strftime('%Y-%m-%d', time.gmtime())}, {machine.describe()}"]
        bystanders = machine.Bystanders()
        self.probe = machine.probe_disk(self.folder, seconds)
        self.notes.append("syncs before: " + "; ".join(map(str, self.probe)))
        self.say(self.notes[-1])
        for part in PARTS:
            if part in self.options.parts:
                self.say(f"--- {part}")
                getattr(self, part)()
        self.rows += report.ELSEWHERE
        self.notes.append("syncs after: " + "; ".join(map(str, machine.probe_disk(self.folder, seconds))))
        others, stolen = bystanders.shares()
        self.notes.append(f"other programs used {others:.0%} of the processors, other machines {stolen:.0%}")
        text = f"{self.accounted:,} events acknowledged, each of them once in the store"
        self.notes += [f"NOT IN ORDER: {problem}" for problem in self.problems] or [text]


def write_results(bench, options):
    print()
    print(report.as_text(bench.rows, bench.notes))
    if options.markdown:
        report.put_markdown(options.markdown, bench.rows, bench.notes)
    if options.json:
        runs = [{"server": server.name, "folder": server.folder.name, **vars(run)} for server, run in bench.runs]
        told = {"rows": report.as_data(bench.rows), "notes": bench.notes, "runs": runs}
        options.json.write_text(json.dumps(told, indent=1))


def main():
    options = parse()
    # So that ending this program ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    for program in (options.program, options.generator):
        if not program.exists():
            sys.exit(f"bench: there is no {program}: `make bench` builds it")
    options.folder.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(options.folder).free < DISK_FREE_MIN:
        sys.exit(f"bench: less than {DISK_FREE_MIN >> 30} GiB free below {options.folder}")
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=options.folder))
    bench = Bench(options, folder)
    try:
        bench.run()
        write_results(bench, options)
    except (LoadFailed, peers.PeerFailed, ServerFailed, CommandFailed, OSError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    finally:
        bench.end_all()
        shutil.rmtree(folder, ignore_errors=True)
        for left in bench.memory_folders:
            shutil.rmtree(left, ignore_errors=True)
    return 1 if bench.problems else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
