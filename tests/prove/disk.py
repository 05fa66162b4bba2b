"""A disk that fills up under load: below the reserve, and down to the last byte."""

import json
import os
import subprocess
import time

from harness.wire import Connection, request
from kills import judge
from load import Load
from traffic import APIS, CLEVERTAP, CLICKSTREAM, MOBILE, SEGMENT
from world import APP, Skipped, is_root

MIB = 1 << 20
SIZE = 96 * MIB


class SmallDisk:
    """A file system of its own in memory, so that filling it harms nobody."""

    def __init__(self, world):
        if not is_root():
            raise Skipped("mounting a small file system needs root")
        self.folder = world.folder / "disk"
        self.folder.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(self.folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Skipped(f"cannot mount a small file system: {done.stderr.strip()}")
        world.undo.append(lambda: subprocess.run(["umount", "-l", str(self.folder)], check=False))
        self.ballast = self.folder / "ballast"

    def free(self):
        left = os.statvfs(self.folder)
        return left.f_bavail * left.f_frsize

    def fill(self, leave=0):
        """Until at most `leave` bytes are free."""
        with open(self.ballast, "ab", buffering=0) as file:
            while (left := self.free() - leave) > 0:
                try:
                    file.write(bytes(min(left, MIB)))
                except OSError:
                    break

    def clear(self):
        self.ballast.unlink()


def get(server, path):
    with Connection(server.host, server.port) as connection:
        connection.send(request("GET", path, [], b"", server.address))
        return connection.receive("GET")


def check_push_back(outcome, api, answer):
    """503 and Retry-After, in the form that the API gives to errors."""
    outcome.equal(f"{api} on a full disk", answer.status, 503)
    outcome.check(answer.header("Retry-After"), f"{api}: no Retry-After beside 503")
    if api == MOBILE:
        outcome.equal("error type", (answer.header("x-amzn-ErrorType") or "").split(":")[0], "ServiceUnavailableException")
    if api == CLEVERTAP:
        outcome.equal("status of the body", json.loads(answer.body).get("status"), "fail")
    if api == CLICKSTREAM:
        outcome.check(answer.header("X-Catchment-Error"), "clickstream: no X-Catchment-Error beside 503")
    if api == SEGMENT:
        outcome.check("code" in json.loads(answer.body), f"segmentstream: the body is {answer.body[:80]!r}")


def wait_for_push_back(load, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        before = load.push_backs, load.count()
        time.sleep(0.5)
        if load.push_backs > before[0] and load.count() == before[1]:
            return True
    return False


def check_while_full(server, load, outcome, all_visible=True):
    outcome.check(wait_for_push_back(load), f"requests are still accepted on a full disk; {load.count()} so far")
    for api in APIS:
        check_push_back(outcome, api, load.probe(api))
    acked = len(load.acknowledged())
    wanted = acked if all_visible else acked // 10
    deadline = time.monotonic() + 5
    stored = 0
    while stored < wanted and time.monotonic() < deadline:
        stored = server.value("SELECT count(*) AS n FROM event")
    outcome.check(stored >= wanted, f"on a full disk {stored} of {acked} acknowledged events can be queried")
    health = get(server, "/health")
    outcome.check(health.status == 503 and b"reason" in health.body, f"health says {health.status} {health.body!r}")
    reason = json.loads(health.body).get("reason", "")
    outcome.check("/" not in reason, f"health names a folder: {reason!r}")
    outcome.note(f"reads go on, health: {reason[:110]!r}")


def recover(server, load, disk, outcome):
    """Everything goes on by itself once there is room."""
    disk.clear()
    before = time.monotonic()
    load.run_for_more(1, 20)
    outcome.note(f"accepts {time.monotonic() - before:.2f} s after room came back")
    load.run_for_more(2000)
    deadline = time.monotonic() + 10
    while (health := get(server, "/health")).status != 200 and time.monotonic() < deadline:
        time.sleep(0.1)
    outcome.equal("health after room came back", health.status, 200)


def disk_reserve(world, outcome):
    """The setting journal.reserve keeps room for the store and for people."""
    disk = SmallDisk(world)
    server = world.server("data", disk.folder, JOURNAL_RESERVE="24MiB").start()
    load = Load(server, server.create_app(APP), world.seed).start()
    load.run_until(2000)
    disk.fill(leave=20 * MIB)
    check_while_full(server, load, outcome)
    recover(server, load, disk, outcome)
    load.finish()
    judge(server, load, outcome)


def disk_full(world, outcome):
    """No reserve: writes fail in the middle, in the journal, the store and the state alike."""
    disk = SmallDisk(world)
    server = world.server("data", disk.folder, JOURNAL_RESERVE="0B").start()
    load = Load(server, server.create_app(APP), world.seed).start()
    for turn in range(3):
        load.run_for_more(1000)
        disk.fill()
        outcome.check(wait_for_push_back(load), "requests are still accepted on a full disk")
        outcome.check(disk.free() < MIB, f"{disk.free()} bytes are free")
        if turn == 0:
            # Rows that cannot be sealed stay in memory, up to twice what is sealed at once; the rest waits in the journal.
            check_while_full(server, load, outcome, all_visible=False)
            recover(server, load, disk, outcome)
        else:
            restart_full(server, load, outcome, turn)
            disk.clear()
    load.run_for_more(1000)
    load.finish()
    judge(server, load, outcome)


def restart_full(server, load, outcome, turn):
    """Killed and started again without a byte to spare: it comes up, answers reads and pushes back."""
    server.kill()
    load.hold()
    server.start()
    load.release()
    stored = server.value("SELECT count(*) AS n FROM event")
    outcome.check(stored > 0, f"after restart {turn} on a full disk nothing can be queried")
    for api in APIS:
        check_push_back(outcome, api, load.probe(api))
