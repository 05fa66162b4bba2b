"""Clients that never give up: every event carries an id of its own, and what is acknowledged is written down.

A request that gets no answer, or a push-back, is sent again as it was: with the same ids, and to CleverTap under
the same Idempotency-Key. So at any moment everything acknowledged must be in the tables once, and in the end everything sent.
"""

import base64
import gzip
import json
import random
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field

from harness.sigv4 import Signer
from harness.wire import Connection
from sender import Sender
from traffic import APIS, CLEVERTAP, CLICKSTREAM, CONTENT, MOBILE, SEGMENT, Shot, answers

ID = "prove_id"
# The id of every event, wherever its API keeps what the client sent.
ID_SQL = f"coalesce(attributes ->> '{ID}', properties ->> '{ID}')"


@dataclass
class NumberedShot(Shot):
    ids: list = field(default_factory=list)


class Maker:
    """Requests of one client, from a seed. `times` gives each event's time in milliseconds."""

    def __init__(self, seed, app, times=None):
        self.random = random.Random(seed)
        self.name = str(seed)
        self.app = app
        self.times = times or (lambda chance: 1_790_000_000_000 + chance.randrange(86_400_000))
        self.count = 0

    def ids(self, most):
        first = self.count
        self.count += self.random.randint(1, most)
        return [f"{self.name}-{number}" for number in range(first, self.count)]

    def uuid(self):
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def shot(self, api):
        return {CLICKSTREAM: self.clickstream, CLEVERTAP: self.clevertap, MOBILE: self.mobile, SEGMENT: self.segment}[api]()

    def clickstream(self):
        ids = self.ids(10)
        app_id = self.app["app_id"]
        events = [
            {
                "event_type": "prove",
                "event_id": f"cs-{name}",
                "timestamp": self.times(self.random),
                "app_id": app_id,
                "unique_id": f"cs-{self.random.randrange(200)}",
                "attributes": {ID: name, "price": 1.25},
            }
            for name in ids
        ]
        body = json.dumps(events).encode()
        target = f"/collect?appId={app_id}&platform=Web"
        if self.random.random() < 0.3:
            body = gzip.compress(body, mtime=0)
            target += "&compression=gzip"
        return NumberedShot(CLICKSTREAM, target, [CONTENT], body, 200, ids=ids)

    def clevertap(self):
        ids = self.ids(10)
        records = [
            {
                "identity": f"ct-{self.random.randrange(200)}",
                "ts": self.times(self.random) // 1000,
                "type": "event",
                "evtName": "prove",
                "evtData": {ID: name},
            }
            for name in ids
        ]
        keys = self.app["clevertap"]
        headers = [
            ("X-CleverTap-Account-Id", keys["account_id"]),
            ("X-CleverTap-Passcode", keys["passcode"]),
            ("Idempotency-Key", self.uuid()),
            CONTENT,
        ]
        return NumberedShot(CLEVERTAP, "/1/upload", headers, json.dumps({"d": records}).encode(), 200, check=answers(len(ids), 0), ids=ids)

    def mobile(self):
        ids = self.ids(10)
        keys = self.app["mobile_analytics"]
        events = [
            {
                "eventType": "prove",
                "timestamp": iso_time(self.times(self.random)),
                "version": "v2.0",
                "session": {"id": f"ma-{self.random.randrange(200)}", "startTimestamp": "2026-09-30T19:00:00.000Z"},
                "attributes": {ID: name},
            }
            for name in ids
        ]
        context = {
            "client": {"client_id": f"ma-{self.random.randrange(200)}", "app_title": "Prove"},
            "env": {"platform": "android"},
            "services": {"mobile_analytics": {"app_id": keys["app_id"]}},
        }
        headers = [CONTENT, ("x-amz-Client-Context", json.dumps(context))]
        signer = Signer(keys["access_key_id"], keys["secret_access_key"])
        body = json.dumps({"events": events}).encode()
        return NumberedShot(MOBILE, "/2014-06-05/events", headers, body, 202, signer, ids=ids)

    def segment(self):
        ids = self.ids(1)
        token = base64.b64encode(f"{self.app['segmentstream']['api_token']}:".encode()).decode()
        event = {"name": "prove", ID: ids[0], "user": {"anonymousId": f"ss-{self.random.randrange(200)}"}}
        body = {"hitId": self.uuid(), "sentAt": iso_time(self.times(self.random)), "event": event}
        headers = [("Authorization", f"Basic {token}"), CONTENT]
        return NumberedShot(SEGMENT, "/track", headers, json.dumps(body).encode(), 204, ids=ids)


