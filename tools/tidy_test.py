"""Tests of tidy.py: each rule fires on what breaks it and is silent on what keeps it."""

import contextlib
import io
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import tidy  # noqa: E402

HEADER = "#pragma once\n// What this is.\n"


def rules(findings):
    return [finding.rule for finding in findings]


class Tree:
    """A project in a scratch folder that breaks no rule until it is told to."""

    def __init__(self, folder):
        self.root = Path(folder)
        self.write("CMakeLists.txt", "project(x)\n")
        self.write("README.md", "| room | for |\n|---|---|\n| `src/base` | all |\n| `src/io` | files |\n")
        self.write("src/base/CMakeLists.txt", "room(NAME base HEADERS a.h)\n")
        self.write("src/base/a.h", HEADER)
        self.write("src/io/CMakeLists.txt", "room(NAME io SOURCES f.cc DEPS base TESTS f_test.cc)\n")
        self.write("src/io/f.cc", '#include "base/a.h"\n')
        self.write("src/io/f_test.cc", '#include "base/a.h"\n')

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def findings(self):
        return tidy.check_tree(self.root)[1]


class TreeRules(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.tree = Tree(scratch.name)

    def test_a_tidy_tree_has_no_findings(self):
        self.assertEqual([str(f) for f in self.tree.findings()], [])

    def test_a_lower_room_may_not_depend_on_a_higher_one(self):
        self.tree.write("src/base/CMakeLists.txt", "room(NAME base HEADERS a.h DEPS io)\n")
        self.assertEqual(rules(self.tree.findings()), ["levels"])

    def test_rooms_of_one_level_may_not_depend_on_each_other(self):
        self.tree.write("src/json/CMakeLists.txt", "room(NAME json DEPS io)\n")
        self.tree.write("README.md", self.tree.root.joinpath("README.md").read_text() + "| `src/json` | j |\n")
        self.assertEqual(rules(self.tree.findings()), ["levels"])

    def test_an_endpoint_stands_above_its_decoder(self):
        self.assertLess(tidy.level_of("api_clickstream_decode"), tidy.level_of("api"))
        self.assertLess(tidy.level_of("api"), tidy.level_of("api_mobile_analytics"))
        self.assertIsNone(tidy.level_of("attic"))

    def test_an_include_needs_a_declared_dependency(self):
        self.tree.write("src/io/CMakeLists.txt", "room(NAME io SOURCES f.cc TESTS f_test.cc)\n")
        self.assertEqual(rules(self.tree.findings()), ["includes", "includes"])

    def test_a_test_may_use_the_dependencies_of_tests(self):
        self.tree.write("src/io/CMakeLists.txt", "room(NAME io SOURCES f.cc TESTS f_test.cc TEST_DEPS base)\n")
        self.assertEqual([f.path for f in self.tree.findings()], ["src/io/f.cc"])

    def test_an_include_of_no_room_is_found(self):
        self.tree.write("src/io/f.cc", '#include "a.h"\n')
        self.assertEqual(rules(self.tree.findings()), ["includes"])

    def test_a_library_stays_in_its_room(self):
        self.tree.write("src/io/f.cc", "#include <simdjson.h>\n")
        self.assertEqual(rules(self.tree.findings()), ["third-party"])

    def test_a_file_that_no_room_lists_is_found(self):
        self.tree.write("src/io/g.cc", "")
        self.assertEqual(rules(self.tree.findings()), ["rooms"])

    def test_a_private_header_counts_to_its_folder(self):
        self.tree.write("src/io/g.h", HEADER)
        self.assertEqual(self.tree.findings(), [])
        self.tree.write("src/attic/g.h", HEADER)
        self.assertEqual([f.path for f in self.tree.findings()], ["src/attic/g.h"])

    def test_a_program_counts_to_the_room_it_stands_in(self):
        text = (self.tree.root / "src/io/CMakeLists.txt").read_text()
        self.tree.write("src/io/CMakeLists.txt", text + "add_executable(io main.cc)\n")
        self.tree.write("src/io/main.cc", '#include "base/a.h"\n')
        self.assertEqual(self.tree.findings(), [])

    def test_a_listed_file_that_does_not_exist_is_found(self):
        (self.tree.root / "src/io/f_test.cc").unlink()
        self.assertEqual(rules(self.tree.findings()), ["rooms"])

    def test_the_room_table_is_complete_and_has_no_stale_row(self):
        self.tree.write("README.md", "| `src/base` | all |\n| `src/attic` | old |\n")
        self.assertEqual(
            sorted(f.text for f in self.tree.findings()),
            ["src/io is missing in the table of rooms", "there is no room src/attic"],
        )

    def test_a_link_into_nothing_is_found(self):
        self.tree.write("docs/a.md", "[x](b.md) [y](../README.md) [z](#none)\n# Some heading\n[w](#some-heading)\n")
        self.assertEqual([f.text for f in self.tree.findings()], ["b.md does not exist", "#none: no such heading"])

    def test_links_in_code_and_to_other_sites_are_left_alone(self):
        self.tree.write("docs/a.md", "`[x](b.md)` [y](https://example.org/)\n```\n[z](c.md)\n```\n")
        self.assertEqual(self.tree.findings(), [])

    def test_the_program_ends_with_its_counts(self):
        self.tree.write("src/io/g.cc", "")
        out, before = io.StringIO(), sys.argv
        sys.argv = ["tidy.py", "--root", str(self.tree.root)]
        try:
            with contextlib.redirect_stdout(out):
                status = tidy.main()
        finally:
            sys.argv = before
        self.assertEqual(status, 1)
        self.assertEqual(out.getvalue().splitlines()[-1], "4 passed, 1 failed")


class SourceRules(unittest.TestCase):
    def check(self, source, path="src/io/f.cc"):
        return tidy.check_source(path, source)

    def test_banned_calls_are_found_with_what_to_write_instead(self):
        for line in (
            "sprintf(a, b);",
            "std::regex r;",
            "int x = system(command);",
            "std::this_thread::sleep_for(1s);",
            "auto* p = new Thing;",
            "delete p;",
            "auto f = [=] {};",
            "using namespace std;",
        ):
            with self.subTest(line):
                findings = self.check(f"void f() {{\n  {line}\n}}\n")
                self.assertEqual(rules(findings), ["banned"])
                self.assertEqual(findings[0].line, 2)

    def test_words_in_comments_and_texts_are_not_calls(self):
        self.assertEqual(self.check('// a new thing, delete it\nauto t = "new Thing; system(x)";\n'), [])

    def test_what_only_looks_like_a_banned_call_is_left_alone(self):
        self.assertEqual(self.check("A& operator=(A&) = delete;\nstd::snprintf(a, b);\nfile_system();\n"), [])
        self.assertEqual(self.check("auto p = std::unique_ptr<A>(new A(x));\nrenew(x);\nint new_count = 0;\nlog.system(x);\n"), [])

    def test_a_digit_separator_does_not_start_a_character(self):
        self.assertEqual(rules(self.check("int a = 10'000; auto* p = new Thing; int b = 20'000;\n")), ["banned"])

    def test_fixme_is_found_in_a_comment(self):
        self.assertEqual(rules(self.check("// FIX" + "ME later\n")), ["banned"])

    def test_a_long_line_and_a_long_file_are_found(self):
        self.assertEqual(rules(self.check("int a;" + " " * 100 + "\n")), ["sizes"])
        self.assertEqual(rules(self.check("\n" * 401)), ["sizes"])
        self.assertEqual(self.check("\n" * 401, "src/io/f_test.cc"), [])

    def test_a_header_starts_with_its_paragraph(self):
        self.assertEqual(self.check(HEADER, "src/io/f.h"), [])
        self.assertEqual(rules(self.check("#pragma once\n#include <string>\n", "src/io/f.h")), ["headers"])
        self.assertEqual(rules(self.check("// What.\n#pragma once\n", "src/io/f.h")), ["headers"])

    def test_file_names_are_snake_case(self):
        self.assertEqual(rules(self.check("\n", "src/io/FileSystem.cc")), ["names"])

    def test_a_long_function_is_found_where_it_begins(self):
        body = "  call();\n" * 69
        self.assertEqual(self.check(f"void f() {{\n{body[10:]}}}\n"), [])
        findings = self.check(f"int a;\nvoid f(int b) {{\n{body}  x();\n}}\n")
        self.assertEqual([(f.rule, f.line) for f in findings], [("sizes", 2)])

    def test_a_long_table_or_class_is_no_function(self):
        self.assertEqual(self.check("const int t[] = {\n" + "  1,\n" * 90 + "};\n"), [])
        self.assertEqual(self.check("class A {\n" + "  int b;\n" * 90 + "};\n"), [])

    def test_deep_nesting_is_found(self):
        three = "void f() {\n if (a) {\n for (;;) {\n while (b) {\n }\n }\n }\n}\n"
        self.assertEqual(self.check(three), [])
        four = three.replace("while (b) {\n", "while (b) {\n switch (c) {\n }\n")
        self.assertEqual(rules(self.check(four)), ["nesting"])

    def test_a_lambda_starts_its_own_nesting(self):
        source = "void f() {\n if (a) {\n if (b) {\n g([&](int x) {\n if (x) {\n if (y) {\n }\n }\n });\n }\n }\n}\n"
        self.assertEqual(self.check(source), [])

    def test_six_parameters_are_found_and_template_commas_do_not_count(self):
        self.assertEqual(rules(self.check("void f(int a, int b, int c, int d, int e, int g) {\n}\n")), ["sizes"])
        self.assertEqual(self.check("void f(std::map<int, int> a, B<int, int, int> b, int c) {\n}\n"), [])


class TestedBy(unittest.TestCase):
    def findings(self, row, head="| limit | value | tested by |"):
        with tempfile.TemporaryDirectory() as folder:
            tree = Tree(folder)
            tree.write("src/io/f_test.cc", '#include "base/a.h"\nTEST(Depth, IsLimited) {}\n')
            tree.write("tests/compat/http/head.http", "")
            tree.write("tests/prove/run.py", 'SCENARIOS = {\n    "disk-full": disk_full,\n}\n')
            tree.write("docs/limits.md", f"{head}\n| --- | --- | --- |\n{row}\n")
            return [finding.text for finding in tree.findings() if finding.rule == "tests"]

    def test_names_of_every_kind_are_known(self):
        self.assertEqual(self.findings("| depth | 64 | `Depth.IsLimited`, `Depth`, `http/head`, `disk-full` |"), [])

    def test_a_test_that_does_not_exist_is_found(self):
        self.assertEqual(self.findings("| depth | 64 | `Depth.IsDeep` |"), ["there is no test Depth.IsDeep"])

    def test_a_row_without_a_test_is_found_unless_there_is_no_limit(self):
        self.assertEqual(len(self.findings("| depth | 64 | - |")), 1)
        self.assertEqual(self.findings("| depth | none | - |"), [])

    def test_a_table_of_limits_has_the_column(self):
        self.assertEqual(len(self.findings("| depth | 64 | fixed |", "| limit | value | change it |")), 1)


if __name__ == "__main__":
    unittest.main()
