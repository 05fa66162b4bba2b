"""Runs catchment-load, the generator all servers are measured with, and reads what it found."""

import json
import subprocess
from dataclasses import dataclass

import machine

CONNECTIONS = 64
OVERTIME_S = 120


class LoadFailed(Exception):
    """The generator did not run, or met errors."""


@dataclass
class Load:
    """What to send. `rate` in requests a second makes it an open loop; without one each connection sends its next request
    when it has the answer to the last."""

    api: str = "clickstream"
    batch: int = 1
    seconds: float = 5
    warmup: float = 1
    rate: float = 0
    connections: int = CONNECTIONS


@dataclass
class Run:
    """What the generator told, and what the server's processes used meanwhile."""

    told: dict
    generator_cores: int = 1
    cpu_s: float = 0
    catch_up_s: float | None = None  # until everything was loaded
    answering_cpu_s: float = 0  # of `cpu_s`, what the threads that answer used
    syncs: float = 0  # which the answers waited for
    stored_cpu_s: float | None = None  # with what the loader used until everything was sealed

    @property
    def latency(self):
        return self.told["latency_us"]

    @property
    def requests_per_s(self):
        return self.told["requests_per_s"]

    @property
    def events_per_s(self):
        return self.told["events_per_s"]

    @property
    def bytes_per_s(self):
        return self.requests_per_s * self.told["body_bytes_mean"]

    @property
    def acknowledged_events(self):
        """With those of the warm-up."""
        return self.told["acknowledged_total_events"]

    @property
    def acknowledged_requests(self):
        """With those of the warm-up; processor time is counted over both."""
        return self.told["acknowledged_total_requests"]

    @property
    def unanswered_events(self):
        """Sent, and the answer was not waited for: they may be stored or not."""
        return self.told["unanswered_events"]

    @property
    def requests_per_cpu_s(self):
        return self.acknowledged_requests / max(self.cpu_s, 1e-3)

    @property
    def answers_per_cpu_s(self):
        """As if the loader had not run beside them. Of a server that does nothing but answer it is all."""
        return self.acknowledged_requests / max(self.answering_cpu_s or self.cpu_s, 1e-3)

    @property
    def requests_per_sync(self):
        return self.acknowledged_requests / max(1, self.syncs)

    @property
    def events_per_cpu_s(self):
        return self.acknowledged_events / max(self.cpu_s, 1e-3)

    @property
    def generator_share(self):
        """How busy its cores were: near 1 it is the generator that was measured."""
        return self.told["generator_cpu_s"] / max(1e-3, self.told["seconds"] * self.generator_cores)


class Generator:
    """`runs` takes a note of each run, with the server's name and cores."""

    def __init__(self, program, app_file, folder, runs):
        self.program, self.app_file, self.folder, self.runs = program, app_file, folder, runs

    def start(self, server, load, cores):
        """Starts sending and does not wait for the end."""
        out = self.folder / f"load-{len(self.runs)}.json"
        command = [str(self.program), "--host", server.host, "--port", str(server.port), "--to", server.to]
        command += ["--app", str(self.app_file), "--api", load.api, "--batch", str(load.batch)]
        command += ["--connections", str(load.connections), "--threads", str(len(cores))]
        command += ["--seconds", str(load.seconds), "--warmup", str(load.warmup), "--json", str(out)]
        if load.rate:
            command += ["--rate", str(round(load.rate))]
        with open(self.folder / "load.log", "ab") as log, machine.on_cores(cores):
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return Sending(process, out, load, cores, lambda run: self.runs.append((server, run)))

    def run(self, server, load, cores):
        """One measurement: sends until the time is over; with the processor time the server took."""
        server.before()
        before = machine.cpu_seconds(server.processes())
        run = self.start(server, load, cores).wait()
        run.cpu_s = machine.cpu_seconds(server.processes()) - before
        server.after(run)
        return run


class Sending:
    """A generator that runs."""

    def __init__(self, process, out, load, cores, note):
        self.process, self.out, self.load, self.cores, self.note = process, out, load, cores, note

    @property
    def running(self):
        return self.process.poll() is None

    def wait(self):
        try:
            status = self.process.wait(self.load.seconds + self.load.warmup + OVERTIME_S)
        except subprocess.TimeoutExpired as late:
            self.end()
            raise LoadFailed("catchment-load did not come to an end") from late
        log = self.out.with_name("load.log")
        if not self.out.exists():
            tail = log.read_text(errors="replace")[-500:]
            raise LoadFailed(f"catchment-load ended with status {status} and without a result: {tail}")
        told = json.loads(self.out.read_text())
        # An answer that pushes back is one the server may give, and counts in no rate.
        if told["errors"] > told["pushed_back"]:
            raise LoadFailed(f"{told['errors']} errors of {told['requests']} requests: {told.get('first_error')}")
        self.out.unlink()
        run = Run(told, len(self.cores))
        self.note(run)
        return run

    def end(self):
        if self.running:
            self.process.kill()
            self.process.wait()
