"""How it ends and begins: SIGTERM under load, and a start before a large journal."""

import json
import os
import shutil
import struct
import time

from harness.wire import Connection, request
from kills import judge
from load import ID, Load, audit
from world import APP

GIB = 1 << 30
SEGMENT_BYTES = 128 << 20
HEADER_BYTES, RECORD_HEADER_BYTES = 36, 20


def sigterm(world, outcome):
    """Exit status 0 within ten seconds, and everything acknowledged is there."""
    server = world.server("sigterm").start()
    load = Load(server, server.create_app(APP), world.seed).start()
    slowest = 0.0
    for number in range(5):
        load.run_for_more(500)
        before = time.monotonic()
        outcome.equal(f"exit status {number}", server.stop(timeout=30), 0)
        took = time.monotonic() - before
        load.hold()
        slowest = max(slowest, took)
        outcome.check(took < 10, f"it took {took:.1f} s to end")
        acked = load.acknowledged()
        server.start()
        outcome.audit(audit(server, acked, load.sent), f"after SIGTERM {number}")
        load.release()
    load.finish()
    judge(server, load, outcome)
    outcome.note(f"5 times status 0, within {slowest:.2f} s")


# ---- a journal of any size ----------------------------------------------------------------------


def crc_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


TABLE = crc_table()


def crc32c(data, crc=0):
    crc ^= 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


class Template:
    """A payload that the server wrote itself, in which one number is replaced. CRC is linear, so what each digit at each
    place adds to it is known beforehand, and a record costs no pass over its bytes."""

    MARK = b"00000000"

    def __init__(self, payload):
        self.payload = payload
        self.crc = crc32c(payload)
        places = [at for at in range(len(payload)) if payload.startswith(self.MARK, at)]
        self.added = [self.digit(len(payload), [at + place for at in places]) for place in range(len(self.MARK))]

    @staticmethod
    def digit(size, places):
        zeros = crc32c(bytes(size))
        added = []
        for value in range(10):
            change = bytearray(size)
            for place in places:
                change[place] = ord("0") ^ (ord("0") + value)
            added.append(crc32c(change) ^ zeros)
        return added

    def record(self, number, position, salt):
        digits = b"%08d" % number
        crc = self.crc
        for place, digit in enumerate(digits):
            crc ^= self.added[place][digit - ord("0")]
        rest = struct.pack("<IQI", len(self.payload), position, crc)
        return struct.pack("<I", crc32c(rest) ^ salt) + rest + self.payload.replace(self.MARK, digits)


def write_segments(folder, template, first, bytes_wanted, say):
    """Full segments from position `first` on; the position behind them."""
    position, written, salt = first, 0, 0x12345678
    per_segment = SEGMENT_BYTES // (RECORD_HEADER_BYTES + len(template.payload))
    while written < bytes_wanted:
        header = struct.pack("<8sIIQq", b"catchseg", 1, salt, position, time.time_ns() // 1000)
        with open(folder / f"{position:020}.seg", "wb") as file:
            file.write(header + struct.pack("<I", crc32c(header)))
            for _ in range(per_segment):
                file.write(template.record(position, position, salt))
                position += 1
            written += file.tell()
            file.flush()
            os.fdatasync(file.fileno())
        say(f"{written / GIB:.1f} of {bytes_wanted / GIB:.1f} GiB written")
    return position


def big_request(app):
    """Two events of some 28 KiB, with the number to be replaced."""
    filler = {f"text{i}": chr(ord("a") + i % 26) * 960 for i in range(28)}
    events = [
        {
            "event_type": "prove",
            "event_id": f"big-{k}-00000000",
            "timestamp": 1_790_123_456_789,
            "app_id": app["app_id"],
            "unique_id": "big",
            "attributes": {ID: f"big-{k}-00000000", **filler},
        }
        for k in range(2)
    ]
    return json.dumps(events).encode()


def post(server, app, body):
    with Connection(server.host, server.port) as connection:
        target = f"/collect?appId={app['app_id']}"
        connection.send(request("POST", target, [("Content-Type", "application/json")], body, server.address))
        return connection.receive()


def first_accepted(server, app, outcome, what):
    """Seconds from the start of the process to its first success."""
    before = time.monotonic()
    server.start()
    answer = post(server, app, b"[]")
    took = time.monotonic() - before
    outcome.equal(f"{what}: first answer", answer.status, 200)
    outcome.check(took <= 5, f"{what}: {took:.1f} s until the first accepted request")
    outcome.note(f"{what}: {took:.2f} s")
    return took


def restart(world, outcome):
    """A long journal, whether or not the store has it: requests are accepted within five seconds."""
    size = GIB // 8 if world.options.quick else 10 * GIB if shutil.disk_usage(world.folder).free > 16 * GIB else 2 * GIB
    environment = {"JOURNAL_COMPRESS": "false", "JOURNAL_SEGMENT_SIZE": "128MiB", "STORE_SEAL_ROWS": "120000"}
    server = world.server("restart", **environment).start()
    app = server.create_app(APP)
    outcome.equal("template", post(server, app, big_request(app)).status, 200)
    server.kill()
    segment = next(server.data.glob("journal/*.seg"))
    data = segment.read_bytes()
    payload_bytes = struct.unpack_from("<I", data, HEADER_BYTES + 4)[0]
    start = HEADER_BYTES + RECORD_HEADER_BYTES
    template = Template(data[start : start + payload_bytes])
    for folder in ("store", "state", "journal"):
        shutil.rmtree(server.data / folder)
    (server.data / "journal").mkdir()
    end = write_segments(server.data / "journal", template, 1, size, outcome.say)
    outcome.note(f"journal of {size / GIB:.2g} GiB, {end - 1:,} requests; until the first accepted request:")
    first_accepted(server, app, outcome, "with no store")
    wait_until_loaded(server, end, outcome)
    outcome.equal("events", server.value("SELECT count(DISTINCT event_id) AS n FROM event"), 2 * (end - 1))
    load = Load(server, app, world.seed).start()
    load.run_until(2000)
    server.kill()
    load.hold()
    first_accepted(server, app, outcome, "after SIGKILL")
    load.release()
    load.run_for_more(500)
    load.finish()
    server.stop()
    first_accepted(server, app, outcome, "after SIGTERM")
    found = audit(server, load.acked, load.sent)
    outcome.check(not found.lost and not found.doubled, f"{found}")
    outcome.note(f"lost {len(found.lost)}, doubled {len(found.doubled)}")


def wait_until_loaded(server, end, outcome, patience=900):
    deadline = time.monotonic() + patience
    before = time.monotonic()
    while True:
        visible = server.status()["store"]["visible_position"]
        outcome.say(f"{visible:,} of {end - 1:,} requests loaded")
        if visible >= end - 1:
            break
        if time.monotonic() > deadline:
            raise TimeoutError(f"{visible} of {end - 1} requests were loaded within {patience} s")
        time.sleep(0.5)
    outcome.note(f"loaded {time.monotonic() - before:.0f} s later")
