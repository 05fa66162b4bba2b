#!/usr/bin/env python3
"""Runs the recorded exchanges against the real server. README.md describes the files.

Prints what failed with what differs, and ends with "N passed, N failed".
"""

import argparse
import base64
import concurrent.futures
import shlex
import sys
import tempfile
import traceback
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import compare  # noqa: E402
from exchange import Mistake, Variables, prepare, read_exchanges  # noqa: E402
from harness.server import PROGRAM, Catchment, CommandFailed, ServerFailed  # noqa: E402
from harness.wire import Closed, Connection  # noqa: E402

APP = "compat"
CREDENTIALS = {
    "clevertap_account_id": "TEST-COM-PAT1",
    "clevertap_passcode": "COM-PAT-PASS",
    "mobile_analytics_app_id": "4f5ac2d8c1b04bf5a2bdc0f5c0mpat01",
    "aws_access_key_id": "AKIDCOMPATEXAMPLE",
    "aws_secret_access_key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYCOMPATKEY",
    "api_token": "compat-token-abc123",
    "segmentstream_project_id": "compat-project",
}
# What `app set` goes back to when a file that changed it is done.
APP_DEFAULTS = {
    "name": "",
    "time_zone": "UTC",
    "cors_origins": "",
    "limits": "vendor",
    "auth_cookie": "",
    "trust_forwarded_for": "true",
    "verify_hash_code": "false",
    "any_content_type": "false",
    "account_id": "",
    "cognito_identity_pool_id": "",
    "cognito_identities": "false",
    "requests_in_flight_max": "0",
    "active_events": "",
    "revenue": "",
    "keys_read_kpis": "true",
}


@dataclass
class Outcome:
    """How the exchanges of one folder went."""

    passed: int = 0
    failures: list = field(default_factory=list)

    def add(self, name, lines):
        if lines:
            self.failures.append((name, lines))
        else:
            self.passed += 1


def variables_of(server, token):
    return {
        "APP_ID": APP,
        "ACCOUNT_ID": CREDENTIALS["clevertap_account_id"],
        "PASSCODE": CREDENTIALS["clevertap_passcode"],
        "MA_APP_ID": CREDENTIALS["mobile_analytics_app_id"],
        "ACCESS_KEY": CREDENTIALS["aws_access_key_id"],
        "SECRET_KEY": CREDENTIALS["aws_secret_access_key"],
        "API_TOKEN": CREDENTIALS["api_token"],
        "API_TOKEN_BASIC": base64.b64encode((CREDENTIALS["api_token"] + ":").encode()).decode(),
        "PROJECT_ID": CREDENTIALS["segmentstream_project_id"],
        "QUERY_TOKEN": token,
        "HOST": server.address,
    }


