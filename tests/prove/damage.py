"""Files that are derived get damaged, deleted, cut: they come back unattended, with the same rows, while requests are taken."""

import json
import random
import shutil
import sqlite3
import time

from disk import get
from harness.server import CommandFailed
from kills import check_balance, judge
from load import Audit, Load, audit
from world import APP


def flip(path, chance, count=1, within=(0.0, 1.0)):
    """Changes bits somewhere in that part of a file; the offsets."""
    data = bytearray(path.read_bytes())
    first, last = int(len(data) * within[0]), max(int(len(data) * within[1]) - 1, 0)
    offsets = [chance.randint(first, last) for _ in range(count)]
    for offset in offsets:
        data[offset] ^= 1 << chance.randrange(8)
    path.write_bytes(bytes(data))
    return offsets


def cut(path):
    with open(path, "r+b") as file:
        file.truncate(path.stat().st_size // 2)


def any_file(server, pattern, chance):
    return chance.choice(sorted(server.data.glob(pattern)))


PARQUET = "store/event/*/*.parquet"

# What is done to the data directory of a stopped server, and the text that the log must have then.
DERIVED = {
    "Parquet file flipped": (lambda s, c: flip(any_file(s, PARQUET, c), c, 1, (0.05, 0.6)), "damaged"),
    "Parquet footer flipped": (lambda s, c: flip(any_file(s, PARQUET, c), c, 1, (0.98, 1.0)), "damaged"),
    "Parquet file cut": (lambda s, c: cut(any_file(s, PARQUET, c)), "damaged"),
    "Parquet file deleted": (lambda s, c: any_file(s, PARQUET, c).unlink(), "damaged"),
    "manifest flipped": (lambda s, c: flip(s.data / "store/manifest.json", c, 3), "damaged"),
    "manifest empty": (lambda s, c: (s.data / "store/manifest.json").write_text(""), "damaged"),
    "manifest deleted": (lambda s, c: (s.data / "store/manifest.json").unlink(), "damaged"),
    "state.db header flipped": (lambda s, c: flip(s.data / "state/state.db", c, 1, (0.0, 0.001)), None),
    "state.db flipped": (lambda s, c: flip(s.data / "state/state.db", c, 40, (0.1, 1.0)), None),
    "state.db cut": (lambda s, c: cut(s.data / "state/state.db"), None),
    "state.db deleted": (lambda s, c: (s.data / "state/state.db").unlink(), None),
    "ids flipped": (lambda s, c: flip(any_file(s, "state/dedup/*", c), c, 3), None),
    "ids deleted": (lambda s, c: shutil.rmtree(s.data / "state/dedup"), None),
    "state/ deleted": (lambda s, c: shutil.rmtree(s.data / "state"), None),
    "store/ deleted": (lambda s, c: shutil.rmtree(s.data / "store"), None),
    "both deleted": (lambda s, c: [shutil.rmtree(s.data / f) for f in ("state", "store")], None),
}


def rows_until(server, position):
    """A number for the rows of `event` up to a position, in which any changed value shows."""
    query = f"SELECT count(*) AS n, CAST(bit_xor(hash(CAST(e AS VARCHAR))) AS VARCHAR) AS h FROM event e WHERE journal_position <= {position}"
    return server.rows(query)[0]


def derived(world, outcome):
    """Each damage in turn, found at the next start."""
    chance = random.Random(world.seed)
    server = world.server("derived").start()
    load = Load(server, server.create_app(APP), world.seed).start()
    load.run_until(3000)
    slowest = 0.0
    for name, (damage, told) in DERIVED.items():
        outcome.say(name)
        position, before = rest(server, load)
        written = server.log.stat().st_size
        damage(server, chance)
        server.start()
        load.release()
        since = time.monotonic()
        load.run_for_more(200)
        slowest = max(slowest, time.monotonic() - since)
        load.hold()
        outcome.check(is_told(server, written, told), f"{name}: the log does not say {told!r}")
        outcome.check(same_again(server, position, before), f"{name}: the rows are not the same again")
        outcome.audit(audit(server, load.acknowledged(), load.sent), name)
        load.release()
    load.finish()
    judge(server, load, outcome)
    outcome.note(f"{len(DERIVED)} damages, each found at the start, same rows after it")
    outcome.note(f"200 more events taken meanwhile within {slowest:.1f} s")


def is_told(server, since, told, seconds=30):
    """Waits for the damage to be found; a flipped bit need not change any row."""
    deadline = time.monotonic() + seconds
    while told and told not in server.log.read_bytes()[since:].decode():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def same_again(server, position, before, seconds=30):
    """Waits for what is damaged to be found and derived again."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            server.flush()
            if rows_until(server, position) == before:
                return True
        except CommandFailed:
            pass
        time.sleep(0.2)
    return False


def rest(server, load):
    """Stops clients and server; the journal's last position and the rows up to it."""
    load.hold()
    server.flush()
    time.sleep(0.1)
    server.flush()
    position = server.status()["journal"]["durable_position"]
    before = rows_until(server, position)
    if server.stop() != 0:
        raise ValueError("SIGTERM did not end the server with status 0")
    return position, before


def damaged_while_running(world, outcome):
    """A Parquet file goes bad below a running server: it says so, and derives it again."""
    chance = random.Random(world.seed)
    server = world.server("running").start()
    load = Load(server, server.create_app(APP), world.seed).start()
    for name, damage in (("flipped", lambda path: flip(path, chance, 200, (0.02, 0.9))), ("deleted", lambda path: path.unlink())):
        load.run_for_more(1500)
        load.hold()
        time.sleep(0.2)
        server.flush()
        damage(any_file(server, PARQUET, chance))
        load.release()
        load.run_for_more(300)
        before = time.monotonic()
        found = None
        while time.monotonic() - before < 60:
            try:
                found = audit(server, load.acknowledged(), load.sent)
                if found.good:
                    break
            except CommandFailed as error:
                found = error
            time.sleep(0.2)
        outcome.check(isinstance(found, Audit) and found.good, f"{name}: after 60 s {found}; health {get(server, '/health').body!r}")
        outcome.note(f"{name}: whole again after {time.monotonic() - before:.1f} s")
    load.finish()
    judge(server, load, outcome)


def registry(world, outcome):
    """What cannot be derived is never guessed: a clear error, and nothing touched."""
    server = world.server("registry").start()
    load = Load(server, server.create_app(APP), world.seed).start()
    load.run_until(500)
    locked = sqlite3.connect(server.data / "registry.db", isolation_level=None)
    locked.execute("BEGIN EXCLUSIVE")
    load.run_for_more(300)
    done = server.run("app", "create", "other")
    check_error(outcome, "app create on a locked registry", done, "registry")
    locked.execute("ROLLBACK")
    locked.close()
    server.create_app("other")
    load.hold()
    server.stop()
    for name in ("registry.db", "secret.key"):
        check_missing_and_damaged(server, outcome, name)
    server.start()
    load.release()
    load.run_for_more(300)
    load.finish()
    judge(server, load, outcome)


def check_missing_and_damaged(server, outcome, name):
    path = server.data / name
    whole = path.read_bytes()
    path.write_bytes(bytes(len(whole)) if name == "secret.key" else b"x" * len(whole))
    check_error(outcome, f"{name} damaged", server.run("serve", "--listen", "127.0.0.1:0", timeout=20), name.split(".")[0])
    if name == "secret.key":
        path.unlink()
        check_error(outcome, f"{name} missing", server.run("serve", "--listen", "127.0.0.1:0", timeout=20), name)
    path.write_bytes(whole)


def check_error(outcome, what, done, word):
    lines = done.stderr.strip().split("\n")
    good = done.returncode == 1 and word in done.stderr and len(lines[-1]) < 400
    outcome.check(good, f"{what}: exit {done.returncode}, {done.stderr.strip()[:400]!r}")
    if good:
        outcome.note(f"{what}: {lines[-1][:100]!r}")


def journal_flip(world, outcome):
    """A bit of the record itself: lost, and said so by position; every other record is read."""
    chance = random.Random(world.seed)
    server = world.server("journal", JOURNAL_COMPRESS="false").start()
    load = Load(server, server.create_app(APP), world.seed).start()
    while len(list(server.data.glob("journal/*.seg"))) < 3:
        load.run_for_more(500)
    load.finish()
    server.flush()
    server.stop()
    segments = sorted(server.data.glob("journal/*.seg"))
    flip(segments[1], chance, 1, (0.4, 0.6))
    for folder in ("store", "state"):
        shutil.rmtree(server.data / folder)
    server.start()
    done = server.run("journal", "verify")
    lines = [line for line in done.stdout.split("\n") if line.startswith("damaged:")]
    outcome.check(done.returncode == 1 and len(lines) == 1, f"journal verify: exit {done.returncode}, {done.stdout!r}")
    found = audit(server, load.acked, load.sent)
    outcome.check(not found.doubled and not found.invented and 0 < len(found.lost) <= 10, f"after a flipped bit: {found}")
    health = get(server, "/health")
    outcome.check(health.status == 503 and b"damaged" in health.body, f"health says {health.status} {health.body!r}")
    log = server.log.read_text()
    outcome.check("journal records are damaged and lost" in log, f"the log does not name the damage:\n{log[-500:]}")
    outcome.note(f"{lines[0] if lines else ''}; the {len(found.lost)} events of that request are gone, {found.stored:,} are there")
    outcome.note(f"health: {json.loads(health.body).get('reason')!r}")
    outcome.check(load.requests and server.running, "the server does not run")
    last_segment(world, outcome, chance)


def last_segment(world, outcome, chance):
    """The same in the segment that was being written, before records that are whole."""
    server = world.server("tail").start()
    load = Load(server, server.create_app(APP), world.seed).start()
    load.run_until(500)
    load.finish()
    server.flush()
    written = server.status()["journal"]["bytes"]
    server.kill()
    segment = sorted(server.data.glob("journal/*.seg"))[-1]
    data = bytearray(segment.read_bytes())
    end = len(data.rstrip(b"\0"))
    data[chance.randint(end // 3, end // 2)] ^= 4
    segment.write_bytes(bytes(data))
    for folder in ("store", "state"):
        shutil.rmtree(server.data / folder)
    server.start()
    found = audit(server, load.acked, load.sent)
    outcome.check(not found.doubled and len(found.lost) <= 10, f"flipped in the last segment ({written} bytes): {found}")
    again = Load(server, load.makers[0].app, world.seed + 1).start()
    again.run_until(300)
    again.finish()
    sent = {**load.sent, **again.sent}
    found = audit(server, again.acked, sent)
    outcome.check(not found.lost and not found.doubled, f"after the damage: {found}")
    check_balance(server, outcome)
    outcome.note("in the last segment the same, and new records follow")
