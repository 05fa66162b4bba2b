"""HTTP/1.1 over a plain TCP socket: exactly the bytes given go out, and what comes back is kept as it is."""

import socket
from dataclasses import dataclass, field


class Closed(Exception):
    """The other side closed the connection before an answer was complete."""


@dataclass
class Answer:
    version: str = ""
    status: int = 0
    reason: str = ""
    headers: list = field(default_factory=list)
    body: bytes = b""

    def header(self, name, default=None):
        for key, value in self.headers:
            if key.lower() == name.lower():
                return value
        return default

    @property
    def keeps_open(self):
        return (self.header("Connection") or "").lower() != "close"


class Connection:
    def __init__(self, host, port, timeout=20):
        self.socket = socket.create_connection((host, port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        """Sends all of it; a server that refuses early and closes is seen when its answer is read."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def receive(self, method="POST"):
        """The next final answer; interim 1xx answers are passed over."""
        while True:
            answer = self.receive_one(method)
            if answer.status >= 200 or answer.status == 101:
                return answer

    def receive_one(self, method="POST"):
        lines = self.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        version, status, reason = (lines[0].split(" ", 2) + ["", ""])[:3]
        headers = []
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers.append((name, value.strip()))
        answer = Answer(version, int(status), reason, headers)
        if answer.status < 200 or answer.status in (204, 304) or method == "HEAD":
            return answer
        answer.body = self.body_of(answer)
        return answer

    def body_of(self, answer):
        if (answer.header("Transfer-Encoding") or "").lower() == "chunked":
            return self.chunks()
        length = answer.header("Content-Length")
        if length is not None:
            return self.exactly(int(length))
        return self.rest()

    def chunks(self):
        body = b""
        while size := int(self.until(b"\r\n").split(b";")[0], 16):
            body += self.exactly(size)
            self.exactly(2)
        while self.until(b"\r\n"):
            pass
        return body

    def is_closed_by_peer(self, timeout=5):
        """True when the server closes within `timeout` seconds without sending more."""
        self.socket.settimeout(timeout)
        try:
            return not self.buffer and not self.more()
        except TimeoutError:
            return False

    def more(self):
        try:
            block = self.socket.recv(65536)
        except ConnectionResetError:
            block = b""
        self.buffer += block
        return block

    def until(self, end):
        while end not in self.buffer:
            if not self.more():
                raise Closed(f"closed after {len(self.buffer)} bytes of an answer")
        found, _, self.buffer = self.buffer.partition(end)
        return found

    def exactly(self, count):
        while len(self.buffer) < count:
            if not self.more():
                raise Closed(f"closed after {len(self.buffer)} of {count} bytes of a body")
        found, self.buffer = self.buffer[:count], self.buffer[count:]
        return found

    def rest(self):
        while self.more():
            pass
        found, self.buffer = self.buffer, b""
        return found


def request(method, target, headers, body=b"", host=""):
    """Bytes of one request; Host and Content-Length are added unless they are given."""
    names = {name.lower() for name, _ in headers}
    lines = [f"{method} {target} HTTP/1.1"]
    if "host" not in names:
        lines.append(f"Host: {host}")
    lines += [f"{name}: {value}" for name, value in headers]
    if "content-length" not in names and "transfer-encoding" not in names and (body or method == "POST"):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("utf-8") + b"\r\n\r\n" + body
