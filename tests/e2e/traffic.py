"""Makes requests of all four APIs from a seed, and keeps the books of what they must become.

Every request knows the answer it must get. The generator knows, for every table, how many rows the whole traffic makes, so
that a test can ask for equality and not for "about right". Identities carry their API's prefix: nobody is the
same person in two APIs.
"""

import base64
import gzip
import json
import random
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field

from harness.sigv4 import Signer

CLICKSTREAM, CLEVERTAP, MOBILE, SEGMENT = "clickstream", "clevertap", "mobile_analytics", "segmentstream"
APIS = [CLICKSTREAM, CLEVERTAP, MOBILE, SEGMENT]
CONTENT = ("Content-Type", "application/json")


@dataclass
class Shot:
    """One request and the answer it must get. It may be sent again when no answer came."""

    api: str
    target: str
    headers: list
    body: bytes
    status: int
    signer: Signer = None
    check: object = None  # body -> complaint or None

    def headers_to_send(self, host):
        if self.signer is None:
            return self.target, self.headers
        return self.signer.sign("POST", self.target, [("Host", host), *self.headers], self.body, time.time())


@dataclass
class Books:
    """What the traffic must become."""

    received: Counter = field(default_factory=Counter)
    stored: Counter = field(default_factory=Counter)  # events and booked profiles
    duplicate: Counter = field(default_factory=Counter)
    rejected: Counter = field(default_factory=Counter)
    requests: Counter = field(default_factory=Counter)  # those that reach the journal
    events: Counter = field(default_factory=Counter)  # (api, event name)
    items: Counter = field(default_factory=Counter)
    parameters: Counter = field(default_factory=Counter)
    people: dict = field(default_factory=lambda: {api: set() for api in APIS})
    sessions: dict = field(default_factory=lambda: {api: set() for api in APIS})
    visits: Counter = field(default_factory=Counter)  # CleverTap $incr, by identity


def person_of(number, api):
    """(device, user or None): every second person has logged in."""
    return f"{api}-device-{number}", f"{api}-user-{number}" if number % 2 == 0 else None


