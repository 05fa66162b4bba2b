#!/usr/bin/env python3
"""Tests of what the benchmark makes of its measurements: spreads, ratios, aims and tables."""

import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests")]

import flows  # noqa: E402
import footprint  # noqa: E402
import machine  # noqa: E402
import report  # noqa: E402
import rounds  # noqa: E402
from generator import Run  # noqa: E402

OWN = rounds.Place("own", "a core each", (0,), (1,))


class Server:
    def __init__(self, key):
        self.key = self.name = key


def run(requests_per_s, cpu_s=1.0, batch=1, stored_cpu_s=None):
    """As of a second without a warm-up."""
    told = {
        "requests": requests_per_s,
        "events": requests_per_s * batch,
        "acknowledged_total_events": requests_per_s * batch,
        "acknowledged_total_requests": requests_per_s,
        "requests_per_s": requests_per_s,
        "events_per_s": requests_per_s * batch,
        "body_bytes_mean": 500 * batch,
        "generator_cpu_s": 0.5,
        "seconds": 1,
    }
    return Run(told, 1, cpu_s, 0.5, stored_cpu_s or cpu_s)


def table(load, **by_server):
    """Runs by server, the key written with _ instead of -."""
    out = rounds.Table()
    for key, runs in by_server.items():
        for one in runs:
            out.note(load, OWN, Server(key.replace("_", "-")), one)
    return out


def row_of(rows, server):
    return next(row for row in rows if row.server == server)


class Rounds(unittest.TestCase):
    def test_ratio_is_taken_within_the_round(self):
        found = table("x", catchment=[run(50), run(300)], nginx_204=[run(100), run(300)])
        ratio = found.ratio("x", "own", "catchment", "nginx-204", report.per_second)
        self.assertEqual((ratio.least, ratio.median, ratio.most), (0.5, 0.75, 1.0))

    def test_ratio_to_a_server_that_was_not_measured_is_left_out(self):
        found = table("x", catchment=[run(50)])
        self.assertIsNone(found.ratio("x", "own", "catchment", "nginx-204", report.per_second))

    def test_a_single_core_has_no_place_with_a_core_each(self):
        self.assertEqual([place.key for place in rounds.places([3])], ["both"])
        self.assertEqual([place.key for place in rounds.places([3, 5])], ["own", "both"])

    def test_spread_of_one_round_is_one_number(self):
        self.assertEqual(rounds.Spread.of([7]).text(str), "7")
        self.assertEqual(rounds.Spread.of([9, 7, 8]).text(str), "8 (7–9)")


class Runs(unittest.TestCase):
    def test_processor_time_is_divided_among_the_requests_of_the_warm_up_too(self):
        one = run(1000, cpu_s=2, batch=10)
        one.told["acknowledged_total_events"], one.told["acknowledged_total_requests"] = 40_000, 4000
        self.assertEqual(one.requests_per_cpu_s, 2000)
        self.assertEqual(one.events_per_cpu_s, 20_000)

    def test_signed_batches_are_compared_by_bytes(self):
        found = flows.Signed([run(100)], [run(100, batch=2)], 2)
        self.assertEqual(found.ratio(report.bytes_per_second).median, 0.5)


