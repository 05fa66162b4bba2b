#!/usr/bin/env python3
"""Asks every KPI over a year of made-up events, from rollups and by SQL over the events, and prints
how long each takes. `make bench-query` is this program.

The events are made and loaded in parts, so that a stopped run goes on where it was, and so that the
journal never lies on the disk uncompressed as a whole. All of it stays in the folder given, for the
next run; remove it to begin anew.
"""

import argparse
import http.client
import json
import os
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from harness.server import Catchment  # noqa: E402

APP = "shop"
PART_EVENTS = 5_000_000
EVENTS_PER_REQUEST = 10
DAY_MS = 86_400_000

ACTIVE = "event_name = '_session_start'"
USER = "coalesce(user_pseudo_id, user_id)"
PURCHASE = "event_name IN ('purchase', '_purchase')"
DAYS = f"""
WITH day AS (SELECT unnest(generate_series(DATE '{{start}}', DATE '{{end}}', INTERVAL 1 DAY))::DATE AS d),
active AS (SELECT DISTINCT event_date AS d, {USER} AS u FROM event WHERE app_id = '{APP}' AND {ACTIVE}),
bought AS (SELECT {USER} AS u, min(event_date) AS d FROM event WHERE app_id = '{APP}' AND {PURCHASE} GROUP BY 1)
"""
WITHIN = f"app_id = '{APP}' AND event_date BETWEEN DATE '{{start}}' AND DATE '{{end}}'"


def retention(first, last):
    return DAYS + f"""SELECT a.d, count(*) FROM active a WHERE a.d BETWEEN DATE '{{start}}' AND DATE '{{end}}'
    AND EXISTS (FROM active b WHERE b.u = a.u AND b.d BETWEEN a.d + {first} AND a.d + {last}) GROUP BY 1"""


# What somebody without rollups would ask.
RAW = {
    "new-users/lifetime-count": f"SELECT d, count(*) FROM (SELECT min(event_date) AS d FROM event"
    f" WHERE app_id = '{APP}' GROUP BY {USER}) GROUP BY 1",
    "dau/count": f"SELECT event_date, count(DISTINCT {USER}) FROM event WHERE {WITHIN} AND {ACTIVE} GROUP BY 1",
    "mau/count": DAYS + "SELECT day.d, count(DISTINCT u) FROM day JOIN active a"
    " ON a.d BETWEEN day.d - 29 AND day.d GROUP BY 1",
    "new-users/count": f"SELECT d, count(*) FROM (SELECT min(event_date) AS d FROM event"
    f" WHERE app_id = '{APP}' AND {ACTIVE} GROUP BY {USER}) GROUP BY 1",
    "sessions/count": f"SELECT event_date, count(*) FROM event WHERE {WITHIN} AND {ACTIVE} GROUP BY 1",
    "daily-revenue/sum": f"SELECT event_date, sum(event_value) FROM event WHERE {WITHIN} AND {PURCHASE} GROUP BY 1",
    "pdau/count": DAYS + "SELECT a.d, count(*) FROM active a JOIN bought b ON b.u = a.u AND b.d <= a.d GROUP BY 1",
    "pmau/count": DAYS + "SELECT day.d, count(DISTINCT a.u) FROM day JOIN active a"
    " ON a.d BETWEEN day.d - 29 AND day.d JOIN bought b ON b.u = a.u AND b.d <= day.d GROUP BY 1",
    "day-1-retention/count": retention(1, 1),
    "day-3-retention/count": retention(3, 3),
    "day-5-retention/count": retention(5, 5),
    "day-7-retention/count": retention(7, 7),
    "week-1-retention/count": retention(1, 7),
    "week-2-retention/count": retention(8, 14),
    "week-3-retention/count": retention(15, 21),
    "events/add_to_cart/count": f"SELECT event_date, count(*) FROM event WHERE {WITHIN}"
    " AND event_name = 'add_to_cart' GROUP BY 1",
    "events/add_to_cart/sum": f"SELECT event_date, sum(CAST(properties ->> 'price' AS DOUBLE)) FROM event"
    f" WHERE {WITHIN} AND event_name = 'add_to_cart' GROUP BY 1",
}


@dataclass
class Line:
    kpi: str
    rollup_ms: list
    raw_ms: list
    refused: str = ""  # why SQL had no answer, if it had none


def fail(text):
    sys.exit(f"bench-query: {text}")


def show(text):
    if sys.stderr.isatty():
        print(f"\r{text:<78}", end="", file=sys.stderr, flush=True)


def end_show():
    if sys.stderr.isatty():
        print(file=sys.stderr)


def bar(share, width=30):
    full = int(share * width)
    return "#" * full + "." * (width - full)


def lag(server):
    """Requests; events are not known before they are loaded."""
    return json.loads(server.command("status", "--json"))["loader"]["lag_requests"]


def folder_bytes(folder):
    return sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())


def cpu_seconds(process_id):
    """What the process has used so far, in all its threads."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def loaded(server, through, options):
    """Waits until everything is in the store and the journal's full files are compressed. The seconds
    it took, and the processor's seconds: these hold on a busy machine too."""
    first = max(1, lag(server))
    began = time.monotonic()
    left = first
    while left:
        time.sleep(0.5)
        left = lag(server)
        events = through - left * EVENTS_PER_REQUEST
        show(f"loading  [{bar(1 - left / first)}] {events:,} of {options.events:,} events")
    seconds = time.monotonic() - began
    before = -1
    while before != (now := folder_bytes(server.data / "journal")):
        before = now
        time.sleep(2)
    return seconds, cpu_seconds(server.process.pid)