class Traffic:
    """`app` is what `app create` printed."""

    def __init__(self, seed, app):
        self.random = random.Random(seed)
        self.app = app
        self.books = Books()
        self.count = 0
        self.old_events = []  # Clickstream events that may come again
        self.old_batches = []  # Mobile Analytics (client, events) that may come again
        self.old_hits = []  # SegmentStream bodies that may come again
        self.once_only = False

    def make(self, count, once_only=False):
        """`count` requests. With `once_only` CleverTap requests carry an idempotency key, so that they too may be sent twice."""
        self.once_only = once_only
        makers = [self.clickstream, self.clevertap, self.mobile, self.segment]
        return [self.random.choices(makers, [4, 2, 2, 2])[0]() for _ in range(count)]

    def number(self):
        self.count += 1
        return self.count

    def uuid(self):
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def book(self, api, received=0, stored=0, duplicate=0, rejected=0):
        self.books.received[api] += received
        self.books.stored[api] += stored
        self.books.duplicate[api] += duplicate
        self.books.rejected[api] += rejected

    def stored_event(self, api, name, person, parameters):
        self.book(api, received=1, stored=1)
        self.books.events[api, name] += 1
        self.books.people[api].add(person)
        self.books.parameters[api] += parameters

    # ---- Clickstream -----------------------------------------------------------------------

    def clickstream(self):
        kind = self.random.random()
        app_id = self.app["app_id"]
        target = f"/collect?appId={app_id}&platform=Web&event_bundle_sequence_id={self.number()}"
        if kind < 0.02:
            return Shot(CLICKSTREAM, "/collect?appId=nobody", [CONTENT], b"[]", 403)
        if kind < 0.04:
            self.books.requests[CLICKSTREAM] += 1
            self.book(CLICKSTREAM, received=1, rejected=1)
            return Shot(CLICKSTREAM, target, [CONTENT], b'[{"event_type": "cut', 200)
        events = [self.clickstream_event() for _ in range(self.random.randint(1, 5))]
        self.books.requests[CLICKSTREAM] += 1
        body = json.dumps(events, ensure_ascii=False).encode()
        headers = [CONTENT, ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Chrome/120.0.0.0")]
        if kind < 0.3:
            return Shot(CLICKSTREAM, target + "&compression=gzip", headers, gzip.compress(body, mtime=0), 200)
        if kind < 0.4:
            return Shot(CLICKSTREAM, target + "&compression=gzip", headers, base64.b64encode(gzip.compress(body)), 200)
        return Shot(CLICKSTREAM, target, headers, body, 200, check=must_be_empty)

    def clickstream_event(self):
        kind = self.random.random()
        if kind < 0.1 and self.old_events:
            self.book(CLICKSTREAM, received=1, duplicate=1)
            return self.random.choice(self.old_events)
        if kind < 0.13:
            self.book(CLICKSTREAM, received=1, rejected=1)
            return {"event_id": self.uuid(), "timestamp": 1667877566697, "app_id": self.app["app_id"]}
        if kind < 0.15:
            self.book(CLICKSTREAM, received=1, rejected=1)
            return {"event_type": "x", "event_id": self.uuid(), "timestamp": 1, "app_id": "nobody"}
        event = self.good_clickstream_event()
        self.old_events.append(event)
        return event

    def good_clickstream_event(self):
        number = self.random.randrange(400)
        device, user = person_of(number, "cs")
        name = self.random.choice(["button_click", "item_view", "page_view", "sign_up"])
        session = f"cs-session-{number}-{self.random.randrange(3)}"
        attributes = {"productName": "größe 42 鞋", "Price": self.number() / 4, "_session_id": session}
        if self.random.random() < 0.3:
            attributes["empty"] = ""
        event = {
            "event_type": name,
            "event_id": self.uuid(),
            "timestamp": 1_790_000_000_000 + self.number(),
            "app_id": self.app["app_id"],
            "unique_id": device,
            "platform": "Web",
            "locale": "de_DE",
            "zone_offset": 3600000,
            "attributes": attributes,
        }
        if user:
            event["user"] = {"_user_id": {"value": user, "set_timestamp": 1_700_000_000_000}}
        if self.random.random() < 0.2:
            event["items"] = [{"id": f"item-{i}", "price": 1.5 * i} for i in range(self.random.randint(1, 3))]
            self.books.items[CLICKSTREAM] += len(event["items"])
        self.books.sessions[CLICKSTREAM].add(session)
        self.stored_event(CLICKSTREAM, name, device, len(attributes))
        return event

    # ---- CleverTap -------------------------------------------------------------------------

    def clevertap(self):
        keys = self.app["clevertap"]
        headers = [("X-CleverTap-Account-Id", keys["account_id"]), ("X-CleverTap-Passcode", keys["passcode"]), CONTENT]
        kind = self.random.random()
        if kind < 0.03:
            wrong = [headers[0], ("X-CleverTap-Passcode", "wrong"), CONTENT]
            return Shot(CLEVERTAP, "/1/upload", wrong, b'{"d":[]}', 401)
        if kind < 0.06:
            body = b'{"d":[{"type":"event","evtName":"dry","identity":"nobody","evtData":{}}]}'
            return Shot(CLEVERTAP, "/1/upload?dryRun=1", headers, body, 200, check=answers(1, 0))
        self.books.requests[CLEVERTAP] += 1
        if kind < 0.09:
            self.book(CLEVERTAP, received=1, rejected=1)
            return Shot(CLEVERTAP, "/1/upload", headers, b'{"d":[ // a comment\n]}', 400)
        good, bad, records = 0, 0, []
        for _ in range(self.random.randint(1, 4)):
            is_good, record = self.clevertap_record()
            good, bad = good + is_good, bad + (not is_good)
            records.append(record)
        if self.once_only:
            headers = headers + [("Idempotency-Key", self.uuid())]
        body = json.dumps({"d": records}).encode()
        return Shot(CLEVERTAP, "/1/upload", headers, body, 200, check=answers(good, bad))

    def clevertap_record(self):
        """(whether it is good, the record)."""
        kind = self.random.random()
        if kind < 0.06:
            self.book(CLEVERTAP, received=1, rejected=1)
            return False, {"type": "event", "identity": "nobody", "evtData": {}}
        if kind < 0.1:
            self.book(CLEVERTAP, received=1, rejected=1)
            return False, {"type": "event", "evtName": "no identity", "evtData": {"a": 1}}
        # Equal texts of different kinds are different people.
        key = self.random.choice(["identity", "FBID", "GPID", "objectId"])
        person = f"ct-{self.random.randrange(100)}"
        if kind < 0.25:
            if key == "identity":
                self.books.visits[person] += 1
            self.book(CLEVERTAP, received=1, stored=1)
            self.books.people[CLEVERTAP].add((key, person))
            return True, {key: person, "type": "profile", "profileData": {"visits": {"$incr": 1}}}
        return True, self.clevertap_event(key, person)

    def clevertap_event(self, key, person):
        data = {"Category": "Mens Watch", "Price": 59.99, "n": self.number()}
        name = self.random.choice(["Product viewed", "Charged"])
        if name == "Charged":
            data = {"Amount": 300, "Items": [{"Category": "books", "Quantity": q} for q in (1, 4)]}
            self.books.items[CLEVERTAP] += 2
        self.stored_event(CLEVERTAP, name, (key, person), len(data))
        return {key: person, "ts": 1_790_000_000 + self.number(), "type": "event", "evtName": name, "evtData": data}

    # ---- Mobile Analytics ------------------------------------------------------------------

    def mobile(self):
        kind = self.random.random()
        keys = self.app["mobile_analytics"]
        signer = Signer(keys["access_key_id"], keys["secret_access_key"])
        client = f"ma-{self.random.randrange(200)}"
        if kind < 0.03:
            wrong = Signer(keys["access_key_id"], "wrong")
            return self.mobile_shot(client, [self.mobile_event(client, book=False)], wrong, 403)
        if kind < 0.08:
            self.books.requests[MOBILE] += 1
            self.book(MOBILE, received=1, rejected=1)
            return self.mobile_shot("nobody", [{"timestamp": "2026-01-01T00:00:00.000Z", "version": "v2.0"}], signer, 400)
        self.books.requests[MOBILE] += 1
        if kind < 0.2 and self.old_batches:
            client, events = self.random.choice(self.old_batches)
            self.book(MOBILE, received=len(events), duplicate=len(events))
        else:
            events = [self.mobile_event(client) for _ in range(self.random.randint(1, 4))]
            if self.random.random() < 0.1:
                # Equal events inside one batch are separate events.
                events.append(self.mobile_twin(client, events[0]))
            self.old_batches.append((client, events))
        return self.mobile_shot(client, events, signer, 202)

    def mobile_event(self, client, book=True):
        name = self.random.choice(["LevelComplete", "_session.start", "_session.stop"])
        session = f"ma-session-{client}-{self.random.randrange(3)}"
        event = {
            "eventType": name,
            "timestamp": "2026-09-30T19:07:47.885Z",
            "version": "v2.0",
            "session": {"id": session, "startTimestamp": "2026-09-30T19:00:00.000Z"},
            "attributes": {"LevelName": "Level1", "both": "text"},
            "metrics": {"Score": self.number(), "both": 1.5},
        }
        if book:
            self.books.sessions[MOBILE].add(session)
            self.stored_event(MOBILE, name, client, 4)
        return event

    def mobile_twin(self, client, event):
        self.stored_event(MOBILE, event["eventType"], client, 4)
        return dict(event)

    def mobile_shot(self, client, events, signer, status):
        context = {
            "client": {"client_id": client, "app_title": "My App", "app_version_name": "V2.0"},
            "custom": {"a": "b"},
            "env": {"platform": "android", "make": "Samsung", "model": "Nexus", "locale": "en_US"},
            "services": {"mobile_analytics": {"app_id": self.app["mobile_analytics"]["app_id"]}},
        }
        headers = [CONTENT, ("x-amz-Client-Context", json.dumps(context))]
        body = json.dumps({"events": events}).encode()
        if self.random.random() < 0.3:
            headers.append(("Content-Encoding", "gzip"))
            body = gzip.compress(body, mtime=0)
        check = must_be_empty if status == 202 else None
        return Shot(MOBILE, "/2014-06-05/events", headers, body, status, signer, check)

    # ---- SegmentStream ---------------------------------------------------------------------

    def segment(self):
        kind = self.random.random()
        token = self.app["segmentstream"]["api_token"] if kind >= 0.03 else "wrong"
        headers = [("Authorization", "Basic " + base64.b64encode(f"{token}:".encode()).decode()), CONTENT]
        if kind < 0.03:
            return Shot(SEGMENT, "/track", headers, b"{}", 401)
        self.books.requests[SEGMENT] += 1
        if kind < 0.1:
            self.book(SEGMENT, received=1, rejected=1)
            bad = [b"{", b'{"hitId": "x", "event": {"name": "nobody"}}', b'{"user": {"userId": "nobody"}}']
            return Shot(SEGMENT, "/track", headers, self.random.choice(bad), 400)
        if kind < 0.2 and self.old_hits:
            self.book(SEGMENT, received=1, duplicate=1)
            return Shot(SEGMENT, "/track", headers, self.random.choice(self.old_hits), 204, check=must_be_empty)
        anonymous, user = person_of(self.random.randrange(300), "ss")
        event = {"name": self.random.choice(["Registered", "Viewed"]), "category": "Auth", "n": self.number()}
        event["user"] = {"anonymousId": anonymous, **({"userId": user} if user else {})}
        body = json.dumps({"hitId": self.uuid(), "sentAt": "2026-09-21T10:56:10.723Z", "event": event}).encode()
        self.old_hits.append(body)
        self.stored_event(SEGMENT, event["name"], anonymous, 0)
        return Shot(SEGMENT, "/track", headers, body, 204, check=must_be_empty)


def must_be_empty(body):
    return None if body == b"" else f"the body is {body[:80]!r}, and it must be empty"


def answers(good, bad):
    """Checks CleverTap's answer: how many records were taken, and one entry for each that was not."""

    def check(body):
        answer = json.loads(body)
        status = "success" if bad == 0 else "partial" if good else "fail"
        if (answer["status"], answer["processed"], len(answer["unprocessed"])) != (status, good, bad):
            return f"expected {status} with {good} processed and {bad} unprocessed, got {body[:300]!r}"
        return None

    return check
