"""Tests of the test harness itself: signatures against published vectors, HTTP framing, file format."""

import calendar
import json
import socket
import sys
import tempfile
import threading
import unittest
import zlib
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "compat")]
import compare  # noqa: E402
import exchange  # noqa: E402
from harness.sigv4 import Signer  # noqa: E402
from harness.wire import Answer, Closed, Connection, request  # noqa: E402

# The documented example credentials and moment of the published signature test suite.
EXAMPLE = Signer("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", service="service")
MOMENT = calendar.timegm((2015, 8, 30, 12, 36, 0))
HOST = [("Host", "example.amazonaws.com")]


class Signatures(unittest.TestCase):
    def test_header_form_agrees_with_the_published_vector(self):
        _, headers = EXAMPLE.sign("POST", "/?Param1=value1", HOST, b"", MOMENT)
        self.assertTrue(
            dict(headers)["Authorization"].endswith(
                "Signature=28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"
            )
        )

    def test_query_form_agrees_with_the_published_vector(self):
        target, _ = EXAMPLE.sign_query("POST", "/?Param1=value1", HOST, b"", MOMENT, expires=3600)
        self.assertTrue(
            target.endswith("X-Amz-Signature=a9ef26247f293bffe40eeff86a0480ba8c14d31503b2e0c3399e3a16bf1a3682")
        )

    def test_every_header_that_starts_with_x_amz_is_signed(self):
        headers = HOST + [("x-amz-Client-Context", "{}"), ("User-Agent", "x")]
        self.assertEqual(Signer.names_to_sign(headers, "amz"), {"host", "x-amz-client-context"})


