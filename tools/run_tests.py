#!/usr/bin/env python3
"""Builds, runs every suite, and says how it went. `make test` is this program.

The suites: unit (GoogleTest programs), fuzz (the fuzz targets over their seeds), tools (Python tests of
our scripts), compat (recorded exchanges), kpi (events in, KPIs out), guides (the commands of
docs/migrate), e2e (the whole program), prove (kills), all of the release build, tidy and format. With
--preset asan or tsan: unit, compat, kpi and e2e of that build; whatever a sanitizer reports fails. The
last line is always `N passed, N failed`; the exit status is 1 when anything failed.
"""

import argparse
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TIMEOUT_S = 900
SANITIZED_TIMEOUT_S = 1800
SANITIZED = ("asan", "tsan")
SANITIZED_SLOWER = 10  # how many times as long a sanitizer may take
SYMBOLIZER = "/usr/lib/llvm-19/bin/llvm-symbolizer"
COUNTS = re.compile(r"^(\d+) passed, (\d+) failed$", re.MULTILINE)


@dataclass
class Suite:
    """How one suite went. `details` is shown when something failed."""

    name: str
    passed: int = 0
    failed: int = 0
    seconds: float = 0
    details: list = field(default_factory=list)


def run(command, timeout=TIMEOUT_S, environment=None):
    """Exit status and everything the command printed; a command that hangs is killed."""
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout,
            env={**os.environ, **(environment or {})},
            check=False,
        )
        return done.returncode, done.stdout.decode(errors="replace")
    except subprocess.TimeoutExpired as late:
        return 124, (late.stdout or b"").decode(errors="replace") + f"\nno end after {timeout} s"
    except OSError as error:
        return 127, str(error)


def build(presets):
    """Builds in the foreground: what takes minutes should be seen to move."""
    for preset in presets:
        if subprocess.run(["tools/build.sh", preset], cwd=ROOT, check=False).returncode != 0:
            return False
    return True


def unit_programs(preset):
    folder = ROOT / "build" / preset
    return sorted(p for p in folder.rglob("catchment_*_test") if p.is_file() and os.access(p, os.X_OK))


def run_unit_program(program, names, timeout):
    report = program.with_suffix(".json")
    report.unlink(missing_ok=True)
    status, output = run(
        [str(program), f"--gtest_filter={names}", f"--gtest_output=json:{report}", "--gtest_brief=1"],
        timeout,
    )
    return program, status, output, report


def failures_of(report):
    """(tests run, names of those that failed) as GoogleTest wrote them down."""
    ran, failed = 0, []
    for suite in report["testsuites"]:
        for test in suite["testsuite"]:
            if test.get("status") == "NOTRUN" or test.get("result") in ("SKIPPED", "SUPPRESSED"):
                continue
            ran += 1
            if test.get("failures"):
                failed.append(f"{suite['name']}.{test['name']}")
    return ran, failed


def unit_suite(preset, names, jobs):
    suite = Suite("unit")
    programs = unit_programs(preset)
    timeout = SANITIZED_TIMEOUT_S if preset in SANITIZED else TIMEOUT_S
    if not programs:
        suite.failed, suite.details = 1, [f"no test program below build/{preset}"]
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for program, status, output, report in pool.map(lambda p: run_unit_program(p, names, timeout), programs):
            try:
                ran, failed = failures_of(json.loads(report.read_text()))
            except (OSError, ValueError, KeyError):
                ran, failed = 1, [f"{program.name} ended with status {status} before it could report"]
            if status != 0 and not failed:
                ran, failed = ran + 1, [f"{program.name} ended with status {status}"]
            suite.passed += ran - len(failed)
            suite.failed += len(failed)
            if failed:
                suite.details += [f"failed: {name}" for name in failed] + [output.strip()]
    return suite


def script_suite(name, command, timeout=TIMEOUT_S):
    """A suite that is a program of its own and ends with the closing line."""
    suite = Suite(name)
    status, output = run(command, timeout)
    counts = COUNTS.findall(output)
    if counts:
        suite.passed, suite.failed = int(counts[-1][0]), int(counts[-1][1])
    if status != 0 and suite.failed == 0:
        suite.failed = 1
    if suite.failed:
        suite.details = [output.strip()]
    elif not counts:
        suite.passed = 1
    return suite


def tools_suite():
    """The Python tests of our scripts and of the test harness."""
    suite = Suite("tools")
    files = [file for folder in ("tools", "bench", "tests") for file in sorted((ROOT / folder).rglob("*_test.py"))]
    for file in files:
        status, output = run([sys.executable, str(file)])
        ran = re.search(r"^Ran (\d+) tests?", output, re.MULTILINE)
        total = int(ran.group(1)) if ran else 0
        bad = sum(int(count) for count in re.findall(r"(?:failures|errors)=(\d+)", output))
        bad = bad or (0 if status == 0 and total else 1)
        suite.passed += max(0, total - bad)
        suite.failed += bad
        if bad:
            suite.details.append(output.strip())
    return suite


