#!/usr/bin/env python3
"""Sends the events of *.test files to the real server and compares its KPIs. README.md describes the files.

Prints what failed with what differs, and ends with "N passed, N failed", counted in questions.
"""

import argparse
import json
import sys
import tempfile
import traceback
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import quote, urlencode

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from harness.server import PROGRAM, Catchment, CommandFailed, ServerFailed  # noqa: E402
from harness.wire import Closed, Connection, request  # noqa: E402
from language import Ask, Mistake, Send, Set, read_steps  # noqa: E402
from senders import make_request  # noqa: E402

# Days as in UTC, but of a zone that rollups are not kept for.
FROM_EVENTS = ("time-zone", "Etc/UTC")


def text_of(value):
    return "-" if value is None else repr(value) if isinstance(value, float) else str(value)


def lines_of(answer, currencies):
    """An answer as the lines of a test file."""
    lines = []
    for group in answer.get("groups", [answer]):
        days = group["values"]
        total = f"total={group['total']} " if "total" in group else ""
        if currencies:
            names = sorted({name for day in days for name in day["currencies"]})
            lines += [
                f"{name or 'none'}: " + " ".join(text_of(day["currencies"].get(name, 0)) for day in days)
                for name in names
            ]
            continue
        name = f"{group['group'] or 'none'}: " if "group" in group else ""
        lines.append(name + total + " ".join(text_of(day["value"]) for day in days))
    return lines


class Runner:
    def __init__(self, server, token):
        self.server, self.token = server, token
        self.passed, self.failed = 0, 0
        self.last = []  # questions about the whole of their file

    def run(self, file, today):
        app = self.server.create_app("kpi-" + file.stem)
        fresh = True
        last = []
        with Connection(self.server.host, self.server.port) as connection:
            for step in read_steps(file.read_text(), today):
                if isinstance(step, Set):
                    self.server.command("app", "set", app["app_id"], step.setting)
                elif isinstance(step, Send):
                    self.send(connection, app, step)
                    fresh = False
                    last = []
                elif isinstance(step, Ask):
                    if not fresh:
                        self.server.flush()
                        fresh = True
                    self.ask(connection, app, file, step)
                    last.append((app, file, step))
        self.last += last

    def ask_again(self):
        """A rebuild derives the rollups once more from the journal."""
        self.server.command("rebuild")
        self.server.flush()
        with Connection(self.server.host, self.server.port) as connection:
            for app, file, step in self.last:
                self.ask(connection, app, file, step)

    def send(self, connection, app, step):
        target, headers, body = make_request(app, step.events, self.server.address)
        connection.send(request("POST", target, headers, body, self.server.address))
        answer = connection.receive()
        if answer.status not in (200, 202, 204):
            raise Mistake(f"{step.events[0]} is answered {answer.status}: {answer.body[:300]!r}")

    def ask(self, connection, app, file, step):
        ways = [step.parameters]
        if not any(name == FROM_EVENTS[0] for name, _ in step.parameters):
            ways.append([*step.parameters, FROM_EVENTS])
        for parameters in ways:
            given = self.answer(connection, app, step, parameters)
            refusal = step.expected and step.expected[0].startswith("error ")
            good = given[0].startswith(step.expected[0]) if refusal else given == step.expected
            self.passed += good
            self.failed += not good
            if not good:
                words = " ".join(f"{name}={value}" for name, value in parameters)
                print(f"{file.name}:{step.line}: {step.kpi} {words}")
                print("  expected: " + "\n            ".join(step.expected))
                print("  is:       " + "\n            ".join(given))

    def answer(self, connection, app, step, parameters):
        kpi = step.kpi if step.kpi.startswith("events/") else "kpis/" + step.kpi
        query = urlencode([("start-date", step.first), ("end-date", step.last), *parameters])
        target = f"/api/v1/apps/{app['app_id']}/{quote(kpi)}?{query}"
        headers = [("Authorization", "Bearer " + self.token)]
        connection.send(request("GET", target, headers, b"", self.server.address))
        answer = connection.receive("GET")
        content = json.loads(answer.body)
        if answer.status != 200:
            return [f"error {answer.status} {content['error']['message']}"]
        return lines_of(content, step.currencies)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, help="default: every *.test beside this program")
    parser.add_argument("--program", type=Path, default=PROGRAM, help="default: the release build")
    options = parser.parse_args()
    files = options.files or sorted(HERE.glob("*.test"))
    today = datetime.now(timezone.utc)
    passed, failed = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        try:
            with Catchment(Path(folder) / "data", program=options.program) as server:
                runner = Runner(server, server.command("token", "create").strip())
                for file in files:
                    try:
                        runner.run(file, today)
                    except (Mistake, Closed, CommandFailed, OSError, KeyError, ValueError) as error:
                        runner.failed += 1
                        print(f"{file.name}: {type(error).__name__}: {error}")
                runner.ask_again()
                passed, failed = runner.passed, runner.failed
        except (ServerFailed, CommandFailed):
            traceback.print_exc()
            failed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
