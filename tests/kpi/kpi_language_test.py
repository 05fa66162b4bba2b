"""The language of *.test files, and how an answer is written in it."""

import sys
import unittest
from datetime import datetime, timezone
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from language import Ask, Mistake, Send, Set, read_steps  # noqa: E402
from run import lines_of  # noqa: E402
from senders import MAKERS  # noqa: E402

TODAY = datetime(2024, 3, 1, 5, 0, tzinfo=timezone.utc)
APP = {"app_id": "a", "segmentstream": {"api_token": "t"}, "mobile_analytics": {"app_id": "m"}}


class Language(unittest.TestCase):
    def test_steps_are_read_in_order(self):
        text = """
# comment
set active_events=level
events
  clevertap today-1 A "Product viewed" attribute.x="a b" metric.n=1.5 session=none
  clevertap 2024-01-01T00:00:00.5Z B Seen
batch
  mobile_analytics 2024-01-01 A x
  mobile_analytics 2024-01-01 A x
ask dau/count today-1 2024-03-02 "platform=a b" currencies
  USD: 1 2
"""
        steps = read_steps(text, TODAY)
        self.assertEqual([type(step) for step in steps], [Set, Send, Send, Send, Ask])
        first = steps[1].events[0]
        self.assertEqual((first.name, first.attributes, first.metrics), ("Product viewed", {"x": "a b"}, {"n": 1.5}))
        self.assertEqual(first.when, datetime(2024, 2, 29, 12, tzinfo=timezone.utc))
        self.assertEqual(steps[2].events[0].when.microsecond, 500_000)
        self.assertEqual(len(steps[3].events), 2)
        ask = steps[4]
        self.assertEqual((ask.first, ask.last, ask.parameters), ("2024-02-29", "2024-03-02", [("platform", "a b")]))
        self.assertEqual((ask.currencies, ask.expected), (True, ["USD: 1 2"]))

    def test_mistakes_name_their_line(self):
        for text in ("what", "events\n  kafka 2024-01-01 A x", "events\n  clevertap noon A x", "set a=b\n  more", "ask dau"):
            with self.assertRaisesRegex(Mistake, r"^line \d"):
                read_steps(text, TODAY)

    def test_answers_become_lines(self):
        values = [{"date": "2024-01-01", "value": None}, {"date": "2024-01-02", "value": 0.5}]
        self.assertEqual(lines_of({"values": values}, False), ["- 0.5"])
        self.assertEqual(lines_of({"values": values, "total": 7}, False), ["total=7 - 0.5"])
        groups = [{"group": "a", "values": values}, {"group": None, "values": values}]
        self.assertEqual(lines_of({"groups": groups}, False), ["a: - 0.5", "none: - 0.5"])
        money = [{"currencies": {"": 1, "EUR": 2}}, {"currencies": {"EUR": 3.5}}]
        self.assertEqual(lines_of({"values": money}, True), ["none: 1 0", "EUR: 2 3.5"])

    def test_members_of_a_hit_are_nested(self):
        text = "events\n  segmentstream 2024-01-01 D x id=h metric.transaction.total=2 attribute.y=z"
        _, _, body = MAKERS["segmentstream"](APP, read_steps(text, TODAY)[0].events)
        self.assertEqual(body["hitId"], "h")
        self.assertEqual((body["event"]["transaction"], body["event"]["y"]), ({"total": 2}, "z"))

    def test_no_session_is_sent_as_none(self):
        text = "events\n  mobile_analytics 2024-01-01 D x session=none"
        _, _, body = MAKERS["mobile_analytics"](APP, read_steps(text, TODAY)[0].events)
        self.assertNotIn("session", body["events"][0])


if __name__ == "__main__":
    unittest.main()
