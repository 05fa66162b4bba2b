"""SIGKILL at random moments, many times, on one data directory under load from all four APIs."""

import random
import time

from checks import books_of, fingerprint
from load import Load, audit
from traffic import APIS
from world import APP

QUIET_EVERY = 25  # rounds; then the clients pause long enough for files to be merged


def kills(world, outcome):
    count = world.options.kills
    chance = random.Random(world.seed)
    server = world.server("kills").start()
    load = Load(server, server.create_app(APP), world.seed).start()
    amid = dict.fromkeys(["starting", "sealing", "merging", "compressing"], 0)
    rounds_took = 0.0
    try:
        for number in range(1, count + 1):
            before = time.monotonic()
            one_kill(server, load, chance, amid, number % QUIET_EVERY == 0)
            rounds_took += time.monotonic() - before
            outcome.say(f"kill {number} of {count}, {load.count():,} events acknowledged")
    finally:
        if not server.running:
            server.start()
        load.finish()
    judge(server, load, outcome)
    where = ", ".join(f"{hits} amid {what}" for what, hits in amid.items() if hits)
    outcome.note(f"{count} kills ({where}; {rounds_took / count:.2f} s each)")
    outcome.note(f"{sum(load.requests.values()):,} requests, {load.resent:,} sent again")
    outcome.note(f"{len(load.acked):,} events acknowledged")
    check_derived_again(server, outcome)


def one_kill(server, load, chance, amid, quiet):
    if quiet:
        load.hold()
        time.sleep(2.0 + chance.random() * 1.6)
    else:
        time.sleep(chance.uniform(0.005, 0.3))
    server.kill()
    load.hold()
    for what in left_behind(server.data, quiet):
        amid[what] += 1
    if chance.random() < 0.2:
        server.spawn()
        time.sleep(chance.uniform(0.0, 0.15))
        server.kill()
        amid["starting"] += 1
    server.start()
    load.release()


def left_behind(data, quiet):
    """What the dead process was doing, by the files it did not finish."""
    found = []
    if any((data / "store").rglob("*.tmp")):
        found.append("merging" if quiet else "sealing")
    if any((data / "journal").glob("*.zst.tmp")):
        found.append("compressing")
    return found


def judge(server, load, outcome):
    """Lost 0, doubled 0, and the books balance."""
    found = audit(server, load.acked, load.sent)
    outcome.load(load)
    outcome.audit(found)
    check_balance(server, outcome)
    outcome.note(f"{found}")


def check_balance(server, outcome):
    rows = books_of(server, APP)
    for api in APIS:
        row = rows.get(api)
        if outcome.check(row, f"no books of {api}"):
            total = row["stored"] + row["duplicate"] + row["rejected"] + row["pending"]
            outcome.equal(f"books of {api}: stored + duplicate + rejected + pending", total, row["received"])
            outcome.equal(f"pending of {api}", row["pending"], 0)
    outcome.note("books balance")


def check_derived_again(server, outcome):
    """Rows do not depend on where the kills fell: derived once more, they are the same."""
    before = fingerprint(server)
    server.command("rebuild")
    server.flush()
    after = fingerprint(server)
    for table, print_of_table in before.items():
        outcome.equal(f"{table} after rebuild", after[table], print_of_table)
