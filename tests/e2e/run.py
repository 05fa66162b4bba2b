#!/usr/bin/env python3
"""The whole program, from the socket to SQL rows.

Sends 10,000 requests of all four APIs, with duplicates and bad ones, and asks for the exact count
of every table; then again after `rebuild`, after a restart, and after deleting store/ and state/; then kills the server
while it accepts and sends again what got no answer. Also the command line and the plain HTTP paths.
Ends with "N passed, N failed".
"""

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import commands  # noqa: E402
import kpis  # noqa: E402
import exporting  # noqa: E402
import importing  # noqa: E402
import secrecy  # noqa: E402
from checks import Report, check_books, check_people, check_requests, check_sessions, check_tables, fingerprint  # noqa: E402
from harness.server import PROGRAM, Catchment, CommandFailed, ServerFailed  # noqa: E402
from harness.wire import Connection, request  # noqa: E402
from sender import Sender, send  # noqa: E402
from traffic import Traffic  # noqa: E402

APP = "e2e"


def compare_fingerprints(report, name, before, after):
    for table in before:
        report.equal(f"{name}: {table} is the same", after.get(table), before[table])


def send_all(report, server, shots):
    report.begin(f"{len(shots)} requests of four APIs")
    before = time.monotonic()
    sender = send(server, shots)
    seconds = time.monotonic() - before
    report.equal("every request is answered", sender.answered, len(shots))
    report.check("every answer is the documented one", not sender.complaints, "\n".join(sender.complaints[:5]))
    flushed = time.monotonic()
    server.flush()
    print(f"e2e: {len(shots) / seconds:.0f} requests/s, flush took {time.monotonic() - flushed:.2f} s")
    report.done()


def check_all(report, server, books):
    report.begin("every table, exactly")
    check_tables(report, server, books)
    check_requests(report, server, books)
    check_books(report, server, APP, books)
    report.done()
    return fingerprint(server)


def check_derived_again(report, server, before, books):
    """I2: whatever is derived comes back the same."""
    report.begin("rebuild")
    server.command("rebuild")
    server.flush()
    compare_fingerprints(report, "after rebuild", before, fingerprint(server))
    check_books(report, server, APP, books)
    report.done()
    for folders in ([], ["store"], ["store", "state"]):
        name = "restart without " + " and ".join(f"{folder}/" for folder in folders) if folders else "restart"
        report.begin(name)
        report.equal("SIGTERM ends it with status 0", server.stop(), 0)
        for folder in folders:
            shutil.rmtree(server.data / folder)
        server.start()
        server.flush()
        compare_fingerprints(report, name, before, fingerprint(server))
        check_books(report, server, APP, books)
        report.done()


def check_freshness(report, server, traffic, count=40):
    """From the answer to a visible row, one event at a time."""
    report.begin("freshness")
    waits = []
    for _ in range(count):
        event = traffic.good_clickstream_event()
        send_one(server, traffic, event)
        answered = time.monotonic()
        while not server.value(f"SELECT count(*) AS n FROM event WHERE event_id = '{event['event_id']}'"):
            if time.monotonic() - answered > 5 * server.slow:
                break
        waits.append(time.monotonic() - answered)
    report.check("an event is a row within a second", max(waits) < server.slow, f"longest {max(waits):.2f} s")
    print(f"e2e: answer to row, the query's own time included: median {sorted(waits)[count // 2]:.3f} s, longest {max(waits):.3f} s")
    report.done()


def send_one(server, traffic, event):
    traffic.books.requests["clickstream"] += 1
    with Connection(server.host, server.port) as connection:
        target = f"/collect?appId={traffic.app['app_id']}"
        connection.send(request("POST", target, [("Content-Type", "application/json")], json.dumps([event]).encode(), server.address))
        return connection.receive()


def check_crashes(report, server, traffic, rounds, requests, chance):
    """kill -9 while it accepts. What was not answered is sent again; nothing may be missing or double."""
    for number in range(1, rounds + 1):
        report.begin(f"kill -9, round {number}")
        sender = Sender(server, traffic.make(requests, once_only=True), 4).start()
        while sender.answered < requests * chance.uniform(0.1, 0.7) and any(t.is_alive() for t in sender.threads):
            time.sleep(0.005)
        server.kill()
        if number == 1:
            commands.check_stale_socket(report, server)
        server.start()
        sender.join()
        report.check("every request was answered in the end", not sender.complaints, "\n".join(sender.complaints[:5]))
        server.flush()
        check_survivors(report, server, traffic.books)
        report.done()
    report.begin("rebuild after crashes")
    before = fingerprint(server)
    server.command("rebuild")
    server.flush()
    compare_fingerprints(report, "after crashes", before, fingerprint(server))
    report.done()


