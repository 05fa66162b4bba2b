"""What the machine is and does: cores, processor time and memory of processes, and how fast its disk syncs."""

import contextlib
import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PROBE_SIZES_KB = (4, 64, 512)
PROBE_APPENDS_MAX = 5000


def two_cores():
    """Those the run uses: everything is told for a machine of two cores, whatever more there are."""
    return sorted(os.sched_getaffinity(0))[:2]


@contextlib.contextmanager
def on_cores(cores):
    """What is started inside runs on these cores alone."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def cpu_seconds(process_ids):
    """User and system time of all threads of these processes so far."""
    total = 0
    for process_id in process_ids:
        fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def cpu_seconds_of_threads(process_id, names):
    """The same of those of its threads that have one of these names."""
    total = 0
    for thread in Path(f"/proc/{process_id}/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            begin, _, rest = (thread / "stat").read_text().rpartition(")")
            if begin.partition("(")[2] in names:
                fields = rest.split()
                total += int(fields[11]) + int(fields[12])
    return total / TICKS


def thread_names(process_id):
    return {(thread / "comm").read_text().strip() for thread in Path(f"/proc/{process_id}/task").iterdir()}


def children(process_id):
    return [int(one) for one in Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split()]


def memory_mib(process_id, key):
    """`key` is VmRSS for what is resident now, VmHWM for the most it has been."""
    for line in Path(f"/proc/{process_id}/status").read_text().splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1]) / 1024
    return 0.0


def folder_bytes(folder, end=""):
    """What the files take up. A file may be renamed away while they are counted."""
    total = 0
    for file in Path(folder).rglob("*" + end):
        with contextlib.suppress(FileNotFoundError):
            total += min(file.stat().st_size, file.stat().st_blocks * 512)
    return total


def describe():
    model = "processor of unknown model"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = " ".join(line.partition(":")[2].split())
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    version = ".".join(platform.release().split(".")[:2])
    return f"{os.cpu_count()} × {model}, {memory:.0f} GiB, {platform.system()} {version}"


class Bystanders:
    """How much of the cores neither we nor anything we measured used: on a quiet machine next to nothing."""

    def __init__(self):
        self.begin = self.read()

    @staticmethod
    def read():
        fields = [int(one) for one in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
        user, nice, system, idle, wait, hard, soft, steal = fields
        own = os.times()
        ours = (own.user + own.system + own.children_user + own.children_system) * TICKS
        return user + nice + system + hard + soft, sum(fields), steal, ours

    def shares(self):
        """(other programs, stolen by other machines) of all processor time since the beginning. What we started counts to
        us when it has ended."""
        busy, total, steal, ours = (now - then for now, then in zip(self.read(), self.begin))
        return max(0.0, (busy - ours) / max(1, total)), steal / max(1, total)


@dataclass
class Syncs:
    """fdatasync after each append of one size."""

    size_kb: int
    per_s: float
    p50_ms: float
    p99_ms: float

    def __str__(self):
        return f"{self.size_kb} KB: {self.per_s:,.0f}/s, p50 {self.p50_ms:.2f} ms, p99 {self.p99_ms:.2f} ms"


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def probe_disk(folder, seconds):
    """Appends to a new file and syncs, for so long with each size."""
    return [probe_size(Path(folder) / "probe", size, seconds) for size in PROBE_SIZES_KB]


def probe_size(path, size_kb, seconds):
    block = os.urandom(size_kb * 1024)
    took = []
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        began = time.perf_counter()
        while time.perf_counter() - began < seconds and len(took) < PROBE_APPENDS_MAX:
            before = time.perf_counter()
            os.write(file, block)
            os.fdatasync(file)
            took.append(time.perf_counter() - before)
        lasted = time.perf_counter() - began
    finally:
        os.close(file)
        os.unlink(path)
    return Syncs(size_kb, len(took) / lasted, percentile(took, 0.5) * 1e3, percentile(took, 0.99) * 1e3)
