"""`catchment import`: what one application exports is what another imports, once, whatever is killed meanwhile."""

import gzip
import json
import random
import re
import subprocess
import time

from harness.server import Catchment
from sender import send
from traffic import Traffic

NESTED, FLAT = "mobile-analytics-nested", "mobile-analytics-flat"
TOTALS = re.compile(r"^(\d+) files?, (\d+) lines?: (\d+) imported, (\d+) duplicate, (\d+) put aside, (\d+) imported before$", re.MULTILINE)

# What both shapes keep of an event; times of arrival in milliseconds.
COLUMNS = """event_name, event_timestamp, epoch_ms(received_at) AS received_ms, user_pseudo_id, session_id, session_start,
session_stop, lower(platform) AS platform, os_version, make, model, locale, language, country_code, sdk_name, sdk_version, app_version,
app_version_code, app_package_name, app_title, event_value, currency, attributes, metrics, event_date"""
# What the flat one keeps besides.
FLAT_COLUMNS = COLUMNS.replace("lower(platform) AS platform", "platform, session_duration_ms, context, user_agent")


def check_imports(report, program, config, scratch, seed, slow):
    folder = scratch / "imports"
    folder.mkdir()
    server = Catchment(folder / "data", program, config, slow=slow)
    with server:
        report.begin("imports")
        traffic = Traffic(seed, server.create_app("old"))
        send(server, [traffic.mobile() for _ in range(400)])
        server.flush()
        check_round_trips(report, server, folder)
        check_refusals(report, server, folder)
        check_killed(report, server, folder, random.Random(seed))
        check_again(report, server)
        server.stop()
        check_without_server(report, server, folder)
        report.done()


def totals(done):
    """Files, lines, imported, duplicate, put aside, imported before."""
    found = TOTALS.search(done.stdout)
    return tuple(int(number) for number in found.groups()) if found else (done.returncode, done.stdout, done.stderr)


def imported(server, app, form, *files):
    return server.run("import", "--from", form, "--app", app, *map(str, files))


def table(server, app, columns=COLUMNS):
    return sorted(map(repr, server.rows(f"SELECT {columns} FROM event WHERE app_id = '{app}' AND api = 'mobile_analytics'")))


