"""`catchment export`: every shape against the tables, and runs that are killed and go on.

An event appears in a follower's file exactly once, however often the follower is killed; an hourly folder that is
written twice is the same twice.
"""

import csv
import gzip
import hashlib
import io
import json
import os
import random
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

NESTED, FLAT = "mobile-analytics-nested", "mobile-analytics-flat"


def check_exports(report, server, traffic, sender, scratch, seed):
    """`sender` sends some requests and returns when all are answered."""
    app = traffic.app["app_id"]
    keys = traffic.app["mobile_analytics"]
    server.command("app", "set", app, "account_id=111122223333", "cognito_identity_pool_id=us-east-1:pool")
    server.command("app", "key", "set", app, keys["access_key_id"], "cognito_id=us-east-1:someone")
    check_shapes(report, server, app, scratch)
    check_refusals(report, server, app, scratch)
    check_resumed(report, server, app, sender, scratch, random.Random(seed))
    check_hourly(report, server, app, sender, scratch)


def events(server, app):
    """(type, client) of every event of the table."""
    return Counter(map(tuple, server.rows(f"SELECT event_name, user_pseudo_id FROM event WHERE app_id = '{app}'")))


def nested(lines):
    return Counter((e["event_type"], e.get("client", {}).get("client_id")) for e in map(json.loads, lines))


def check_shapes(report, server, app, scratch):
    expected = events(server, app)
    done = server.run("export", "--app", app)
    lines = done.stdout.splitlines()
    report.equal("nested: every event of the table", nested(lines), expected)
    last = server.value(f"SELECT max(journal_position) FROM event WHERE app_id = '{app}'")
    reached = position_of(done)
    report.check("the position is told", reached >= last, f"{reached}, {last}")
    mobile = [e for e in map(json.loads, lines) if "Score" in e["metrics"]]
    check_nested_event(report, mobile[0])
    done = server.run("export", "--app", app, "--shape", FLAT)
    flat = [json.loads(line) for line in done.stdout.splitlines()]
    names = Counter((e["event_type"], e.get("unique_id")) for e in flat)
    report.equal("flat: every event of the table", names, expected)
    check_flat_event(report, next(e for e in flat if "Score" in e["metrics"]))
    done = server.run("export", "--app", app, "--shape", "redshift-csv", "--attributes", "LevelName", "--metrics", "Score")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    report.equal("redshift: every event of the table", Counter((r["event_type"], r["client_id"] or None) for r in rows), expected)
    scores = {r["m_score"] for r in rows if r["m_score"]}
    report.equal("redshift: a chosen metric", len(scores), len({e["metrics"]["Score"] for e in mobile}))
    report.check("redshift: a chosen attribute", any(r["a_levelname"] == "Level1" for r in rows))
    file = scratch / "events.parquet"
    done = server.run("export", "--app", app, "--shape", "parquet", "--output", str(file))
    report.check("parquet: a whole file", file.read_bytes()[:4] == b"PAR1" == file.read_bytes()[-4:], done.stderr)
    report.equal("parquet: nothing is left behind", list((server.data / "store" / "tmp").glob("copy-*")), [])
    day = server.value(f"SELECT min(received_at)::DATE FROM event WHERE app_id = '{app}'")
    done = server.run("export", "--app", app, "--end", str(day), "--start", "2020-01-01")
    before = server.value(f"SELECT count(*) AS n FROM event WHERE app_id = '{app}' AND received_at < DATE '{day}' + 1")
    report.equal("the events of some days", len(done.stdout.splitlines()), before)
    done = server.run("export", "--app", app, "--after", str(reached))
    report.equal("nothing behind the last position", done.stdout, "")


def check_nested_event(report, event):
    report.equal("nested: version", event["event_version"], "3.0")
    report.equal("nested: device", event["device"], {"locale": {"code": "en_US", "country": "US", "language": "en"}, "make": "Samsung", "model": "Nexus", "platform": {"name": "android"}})
    report.equal("nested: attributes", event["attributes"], {"LevelName": "Level1", "both": "text"})
    report.equal("nested: pool", event["application"]["cognito_identity_pool_id"], "us-east-1:pool")
    report.equal("nested: identity", event["client"]["cognito_id"], "us-east-1:someone")
    report.equal("nested: session", event["session"]["start_timestamp"], 1790794800000)


def check_flat_event(report, event):
    report.equal("flat: account", event["account_id"], "111122223333")
    report.equal("flat: session", event["attributes"]["_session.startTime"], "1790794800000")
    context = json.loads(event["attributes"]["_clientContext"])
    report.equal("flat: context", context["custom"], {"a": "b"})


def check_refusals(report, server, app, scratch):
    for words in (
        ["--app", "nobody"],
        ["--app", app, "--output", str(scratch / "no" / "such" / "folder")],
    ):
        done = server.run("export", *words)
        report.check(f"export refuses {words}", done.returncode == 1 and "catchment: " in done.stderr, done.stderr)
    for words in (
        [],
        ["--app", app, "--shape", "other"],
        ["--app", app, "--shape", "parquet", "--follow"],
        ["--app", app, "--shape", "redshift-csv", "--hourly", str(scratch)],
        ["--app", app, "--start", "2026-02-30"],
    ):
        done = server.run("export", *words)
        report.check(f"wrong usage: export {words}", done.returncode == 2, done.stderr)


