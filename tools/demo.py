#!/usr/bin/env python3
"""Shows the whole way of an event: starts a server with a demo application, sends the vendors'
documented example requests through all four APIs, prints each answer and the rows they became.

    demo.py run  [--port N] [--data DIR]   on 127.0.0.1:8080 with ./data, and stays up
    demo.py demo                           on a free port in a scratch folder, then stops
    demo.py send [--port N] [--data DIR]   sends to a server that runs already
"""

import argparse
import base64
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from harness.server import Catchment, CommandFailed, ServerFailed  # noqa: E402
from harness.sigv4 import Signer  # noqa: E402
from harness.wire import Connection, request  # noqa: E402

APP = "demo"
CREDENTIALS = {
    "name": "Demonstration",
    "clevertap_account_id": "DEMO-ACCOUNT",
    "clevertap_passcode": "demo-passcode",
    "mobile_analytics_app_id": "demo-mobile-analytics",
    "aws_access_key_id": "AKIDDEMOEXAMPLE",
    "aws_secret_access_key": "demo-secret-access-key",
    "api_token": "demo-token",
    "segmentstream_project_id": "demo-project",
}
COLOURS = sys.stdout.isatty() and "NO_COLOR" not in os.environ
BOLD, GREEN, RED, DIM, PLAIN = ("\033[1m", "\033[32m", "\033[31m", "\033[2m", "\033[0m") if COLOURS else [""] * 5

QUERIES = [
    (
        "event",
        "SELECT api, event_name, strftime(event_timestamp, '%Y-%m-%d %H:%M:%S') AS event_time, "
        "coalesce(user_id, user_pseudo_id) AS person, left(properties, 60) AS properties "
        "FROM event ORDER BY journal_position, event_timestamp",
    ),
    ("item", "SELECT event_name, item_id, name, category, price, quantity FROM item ORDER BY event_name, quantity"),
    ("users", "SELECT user_pseudo_id, user_id, left(user_properties, 60) AS user_properties FROM users ORDER BY user_id"),
    ("rejected_event", "SELECT api, code, reason FROM rejected_event ORDER BY journal_position"),
]

LATEST = "SELECT api, event_name, received_at FROM event ORDER BY received_at DESC LIMIT 10"


class Trouble(Exception):
    """What stops the demonstration, said so that a person can act on it."""


def heading(text):
    print(f"\n{BOLD}{text}{PLAIN}", flush=True)


def example(name, **values):
    """The text of tools/demo/NAME with its variables filled in, as compact JSON."""
    text = (ROOT / "tools" / "demo" / name).read_text(encoding="utf-8")
    for key, value in values.items():
        text = text.replace("${" + key + "}", value)
    return json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))


class Examples:
    """The four requests, for one application's credentials."""

    def __init__(self, app, host):
        self.app, self.host = app, host

    def all(self):
        """(what it is, method, target, headers, body) of each API."""
        return [self.clickstream(), self.clevertap(), self.mobile_analytics(), self.segmentstream()]

    def clickstream(self):
        body = example("clickstream.json", APP_ID=self.app["app_id"])
        headers = [("Content-Type", "application/json; charset=utf-8")]
        return "Clickstream", f"/collect?appId={self.app['app_id']}", headers, body.encode()

    def clevertap(self):
        keys = self.app["clevertap"]
        headers = [
            ("X-CleverTap-Account-Id", keys["account_id"]),
            ("X-CleverTap-Passcode", keys["passcode"]),
            ("Content-Type", "application/json; charset=utf-8"),
        ]
        return "CleverTap", "/1/upload", headers, example("clevertap.json").encode()

    def mobile_analytics(self):
        keys = self.app["mobile_analytics"]
        context = example("mobile_analytics_context.json", MOBILE_ANALYTICS_APP_ID=keys["app_id"])
        body = example("mobile_analytics.json").encode()
        headers = [
            ("Host", self.host),
            ("Content-Type", "application/json"),
            ("x-amz-Client-Context", context),
        ]
        signer = Signer(keys["access_key_id"], keys["secret_access_key"])
        target, headers = signer.sign("POST", "/2014-06-05/events", headers, body, time.time())
        return "Amazon Mobile Analytics (signed)", target, headers, body

    def segmentstream(self):
        token = base64.b64encode((self.app["segmentstream"]["api_token"] + ":").encode()).decode()
        headers = [("Authorization", f"Basic {token}"), ("Content-Type", "application/json")]
        return "SegmentStream", "/track", headers, example("segmentstream.json").encode()


