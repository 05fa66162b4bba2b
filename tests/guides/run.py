#!/usr/bin/env python3
"""Runs the commands of docs/migrate/*.md, in the order of the page, and compares what they print.

Each page has a server of its own. Blocks marked `sh` are run in a scratch folder; `catchment` is the program with that
server's data directory, https://events.example is the server. A block marked `text` is what the `sh` block before it
must have printed, line by line. Other blocks are for other languages. Ends with "N passed, N failed", counted in blocks.
"""

import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent))
from harness.server import PROGRAM, Catchment, ServerFailed  # noqa: E402

ENDPOINT = "https://events.example"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks_of(page):
    """(line, language, text) of every fenced block."""
    text = page.read_text()
    for found in BLOCK.finditer(text):
        yield text.count("\n", 0, found.start()) + 1, found.group(1), found.group(2)


def run_block(text, server, scratch):
    """Exit status, standard output, standard error."""
    wrapper = scratch.parent / "bin" / "catchment"
    if not wrapper.exists():
        wrapper.parent.mkdir()
        wrapper.write_text(f'#!/bin/sh\nexec {shlex.quote(server.program)} "$@" --data {shlex.quote(str(server.data))}\n')
        wrapper.chmod(0o755)
    done = subprocess.run(
        ["bash", "-e", "-c", text.replace(ENDPOINT, f"http://{server.address}")],
        cwd=scratch,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120 * server.slow,
        check=False,
        env={**os.environ, "no_proxy": "127.0.0.1,localhost", "NO_PROXY": "127.0.0.1,localhost", "PATH": f"{wrapper.parent}:{os.environ['PATH']}"},
    )
    return done.returncode, done.stdout, done.stderr


class Report:
    def __init__(self):
        self.passed, self.failed = 0, 0

    def check(self, name, true, details=""):
        if true:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED {name}\n{details}")


def run_page(report, page, options, folder):
    scratch = folder / page.stem / "scratch"
    scratch.mkdir(parents=True)
    blocks = list(blocks_of(page))
    report.check(f"{page.name} has commands", any(language == "sh" for _, language, _ in blocks))
    printed = None
    with Catchment(folder / page.stem / "data", Path(options.program).resolve(), slow=options.slow) as server:
        for line, language, text in blocks:
            place = f"{page.name}:{line}"
            if language == "sh":
                status, printed, told = run_block(text, server, scratch)
                report.check(place, status == 0 and not told, f"exit {status}\n{printed}{told}")
            elif language == "text":
                same = printed is not None and printed.strip().splitlines() == text.strip().splitlines()
                report.check(place, same, f"expected:\n{text}seen:\n{printed}")
                printed = None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(PROGRAM))
    parser.add_argument("--slow", type=int, default=1, metavar="N", help="wait N times as long: the program has sanitizers")
    parser.add_argument("pages", nargs="*", type=Path, help="default: docs/migrate/*.md")
    options = parser.parse_args()
    report = Report()
    with tempfile.TemporaryDirectory(prefix="catchment-guides-") as folder:
        for page in options.pages or sorted((ROOT / "docs" / "migrate").glob("*.md")):
            try:
                run_page(report, page.resolve(), options, Path(folder))
            except (ServerFailed, OSError, subprocess.TimeoutExpired) as error:
                report.check(f"{page.name} ran to its end", False, f"{type(error).__name__}: {error}")
    print(f"{report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