def follow(server, app, *words):
    command = [server.program, "export", "--app", app, "--data", str(server.data), "--follow", *words]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def position_of(done):
    lines = [line for line in done.stderr.splitlines() if line.startswith("exported through position ")]
    return int(lines[-1].split()[-1]) if lines else -1


def wait_for(what, patience=60):
    """Whether `what()` came true in time."""
    deadline = time.monotonic() + patience
    while not (true := what()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return true


def has_open(process, file):
    """A follower that has its file open takes Ctrl-C for a wish to end; before that it just dies of it."""
    try:
        return any(os.path.realpath(fd) == os.path.realpath(file) for fd in Path(f"/proc/{process.pid}/fd").iterdir())
    except OSError:  # it opens and closes others meanwhile
        return False


def check_resumed(report, server, app, sender, scratch, chance):
    """A follower that is killed, told to end, and started again, while events come in."""
    output, state = scratch / "follow.json", scratch / "follow.state"
    words = ["--output", str(output), "--state", str(state)]
    for number in range(6):
        follower = follow(server, app, *words)
        sender()
        time.sleep(chance.uniform(0.02, 1.2))
        if number % 3 == 0:
            report.check("a follower begins", wait_for(lambda it=follower: has_open(it, output)))
        follower.send_signal(signal.SIGKILL if number % 3 else signal.SIGINT)
        follower.communicate(timeout=60 * server.slow)
        if number % 3 == 0:
            report.equal("Ctrl-C ends a follower well", follower.returncode, 0)
    follower = follow(server, app, *words)
    sender()
    server.flush()
    expected = sum(events(server, app).values())
    # One that is still on its way to the server when that stops finds nobody, and says something else.
    report.check("a follower catches up", wait_for(lambda: output.read_bytes().count(b"\n") == expected))
    report.equal("the server stops beside a follower", server.stop(), 0)
    _, told = follower.communicate(timeout=60)
    report.check("a follower says so and fails", follower.returncode == 1 and "the server stops" in told, told)
    server.start()
    server.flush()
    done = server.run("export", "--app", app, *words)
    report.equal("the last run ends by itself", done.returncode, 0)
    report.equal("each event once, whatever was killed", nested(output.read_text().splitlines()), events(server, app))
    before = output.read_bytes()
    server.run("export", "--app", app, *words)
    report.equal("nothing new, nothing written", output.read_bytes(), before)
    done = server.run("export", "--app", app, "--shape", FLAT, *words)
    report.check("a state of another shape is refused", done.returncode == 1 and NESTED in done.stderr, done.stderr)
    check_waiting(report, server, app, sender)


def check_waiting(report, server, app, sender):
    """A reader that takes nothing holds nobody up, and gets everything in the end."""
    follower = follow(server, app)
    sender()
    server.flush()
    expected = sum(events(server, app).values())
    lines = [follower.stdout.readline() for _ in range(expected)]
    report.equal("a slow reader gets every line", nested(lines), events(server, app))
    follower.send_signal(signal.SIGTERM)
    _, told = follower.communicate(timeout=60 * server.slow)
    report.check("SIGTERM ends a follower well", follower.returncode == 0 and "exported through position" in told, told)


def tree(folder):
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.rglob("*.gz"))}


def check_hourly(report, server, app, sender, scratch):
    folder = scratch / "hourly"
    for number in range(4):
        follower = follow(server, app, "--hourly", str(folder))
        sender()
        time.sleep(0.2 * number)
        follower.kill()
        follower.communicate()
    server.flush()
    done = server.run("export", "--app", app, "--hourly", str(folder))
    report.equal("hourly: the last run ends by itself", done.returncode, 0)
    files = [p for p in folder.rglob("*.gz") if ".unfinished" not in str(p)]
    hours = {tuple(p.relative_to(folder).parts[:3]) for p in files}
    report.equal("hourly: the layout of the service", hours, {("awsma", "events", app)})
    lines = [line for p in files for line in gzip.decompress(p.read_bytes()).decode().splitlines()]
    report.equal("hourly: each event once", nested(lines), events(server, app))
    wrong = [p for p in files if any(hour_of(line) != "/".join(p.parts[-5:-1]) for line in gzip.open(p, "rt"))]
    report.equal("hourly: each in its hour", wrong, [])
    before = tree(folder)
    server.run("export", "--app", app, "--hourly", str(folder))
    report.equal("hourly: a second run changes nothing", tree(folder), before)
    sender()
    server.flush()
    server.run("export", "--app", app, "--hourly", str(folder))
    after = tree(folder)
    report.check("hourly: new events come in files of their own", before.items() < after.items())
    lines = [line for p in folder.rglob("*.gz") for line in gzip.decompress(p.read_bytes()).decode().splitlines()]
    report.equal("hourly: each event once again", nested(lines), events(server, app))


def hour_of(line):
    return time.strftime("%Y/%m/%d/%H", time.gmtime(json.loads(line)["arrival_timestamp"] / 1000))


def check_without_server(report, server, app, scratch):
    done = server.run("export", "--app", app)
    report.equal("without a server: every event of the table", nested(done.stdout.splitlines()), events(server, app))
    done = server.run("export", "--app", app, "--follow")
    report.check("without a server there is nothing to follow", done.returncode == 1 and "no server" in done.stderr, done.stderr)
    output, state = Path(scratch / "follow.json"), scratch / "follow.state"
    done = server.run("export", "--app", app, "--output", str(output), "--state", str(state))
    report.equal("without a server: a state goes on", nested(output.read_text().splitlines()), events(server, app))
