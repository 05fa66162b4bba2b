"""Catchment over time: the two protocols with bodies of equal size, the time to an answer at half load, the time from
an answer to a query that sees the event, and minutes of all four APIs at a steady rate."""

import json
import threading
import time
from dataclasses import dataclass, field

import machine
from generator import Load
from harness.wire import Connection, request
from rounds import Spread

MOBILE_BATCH = 10
FRESH_EVENTS_PER_S = 40_000
FRESH_BATCH = 10
PROBE_PAUSE_S = 0.05
PROBE_NAME = "freshness_probe"
MIXED_BATCH = 10


def events_rate(generator, server, load, cores, events_per_s):
    """The load, open, with so many requests a second that they hold so many events; the generator tells how many a
    request holds."""
    run = generator.run(server, Load(load.api, load.batch, 1, 0, connections=load.connections), cores)
    per_request = run.told["events"] / max(1, run.told["requests"])
    return Load(load.api, load.batch, load.seconds, load.warmup, events_per_s / per_request, load.connections)


# ---- signed requests ----------------------------------------------------------------------------


@dataclass
class Signed:
    """Mobile Analytics batches beside Clickstream batches of as many bytes."""

    mobile: list = field(default_factory=list)
    clickstream: list = field(default_factory=list)
    clickstream_batch: int = 0

    def ratio(self, value):
        return Spread.of(value(one) / value(two) for one, two in zip(self.mobile, self.clickstream))


def signed(generator, server, place, rounds, seconds, say):
    """How many Clickstream events make a body as long is found first; what is left of the difference goes out by
    comparing bytes."""
    out = Signed()
    sizes = []
    for api in ("mobile", "clickstream"):
        run = generator.run(server, Load(api, MOBILE_BATCH, 1, 0), place.generator)
        sizes.append(run.told["body_bytes_mean"])
    out.clickstream_batch = max(1, round(MOBILE_BATCH * sizes[0] / sizes[1]))
    for number in range(1, rounds + 1):
        for api, batch, runs in (
            ("mobile", MOBILE_BATCH, out.mobile),
            ("clickstream", out.clickstream_batch, out.clickstream),
        ):
            run = generator.run(server, Load(api, batch, seconds), place.generator)
            runs.append(run)
            size = run.told["body_bytes_mean"]
            say(f"round {number} of {rounds}, {api} × {batch}: {run.requests_per_s:,.0f} requests/s of {size:,.0f} bytes")
    return out


# ---- answers at half load -----------------------------------------------------------------------


@dataclass
class Latency:
    requests_per_s: float
    told: dict
    sealed_bytes: float


def answers(generator, server, place, requests_per_s, seconds, say):
    """Single events in an open loop, while the loader seals and merges files."""
    before = server.metrics()["catchment_store_file_bytes"]
    run = generator.run(server, Load(seconds=seconds, rate=requests_per_s), place.generator)
    out = Latency(run.requests_per_s, run.latency, server.metrics()["catchment_store_file_bytes"] - before)
    say(f"answers at {out.requests_per_s:,.0f} requests/s: {latency_text(out.told)}")
    return out


def latency_text(told):
    return ", ".join(f"{name} {told[key] / 1e3:.2f} ms" for name, key in (("p50", "p50"), ("p99", "p99"), ("p99.9", "p999")))


# ---- from answer to query -----------------------------------------------------------------------


