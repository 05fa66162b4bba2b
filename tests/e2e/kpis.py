"""KPIs on the command line and over HTTP, of an application of their own."""

import datetime
import json
import os
import pty
import subprocess
import time
import uuid

from commands import ask, one_line_error, told

APP = "kpi"


def event(name, user, attributes=None):
    return {
        "event_type": name,
        "event_id": str(uuid.uuid4()),
        "timestamp": int(time.time() * 1000),
        "app_id": APP,
        "unique_id": user,
        "attributes": attributes or {},
    }


def collect(server, events):
    """Sends them and returns the journal position of the answer."""
    headers = [("Content-Type", "application/json")]
    answer = ask(server, "POST", f"/collect?appId={APP}", headers, json.dumps(events).encode())
    return answer.header("X-Catchment-Position")


def numbers(server, name, *options):
    """The values of a KPI, day by day, as the command line gives them."""
    text = server.command("kpi", name, "--app", APP, "--format", "json", "--start", day_before(), *options)
    return [point["value"] for point in json.loads(text)["values"]]


def day_before():
    """A test that runs over midnight sees the same sums."""
    return (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)).strftime("%Y-%m-%d")


def total(server, name, *options):
    return sum(value or 0 for value in numbers(server, name, *options))


def check_kpis(report, server):
    server.create_app(APP)
    events = [event("_session_start", user) for user in ("u1", "u2")]
    events += [event("opened", "u3"), event("paid", "u3", {"order": {"total": 12.5, "unit": "eur"}})]
    position = collect(server, events)
    check_http(report, server, position)
    server.flush()
    report.equal("kpi dau", total(server, "dau"), 2)
    report.equal("kpi events/opened/count", total(server, "events/opened/count"), 1)
    report.equal("from events it is the same as from rollups", total(server, "dau", "--time-zone", "Etc/UTC"), 2)
    table = server.command("kpi", "dau", "--app", APP)
    report.check("kpi as a table", len(table.strip().split("\n")) == 32, table)
    csv = server.command("kpi", "dau", "--app", APP, "--format", "csv")
    report.check("kpi as CSV", csv.startswith("date,value"), csv)
    report.check("in a terminal a bar stands beside a number", "\u2588" in in_terminal(server, "kpi", "dau", "--app", APP))
    overview = json.loads(server.command("report", "--app", APP, "--days", "2", "--format", "json"))
    report.equal("report counts sessions", [n["value"] for n in overview["numbers"] if n["key"] == "sessions"], [2])
    report.check("report as a table", "sessions" in server.command("report", "--app", APP))
    check_errors(report, server)
    check_own_rules(report, server)


def check_http(report, server, position):
    token = server.command("token", "create", "--app", APP).strip()
    headers = [("Authorization", f"Bearer {token}")]
    target = f"/api/v1/apps/{APP}/kpis/dau/count?start-date={day_before()}&not_before={position}"
    answer = ask(server, "GET", target, headers)
    values = [point["value"] for point in json.loads(answer.body).get("values", [])]
    report.equal("over HTTP an answer holds what was sent right before", sum(values), 2)
    answer = ask(server, "GET", "/api/v1/apps/e2e/kpis/dau/count", headers)
    report.equal("a token of one application reads no other's KPIs", answer.status, 403)
    answer = ask(server, "GET", f"/api/v1/apps/{APP}/report", headers)
    report.equal("and the report of its own", answer.status, 200)


def in_terminal(server, *words):
    ours, theirs = pty.openpty()
    try:
        subprocess.run([server.program, *words, "--data", str(server.data)], stdout=theirs, timeout=60, check=True)
        return os.read(ours, 65536).decode()
    finally:
        os.close(ours)
        os.close(theirs)


def check_errors(report, server):
    for words in (["dau"], ["none", "--app", APP], ["dau", "--app", APP, "--start", "soon"], ["events/a/sum", "--app", APP]):
        done = server.run("kpi", *words)
        report.check(f"wrong usage: kpi {' '.join(words)}", one_line_error(done, 2), told(done))
    for words in (["kpi", "dau"], ["report"]):
        done = server.run(*words, "--app", "nobody")
        report.check(f"{words[0]} of an unknown application", one_line_error(done, 1), told(done))


def check_own_rules(report, server):
    """What an application says itself counts for what is loaded from then on, and after `rebuild` for all."""
    server.command("app", "set", APP, "active_events=opened", "revenue=paid:order.total:order.unit")
    collect(server, [event("opened", "u4"), event("_session_start", "u5")])
    server.flush()
    report.equal("own active_events count for new events", total(server, "dau"), 3)
    server.command("rebuild")
    server.flush()
    report.equal("and for all after a rebuild", total(server, "dau"), 2)
    report.equal("own revenue", total(server, "daily-revenue"), 12.5)
    shown = server.command("app", "show", APP)
    report.check("app show shows them", "paid:order.total:order.unit" in shown, shown)
    done = server.run("app", "set", APP, "revenue=paid")
    report.check("app set refuses a revenue that says no value", one_line_error(done, 1), told(done))


def check_without_server(report, server):
    report.equal("kpi opens the directory itself", total(server, "dau"), 2)
    report.equal("report opens the directory itself", server.run("report", "--app", APP).returncode, 0)
