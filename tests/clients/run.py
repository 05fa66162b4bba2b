#!/usr/bin/env python3
"""Published clients against the real program.

Every folder here is a client, unmodified, as its registry has it; its client.py lets it talk to a server of its own
and looks at what the client believes, and at the rows. Prints a row for each thing shown: client, version, verdict.
A client that cannot be installed here is skipped, with the reason, and counts as neither passed nor failed.
The last line is "N passed, N failed", with ", N skipped" when there are any.
"""

import argparse
import concurrent.futures
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import node  # noqa: E402
from bench import Bench, Row, Skip, load  # noqa: E402
from harness.server import PROGRAM  # noqa: E402

# The order in which they start: the slowest first.
CLIENTS = [
    "clickstream",
    "manager",
    "aws_sdk",
    "aws_sdk_go",
    "examples",
    "segmentstream",
    "clevertap",
    "proxied",
]


def run_client(name, options):
    started = time.monotonic()
    module = load(name)
    with tempfile.TemporaryDirectory(prefix=f"catchment-client-{name}-") as scratch:
        bench = Bench(module.CLIENT, module.version(), scratch, options)
        try:
            with bench:
                module.run(bench)
        except Skip as reason:
            bench.rows.append(Row(module.CLIENT, module.version(), "what is left", "skipped", [str(reason)]))
        except Exception:  # a mistake of a client's test fails the client, not the run
            lines = traceback.format_exc().splitlines()[-12:]
            bench.rows.append(Row(module.CLIENT, module.version(), "the test ran to its end", "failed", lines))
        if options.show_log:
            for log in sorted(Path(scratch).glob("*.log")):
                print(f"--- {name}: {log.name}\n{log.read_text(errors='replace')[-6000:]}")
    return bench.rows, time.monotonic() - started


def print_tools():
    """What the clients run in."""
    for tool, option in (("node", "--version"), ("chromium", "--version"), ("nginx", "-v"), ("go", "version")):
        if shutil.which(tool) is None:
            print(f"clients: {tool} is not installed")
            continue
        done = subprocess.run([tool, option], capture_output=True, text=True, timeout=60, check=False)
        print(f"clients: {tool}: {(done.stdout or done.stderr).strip()}", flush=True)


def print_matrix(rows):
    widths = [max(len(getattr(row, key)) for row in rows) for key in ("client", "version", "shown")]
    last = ("", "")
    for row in rows:
        named = (row.client, row.version)
        client, version = ("", "") if named == last else named
        last = named
        reason = f": {row.details[0]}" if row.verdict == "skipped" else ""
        print(f"  {client:<{widths[0]}}  {version:<{widths[1]}}  {row.shown:<{widths[2]}}  {row.verdict}{reason}")
    for row in rows:
        if row.verdict == "failed":
            print(f"FAILED {row.client}: {row.shown}")
            print("\n".join(f"    {line}" for line in row.details))


def closing_line(rows):
    counts = {verdict: sum(row.verdict == verdict for row in rows) for verdict in ("passed", "failed", "skipped")}
    skipped = f", {counts['skipped']} skipped" if counts["skipped"] else ""
    return f"{counts['passed']} passed, {counts['failed']} failed{skipped}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(PROGRAM), help="the server to test (default: build/release/catchment)")
    parser.add_argument("--only", metavar="REGEX", default="", help="clients whose folder matches")
    parser.add_argument("--jobs", "-j", type=int, default=3, help="clients that run at the same time")
    parser.add_argument("--lock", action="store_true", help="write the lock files anew from package.json, and stop")
    parser.add_argument("--show-log", action="store_true", help="print the end of each log")
    parser.add_argument("--verbose", "-v", action="store_true")
    options = parser.parse_args()
    chosen = [name for name in CLIENTS if re.search(options.only, name)]
    if options.lock:
        for name in chosen:
            if (HERE / name / "package.json").is_file():
                node.lock(name)
        return 0
    print_tools()
    found = {}
    with concurrent.futures.ThreadPoolExecutor(max(1, options.jobs)) as pool:
        runs = {pool.submit(run_client, name, options): name for name in chosen}
        for run in concurrent.futures.as_completed(runs):
            name = runs[run]
            found[name], seconds = run.result()
            print(f"clients: {name} took {seconds:.0f} s", flush=True)
    rows = [row for name in chosen for row in found[name]]
    if rows:
        print_matrix(rows)
    print(closing_line(rows))
    return 1 if not rows or any(row.verdict == "failed" for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