def send_examples(server, app):
    heading("The vendors' documented example requests")
    refused = 0
    with Connection(server.host, server.port) as connection:
        for name, target, headers, body in Examples(app, server.address).all():
            connection.send(request("POST", target, headers, body, server.address))
            answer = connection.receive()
            good = 200 <= answer.status < 300
            refused += not good
            colour = GREEN if good else RED
            text = answer.body.decode(errors="replace") or "(empty body)"
            print(f"  {name}")
            print(f"    {DIM}POST {target.split('?X-Amz')[0]}  {len(body)} bytes{PLAIN}")
            print(f"    {colour}{answer.status} {answer.reason}{PLAIN}  {text}")
            if reason := answer.header("X-Catchment-Error"):
                print(f"    {reason}")
    if refused:
        raise Trouble(f"{refused} of the example requests were refused")


def show_rows(server):
    server.flush()
    for table, query in QUERIES:
        heading(f"catchment sql: {table}")
        text = server.command("sql", query)
        print("\n".join("  " + line for line in text.rstrip("\n").split("\n")), flush=True)


def curl_lines(server, app):
    url = f"http://{server.address}"
    clevertap, aws, stream = app["clevertap"], app["mobile_analytics"], app["segmentstream"]
    event = json.dumps(
        [{"event_type": "hello", "event_id": "'$RANDOM$RANDOM'", "timestamp": 0, "app_id": app["app_id"]}]
    ).replace('"timestamp": 0', "\"timestamp\": '$(date +%s000)'")
    context = json.dumps(
        {
            "client": {"client_id": "curl-1", "app_title": "curl"},
            "env": {"platform": "linux"},
            "services": {"mobile_analytics": {"app_id": aws["app_id"]}},
        },
        separators=(",", ":"),
    )
    hello = '{"events":[{"eventType":"hello","timestamp":"\'$(date -u +%FT%TZ)\'","version":"v2.0"}]}'
    return [
        (
            "Clickstream",
            f"curl -i '{url}/collect?appId={app['app_id']}' -H 'Content-Type: application/json' -d '{event}'",
        ),
        (
            "CleverTap",
            f"curl -i {url}/1/upload -H 'X-CleverTap-Account-Id: {clevertap['account_id']}' "
            f"-H 'X-CleverTap-Passcode: {clevertap['passcode']}' -H 'Content-Type: application/json; charset=utf-8' "
            '-d \'{"d":[{"identity":"you","type":"event","evtName":"hello","evtData":{"from":"curl"}}]}\'',
        ),
        (
            "Amazon Mobile Analytics",
            f"curl -i {url}/2014-06-05/events --user '{aws['access_key_id']}:{aws['secret_access_key']}' "
            "--aws-sigv4 aws:amz:us-east-1:mobileanalytics -H 'Content-Type: application/json' "
            f"-H 'x-amz-Client-Context: {context}' -d '{hello}'",
        ),
        (
            "SegmentStream",
            f"curl -i {url}/track --user '{stream['api_token']}:' -H 'Content-Type: application/json' "
            '-d \'{"event":{"name":"hello","user":{"anonymousId":"you"}}}\'',
        ),
    ]


