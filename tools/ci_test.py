"""How a step of ci.py is judged."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import ci  # noqa: E402


def step(script, **options):
    out, made = [], ci.Step(["sh", "-c", script], **options)
    made.run(out.append)
    return made, "".join(out)


class Steps(unittest.TestCase):
    def test_the_last_closing_line_counts_and_no_line_looks_like_the_last_of_all(self):
        made, text = step("echo 1 passed, 1 failed; echo more; echo 7 passed, 0 failed")
        self.assertEqual((made.passed, made.failed), (7, 0))
        self.assertEqual(text, "  1 passed, 1 failed\nmore\n  7 passed, 0 failed\n")

    def test_failures_are_counted(self):
        made, _ = step("echo 7 passed, 2 failed; exit 1")
        self.assertEqual((made.passed, made.failed), (7, 2))

    def test_a_bad_end_has_failed_whatever_it_said(self):
        made, _ = step("echo 7 passed, 0 failed; exit 3")
        self.assertEqual((made.passed, made.failed), (7, 1))
        self.assertEqual(step("kill -9 $$")[0].failed, 1)

    def test_a_suite_without_a_closing_line_has_failed(self):
        self.assertEqual(step("true")[0].failed, 1)
        self.assertEqual(step("echo 0 passed, 0 failed")[0].failed, 1)

    def test_a_build_needs_none(self):
        self.assertEqual(step("true", counts_tests=False)[0].failed, 0)
        self.assertEqual(step("false", counts_tests=False)[0].failed, 1)

    def test_a_step_beside_is_complete_when_joined(self):
        beside = ci.Beside(ci.Step(["sh", "-c", "sleep 0.1; echo 3 passed, 0 failed"]))
        beside.join()
        self.assertEqual((beside.step.passed, beside.step.failed), (3, 0))


if __name__ == "__main__":
    unittest.main()
