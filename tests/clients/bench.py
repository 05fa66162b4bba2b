"""What every client is tested on: a server of its own with one application, and the rows of the matrix it fills."""

import contextlib
import importlib.util
import json
import os
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path

from harness.server import Catchment

APP = "clients"
CREDENTIALS = {
    "clevertap_account_id": "TEST-CLI-ENT1",
    "clevertap_passcode": "CLI-ENT-PASS",
    "mobile_analytics_app_id": "4f5ac2d8c1b04bf5a2bdc0f5cc11e001",
    "aws_access_key_id": "AKIDCLIENTSEXAMPLE",
    "aws_secret_access_key": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYCLIENTSKEY",
    "api_token": "clients-token-abc123",
    "segmentstream_project_id": "clients-project",
}


class Differs(Exception):
    """What was found is not what was expected."""


class Skip(Exception):
    """The client cannot run here; the text says why."""


@dataclass
class Row:
    client: str
    version: str
    shown: str
    verdict: str = "passed"
    details: list = field(default_factory=list)


def load(name):
    """The module tests/clients/NAME/client.py: CLIENT, version(), run(bench)."""
    spec = importlib.util.spec_from_file_location(f"client_{name}", Path(__file__).resolve().parent / name / "client.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def brief(value):
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 1500 else text[:1500] + " …"


class Bench:
    """One client's server, its scratch folder, and what it has shown so far."""

    def __init__(self, client, version, scratch, options):
        self.client, self.version, self.options = client, version, options
        self.scratch = Path(scratch)
        self.rows = []
        self.closing = contextlib.ExitStack()
        self.server = None
        self.settings = ""
        self.front = ""  # what stands before the server, when clients are to go through it
        self.about = ""  # goes before what is shown
        self.variables = {}  # of the environment of drivers

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.closing.close()

    def start(self, settings="", listen="127.0.0.1:0"):
        """The server with these settings (TOML), kept at its address over every later restart."""
        self.server = Catchment(self.scratch / "data", self.options.program, listen=listen)
        self.settings = settings
        self.configure("")
        self.closing.callback(self.end)
        self.server.start()
        self.server.listen = self.server.address
        self.server.create_app(APP, **CREDENTIALS)
        return self.server

    def configure(self, more):
        self.server.config = self.scratch / "server.toml"
        self.server.config.write_text(self.settings + more, encoding="utf-8")

    def restart(self, more=""):
        """Stops the server where it runs, and starts it at the same address, with more settings."""
        if self.server.running:
            self.server.stop()
        self.configure(more)
        self.server.start()

    def end(self):
        if self.server.running:
            self.server.stop()

    @property
    def url(self):
        return self.front or f"http://{self.server.address}"

    def environment(self, **more):
        """Of a driver's process."""
        return {**os.environ, **self.variables, **more}

    def query(self, sql):
        """Rows of everything acknowledged so far."""
        self.server.flush()
        return self.server.rows(sql)

    @contextlib.contextmanager
    def shows(self, shown):
        """One row of the matrix: failed when its block raises anything, skipped when that is Skip."""
        row = Row(self.client, self.version, self.about + shown)
        if self.options.verbose:
            print(f"clients: {self.client}: {row.shown}", flush=True)
        try:
            yield
        except Skip as reason:
            row.verdict, row.details = "skipped", [str(reason)]
        except Differs as differs:
            row.verdict, row.details = "failed", str(differs).splitlines()
        except Exception:  # a client that dies fails its row, not the run
            row.verdict, row.details = "failed", traceback.format_exc().splitlines()[-12:]
        if self.server is not None and not self.server.running and row.verdict == "failed":
            row.details += ["the server does not run; its log ends:", self.server.log_tail()]
            self.restart()
        self.rows.append(row)

    def books(self, api):
        """What `catchment status` counts of the application's events, once everything is loaded."""
        self.server.flush()
        for row in self.server.status()["apps"]:
            if (row["app_id"], row["api"]) == (APP, api):
                return {key: row[key] for key in ("received", "stored", "duplicate", "rejected", "pending")}
        return {}


def equal(what, found, expected):
    if found != expected:
        raise Differs(f"{what}:\n  expected {brief(expected)}\n  found    {brief(found)}")


def holds(what, condition, found=None):
    if not condition:
        raise Differs(what if found is None else f"{what}: found {brief(found)}")


def until(what, condition, seconds=60, pause=0.1):
    """The first true value of `condition`, asked again and again; Differs when it stays false."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(pause)
    raise Differs(f"{what}: not within {seconds} s")
