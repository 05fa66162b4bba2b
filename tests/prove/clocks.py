"""Clocks that jump, the server's and those of the clients."""

import glob
import os
import random
import time

from kills import judge
from load import Load, audit
from world import APP, Skipped

DAY_MS = 86_400_000
ODD_TIMES = [DAY_MS, 946_684_800_000, 1_790_000_000_000, 4_102_444_800_000]
JUMPS = ["-2d", "+0", "+400d", "-400d", "+4000d", "+0"]


def odd_times(world, outcome):
    """Events of 1970, 2000, 2100 and of now, mixed."""
    server = world.server("odd-times").start()
    load = Load(server, server.create_app(APP), world.seed, times=lambda chance: chance.choice(ODD_TIMES)).start()
    load.run_until(3000)
    server.kill()
    load.hold()
    server.start()
    load.release()
    load.run_for_more(500)
    load.finish()
    judge(server, load, outcome)
    days = server.value("SELECT count(DISTINCT event_date) AS n FROM event")
    outcome.note(f"filed under {days} days")


def clock_jumps(world, outcome):
    """The server's clock is set back and forth while it runs, and it is killed in between."""
    library = sorted(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1"))
    if not library:
        raise Skipped("needs the package faketime")
    clock = world.folder / "clock"
    set_clock(clock, "+0")
    server = world.server("jumps", MOBILE_ANALYTICS_CLOCK_SKEW_MAX="200000h")
    server.environment.update(
        LD_PRELOAD=library[0], FAKETIME_TIMESTAMP_FILE=str(clock), FAKETIME_NO_CACHE="1", FAKETIME_DONT_FAKE_MONOTONIC="1"
    )
    server.start()
    chance = random.Random(world.seed)
    load = Load(server, server.create_app(APP), world.seed).start()
    for jump in JUMPS:
        load.run_for_more(500)
        set_clock(clock, jump)
        load.run_for_more(300)
        if chance.random() < 0.5:
            server.kill()
            load.hold()
            server.start()
            load.release()
        outcome.audit(audit(server, load.acknowledged(), load.sent), jump)
    seen = server.value("SELECT date_diff('day', min(received_at), max(received_at)) AS n FROM event")
    outcome.check(seen > 3000, f"the server saw its clock move by {seen} days only")
    load.finish()
    judge(server, load, outcome)
    outcome.note(f"{len(JUMPS)} jumps, {seen} days between the first and the last event")


def set_clock(path, offset):
    """In one step: the server reads the file all the time."""
    new = path.with_suffix(".new")
    new.write_text(offset + "\n")
    os.replace(new, path)
    time.sleep(0.01)
