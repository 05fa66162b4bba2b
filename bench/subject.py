"""Catchment as one of those that are measured: with the loader on, on its default settings, and held to account: whatever
it acknowledged is counted in its store at the end."""

import contextlib
import json
import re
import time
from pathlib import Path

import machine
from harness.server import Catchment, ServerFailed
from harness.wire import Connection, request

APP = "bench"
# The same for every server, so that all are sent the same requests.
CREDENTIALS = {
    "clevertap_account_id": "BENCH-ACCOUNT",
    "clevertap_passcode": "bench-passcode",
    "mobile_analytics_app_id": "bench-mobile-analytics",
    "aws_access_key_id": "AKIDBENCHEXAMPLE",
    "aws_secret_access_key": "bench-secret-access-key",
    "api_token": "bench-token",
    "segmentstream_project_id": "bench-project",
}
FLUSH_S = 3600
SETTLED_SHARE = 0.05
SETTLE_S = 60
# Of half a second: merging begins up to three seconds after the last seal of a fast load.
SETTLED_LOOKS = 8
THREADS_S = 5
SAMPLE = re.compile(r"^(\w+)(?:\{([^}]*)\})? (\S+)$", re.MULTILINE)
# Distinct ids are counted in so many parts that a query's memory is enough.
DISTINCT_ROWS = 4_000_000
# Read requests, sync and answer; all other threads come after the answer.
ANSWERING = {"http", "journal"}
# Beside what a user has: counting tens of millions of rows takes longer than a query may by default.
SETTINGS = {"QUERY_DEADLINE": "10m"}


class NotAccounted(Exception):
    """Stored, acknowledged and distinct differ."""


class Subject:
    to, key = "catchment", "catchment"

    def __init__(self, folder, program, name="Catchment", settings=None, data=None):
        self.name = name
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        environment = {f"CATCHMENT_{key}": value for key, value in {**SETTINGS, **(settings or {})}.items()}
        self.server = Catchment(data or self.folder / "data", program, environment=environment)
        self.server.log = self.folder / "server.log"
        self.app_file = self.folder / "app.json"
        self.cores, self.runs, self.token = [], [], ""
        self.answering_before, self.syncs_before = 0.0, 0

    def start(self, cores):
        self.cores = cores
        if not self.app_file.exists():
            self.app_file.write_text(json.dumps(self.server.create_app(APP, **CREDENTIALS)))
        with machine.on_cores(cores):
            self.server.start()
        self.wait_for_threads()

    def wait_for_threads(self):
        """A thread that was just started may not have named itself yet."""
        deadline = time.monotonic() + THREADS_S
        while missing := ANSWERING - machine.thread_names(self.processes()[0]):
            if time.monotonic() > deadline:
                self.server.stop()
                raise ServerFailed(f"the server has no thread {min(missing)}: its processor time cannot be told apart")
            time.sleep(0.01)

    def stop(self):
        if self.server.running:
            self.server.stop()

    @property
    def host(self):
        return self.server.host

    @property
    def port(self):
        return self.server.port

    @property
    def app(self):
        return json.loads(self.app_file.read_text())

    def processes(self):
        return [self.server.process.pid]

    def cpu(self):
        return machine.cpu_seconds(self.processes())

    def answering_cpu(self):
        return machine.cpu_seconds_of_threads(self.processes()[0], ANSWERING)

    def syncs(self):
        return self.metrics()["catchment_journal_syncs_total"]

    def before(self):
        """Nothing else: after() leaves it idle."""
        self.answering_before = self.answering_cpu()
        self.syncs_before = self.syncs()

    def after(self, run):
        """Notes how long the loader takes to catch up, and waits until sealing and compressing are done as well."""
        self.runs.append(run)
        run.answering_cpu_s = self.answering_cpu() - self.answering_before
        run.syncs = self.syncs() - self.syncs_before
        cpu, began = self.cpu(), time.monotonic()
        self.server.command("flush", "--timeout", str(FLUSH_S))
        run.catch_up_s = time.monotonic() - began
        self.settle()
        run.stored_cpu_s = run.cpu_s + self.cpu() - cpu

    def settle(self):
        deadline = time.monotonic() + SETTLE_S
        quiet = 0
        while quiet < SETTLED_LOOKS and time.monotonic() < deadline:
            before = self.cpu()
            time.sleep(0.5)
            quiet = quiet + 1 if (self.cpu() - before) / 0.5 < SETTLED_SHARE else 0

    # ---- questions ----------------------------------------------------------------------------

    def metrics(self):
        """Sums by name over all labels, and by (name, outcome) where there is one."""
        with Connection(self.host, self.port) as connection:
            connection.send(request("GET", "/metrics", [], host=self.server.address))
            text = connection.receive("GET").body.decode()
        out = {}
        for name, labels, value in SAMPLE.findall(text):
            found = re.search(r'outcome="(\w+)"', labels)
            for key in (name, (name, found.group(1))) if found else (name,):
                out[key] = out.get(key, 0) + float(value)
        return out

    def bearer(self):
        self.token = self.token or self.server.command("token", "create").strip()
        return ("Authorization", "Bearer " + self.token)

    def account(self):
        """Raises unless what was acknowledged in all runs is in the store, each event once. How many there are."""
        total = 0
        for run in self.runs:
            where, acknowledged = run.told["sql_where"], run.acknowledged_events
            stored = self.server.value(f"SELECT count(*) FROM event WHERE {where}")
            distinct = self.distinct(where, stored)
            if not (acknowledged <= stored <= acknowledged + run.unanswered_events and stored == distinct):
                text = f"acknowledged {acknowledged:,}, stored {stored:,}, distinct {distinct:,}"
                raise NotAccounted(f"{self.name}: {text}, of {run.told['run']}")
            total += stored
        self.runs.clear()
        return total

    def distinct(self, where, rows):
        parts = max(1, -(-rows // DISTINCT_ROWS))
        ids = f"SELECT count(DISTINCT event_id) FROM event WHERE ({where})"
        return sum(self.server.value(f"{ids} AND hash(event_id) % {parts} = {part}") for part in range(parts))

    @contextlib.contextmanager
    def running_on(self, cores):
        self.start(cores)
        try:
            yield self
        finally:
            self.stop()
