"""Floods of what the limits just allow: memory stays below the sum that docs/limits.md gives, others are answered.

The largest legal bodies of every API on many connections at once, packed bodies that grow a thousandfold, arrays of empty
events, event names without end, and bodies that arrive a byte at a time.
"""

import gzip
import json
import socket
import threading
import time
from collections import Counter

from crowd import Watch
from disk import check_push_back
from harness.wire import Closed, Connection, request
from kills import check_balance
from load import Maker
from traffic import APIS, CLEVERTAP, CLICKSTREAM, MOBILE, SEGMENT, Shot
from world import APP, rss_mib

MIB = 1 << 20
# Small, so that each is reached within seconds. What they are in docs/limits.md, "Memory in all".
SETTINGS = {
    "SERVER_BODY_MEMORY_MAX": 32,
    "JOURNAL_QUEUE_SIZE": 16,
    "STORE_SEAL_SIZE": 32,
    "STORE_SEALING_MEMORY": 128,
    "QUERY_MEMORY": 64,
}
PROGRAM_MIB, REQUEST_MIB, SERVER_THREADS, BODY_TIMEOUT_S = 200, 128, 1, 4


def memory_cap_mib():
    size = {name: mib for name, mib in SETTINGS.items()}
    return (
        PROGRAM_MIB
        + size["SERVER_BODY_MEMORY_MAX"]
        + 2 * size["JOURNAL_QUEUE_SIZE"]
        + 2 * size["STORE_SEAL_SIZE"]
        + 2 * size["STORE_SEALING_MEMORY"]
        + size["QUERY_MEMORY"]
        + (SERVER_THREADS + 1) * REQUEST_MIB
    )


class Bodies:
    """Requests of one application; each body is as large as `texts` make it."""

    def __init__(self, app, seed):
        self.app, self.maker = app, Maker(f"{seed}.floods", app)
        self.count = 0

    def shot(self, api, body, packed=False):
        """`body` in a request of that API."""
        base = self.maker.shot(api)
        headers = [(name, value) for name, value in base.headers if name != "Idempotency-Key"]
        if packed:
            body = gzip.compress(body, 6)
            headers.append(("Content-Encoding", "gzip"))
        target = f"/collect?appId={self.app['app_id']}" if api == CLICKSTREAM else base.target
        return Shot(api, target, headers, body, 0, base.signer)

    def events(self, api, count, text, name="flood"):
        """A body of `count` events with `text` in each."""
        self.count += 1
        first = self.count * 1_000_000
        names = [name(first + i) if callable(name) else name for i in range(count)]
        if api == CLICKSTREAM:
            rows = [
                {"event_type": names[i], "event_id": f"f{first + i}", "timestamp": 1_790_000_000_000, "app_id": self.app["app_id"], "attributes": {"text": text}}
                for i in range(count)
            ]
            return dump(rows)
        if api == CLEVERTAP:
            rows = [{"identity": "flood", "ts": 1_790_000_000 + i, "type": "event", "evtName": names[i], "evtData": {"n": first + i, **split(text)}} for i in range(count)]
            return dump({"d": rows})
        if api == MOBILE:
            rows = [
                {"eventType": names[i], "timestamp": "2026-09-30T19:00:00.000Z", "version": "v2.0", "session": {"id": "f", "startTimestamp": "2026-09-30T19:00:00.000Z"}, "attributes": {"n": str(first + i), **split(text, 200)}}
                for i in range(count)
            ]
            return dump({"events": rows})
        return dump({"hitId": self.maker.uuid(), "event": {"name": names[0], "text": text, "user": {"anonymousId": "flood"}}})


def dump(value):
    return json.dumps(value, separators=(",", ":")).encode()


def split(text, most=500):
    return {f"p{at // most}": text[at : at + most] for at in range(0, len(text), most)}