class Wire(unittest.TestCase):
    def answer_to(self, reply):
        """What Connection reads when a peer sends `reply` and closes."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)

        def serve():
            peer, _ = listener.accept()
            peer.sendall(reply)
            peer.close()

        thread = threading.Thread(target=serve)
        thread.start()
        self.addCleanup(thread.join)
        return Connection(*listener.getsockname())

    def test_reads_a_body_by_its_length_and_leaves_the_rest(self):
        with self.answer_to(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabHTTP/1.1 204 No\r\n\r\n") as peer:
            self.assertEqual(peer.receive().body, b"ab")
            self.assertEqual(peer.receive().status, 204)
            self.assertTrue(peer.is_closed_by_peer())

    def test_reads_chunks_and_passes_over_interim_answers(self):
        reply = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        with self.answer_to(reply) as peer:
            self.assertEqual(peer.receive().body, b"abc")

    def test_an_answer_cut_short_is_seen(self):
        with self.answer_to(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab") as peer:
            with self.assertRaises(Closed):
                peer.receive()

    def test_a_request_gets_the_headers_it_needs(self):
        text = request("POST", "/x", [("A", "b")], b"hi", "h:1")
        self.assertEqual(text, b"POST /x HTTP/1.1\r\nHost: h:1\r\nA: b\r\nContent-Length: 2\r\n\r\nhi")


def read(http, reply="HTTP/1.1 200 OK\n"):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.http"
        path.write_text(http)
        path.with_suffix(".reply").write_text(reply)
        return exchange.read_exchanges(path)


class Format(unittest.TestCase):
    def prepared(self, http, **given):
        return exchange.prepare(read(http)[0], exchange.Variables({"HOST": "h", **given}))

    def test_line_ends_become_crlf_and_the_length_is_counted(self):
        message = self.prepared("POST /x HTTP/1.1\nHost: ${HOST}\nContent-Length: auto\n\nhé\n")
        self.assertEqual(message.head, b"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n")
        self.assertEqual(message.body, "hé".encode())

    def test_directives_end_where_the_request_starts(self):
        parts = read("# a comment\n# sql: SELECT 1 \\\n#   AS a\n# rows: [[1]]\nGET / HTTP/1.1\n# no: header\n")
        self.assertEqual(parts[0].queries(), [exchange.Query("SELECT 1 AS a", "[[1]]")])

    def test_a_misspelt_directive_and_a_query_without_rows_are_mistakes(self):
        with self.assertRaises(exchange.Mistake):
            read("# bdoy: gzip\nGET / HTTP/1.1\n")
        with self.assertRaises(exchange.Mistake):
            read("# sql: SELECT 1\nGET / HTTP/1.1\n")[0].queries()

    def test_several_exchanges_share_a_file_and_its_ids(self):
        parts = read("GET /1 HTTP/1.1\n###\nGET /2 HTTP/1.1\n", "HTTP/1.1 200 OK\n###\nHTTP/1.1 204 No\n")
        self.assertEqual([part.request for part in parts], ["GET /1 HTTP/1.1", "GET /2 HTTP/1.1"])
        variables = exchange.Variables({})
        self.assertEqual(variables.expand("${UUID}"), variables.expand("${UUID}"))
        self.assertNotEqual(variables.expand("${UUID}"), variables.expand("${UUID_2}"))

    def test_functions_may_hold_braces_and_variables(self):
        variables = exchange.Variables({"A": "x"})
        self.assertEqual(variables.expand('[${LIST 2 {"n": {{i}}, "a": "${A}"}}]'), '[{"n": 1, "a": "x"},{"n": 2, "a": "x"}]')
        self.assertEqual(variables.expand("${REPEAT 3 ab}${SHA256_8 abc}"), "abababba7816bf")
        with self.assertRaises(exchange.Mistake):
            variables.expand("${NOBODY}")

    def test_steps_are_applied_from_left_to_right(self):
        message = self.prepared("# body: deflate\nPOST / HTTP/1.1\n\nabc\n")
        self.assertEqual(zlib.decompress(message.body), b"abc")
        self.assertEqual(exchange.apply_steps(b"61 62\n63", "hex"), (b"abc", False))
        self.assertEqual(exchange.apply_steps(b"x", "repeat 3 yz chunked"), (b"yzyzyz", True))
        self.assertEqual(exchange.apply_steps(rb"\x00\n\u00e9", "escapes"), (b"\0\n\\u00e9", False))

    def test_chunks_end_with_an_empty_one(self):
        self.assertEqual(exchange.chunk(b"abc"), b"3\r\nabc\r\n0\r\n\r\n")

    def test_a_raw_request_goes_out_as_written(self):
        message = self.prepared("# raw: yes\nGET / HTTP/1.1\\r\\nHost: h\\n\n\\r\\n\n")
        self.assertEqual(message.head, b"GET / HTTP/1.1\r\nHost: h\n\r\n")

    def test_damage_after_signing_changes_one_thing(self):
        http = "# sign: aws break={}\nPOST /e HTTP/1.1\nHost: h\nX-Amz-Date: 20150830T123600Z\nContent-Length: auto\n\nabc\n"
        keys = {"ACCESS_KEY": "A", "SECRET_KEY": "S"}
        self.assertEqual(self.prepared(http.format("body"), **keys).body, b"abc ")
        self.assertIn(b"Content-Length: 4", self.prepared(http.format("body"), **keys).head)
        whole = self.prepared(http.replace(" break={}", ""), **keys).head
        broken = self.prepared(http.format("signature"), **keys).head
        self.assertEqual(sum(a != b for a, b in zip(whole, broken)), 1)


class RecordedExchanges(unittest.TestCase):
    """Every file keeps to the format; what it says is tested against the server."""

    NAMES = (
        "APP_ID ACCOUNT_ID PASSCODE MA_APP_ID ACCESS_KEY SECRET_KEY API_TOKEN API_TOKEN_BASIC PROJECT_ID QUERY_TOKEN HOST POSITION"
    )

    def test_each_can_be_read(self):
        given = {name: "x" for name in self.NAMES.split()}
        for path in sorted((TESTS / "compat").glob("*/*.http")):
            with self.subTest(path.name):
                variables = exchange.Variables(given)
                for part in exchange.read_exchanges(path):
                    exchange.prepare(part, variables)
                    for query in part.queries():
                        json.loads(variables.expand(query.rows))
                        variables.expand(query.sql)
                    if part.reply.strip() != compare.CLOSED:
                        compare.parse_reply(variables.expand(part.reply))

    def test_no_reply_is_left_alone(self):
        replies = (TESTS / "compat").glob("*/*.reply")
        self.assertEqual([p.name for p in replies if not p.with_suffix(".http").is_file()], [])


class Comparison(unittest.TestCase):
    def answer(self, body=b"", status=200, headers=()):
        return Answer("HTTP/1.1", status, "OK", list(headers), body)

    def test_equal_answers_have_no_differences(self):
        headers = [("Content-Type", "application/json"), ("X-A", "12")]
        answer = self.answer(b'{"a": 1, "b": [true]}', headers=headers)
        reply = 'HTTP/1.1 200\nX-A: /[0-9]+/\n!X-B\n\n{"b":[true],"a":"<any>"}\n'
        self.assertEqual(compare.compare(reply, answer), [])

    def test_status_header_and_body_are_each_compared(self):
        answer = self.answer(b"no", 403, [("X-B", "1")])
        found = "\n".join(compare.compare("HTTP/1.1 200 OK\nX-A: 1\n!X-B\n\n<empty>\n", answer))
        for part in ("403", "(no X-A)", "+ X-B: 1", "+ no"):
            self.assertIn(part, found)

    def test_a_name_can_be_held_to_its_letters(self):
        answer = self.answer(headers=[("x-amzn-ErrorType", "a")])
        self.assertEqual(compare.compare("HTTP/1.1 200\nX-AMZN-errortype: a\n=x-amzn-ErrorType: a\n", answer), [])
        self.assertTrue(compare.compare("HTTP/1.1 200\n=X-Amzn-ErrorType: a\n", answer))
        self.assertTrue(compare.compare("HTTP/1.1 200\n=x-amzn-ErrorType: b\n", answer))

    def test_true_is_not_one_and_missing_keys_count(self):
        self.assertFalse(compare.same_json(1, True))
        self.assertFalse(compare.same_json({"a": 1}, {"a": 1, "b": 2}))
        self.assertTrue(compare.same_json(1, 1.0))

    def test_text_that_is_not_json_is_compared_byte_for_byte(self):
        self.assertTrue(compare.compare("HTTP/1.1 200\n\n{}\n", self.answer(b"{ }")))
        self.assertEqual(compare.compare("HTTP/1.1 200\n\n/a.c/\n", self.answer(b"abc")), [])

    def test_a_close_without_an_answer_must_be_expected(self):
        self.assertEqual(compare.compare("<closed>\n", None), [])
        self.assertTrue(compare.compare("HTTP/1.1 400\n", None))
        self.assertTrue(compare.compare("<closed>\n", self.answer()))

    def test_rows_compare_as_json(self):
        self.assertEqual(compare.compare_rows('[["/a+/", 1]]', [["aaa", 1]]), [])
        self.assertTrue(compare.compare_rows("[[1]]", [[1], [2]]))
        with self.assertRaises(exchange.Mistake):
            compare.compare_rows("nothing", [])

    def test_a_recorded_reply_accepts_its_own_answer(self):
        headers = [("Content-Type", "application/json"), ("Date", "now"), ("Location", "/secret-app")]
        answer = self.answer(json.dumps({"app": "secret-app"}).encode(), headers=headers)
        text = compare.record(answer, {"APP_ID": "secret-app"})
        self.assertIn("${APP_ID}", text)
        expanded = exchange.Variables({"APP_ID": "secret-app"}).expand(text)
        self.assertEqual(compare.compare(expanded, answer), [])


if __name__ == "__main__":
    unittest.main()
