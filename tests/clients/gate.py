"""A network between client and server that can lose what is on the way: requests before they arrive, or answers."""

import contextlib
import socket
import threading

from harness.wire import Closed, Connection


class Gate:
    """Passes each request on and keeps a note of it: (method, target, headers, body, and the status of its answer or "lost"). `lose` says what happens to
    those that are no preflight: "" nothing, "request" it never arrives, "answer" it arrives and its answer does not."""

    def __init__(self, server):
        self.server = server
        self.lose = ""
        self.notes = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        self.listener.close()

    def accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        client = Connection.__new__(Connection)
        client.socket, client.buffer = peer, b""
        peer.settimeout(60)
        # A client that goes away, or a server that is down, ends the connection as a real network would.
        with contextlib.suppress(Closed, OSError), contextlib.closing(peer):
            while self.one_request(client):
                pass

    def one_request(self, client):
        """False when the connection is to be closed without an answer."""
        head = client.until(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        method = lines[0].split(" ")[0]
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        body = client.exactly(int(headers.get("content-length", "0")))
        lose = "" if method == "OPTIONS" else self.lose
        note = {"method": method, "target": lines[0].split(" ")[1], "headers": headers, "body": body, "status": "lost"}
        self.notes.append(note)
        if lose == "request":
            return False
        with Connection(self.server.host, self.server.port) as upstream:
            upstream.send(head + b"\r\n\r\n" + body)
            answer = upstream.receive(method)
        if lose == "answer":
            return False
        note["status"] = answer.status
        fields = [f"{name}: {value}" for name, value in answer.headers]
        client.send("\r\n".join([f"{answer.version} {answer.status} {answer.reason}", *fields, "", ""]).encode("latin-1"))
        client.send(answer.body)
        return answer.keeps_open

    def count(self, method, status=None):
        return sum(note["method"] == method and status in (None, note["status"]) for note in self.notes)