class FileRun:
    """One .http file: its exchanges in order, then everything it set up is undone."""

    def __init__(self, server, path, given, options):
        self.server, self.path, self.options = server, path, options
        self.variables = Variables(given)
        self.undo = []
        self.connection = None
        self.recorded = []

    def run(self, outcome):
        name = f"{self.path.parent.name}/{self.path.stem}"
        try:
            exchanges = read_exchanges(self.path)
        except Mistake as mistake:
            outcome.add(name, [f"  {mistake}"])
            return
        for exchange in exchanges:
            title = name if len(exchanges) == 1 else f"{name} #{exchange.number}"
            outcome.add(title, self.try_one(exchange))
        if self.options.record and not self.path.with_suffix(".reply").is_file():
            self.path.with_suffix(".reply").write_text("###\n".join(self.recorded), encoding="utf-8")
        self.clean_up(outcome, name)

    def try_one(self, exchange):
        try:
            return self.exchange_once(exchange)
        except (Mistake, CommandFailed, Closed, OSError, ValueError) as error:
            return [f"  {type(error).__name__}: {error}"]
        except Exception:  # a mistake of the runner fails the exchange, not the run
            return traceback.format_exc().splitlines()

    def exchange_once(self, exchange):
        for command in exchange.all("teardown"):
            self.undo.append(self.words(command))
        for command in exchange.all("setup"):
            self.set_up(self.words(command))
        answer, closed = self.send(exchange)
        if self.options.record and not exchange.reply:
            self.recorded.append(compare.record(answer, self.variables.given))
            return []
        found = compare.compare(self.variables.expand(exchange.reply), answer)
        if answer is not None:
            self.variables.given["POSITION"] = answer.header("X-Catchment-Position", "")
        if exchange.flag("expect-close") and not closed:
            found.append("  the server kept the connection open")
        return found + self.check_rows(exchange)

    def words(self, command):
        return shlex.split(self.variables.expand(command))

    def set_up(self, words):
        self.server.command(*words)
        if words[:2] == ["app", "set"]:
            keys = [word.partition("=")[0] for word in words[3:]]
            self.undo.append(["app", "set", words[2]] + [f"{key}={APP_DEFAULTS[key]}" for key in keys])
        elif words[:2] == ["app", "create"]:
            self.undo.append(["app", "delete", words[2]])

    def send(self, exchange):
        """(answer or None when the server closed without one, whether it closed after it)."""
        message = prepare(exchange, self.variables)
        if self.connection is None or exchange.one("connection") != "keep":
            self.close()
            self.connection = Connection(self.server.host, self.server.port)
        try:
            self.connection.send(message.head)
            if exchange.flag("expect-continue"):
                interim = self.connection.receive_one(message.method)
                if interim.status != 100:
                    return interim, False
            self.connection.send(message.body)
            answer = self.connection.receive(message.method)
        except (Closed, ConnectionResetError):
            self.close()
            return None, True
        closed = exchange.flag("expect-close") and self.connection.is_closed_by_peer()
        return answer, closed

    def check_rows(self, exchange):
        queries = exchange.queries()
        if not queries:
            return []
        self.server.flush()
        found = []
        for query in queries:
            sql = self.variables.expand(query.sql)
            differences = compare.compare_rows(self.variables.expand(query.rows), self.server.rows(sql))
            found += ([f"  {sql}"] if differences else []) + differences
        return found

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def clean_up(self, outcome, name):
        self.close()
        for words in reversed(self.undo):
            done = self.server.run(*words)
            if done.returncode != 0:
                outcome.failures.append((name, [f"  cleaning up: {' '.join(words)}: {done.stderr.strip()}"]))


def run_folder(folder, files, options):
    outcome = Outcome()
    with tempfile.TemporaryDirectory(prefix="catchment-compat-") as scratch:
        config = folder / "server.toml"
        data = Path(scratch) / "data"
        server = Catchment(data, options.program, config if config.is_file() else None)
        try:
            with server:
                server.create_app(APP, **CREDENTIALS)
                token = server.command("token", "create", "--role", "admin").strip()
                given = variables_of(server, token)
                for path in files:
                    FileRun(server, path, given, options).run(outcome)
                    if not server.running:
                        outcome.failures.append((folder.name, ["  the server ended:", server.log_tail()]))
                        break
                if options.show_log:
                    print(server.log_tail(200))
        except (ServerFailed, CommandFailed, ValueError) as error:
            outcome.failures.append((folder.name, [f"  {error}", server.log_tail()]))
    return folder.name, outcome


def chosen_files(only):
    by_folder = {}
    for path in sorted(HERE.glob("*/*.http")):
        if not only or only in f"{path.parent.name}/{path.stem}":
            by_folder.setdefault(path.parent, []).append(path)
    return by_folder


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(PROGRAM), help="the server to test (default: build/release/catchment)")
    parser.add_argument("--only", metavar="TEXT", help="files whose folder/name contains the text")
    parser.add_argument("--record", action="store_true", help="write .reply files that do not exist yet")
    parser.add_argument("--jobs", "-j", type=int, default=2, help="folders that run at the same time")
    parser.add_argument("--show-log", action="store_true", help="print the end of each server's log")
    options = parser.parse_args()
    folders = chosen_files(options.only)
    if not folders:
        print("no exchange to run")
        print("0 passed, 1 failed")
        return 1
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(max(1, options.jobs)) as pool:
        runs = [pool.submit(run_folder, folder, files, options) for folder, files in folders.items()]
        for run in concurrent.futures.as_completed(runs):
            name, outcome = run.result()
            for title, lines in outcome.failures:
                print(f"FAILED {title}")
                print("\n".join(f"    {line}" for line in lines))
            print(f"{name}: {outcome.passed} passed, {len(outcome.failures)} failed", flush=True)
            passed += outcome.passed
            failed += len(outcome.failures)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
