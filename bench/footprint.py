"""What Catchment takes: time to start, memory, and bytes on disk for an event."""

import shutil
import statistics
import time
from dataclasses import dataclass

import machine
from generator import Load

STARTS = 5
IDLE_S = 3
SEGMENTS = 2
FILL_RUNS_MAX = 40
SEAL_AGE_S = 10
SETTINGS = {"STORE_SEAL_AGE": f"{SEAL_AGE_S}s"}


def start_times(make, cores, say):
    """Seconds from the start of the process to its line that it listens, each time with an empty directory. `make` gives a
    server that was not started, by a name of its own."""
    took = []
    for number in range(STARTS):
        server = make(f"start-{number}")
        with machine.on_cores(cores):
            began = time.monotonic()
            server.server.start()  # without an application: the directory does not even exist
            took.append(time.monotonic() - began)
        server.stop()
        shutil.rmtree(server.folder)
    say(f"ready after {statistics.median(took):.2f} s, {STARTS} times")
    return took


def idle_memory(make, cores, say):
    """MiB resident a few seconds after the start with an empty directory."""
    server = make("idle")
    with server.running_on(cores):
        time.sleep(IDLE_S)
        resident = machine.memory_mib(server.processes()[0], "VmRSS")
    shutil.rmtree(server.folder)
    say(f"{resident:.0f} MiB resident when idle")
    return resident


@dataclass
class DiskUse:
    """Bytes an event takes up on disk."""

    batch: int
    journal: float
    store: float


def disk_use(generator, server, place, batch, seconds):
    """Sends until the journal has compressed files, and counts those alone: the file being written comes to the same
    later. Then all rows are in Parquet files; the server has SETTINGS for that."""
    for _ in range(FILL_RUNS_MAX):
        generator.run(server, Load(batch=batch, seconds=seconds, warmup=0), place.generator)
        if len(list((server.server.data / "journal").glob("*.seg.zst"))) >= SEGMENTS:
            break
    requests = compressed_requests(server.server.data / "journal")
    journal = machine.folder_bytes(server.server.data / "journal", ".seg.zst")
    wait_sealed(server)
    store = machine.folder_bytes(server.server.data / "store")
    rows = server.metrics()["catchment_store_event_rows"]
    return DiskUse(batch, journal / max(1, requests * batch), store / max(1, rows))


def wait_sealed(server):
    deadline = time.monotonic() + 10 * SEAL_AGE_S
    while server.metrics()["catchment_store_hot_rows"] and time.monotonic() < deadline:
        time.sleep(0.5)
    server.settle()


def compressed_requests(journal):
    """A file is named after the first position in it, so that the first one not compressed tells how many there are."""
    firsts = sorted((int(file.name.split(".")[0]), file.name) for file in journal.glob("*.seg*"))
    for position, name in firsts:
        if not name.endswith(".zst"):
            return position - firsts[0][0]
    return 0
