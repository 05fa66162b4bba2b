"""The example calls of the vendors' documents, in every language they show that can be had here. Only host and
credentials are others. Each runs against an application of its own and must get the documented answer."""

import json
import os
import shutil
import subprocess
import sys

from bench import Skip, equal, holds
from node import ClientError, browser, installed, placed

CLIENT = "documented examples"
STORED = '{"status":"success","processed":1,"unprocessed":[]}'
CLICKSTREAM = (
    [["button_click", "shoes", 99.9, "101.188.67.134"], ["item_view", "book", 39.9, "101.188.67.134"]],
    "SELECT event_name, properties->>'productName' AS product, properties->'Price' AS price, ip FROM event WHERE app_id = '{}' ORDER BY 1",
)
CLEVERTAP = (
    [["Product viewed", "34322423", "Casio Chronograph Watch", 59.99]],
    "SELECT event_name, user_id, properties->>'Product name' AS product, properties->'Price' AS price FROM event WHERE app_id = '{}'",
)
SEGMENTSTREAM = (
    [["Registered", "u2783187492", "123.22.334.55", "2019-02-21 10:56:10.723000"]],
    "SELECT event_name, user_id, ip, event_timestamp FROM event WHERE app_id = '{}'",
)
MOBILE_ANALYTICS = (
    [["_session.start", "c-1", "s-1", "Level1", 12345]],
    "SELECT event_name, user_pseudo_id, session_id, attributes->>'LevelName' AS a, metrics->'Score' AS b FROM event WHERE app_id = '{}'",
)
# What is shown, the program it needs, its arguments, the documented status and body, and what must be stored.
EXAMPLES = [
    ("Clickstream by curl", "curl", ["bash", "clickstream.sh"], 200, "", CLICKSTREAM),
    ("Clickstream by Python requests", "python3", [sys.executable, "clickstream_requests.py"], 200, "", CLICKSTREAM),
    ("Clickstream by fetch in Node", "node", ["node", "clickstream_fetch.mjs"], 200, "", CLICKSTREAM),
    ("Clickstream by OkHttp 4.12.0 in Java", "java", ["java", "-cp", "jars/*", "Clickstream.java"], 200, "", CLICKSTREAM),
    ("Clickstream by HttpClient in C# (Mono)", "mono", ["mono", "clickstream.exe"], 200, "", CLICKSTREAM),
    ("CleverTap by curl", "curl", ["bash", "clevertap.sh"], 200, STORED, CLEVERTAP),
    ("CleverTap by Ruby net/http", "ruby", ["ruby", "clevertap.rb"], 200, STORED, CLEVERTAP),
    ("CleverTap by Python requests", "python3", [sys.executable, "clevertap_requests.py"], 200, STORED, CLEVERTAP),
    ("CleverTap by PHP streams (for its Requests library)", "php", ["php", "clevertap.php"], 200, STORED, CLEVERTAP),
    ("CleverTap by request 2.88.2 in Node", "node", ["node", "clevertap_request.cjs"], 200, STORED, CLEVERTAP),
    ("SegmentStream by curl", "curl", ["bash", "segmentstream.sh"], 204, "", SEGMENTSTREAM),
    ("SegmentStream by Python requests", "python3", [sys.executable, "segmentstream_requests.py"], 204, "", SEGMENTSTREAM),
    ("Mobile Analytics by curl --aws-sigv4", "curl", ["bash", "mobile_analytics.sh"], 202, "", MOBILE_ANALYTICS),
]


def version():
    return ""


def run(bench):
    bench.start()
    folder = placed("examples")
    for number, example in enumerate(EXAMPLES):
        with bench.shows(f"{example[0]}: {example[3]}, rows"):
            run_example(bench, folder, f"example{number}", example)
    in_a_page(bench)


def credentials(bench, app):
    """A new application, and what an example takes from the environment."""
    made = {
        "clevertap_account_id": f"TEST-{app}",
        "clevertap_passcode": f"pass-{app}",
        "mobile_analytics_app_id": f"ma-{app}",
        "aws_access_key_id": f"AKID{app}",
        "aws_secret_access_key": f"secret/{app}",
        "api_token": f"token-{app}",
    }
    bench.server.create_app(app, **made)
    return {
        "URL": bench.url,
        "APP_ID": app,
        "ACCOUNT_ID": made["clevertap_account_id"],
        "PASSCODE": made["clevertap_passcode"],
        "MA_APP_ID": made["mobile_analytics_app_id"],
        "ACCESS_KEY": made["aws_access_key_id"],
        "SECRET_KEY": made["aws_secret_access_key"],
        "API_TOKEN": made["api_token"],
    }


def run_example(bench, folder, app, example):
    _, program, command, status, body, stored = example
    prepare(folder, program, command)
    given = credentials(bench, app)
    place = bench.scratch / app
    shutil.copytree(folder, place, ignore=shutil.ignore_patterns("node_modules", "jars"))
    for shared in ("node_modules", "jars"):
        if (folder / shared).is_dir():
            (place / shared).symlink_to(folder / shared)
    name_the_application(place, app)
    done = subprocess.run(
        command, cwd=place, env={**os.environ, **given}, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False
    )
    holds("it ran", done.returncode == 0, done.stderr[-1500:])
    text, _, code = done.stdout.rstrip("\n").rpartition("\n")
    equal("status", code, str(status))
    if body:
        equal("body", json.loads(text), json.loads(body))
    else:
        equal("body", text.strip("\n"), "")
    equal("the rows", bench.query(stored[1].format(app)), stored[0])


def name_the_application(place, app):
    body = place / "clickstream.json"
    body.write_text(body.read_text().replace("APP_ID", app).rstrip("\n"))


def prepare(folder, program, command):
    """Fetches or compiles what this language needs; Skip when it cannot be had."""
    if shutil.which(program) is None:
        raise Skip(f"{program} is not installed")
    if command[-1].endswith(".cjs"):
        installed("examples")
    if program == "java" and not (folder / "jars").is_dir():
        fetch(folder, ["mvn", "--batch-mode", "--quiet", "dependency:copy-dependencies", "-DoutputDirectory=jars"])
    if program == "mono":
        if shutil.which("mcs") is None:
            raise Skip("mcs is not installed")
        command = ["mcs", "-r:System.Net.Http.dll", "-out:clickstream.exe", "clickstream.cs"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
        holds("it compiles", done.returncode == 0, done.stdout + done.stderr)
    if "requests.py" in command[-1]:
        fetch(folder, [command[0], "-c", "import requests"])


def fetch(folder, command):
    if shutil.which(command[0]) is None:
        raise Skip(f"{command[0]} is not installed")
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=240, check=False)
    if done.returncode != 0:
        last = (done.stdout + done.stderr).strip().splitlines()[-1:]
        raise Skip(f"{' '.join(command[:3])} failed: {' '.join(last)}")


def in_a_page(bench):
    with bench.shows("Clickstream by fetch in a page (Chromium): 200, rows"):
        folder = installed("examples")
        given = credentials(bench, "page")
        name_the_application(folder, "page")
        with browser(folder, "clickstream_page.mjs", log=bench.scratch / "page.log") as page:
            bench.server.command("app", "set", "page", f"cors_origins={page.call('origin')}")
            page.call("open", "/")
            try:
                answer = page.call("send", f"{given['URL']}/collect?appId=page")
            except ClientError as error:
                holds("the page may send it", False, [str(error), page.call("complaints")])
            equal("status and body", answer, [200, ""])
        equal("the rows", bench.query(CLICKSTREAM[1].format("page")), CLICKSTREAM[0])