def check_round_trips(report, server, folder):
    count = len(table(server, "old"))
    report.check("there is something to export", count > 300, str(count))
    for shape, columns in ((NESTED, COLUMNS), (FLAT, FLAT_COLUMNS)):
        app = "new-" + shape[-4:]
        server.create_app(app)
        file = folder / f"{shape}.json.gz"
        file.write_bytes(gzip.compress(server.command("export", "--app", "old", "--shape", shape).encode()))
        done = imported(server, app, "mobile-analytics-export", file)
        report.equal(f"{shape}: every line is imported", totals(done), (1, count, count, 0, 0, 0))
        report.equal(f"{shape}: the same rows", table(server, app, columns), table(server, "old", columns))
        report.equal(f"{shape}: a second run", totals(imported(server, app, "mobile-analytics-export", file)), (1, count, 0, 0, 0, count))
        half = folder / "other-name.json"
        lines = gzip.decompress(file.read_bytes()).splitlines(keepends=True)
        half.write_bytes(b"".join(lines[count // 2 :]))
        done = imported(server, app, "pinpoint-export", half)
        rest = count - count // 2
        report.equal(f"{shape}: lines of another file are duplicates", totals(done), (1, rest, 0, rest, 0, 0))
        done = imported(server, "old", "mobile-analytics-export", file)
        report.equal(f"{shape}: what came live, too", totals(done), (1, count, 0, count, 0, 0))
        books(report, server, app)
    hourly = folder / "hourly"
    server.run("export", "--app", "old", "--hourly", str(hourly))
    server.create_app("new-hours")
    done = imported(server, "new-hours", "mobile-analytics-export", hourly / "awsma")
    report.equal("a folder of hourly files", totals(done)[1:], (count, count, 0, 0, 0))
    report.equal("a folder of hourly files: the same rows", table(server, "new-hours"), table(server, "old"))


def books(report, server, app):
    for line in server.status()["apps"]:
        if line["app_id"] == app:
            report.equal(f"the books of {app} close", line["received"], line["stored"] + line["duplicate"] + line["rejected"])


def check_refusals(report, server, folder):
    file = folder / "bad.json"
    good = '{"event_type":"a","event_timestamp":1517539202000,"arrival_timestamp":1517539203000,"client":{"client_id":"c"}}'
    lines = [good, "not json", "[]", good.replace('"a"', "7"), good.replace('"client_id":"c"', ""), "x" * (1 << 20) + "x", "", good]
    file.write_text("\n".join(lines))
    server.create_app("bad")
    done = imported(server, "bad", "pinpoint-export", file)
    report.equal("bad lines are put aside", totals(done), (1, 7, 2, 0, 5, 0))
    report.check("it says where they are", "catchment rejected list --app bad" in done.stdout, done.stdout)
    kept = server.rows("SELECT reason, record FROM rejected_event WHERE app_id = 'bad' ORDER BY journal_position")
    report.equal("a bad line is kept", kept[0][1], "not json")
    report.check("with its place", kept[0][0].startswith("line 2 of bad.json: it is no JSON"), kept[0][0])
    report.equal("a second run puts nothing aside", totals(imported(server, "bad", "pinpoint-export", file)), (1, 7, 0, 0, 0, 7))
    cut = folder / "cut.gz"
    cut.write_bytes(gzip.compress(good.replace('"c"', '"cut"').encode() * 1 + b"\n" + b"{}" * 400_000)[:-20])
    done = imported(server, "bad", "pinpoint-export", cut, folder / "none.gz")
    report.check("files that end early or are not there", done.returncode == 1 and "cut short" in done.stderr and "none.gz" in done.stderr, done.stderr)
    for words in (["--app", "nobody", "--from", "pinpoint-export", str(file)],):
        done = server.run("import", *words)
        report.check("an unknown application", done.returncode == 1 and "nobody" in done.stderr, done.stderr)
    for words in (
        ["--app", "bad", "--from", "pinpoint-export"],
        ["--app", "bad", "--from", "other", str(file)],
        ["--app", "bad", "--from", "pinpoint-export", "--event", "x", str(file)],
        ["--app", "bad", "--from", "clevertap-export", "--utc-offset", "5", str(file)],
    ):
        done = server.run("import", *words)
        report.check(f"wrong usage: import {words}", done.returncode == 2, done.stderr)


def many_lines(count):
    """Events of which some are equal, as two of one request may be."""
    for number in range(count):
        event = {
            "event_type": f"type-{number % 7}",
            "event_timestamp": 1517539202000 + number // 3,
            "arrival_timestamp": 1517539203000 + number // 50,
            "client": {"client_id": f"c-{number % 11}"},
            "attributes": {"n": str(number - number % 100 // 99)},
            "metrics": {},
        }
        yield json.dumps({**event, "client": {"client_id": "twin"}} if number % 100 >= 98 else event)


def wait_for_a_row(server, process):
    """Until something of the import is there, or it has ended."""
    while process.poll() is None and not server.value("SELECT count(*) AS n FROM event WHERE app_id = 'kills'"):
        time.sleep(0.05)


def check_killed(report, server, folder, chance, count=40_000):
    file = folder / "many.gz"
    bad = "this is no event"
    file.write_bytes(gzip.compress("\n".join([*many_lines(count), bad]).encode()))
    server.create_app("kills")
    command = [server.program, "import", "--data", str(server.data), "--from", "pinpoint-export", "--app", "kills", str(file)]
    for number in range(6):
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.05, 0.3) * server.slow)
        if number == 0:
            wait_for_a_row(server, process)
        if number % 2:
            server.kill()
            process.wait()
            server.start()
        else:
            process.kill()
            process.wait()
    first = server.run(*command[1:2], *command[4:])
    report.equal("killed: the last run ends well", first.returncode, 0)
    found = totals(first)
    report.equal("killed: every line is accounted for", sum(found[2:]), count + 1)
    report.check("killed: it went on where it was", found[5] > 0, str(found))
    rows = server.value("SELECT count(*) AS n FROM event WHERE app_id = 'kills'")
    report.equal("killed: each event once", rows, count)
    report.equal("killed: the bad line once", server.value("SELECT count(*) AS n FROM rejected_event WHERE app_id = 'kills'"), 1)
    books(report, server, "kills")


def check_again(report, server):
    """A rebuild decides as the first time."""
    question = "SELECT app_id, count(*) AS n, count(DISTINCT event_id) AS ids, min(received_at) AS first FROM event GROUP BY 1 ORDER BY 1"
    before = server.rows(question)
    server.command("rebuild")
    server.flush()
    report.equal("imports: after a rebuild", server.rows(question), before)


def check_without_server(report, server, folder):
    file = folder / f"{NESTED}.json.gz"
    server.create_app("alone")
    done = imported(server, "alone", "mobile-analytics-export", file)
    count = totals(done)[1]
    report.equal("without a server", totals(done), (1, count, count, 0, 0, 0))
    done = imported(server, "alone", "mobile-analytics-export", file)
    report.equal("without a server, again", totals(done), (1, count, 0, 0, 0, count))