class Aims(unittest.TestCase):
    def rows(self, load, **by_server):
        return report.compared(table(load, **by_server))

    def test_single_events_need_both_ratios(self):
        peers = {"nginx_204": [run(100)], "nginx_log": [run(50)]}
        self.assertTrue(row_of(self.rows(report.SINGLE, catchment=[run(70)], **peers), "catchment").met)
        self.assertFalse(row_of(self.rows(report.SINGLE, catchment=[run(69)], **peers), "catchment").met)
        peers["nginx_log"] = [run(60)]
        self.assertFalse(row_of(self.rows(report.SINGLE, catchment=[run(71)], **peers), "catchment").met)

    def test_batches_need_200_000_events(self):
        peers = {"nginx_204": [run(40_000)], "nginx_log": [run(15_000)]}
        fast, slow = run(20_000, batch=10), run(19_999, batch=10)
        self.assertTrue(row_of(self.rows(report.BATCHES, catchment=[fast], **peers), "catchment").met)
        self.assertFalse(row_of(self.rows(report.BATCHES, catchment=[slow], **peers), "catchment").met)

    def test_nobody_else_has_an_aim(self):
        rows = self.rows(report.SINGLE, catchment=[run(1)], nginx_204=[run(1)], nginx_log=[run(1)])
        self.assertEqual([row.server for row in rows if row.aim], ["catchment"])

    def test_data_in_memory_is_held_to_the_same_aim(self):
        peers = {"nginx_204": [run(100)], "nginx_log": [run(50)]}
        rows = self.rows(report.SINGLE, catchment=[run(10)], catchment_shm=[run(90)], **peers)
        self.assertEqual([row.met for row in rows if row.aim], [False, True])

    def test_sustained_needs_rate_evenness_and_a_bounded_lag(self):
        def met(*parts):
            parts = [flows.Part(rate, rate, lag) for rate, lag in parts]
            return report.sustained_row(flows.Sustained(60_000, 60, parts, 0, 300), 60_000).met

        self.assertTrue(met((60_000, 200), (60_000, 300), (59_900, 900)))
        self.assertFalse(met((60_000, 200), (60_000, 300), (50_000, 300)))
        self.assertFalse(met((60_000, 200), (60_000, 300), (60_000, 5_000)))
        self.assertFalse(met((70_000, 200), (65_000, 300), (60_000, 300)))

    def test_a_late_answer_is_held_against_the_disk(self):
        probe = [machine.Syncs(4, 1000, 0.5, 2.0), machine.Syncs(64, 100, 5, 50.0)]
        told = {"p50": 400, "p99": 6_900, "p999": 20_000}
        self.assertTrue(report.latency_row(flows.Latency(1000, told, 1), probe).met)
        self.assertFalse(report.latency_row(flows.Latency(1000, {**told, "p99": 7_100}, 1), probe).met)

    def test_freshness_at_a_lower_rate_does_not_count(self):
        self.assertTrue(report.freshness_row(flows.Freshness(40_000, 100, 20, 300)).met)
        self.assertFalse(report.freshness_row(flows.Freshness(20_000, 100, 20, 300)).met)


class Tables(unittest.TestCase):
    def test_markdown_has_a_table_for_servers_and_one_for_figures(self):
        rows = report.compared(table(report.SINGLE, catchment=[run(2000)], nginx_204=[run(1000)]))
        rows.append(report.Figure("memory", "47 MiB", "≤ 100 MB", True))
        text = report.as_markdown(rows, ["a note"])
        self.assertIn("| single events, a core each | catchment | 2,000 | 2,000 | 2.00 |", text)
        self.assertIn("| memory | 47 MiB | ≤ 100 MB: met |", text)
        self.assertTrue(text.endswith("\n- a note\n"))
        for line in text.splitlines()[:3]:
            self.assertEqual(line.count("|"), len(report.COMPARED_HEAD) + 1)


    def test_markdown_replaces_only_what_stands_between_the_marks(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "page.md"
            file.write_text(f"# Page\n{report.MARKS[0]}\nold\n{report.MARKS[1]}\n\nEnd\n")
            for _ in range(2):
                report.put_markdown(file, [report.Figure("memory", "47 MiB")], ["a note"])
            text = file.read_text()
            self.assertNotIn("old", text)
            self.assertEqual(text.count("| memory | 47 MiB |  |"), 1)
            self.assertTrue(text.startswith("# Page\n") and text.endswith("\n\nEnd\n"))
            report.put_markdown(Path(folder) / "alone.md", [report.Figure("memory", "47 MiB")], [])
            self.assertTrue((Path(folder) / "alone.md").read_text().startswith("| figure |"))


class Footprint(unittest.TestCase):
    def test_requests_in_compressed_files_end_where_the_first_plain_file_begins(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("1.seg.zst", "501.seg.zst", "1201.seg"):
                (Path(folder) / f"{name:0>30}").touch()
            self.assertEqual(footprint.compressed_requests(Path(folder)), 1200)


if __name__ == "__main__":
    unittest.main()
