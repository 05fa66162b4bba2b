"""Sends shots over keep-alive connections from several threads, and again what got no answer."""

import threading
import time

from harness.wire import Closed, Connection, request


class Sender:
    """`server` may be restarted while a Sender works: what was not answered is sent again."""

    def __init__(self, server, shots, threads, patience=90):
        self.server, self.shots, self.patience = server, shots, patience * server.slow
        self.complaints = []
        self.answered = 0
        self.resent = 0
        self.lock = threading.Lock()
        self.next = 0
        self.threads = [threading.Thread(target=self.work, daemon=True) for _ in range(threads)]

    def start(self):
        for thread in self.threads:
            thread.start()
        return self

    def join(self):
        for thread in self.threads:
            thread.join()
        return self

    def take(self):
        with self.lock:
            if self.next >= len(self.shots):
                return None
            self.next += 1
            return self.shots[self.next - 1]

    def work(self):
        connection = None
        while (shot := self.take()) is not None:
            connection = self.until_answered(connection, shot)
        if connection is not None:
            connection.close()

    def until_answered(self, connection, shot):
        """Sends one shot until it is answered; the connection to go on with."""
        deadline = time.monotonic() + self.patience
        while time.monotonic() < deadline:
            try:
                connection = connection or Connection(self.server.host, self.server.port, 20 * self.server.slow)
                answer = self.once(connection, shot)
                self.judge(shot, answer)
                if answer.keeps_open:
                    return connection
                connection.close()
                return None
            except (OSError, Closed, ValueError):
                # The server was killed or is not up again.
                if connection is not None:
                    connection.close()
                connection = None
                with self.lock:
                    self.resent += 1
                time.sleep(0.05)
        with self.lock:
            self.complaints.append(f"{shot.api}: no answer within {self.patience} s")
        return None

    def once(self, connection, shot):
        target, headers = shot.headers_to_send(self.server.address)
        connection.send(request("POST", target, headers, shot.body, self.server.address))
        return connection.receive()

    def judge(self, shot, answer):
        complaint = None
        if answer.status != shot.status:
            reason = answer.header("X-Catchment-Error") or answer.body[:200]
            complaint = f"answered {answer.status} instead of {shot.status}: {reason}"
        elif shot.check:
            complaint = shot.check(answer.body)
        with self.lock:
            self.answered += 1
            if complaint:
                self.complaints.append(f"{shot.api} {shot.target}: {complaint}; sent {shot.body[:200]!r}")


def send(server, shots, threads=4):
    return Sender(server, shots, threads).start().join()