class FreshnessProbe(threading.Thread):
    """A client that reads its own writes: it sends one event, takes the position of the answer and asks a query that may
    not answer before that position is visible. The time between the two answers is counted."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.took_ms, self.problem = server, [], ""
        self.bearer = server.bearer()
        self.ending = threading.Event()

    def run(self):
        try:
            with Connection(self.server.host, self.server.port) as sender, Connection(self.server.host, self.server.port) as asker:
                while not self.ending.wait(PROBE_PAUSE_S):
                    self.took_ms.append(self.once(sender, asker))
        except (OSError, ValueError, AttributeError) as error:
            self.problem = str(error)

    def once(self, sender, asker):
        event = {"event_type": PROBE_NAME, "event_id": f"probe-{time.time_ns()}", "timestamp": time.time_ns() // 1_000_000}
        app_id = self.server.app["app_id"]
        body = json.dumps([{**event, "app_id": app_id, "unique_id": "probe", "attributes": {}}]).encode()
        json_type = ("Content-Type", "application/json")
        sender.send(request("POST", f"/collect?appId={app_id}", [json_type], body, self.server.server.address))
        answer = sender.receive()
        answered = time.perf_counter()
        if answer.status != 200:
            raise ValueError(f"the probe's event was answered {answer.status}")
        target = "/api/v1/sql?not_before=" + answer.header("X-Catchment-Position")
        asker.send(request("POST", target, [self.bearer], b"SELECT 1", self.server.server.address))
        status = asker.receive().status
        if status != 200:
            raise ValueError(f"the probe's query was answered {status}")
        return (time.perf_counter() - answered) * 1e3

    def end(self):
        self.ending.set()
        self.join(30)


@dataclass
class Freshness:
    events_per_s: float
    samples: int
    p50_ms: float
    p99_ms: float
    problem: str = ""


def freshness(generator, server, place, seconds, say):
    load = Load("clickstream", FRESH_BATCH, seconds, 1)
    load = events_rate(generator, server, load, place.generator, FRESH_EVENTS_PER_S)
    sending = generator.start(server, load, place.generator)
    time.sleep(load.warmup)
    probe = FreshnessProbe(server)
    probe.start()
    run = sending.wait()
    probe.end()
    server.after(run)
    took = probe.took_ms or [float("inf")]
    out = Freshness(run.events_per_s, len(probe.took_ms), machine.percentile(took, 0.5), machine.percentile(took, 0.99), probe.problem)
    say(f"visible after p50 {out.p50_ms:.0f} ms, p99 {out.p99_ms:.0f} ms at {out.events_per_s:,.0f} events/s {out.problem}")
    return out


# ---- minutes at a steady rate -------------------------------------------------------------------


@dataclass
class Part:
    """A minute of the run, or a sixth of a shorter one."""

    answered_per_s: float
    loaded_per_s: float
    lag_ms: float


@dataclass
class Sustained:
    offered_per_s: float
    seconds: float
    parts: list
    catch_up_s: float
    peak_mib: float

    @property
    def last_by_first(self):
        return self.parts[-1].loaded_per_s / max(1, self.parts[0].loaded_per_s)

    @property
    def lag_bounded(self):
        """The longest lag of the last part is no longer than twice that of the part after the first, or a second."""
        return self.parts[-1].lag_ms <= max(1000, 2 * self.parts[min(1, len(self.parts) - 1)].lag_ms)


LOADED = ("stored", "duplicate", "rejected")


def watch(server, sending, seconds, say):
    """Counts each second, as long as the generator is to send."""
    parts, lags = [], []
    part_s = min(60, seconds / 6)
    began = last = time.monotonic()
    first = server.metrics()
    while sending.running and len(parts) < seconds // part_s:
        time.sleep(1)
        now, counts = time.monotonic(), server.metrics()
        lags.append(counts.get("catchment_loader_lag_milliseconds", 0))
        if now - last < part_s:
            continue
        parts.append(part_of(first, counts, now - last, max(lags)))
        say(f"{now - began:.0f} s: {part_text(parts[-1])}")
        first, last, lags = counts, now, []
    return parts


def part_of(first, counts, seconds, lag_ms):
    def grown(keys):
        return sum(counts.get(key, 0) - first.get(key, 0) for key in keys) / seconds

    answered = grown(["catchment_loader_events_received_total"])
    return Part(answered, grown([("catchment_loader_events_total", one) for one in LOADED]), lag_ms)


def part_text(part):
    return f"{part.answered_per_s:,.0f} events/s answered, {part.loaded_per_s:,.0f} loaded, lag up to {part.lag_ms / 1e3:.1f} s"


def sustained(generator, server, place, events_per_s, seconds, say):
    """All four APIs at once at a rate that does not wait for answers."""
    load = events_rate(generator, server, Load("mixed", MIXED_BATCH, seconds, 2), place.generator, events_per_s)
    sending = generator.start(server, load, place.generator)
    time.sleep(load.warmup)
    parts = watch(server, sending, seconds, say)
    run = sending.wait()
    server.after(run)
    return Sustained(events_per_s, seconds, parts, run.catch_up_s, machine.memory_mib(server.processes()[0], "VmHWM"))