class Flood:
    """Sends shots from many threads, each over connections of its own, whatever is answered."""

    def __init__(self, server, threads):
        self.server, self.threads = server, threads
        self.answers = Counter()  # (API, status)
        self.pushed_back = {}
        self.lock = threading.Lock()

    def send(self, make, count):
        """`count` requests that `make(number)` gives."""
        numbers = iter(range(count))

        def work():
            connection = None
            while True:
                with self.lock:
                    number = next(numbers, None)
                    shot = None if number is None else make(number)
                if shot is None:
                    break
                connection = self.once(connection, shot)
            if connection:
                connection.close()

        threads = [threading.Thread(target=work, daemon=True) for _ in range(min(self.threads, count))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def once(self, connection, shot):
        answer = None
        try:
            connection = connection or Connection(self.server.host, self.server.port, 60)
            target, headers = shot.headers_to_send(self.server.address)
            connection.send(request("POST", target, headers, shot.body, self.server.address))
            answer = connection.receive()
        except (OSError, Closed, ValueError):
            pass
        with self.lock:
            self.answers[shot.api, answer.status if answer else 0] += 1
            if answer and answer.status == 503:
                self.pushed_back[shot.api] = answer
        if answer and answer.keeps_open:
            return connection
        connection.close()
        return None

    def judge(self, outcome, what, allowed):
        """`allowed`: statuses by API; push-back always is, in the form of the API."""
        for (api, status), count in sorted(self.answers.items()):
            outcome.check(status in (*allowed[api], 503), f"{what}: {api} answered {status} {count} times")
        for api, answer in self.pushed_back.items():
            check_push_back(outcome, api, answer)
        return sum(count for (_, status), count in self.answers.items() if status == 503)


def largest_bodies(bodies, flood, quick):
    """As many bytes as each API takes, on all connections at once."""
    sizes = {CLICKSTREAM: (10, 104_000), CLEVERTAP: (1000, 6_900), MOBILE: (140, 6_900), SEGMENT: (1, 65_000)}
    flood.send(lambda number: bodies.shot(api := APIS[number % 4], bodies.events(api, sizes[api][0], "x" * sizes[api][1])), 60 if quick else 1200)
    return {CLICKSTREAM: [200], CLEVERTAP: [200], MOBILE: [202], SEGMENT: [204]}


def packed_bodies(bodies, flood, quick):
    """Bombs, and bodies that unpack to nearly what is allowed."""
    bombs = {api: bodies.events(api, 1, "x" * (40 * MIB)) for api in APIS}
    flood.send(lambda number: bodies.shot(APIS[number % 4], bombs[APIS[number % 4]], packed=True), 8 if quick else 40)
    noise = "".join(f"{number * 7919 % 100_000:05d}" for number in range(20_000)) + "x" * (28 * MIB)
    large = [bodies.shot(CLICKSTREAM, body, packed=True) for body in (bodies.events(CLICKSTREAM, 1, noise), b"[" + b"{},".join([b""] * 900_000) + noise.encode())]
    flood.send(lambda number: large[number % 2], 8 if quick else 60)
    return {CLICKSTREAM: [200], CLEVERTAP: [400], MOBILE: [413], SEGMENT: [400]}


def empty_events(bodies, flood, quick):
    """1 MiB of `{},{},…` (SegmentStream: 64 KiB), and the same packed tightly."""
    list_of = {count: b"[" + b",".join([b"{}"] * count) + b"]" for count in (349_000, 19_000)}
    body = {CLICKSTREAM: list_of[349_000], CLEVERTAP: b'{"d":' + list_of[349_000] + b"}", MOBILE: b'{"events":' + list_of[349_000] + b"}", SEGMENT: list_of[19_000]}
    flood.send(lambda number: bodies.shot(APIS[number % 4], body[APIS[number % 4]]), 16 if quick else 400)
    tiny = b"[" + b",".join(b'{"event_type":"a","event_id":"%d","timestamp":1,"app_id":"%s"}' % (i, APP.encode()) for i in range(300_000)) + b"]"
    one = bodies.shot(CLICKSTREAM, tiny, packed=True)
    flood.send(lambda number: one, 2 if quick else 20)
    return {CLICKSTREAM: [200], CLEVERTAP: [400], MOBILE: [400], SEGMENT: [400]}


def many_names(bodies, flood, quick):
    """A million names; CleverTap and Mobile Analytics count them, for the others they are text."""
    name = lambda number: f"name_{number}"  # noqa: E731
    per_request = {CLICKSTREAM: 1000, CLEVERTAP: 100, MOBILE: 100, SEGMENT: 1}
    apis = [CLICKSTREAM, CLICKSTREAM, CLICKSTREAM, CLEVERTAP, MOBILE, SEGMENT]
    flood.send(lambda number: bodies.shot(api := apis[number % 6], bodies.events(api, per_request[api], "", name)), 60 if quick else 2000)
    return {CLICKSTREAM: [200], CLEVERTAP: [200, 400], MOBILE: [202], SEGMENT: [204]}


class Drips:
    """Connections that send one byte a second of a body that was announced as large."""

    def __init__(self, server, bodies, count):
        self.server, self.sockets = server, []
        for number in range(count):
            api = APIS[number % 4]
            shot = bodies.shot(api, b"[" + b" " * 60_000 + b"]")
            target, headers = shot.headers_to_send(server.address)
            peer = socket.create_connection((server.host, server.port), 20)
            whole = request("POST", target, headers, shot.body, server.address)
            peer.sendall(whole[: whole.index(b"\r\n\r\n") + 5])
            self.sockets.append((api, peer))

    def run(self, seconds):
        """Statuses by API."""
        for _ in range(seconds):
            for _, peer in self.sockets:
                try:
                    peer.send(b" ")
                except OSError:
                    pass
            time.sleep(1)
        answers = Counter()
        for api, peer in self.sockets:
            try:
                answers[api, int(peer.recv(64).split(b" ")[1])] += 1
            except (OSError, IndexError, ValueError):
                answers[api, 0] += 1
            peer.close()
        return answers


def dripping_bodies(server, bodies, outcome, quick):
    answers = Drips(server, bodies, 80 if quick else 800).run(BODY_TIMEOUT_S + 2)
    for (api, status), count in answers.items():
        wanted = 400 if api == SEGMENT else 408
        outcome.check(status in (wanted, 408), f"dripping: {api} answered {status} {count} times, expected {wanted}")


def floods(world, outcome):
    quick = world.options.quick
    environment = {name: f"{mib}MiB" for name, mib in SETTINGS.items()}
    server = world.server("floods", STORE_SEAL_ROWS="120000", SERVER_BODY_TIMEOUT=f"{BODY_TIMEOUT_S}s", **environment).start()
    bodies = Bodies(server.create_app(APP), world.seed)
    watch = Watch(server)
    watch.start()
    peaks = {}
    stages = {"largest": largest_bodies, "packed": packed_bodies, "empty": empty_events, "names": many_names}
    pushed_back = 0
    for name, stage in stages.items():
        outcome.say(name)
        watch.most = rss_mib(server)
        flood = Flood(server, 16 if quick else 64)
        allowed = stage(bodies, flood, quick)
        pushed_back += flood.judge(outcome, name, allowed)
        server.command("flush")
        peaks[name] = watch.most
    outcome.say("dripping")
    watch.most = rss_mib(server)
    dripping_bodies(server, bodies, outcome, quick)
    peaks["dripping"] = watch.most
    watch.done.set()
    watch.join()
    judge(server, outcome, watch, peaks)
    outcome.note(f"{pushed_back} pushed back")


def judge(server, outcome, watch, peaks):
    cap = memory_cap_mib()
    for name, peak in peaks.items():
        outcome.check(peak < cap, f"{name}: memory reached {peak:.0f} MiB, {cap} are allowed")
    outcome.equal("requests of others without an answer", watch.failed, 0)
    outcome.check(watch.slowest < 10, f"another client waited {watch.slowest:.2f} s")
    health = Connection(server.host, server.port)
    health.send(request("GET", "/health", [], b"", server.address))
    outcome.equal("health", health.receive("GET").status, 200)
    health.close()
    outcome.note("memory at most " + ", ".join(f"{peak:.0f} MiB {name}" for name, peak in peaks.items()) + f" ({cap} allowed)")
    outcome.note(f"others waited {watch.slowest:.2f} s at most")
    server.flush()
    check_balance(server, outcome)