def tracked(patterns):
    status, output = run(["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns])
    if status == 0:
        return [name for name in output.splitlines() if (ROOT / name).is_file()]
    # A source archive has no history to ask.
    return sorted(str(p.relative_to(ROOT)) for end in ("*.h", "*.cc") for p in (ROOT / "src").rglob(end))


def format_suite():
    suite = Suite("format")
    files = tracked(["src/*.h", "src/*.cc", "bench/*.h", "bench/*.cc", "tests/*.cc"])
    status, output = run(["clang-format-19", "--dry-run", "-Werror", *files])
    bad = sorted({line.split(":")[0] for line in output.splitlines() if "clang-format-violations" in line})
    suite.failed = len(bad) or (1 if status != 0 else 0)
    suite.passed = len(files) - len(bad)
    if suite.failed:
        suite.details = [f"not in the project's format (make format): {name}" for name in bad] or [output.strip()]
    return suite


def sanitizer_environment(preset):
    """Reports go to files, also those of a server whose output nobody reads."""
    folder = ROOT / "build" / preset / "reports"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    common = f"log_path={folder}/report:halt_on_error=1:external_symbolizer_path={SYMBOLIZER}"
    return {
        "ASAN_OPTIONS": f"{common}:detect_stack_use_after_return=1",
        "UBSAN_OPTIONS": f"{common}:print_stacktrace=1",
        "TSAN_OPTIONS": f"{common}:suppressions={ROOT}/tools/tsan.supp",
        "LSAN_OPTIONS": f"suppressions={ROOT}/tools/lsan.supp",
    }


def reports_suite(preset):
    """One failure for each report that was written, whoever wrote it."""
    suite = Suite("reports", passed=1)
    for path in sorted((ROOT / "build" / preset / "reports").iterdir()):
        text = path.read_text(errors="replace")
        # A file without a summary only says that no symbolizer was found.
        if "SUMMARY: " in text or "runtime error: " in text:
            suite.passed, suite.failed = 0, suite.failed + 1
            suite.details.append(f"{path.name}\n" + "\n".join(text.splitlines()[:80]))
    return suite


def sanitized_suites(options):
    python, program = sys.executable, f"build/{options.preset}/catchment"
    compat = [python, "tests/compat/run.py", "--program", program, "--jobs", str(options.jobs)]
    e2e = [python, "tests/e2e/run.py", "--program", program, "--requests", "1000", "--kills", "2"]
    e2e += ["--slow", str(SANITIZED_SLOWER)]
    return [
        ("unit", lambda: unit_suite(options.preset, "*", options.jobs)),
        ("compat", lambda: script_suite("compat", compat)),
        ("kpi", lambda: script_suite("kpi", [python, "tests/kpi/run.py", "--program", program])),
        ("e2e", lambda: script_suite("e2e", e2e, SANITIZED_TIMEOUT_S)),
        ("reports", lambda: reports_suite(options.preset)),
    ]


def suites_of(options):
    """(name, function) in the order in which they run."""
    jobs = str(options.jobs)
    unit = ("unit", lambda: unit_suite(options.preset, options.units or "*", options.jobs))
    if options.units:
        return [unit]
    if options.preset in SANITIZED:
        return sanitized_suites(options)
    python = sys.executable
    return [
        ("format", format_suite),
        ("tidy", lambda: script_suite("tidy", [python, "tools/tidy.py"])),
        ("tools", tools_suite),
        unit,
        ("fuzz", lambda: script_suite("fuzz", [python, "tests/fuzz/run.py", "--preset", options.preset, "--jobs", jobs])),
        ("compat", lambda: script_suite("compat", [python, "tests/compat/run.py", "--jobs", jobs])),
        ("kpi", lambda: script_suite("kpi", [python, "tests/kpi/run.py"])),
        ("guides", lambda: script_suite("guides", [python, "tests/guides/run.py"])),
        ("e2e", lambda: script_suite("e2e", [python, "tests/e2e/run.py"])),
        ("prove", lambda: script_suite("prove", [python, "tests/prove/run.py", "--quick", "--kills", "20"])),
    ]


def report(suites):
    """The summary; returns whether all is well."""
    for suite in suites:
        for detail in suite.details:
            print(f"\n--- {suite.name}\n{detail}")
    print()
    for suite in suites:
        mark = "ok" if suite.failed == 0 else "FAILED"
        print(f"  {suite.name:<8} {suite.passed:>6} passed {suite.failed:>5} failed {suite.seconds:>7.1f} s   {mark}")
    print(f"{sum(s.passed for s in suites)} passed, {sum(s.failed for s in suites)} failed", flush=True)
    return all(s.failed == 0 for s in suites)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", "-j", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--preset", default="release", choices=["release", "dev", *SANITIZED], help="which build (default: release)")
    parser.add_argument("--units", metavar="FILTER", help="only unit tests, those that match, e.g. 'Journal*'")
    parser.add_argument("--no-build", action="store_true")
    parser.add_argument("--only", metavar="SUITES", help="comma-separated: format,tidy,tools,unit,fuzz,compat,kpi,guides,e2e,prove")
    options = parser.parse_args()

    started = time.monotonic()
    results = []
    if not options.no_build:
        built = Suite("build")
        built.failed = 0 if build([options.preset]) else 1
        built.seconds = time.monotonic() - started
        results.append(built)
        if built.failed:
            return 0 if report(results) else 1
    if options.preset in SANITIZED:
        os.environ.update(sanitizer_environment(options.preset))
    wanted = options.only.split(",") if options.only else None
    for name, suite in suites_of(options):
        if wanted and name not in wanted:
            continue
        print(f"test: {name}", flush=True)
        before = time.monotonic()
        result = suite()
        result.seconds = time.monotonic() - before
        results.append(result)
    return 0 if report(results) else 1


if __name__ == "__main__":
    sys.exit(main())
