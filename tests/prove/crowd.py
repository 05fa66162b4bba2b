"""Ten thousand connections that do nothing, hardly anything, or the wrong thing, beside clients that must not notice."""

import resource
import socket
import threading
import time

from harness.wire import Closed, Connection, request
from kills import judge
from load import Load
from world import APP, rss_mib

WANTED = 10_000
WAVE_S = 8
# Of each ten connections: these write a byte a second, never read what they asked for, or shut down their half.
SLOW_WRITERS, SLOW_READERS, HALF_CLOSED = 1, 1, 1


def open_files_max():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


class Wave:
    """Connections of every kind, all open at once."""

    def __init__(self, server, count, app):
        self.server, self.app = server, app
        self.sockets, self.writers, self.closers = [], [], []
        for number in range(count):
            self.add(number % 10)

    def add(self, kind):
        peer = socket.socket()
        if kind == 1:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        peer.settimeout(20)
        peer.connect((self.server.host, self.server.port))
        self.sockets.append(peer)
        target = f"/collect?appId={self.app['app_id']}"
        if kind < SLOW_WRITERS:
            peer.sendall(f"POST {target} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n".encode())
            self.writers.append(peer)
        elif kind < SLOW_WRITERS + SLOW_READERS:
            peer.sendall(request("GET", "/metrics", [], b"", "x") * 100)
        elif kind < SLOW_WRITERS + SLOW_READERS + HALF_CLOSED:
            peer.sendall(request("POST", target, [], b"[]", "x"))
            peer.shutdown(socket.SHUT_WR)
            self.closers.append(peer)

    def drip(self):
        for peer in self.writers:
            try:
                peer.send(b" ")
            except OSError:
                pass

    def answered_after_half_close(self):
        count = 0
        for peer in self.closers:
            try:
                count += peer.recv(12).startswith(b"HTTP/1.1 200")
            except OSError:
                pass
        return count

    def close(self):
        for peer in self.sockets:
            peer.close()


class Watch(threading.Thread):
    """Asks once in a tenth of a second, on a new connection; the slowest answer and the most memory."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server = server
        self.slowest, self.most, self.asked, self.failed = 0.0, 0.0, 0, 0
        self.done = threading.Event()

    def run(self):
        while not self.done.wait(0.1):
            before = time.monotonic()
            try:
                with Connection(self.server.host, self.server.port) as connection:
                    connection.send(request("GET", "/ping", [], b"", self.server.address))
                    self.failed += connection.receive("GET").status != 200
            except (OSError, ValueError, Closed):
                self.failed += 1
            self.asked += 1
            self.slowest = max(self.slowest, time.monotonic() - before)
            self.most = max(self.most, rss_mib(self.server))


def crowd(world, outcome):
    count = min(WANTED, open_files_max() - 300)
    server = world.server("crowd").start()
    app = server.create_app(APP)
    load = Load(server, app, world.seed, threads=4).start()
    load.run_until(3000)
    before = rss_mib(server)
    peaks = []
    watch = Watch(server)
    watch.start()
    for number in (1, 2):
        outcome.say(f"wave {number} of {count} connections")
        peaks.append(one_wave(server, app, load, count, outcome))
    watch.done.set()
    watch.join()
    load.finish()
    outcome.equal("requests of others without an answer", watch.failed, 0)
    outcome.check(watch.slowest < 5, f"another client waited {watch.slowest:.2f} s")
    outcome.check(peaks[1] < peaks[0] * 1.15 + 20, f"memory grows with each wave: {peaks[0]:.0f}, {peaks[1]:.0f} MiB")
    outcome.check(watch.most - before < count * 0.04 + 100, f"memory went from {before:.0f} to {watch.most:.0f} MiB")
    short = "" if count == WANTED else f" (as many as the limit of open files allows, {WANTED} were wanted)"
    outcome.note(f"{count} connections at once{short}, twice")
    outcome.note(f"memory {before:.0f} MiB before, at most {peaks[0]:.0f} and {peaks[1]:.0f} MiB during, {rss_mib(server):.0f} after")
    outcome.note(f"others waited {watch.slowest:.2f} s at most ({watch.asked} asked)")
    judge(server, load, outcome)


def one_wave(server, app, load, count, outcome):
    """The most memory seen while it lasts."""
    wave = Wave(server, count, app)
    peak = 0.0
    try:
        answered = load.count()
        for _ in range(WAVE_S):
            wave.drip()
            peak = max(peak, rss_mib(server))
            time.sleep(1)
        outcome.check(load.count() > answered, "nobody else was answered meanwhile")
        outcome.equal("answers after a half-close", wave.answered_after_half_close(), len(wave.closers))
    finally:
        wave.close()
    return peak