def iso_time(ms):
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms // 1000))
    return f"{whole}.{ms % 1000:03d}Z"


class PushedBack(ValueError):
    """The server asked to come back later; the Sender tries again."""


class Load(Sender):
    """`threads` clients, one connection each, until stop(). The clients wait while hold() is in force."""

    def __init__(self, server, app, seed, threads=8, times=None):
        super().__init__(server, [], threads, patience=180)
        self.makers = [Maker(f"{seed}.{number}", app, times) for number in range(threads)]
        self.go = threading.Event()
        self.go.set()
        self.stopping = False
        self.sent, self.acked = Counter(), Counter()  # by id
        self.requests = Counter()  # answered with success, by API
        self.pushed_back = {api: [] for api in APIS}  # the first few answers of each API
        self.push_backs = 0

    def take(self):
        with self.lock:
            if self.stopping:
                return None
            self.next += 1
            maker = self.makers[self.next % len(self.makers)]
            shot = maker.shot(APIS[(self.next + self.next // len(APIS)) % len(APIS)])
            self.sent.update(shot.ids)
            return shot

    def once(self, connection, shot):
        self.go.wait()
        return super().once(connection, shot)

    def judge(self, shot, answer):
        if answer.status in (429, 503):
            with self.lock:
                self.push_backs += 1
                if len(self.pushed_back[shot.api]) < 3:
                    self.pushed_back[shot.api].append(answer)
            raise PushedBack
        super().judge(shot, answer)
        if answer.status == shot.status:
            with self.lock:
                self.acked.update(shot.ids)
                self.requests[shot.api] += 1

    def probe(self, api):
        """Sends one request once, whatever becomes of it."""
        with self.lock:
            shot = self.makers[0].shot(api)
            self.sent.update(shot.ids)
        with Connection(self.server.host, self.server.port) as connection:
            answer = super().once(connection, shot)
        if answer.status == shot.status:
            with self.lock:
                self.acked.update(shot.ids)
        return answer

    def hold(self):
        self.go.clear()

    def release(self):
        self.go.set()

    def count(self):
        """Events acknowledged so far."""
        with self.lock:
            return len(self.acked)

    def acknowledged(self):
        with self.lock:
            return set(self.acked)

    def run_until(self, events, timeout=120):
        """Waits until that many events are acknowledged."""
        deadline = time.monotonic() + timeout
        while self.count() < events:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.count()} of {events} events were acknowledged within {timeout} s")
            time.sleep(0.01)

    def run_for_more(self, events, timeout=120):
        self.run_until(self.count() + events, timeout)

    def finish(self):
        """Ends once everything sent is acknowledged."""
        with self.lock:
            self.stopping = True
        self.release()
        return self.join()


@dataclass
class Audit:
    """What the tables hold against what was acknowledged and sent."""

    stored: int
    lost: set
    doubled: list
    invented: set

    @property
    def good(self):
        return not self.lost and not self.doubled and not self.invented

    def __str__(self):
        return f"lost {len(self.lost)}, doubled {len(self.doubled)}, invented {len(self.invented)}"


def stored_ids(server):
    text = server.command("sql", "--format", "csv", f"SELECT {ID_SQL} AS id FROM event WHERE event_name = 'prove'")
    return Counter(text.split("\n")[1:-1])


def audit(server, acked, sent):
    """Compares id by id; asks after a flush."""
    server.flush()
    stored = stored_ids(server)
    return Audit(
        stored=sum(stored.values()),
        lost=set(acked) - stored.keys(),
        doubled=[name for name, count in stored.items() if count > 1],
        invented=stored.keys() - set(sent),
    )