def check_survivors(report, server, books):
    """Re-sent requests are duplicates, so rows are exact while what was received may be more."""
    rows = {(a, e): n for a, e, n in server.rows("SELECT api, event_name, count(*) AS n FROM event GROUP BY ALL")}
    report.equal("events by name", rows, dict(books.events))
    report.equal("items", server.value("SELECT count(*) AS n FROM item"), sum(books.items.values()))
    check_people(report, server, books)
    check_sessions(report, server, books)
    check_books(report, server, APP)


def check_commands(report, server, traffic, scratch):
    report.begin("command line")
    commands.check_usage(report, server)
    commands.check_settings(report, server, scratch)
    commands.check_apps(report, server)
    commands.check_tokens(report, server)
    commands.check_sql(report, server)
    commands.check_tail(report, server, lambda: send_one(server, traffic, traffic.good_clickstream_event()))
    commands.check_lock(report, server)
    report.done()
    report.begin("HTTP paths")
    commands.check_pages(report, server)
    commands.check_origins(report, server)
    commands.check_api_sql(report, server)
    report.done()
    report.begin("KPIs")
    kpis.check_kpis(report, server)
    report.done()


def check_exports(report, server, traffic, scratch, options):
    report.begin("exports")
    exporting.check_exports(report, server, traffic, lambda: send(server, traffic.make(options.requests // 50)), scratch, options.seed)
    report.done()


def check_demo(report, options):
    report.begin("demonstration")
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "demo.py"), "demo", "--program", options.program],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120 * options.slow,
        check=False,
    )
    report.check("the demonstration runs to its end", done.returncode == 0, done.stdout[-1500:] + done.stderr)
    report.done()


def run(report, options, scratch):
    check_demo(report, options)
    secrecy.check_secrecy(report, options.program, scratch, options.slow)
    server = Catchment(scratch / "data", options.program, HERE / "server.toml", slow=options.slow)
    with server:
        traffic = Traffic(options.seed, server.create_app(APP))
        shots = traffic.make(options.requests)
        send_all(report, server, shots)
        before = check_all(report, server, traffic.books)
        check_derived_again(report, server, before, traffic.books)
        check_exports(report, server, traffic, scratch, options)
        check_freshness(report, server, traffic)
        check_crashes(report, server, traffic, options.kills, options.requests // 10, random.Random(options.seed))
        check_commands(report, server, traffic, scratch)
        report.equal("SIGTERM ends it with status 0", server.stop(), 0)
        report.begin("without a server")
        commands.check_without_server(report, server)
        kpis.check_without_server(report, server)
        exporting.check_without_server(report, server, APP, scratch)
        report.done()
    importing.check_imports(report, options.program, HERE / "server.toml", scratch, options.seed, options.slow)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(PROGRAM))
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--seed", type=int, default=20261121)
    parser.add_argument("--slow", type=int, default=1, metavar="N", help="wait N times as long: the program has sanitizers")
    parser.add_argument("--keep", metavar="DIR", help="work in DIR and leave it there")
    parser.add_argument("--verbose", "-v", action="store_true")
    options = parser.parse_args()
    print(f"e2e: seed {options.seed}")
    report = Report(options.verbose)
    with tempfile.TemporaryDirectory(prefix="catchment-e2e-") as folder:
        scratch = Path(options.keep or folder)
        scratch.mkdir(parents=True, exist_ok=True)
        try:
            run(report, options, scratch)
        except (ServerFailed, CommandFailed, OSError, ValueError) as error:
            report.check("the test ran to its end", False, f"{type(error).__name__}: {error}\n{log_tail(scratch)}")
    return report.closing_line()


def log_tail(scratch):
    log = scratch / "data.log"
    return "\n".join(log.read_text(errors="replace").splitlines()[-15:]) if log.is_file() else ""


if __name__ == "__main__":
    sys.exit(main())