def show_curl_lines(server, app, program):
    heading("Ready to paste")
    for name, line in curl_lines(server, app):
        print(f"  {DIM}# {name}{PLAIN}\n  {line}\n")
    data = "" if server.data.resolve() == (Path.cwd() / "data").resolve() else f" --data {server.data}"
    print(f"  {DIM}# what became of it{PLAIN}")
    print(f"  {program} sql{data} \"{LATEST}\"")


def paste_curl_lines(server, app):
    """Does what a person would do with them, so that what is printed is known to work."""
    heading("The same lines, pasted")
    for name, line in curl_lines(server, app):
        done = subprocess.run(
            ["bash", "-c", line], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False
        )
        first = (done.stdout.splitlines() or [""])[0]
        if not re.match(r"HTTP/1.1 20[024] ", first):
            raise Trouble(f"the line for {name} was answered: {done.stdout or done.stderr}")
        print(f"  {name}: {GREEN}{first}{PLAIN}")
    server.flush()
    rows = server.sql("SELECT count(*) AS n FROM event WHERE event_name = 'hello'")
    if rows != [{"n": 4}]:
        raise Trouble(f"the four lines did not become four rows: {rows}")
    print("  they became four rows")


def app_of(server):
    """The demo application, made unless it is there already."""
    done = server.run("app", "show", APP, "--secrets")
    if done.returncode == 0:
        return json.JSONDecoder().raw_decode(done.stdout)[0]
    return server.create_app(APP, **CREDENTIALS)


def must_be_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise Trouble(
                f"port {port} of 127.0.0.1 is taken ({error.strerror}): stop what listens there, or choose another "
                f"with `make run PORT={port + 1}`"
            ) from error


def must_be_built(server):
    if not Path(server.program).is_file():
        raise Trouble(f"there is no {server.program}: run `make build` first")


def shown_program(server):
    path = Path(server.program)
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def show_all(server):
    app = app_of(server)
    heading("The demo application")
    print("\n".join("  " + line for line in json.dumps(app, indent=2).split("\n")))
    send_examples(server, app)
    show_rows(server)
    show_curl_lines(server, app, shown_program(server))
    return app


def stay_up(server):
    """Until the server ends or somebody ends us."""
    heading(f"The server is up on http://{server.address}; its log is {server.log}. Ctrl-C stops it.")

    def stop(*_):
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    try:
        status = server.process.wait()
    except KeyboardInterrupt:
        print("\nstopping")
        return server.stop()
    print(f"the server ended; its log says:\n{server.log_tail()}", file=sys.stderr)
    return status or 1


def run(options):
    must_be_free(options.port)
    server = Catchment(options.data, options.program, listen=f"127.0.0.1:{options.port}")
    server.log = ROOT / "build" / "run.log"
    must_be_built(server)
    server.data.parent.mkdir(parents=True, exist_ok=True)
    with server:
        show_all(server)
        return stay_up(server)


def demo(options):
    with tempfile.TemporaryDirectory(prefix="catchment-demo-") as scratch:
        server = Catchment(Path(scratch) / "data", options.program)
        must_be_built(server)
        with server:
            paste_curl_lines(server, show_all(server))
            status = server.stop()
    heading("The server has stopped and the scratch folder is gone.")
    return status


def send(options):
    server = Catchment(options.data, options.program)
    must_be_built(server)
    server.host, server.port = "127.0.0.1", options.port
    try:
        socket.create_connection((server.host, server.port), 5).close()
    except OSError as error:
        raise Trouble(f"nothing listens on {server.address} ({error.strerror or error}): start it with `make run`") from error
    app = app_of(server)
    send_examples(server, app)
    show_rows(server)
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["run", "demo", "send"])
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--program", help="the server (default: build/release/catchment)")
    options = parser.parse_args()
    try:
        return {"run": run, "demo": demo, "send": send}[options.what](options)
    except (Trouble, ServerFailed, CommandFailed) as trouble:
        print(f"{RED}demo: {trouble}{PLAIN}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has seen enough (`make demo | head`).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


if __name__ == "__main__":
    sys.exit(main())