def fill(server, options):
    """Makes and loads what is missing. Prints what each part cost, to see whether the cost grows."""
    marker = server.data / "bench.json"
    told = json.loads(marker.read_text()) if marker.exists() else None
    if told is None:
        server.data.mkdir(parents=True, exist_ok=True)
        told = {"events": options.events, "users": options.users, "done": 0}
        told["end"] = int(time.time()) // 86400 * DAY_MS
        server.command("app", "create", APP)
        marker.write_text(json.dumps(told))
    if (told["events"], told["users"]) != (options.events, options.users):
        fail(f"{server.data} holds {told['events']:,} events of {told['users']:,} users; give another --data")
    while told["done"] < options.events:
        until = min(told["done"] + PART_EVENTS, options.events)
        make_part(server, options, told["end"], until)
        with server:
            seconds, cpu = loaded(server, until, options)
        end_show()
        part = until - told["done"]
        speed = f"{part / max(seconds, 0.1):,.0f} a second, {cpu / part * 1e6:.2f} us of CPU each"
        print(f"{until:>12,} events; the last {part:,} loaded in {seconds:,.1f} s, {speed}", flush=True)
        told["done"] = until
        marker.write_text(json.dumps(told))
    return told["end"]


def make_part(server, options, end_ms, until):
    command = [str(options.maker), str(server.data / "journal"), "--events", str(options.events)]
    command += ["--users", str(options.users), "--end", str(end_ms), "--app", APP]
    command += ["--until", str(max(1, until // EVENTS_PER_REQUEST))]
    if os.spawnv(os.P_WAIT, command[0], command) != 0:
        fail("the history could not be made")


class Client:
    """One connection that stays open, as a dashboard's would."""

    def __init__(self, server):
        self.connection = http.client.HTTPConnection(server.host, server.port, timeout=600)
        self.headers = {"Authorization": "Bearer " + server.command("token", "create").strip()}

    def timed(self, method, target, body=None):
        """Milliseconds, and why there was no answer, or nothing."""
        began = time.perf_counter()
        self.connection.request(method, target, body, self.headers)
        reply = self.connection.getresponse()
        text = reply.read().decode(errors="replace")
        return (time.perf_counter() - began) * 1000, "" if reply.status == 200 else f"{reply.status} {text[:300]}"


def measure(client, options, start, end):
    lines = []
    for kpi, sql in RAW.items():
        target = f"/api/v1/apps/{APP}/{'' if kpi.startswith('events/') else 'kpis/'}{quote(kpi)}"
        parameters = {"start-date": start, "end-date": end}
        if kpi.endswith("/sum") and kpi.startswith("events/"):
            parameters["metric"] = "price"
        line = Line(kpi, [], [])
        for _ in range(options.rounds):
            milliseconds, refused = client.timed("GET", f"{target}?{urlencode(parameters)}")
            if refused:
                fail(f"{target}: {refused}")
            line.rollup_ms.append(milliseconds)
        for at in range(options.raw_rounds):
            show(f"asking {kpi} by SQL, {at + 1} of {options.raw_rounds}")
            milliseconds, line.refused = client.timed("POST", "/api/v1/sql", sql.format(start=start, end=end))
            line.raw_ms.append(milliseconds)
            if line.refused:
                break  # as the query needs more memory than the limit allows
        lines.append(line)
    end_show()
    return lines


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def peak_memory_mib(process_id):
    for line in Path(f"/proc/{process_id}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def report(lines, options):
    print(f"\n{'kpi, 365 days':<28}{'rollup p50':>12}{'p99':>9}{'SQL p50':>12}{'times':>8}")
    for line in lines:
        fast, slow = statistics.median(line.rollup_ms), statistics.median(line.raw_ms)
        rollup = f"{line.kpi:<28}{fast:>9.2f} ms{percentile(line.rollup_ms, 0.99):>6.2f} ms"
        print(f"{rollup}  {line.refused}" if line.refused else f"{rollup}{slow:>9,.0f} ms{slow / fast:>8,.0f}")
    print(f"\n{options.rounds} times each from rollups, {options.raw_rounds} by SQL; times over HTTP, on one connection")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=100_000_000, help="about how many, 100 million by default")
    parser.add_argument("--users", type=int, default=0, help="one for every hundred events by default")
    parser.add_argument("--data", type=Path, default=ROOT / "build" / "bench-query", help="where they are kept")
    parser.add_argument("--maker", type=Path, default=ROOT / "build" / "bench" / "bench" / "catchment_history")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--raw-rounds", type=int, default=3)
    options = parser.parse_args()
    options.users = options.users or max(100, options.events // 100)

    server = Catchment(options.data / "data")
    options.data.mkdir(parents=True, exist_ok=True)
    config = options.data / "server.toml"
    config.write_text('[query]\ndeadline = "10m"\n')
    server.config = config
    end_ms = fill(server, options)
    day = time.gmtime(end_ms / 1000 - 86400)
    end = time.strftime("%Y-%m-%d", day)
    start = time.strftime("%Y-%m-%d", time.gmtime(end_ms / 1000 - 365 * 86400))
    with server:
        lines = measure(Client(server), options, start, end)
        rows = server.sql("SELECT count(*) AS n FROM event")[0]["n"]
        report(lines, options)
        print(f"{rows:,} rows from {start} to {end}; a row takes", end=" ")
        for part in ("journal", "store", "state"):
            print(f"{part} {folder_bytes(server.data / part) / rows:.1f} B", end=", " if part != "state" else "\n")
        print(f"peak memory of the server while asked: {peak_memory_mib(server.process.pid):,.0f} MiB")


if __name__ == "__main__":
    main()
