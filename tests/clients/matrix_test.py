"""Tests of what the clients are tested with: verdicts, drivers, the gate, and the lists of packages. No client runs."""

import argparse
import json
import re
import socket
import sys
import tempfile
import threading
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import run  # noqa: E402
from bench import Bench, Differs, Skip, equal, until  # noqa: E402
from gate import Gate  # noqa: E402
from harness.wire import Closed, Connection, request  # noqa: E402
from node import ClientError, Driver  # noqa: E402

ECHO = """
import json, sys
for line in sys.stdin:
    one = json.loads(line)
    if one["call"] == "leave":
        sys.exit(0)
    value = {"error": {"name": "Bad", "message": "no", "code": 7}} if one["call"] == "fail" else {"value": one["arguments"]}
    print(json.dumps({"id": one["id"], **value}), flush=True)
"""


class Verdicts(unittest.TestCase):
    def setUp(self):
        self.bench = Bench("client", "1.0", "/nowhere", argparse.Namespace(verbose=False))

    def test_a_block_passes_fails_or_is_skipped(self):
        with self.bench.shows("good"):
            equal("one", 1, 1)
        with self.bench.shows("different"):
            equal("one", 1, 2)
        with self.bench.shows("broken"):
            raise KeyError("x")
        with self.bench.shows("not here"):
            raise Skip("no such program")
        self.assertEqual([row.verdict for row in self.bench.rows], ["passed", "failed", "failed", "skipped"])
        self.assertEqual(run.closing_line(self.bench.rows), "1 passed, 2 failed, 1 skipped")

    def test_without_skipped_ones_they_are_not_named(self):
        with self.bench.shows("good"):
            pass
        self.assertEqual(run.closing_line(self.bench.rows), "1 passed, 0 failed")

    def test_what_stays_false_differs(self):
        with self.assertRaises(Differs):
            until("never", lambda: False, seconds=0.01, pause=0.001)


class Drivers(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        (Path(folder.name) / "echo.py").write_text(ECHO, encoding="utf-8")
        self.driver = Driver(folder.name, [sys.executable, "echo.py"], log=Path(folder.name) / "log")
        self.addCleanup(self.driver.close)

    def test_answers_find_their_calls(self):
        first, second = self.driver.begin("a", 1), self.driver.begin("b", "zwei")
        self.assertEqual(self.driver.finish(second), ["zwei"])
        self.assertEqual(self.driver.finish(first), [1])

    def test_an_error_keeps_what_it_says(self):
        with self.assertRaises(ClientError) as caught:
            self.driver.call("fail")
        self.assertEqual(caught.exception.error["code"], 7)

    def test_a_driver_that_ends_fails_its_call(self):
        with self.assertRaises(ClientError):
            self.driver.call("leave", timeout=10)


class Gates(unittest.TestCase):
    def setUp(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.listener.close)
        self.arrived = []
        threading.Thread(target=self.serve, daemon=True).start()
        host, port = self.listener.getsockname()
        self.gate = Gate(argparse.Namespace(host=host, port=port))
        self.addCleanup(self.gate.close)

    def serve(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            with peer:
                self.arrived.append(peer.recv(65536))
                peer.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nok")

    def send(self, method="POST"):
        with Connection("127.0.0.1", int(self.gate.url.rpartition(":")[2])) as connection:
            connection.send(request(method, "/x", [("A", "b")], b"body", "h"))
            return connection.receive(method).status

    def test_passes_on_and_notes(self):
        self.assertEqual(self.send(), 202)
        self.assertIn(b"A: b\r\n", self.arrived[0])
        self.assertEqual((self.gate.count("POST", 202), self.gate.notes[0]["body"]), (1, b"body"))

    def test_loses_answers_after_the_request_arrived_but_no_preflight(self):
        self.gate.lose = "answer"
        with self.assertRaises(Closed):
            self.send()
        self.assertEqual((len(self.arrived), self.gate.count("POST", "lost")), (1, 1))
        self.assertEqual(self.send("OPTIONS"), 202)

    def test_loses_requests_before_they_arrive(self):
        self.gate.lose = "request"
        with self.assertRaises(Closed):
            self.send()
        self.assertEqual(self.arrived, [])


class Packages(unittest.TestCase):
    def test_versions_are_exact_and_locked_without_addresses(self):
        for path in sorted(HERE.glob("*/package.json")):
            with self.subTest(path.parent.name):
                asked = json.loads(path.read_text(encoding="utf-8"))["dependencies"]
                locked = json.loads(path.with_name("package-lock.json").read_text(encoding="utf-8"))["packages"]
                for name, version in asked.items():
                    self.assertRegex(version, re.compile(r"^\d+\.\d+\.\d+$"))
                    self.assertEqual(locked[f"node_modules/{name}"]["version"], version)
                for name, package in locked.items():
                    self.assertNotIn("resolved", package)
                    self.assertTrue(not name or package.get("integrity") or package.get("inBundle"), name)

    def test_every_folder_is_in_the_list(self):
        self.assertEqual(sorted(path.parent.name for path in HERE.glob("*/client.py")), sorted(run.CLIENTS))


if __name__ == "__main__":
    unittest.main()
