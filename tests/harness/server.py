"""The program under test: a server process on a free port, and its command line."""

import json
import os
import re
import select
import signal
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = ROOT / "build" / "release" / "catchment"
READY = re.compile(r"^catchment listening on http://([^:\s]+):(\d+)$")


class ServerFailed(Exception):
    """The server did not start, or ended when it should not have."""


class CommandFailed(Exception):
    """A catchment command ended with another status than 0."""

    def __init__(self, arguments, done):
        super().__init__(f"catchment {' '.join(arguments)}: exit {done.returncode}: {done.stderr.strip()}")
        self.done = done


class Catchment:
    """One data directory with the server that may run on it. `slow` is how many times as long as a release build
    the program may take, as one with sanitizers does."""

    def __init__(self, data, program=None, config=None, listen="127.0.0.1:0", environment=None, slow=1):
        self.data = Path(data)
        self.program = str(program or os.environ.get("CATCHMENT") or PROGRAM)
        self.config = config
        self.listen = listen
        self.slow = slow
        self.environment = {**os.environ, **environment} if environment else None
        self.host, self.port = "", 0
        self.process = None
        self.log = self.data.parent / (self.data.name + ".log")

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.running:
            self.stop()

    @property
    def running(self):
        return self.process is not None and self.process.poll() is None

    @property
    def address(self):
        return f"{self.host}:{self.port}"

    def start(self, timeout=60):
        self.spawn()
        self.host, self.port = self.wait_until_ready(timeout)
        return self

    def spawn(self):
        """Starts the process and does not wait for it to listen."""
        command = [self.program, "serve", "--data", str(self.data), "--listen", self.listen]
        if self.config:
            command += ["--config", str(self.config)]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                env=self.environment,
            )

    def wait_until_ready(self, timeout):
        deadline = time.monotonic() + timeout * self.slow
        text = b""
        while time.monotonic() < deadline:
            readable, _, _ = select.select([self.process.stdout], [], [], 0.2)
            if readable:
                block = os.read(self.process.stdout.fileno(), 4096)
                text += block
                for line in text.decode(errors="replace").splitlines():
                    if found := READY.match(line):
                        return found.group(1), int(found.group(2))
                if not block:
                    break
        self.kill()
        raise ServerFailed(f"the server did not get ready; its log ends:\n{self.log_tail()}")

    def log_tail(self, lines=15):
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return "(no log)"

    def stop(self, timeout=60):
        """SIGTERM; returns the exit status. A server that does not end is killed."""
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(timeout * self.slow)
        except subprocess.TimeoutExpired as late:
            self.kill()
            raise ServerFailed(f"the server did not end within {timeout * self.slow} s of SIGTERM") from late
        finally:
            self.process.stdout.close()
        return status

    def kill(self):
        """kill -9, as a power cut would end it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()

    def run(self, *arguments, timeout=310, data=True):
        """Runs a command as a person would; the finished process with its texts."""
        command = [self.program, *arguments]
        if data:
            command += ["--data", str(self.data)]
        return subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout * self.slow,
            check=False,
            env=self.environment,
        )

    def command(self, *arguments):
        """Standard output of a command that must succeed."""
        done = self.run(*arguments)
        if done.returncode != 0:
            raise CommandFailed(arguments, done)
        return done.stdout

    def sql(self, query):
        """Rows as dictionaries."""
        return json.loads(self.command("sql", "--format", "json", query))

    def rows(self, query):
        """Rows as lists."""
        return [list(row.values()) for row in self.sql(query)]

    def value(self, query):
        """The single value of a query."""
        return self.rows(query)[0][0]

    def flush(self):
        self.command("flush")

    def status(self):
        return json.loads(self.command("status", "--json"))

    def create_app(self, app_id, **credentials):
        """`app create`; credentials as clevertap_account_id="…". Returns what it prints."""
        options = []
        for key, value in credentials.items():
            options += ["--" + key.replace("_", "-"), value]
        return json.loads(self.command("app", "create", app_id, *options))
