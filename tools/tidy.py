#!/usr/bin/env python3
"""Holds the tree against the rules of STYLE.md that a program can check.

usage: tools/tidy.py [--root DIR]

Prints one line per finding, "path:line: rule: what is wrong and what to do", and ends with
"N passed, N failed", counted in files.
"""

import argparse
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

# Rooms by level, lowest first. A room may include rooms of lower levels only. Names are those of
# room(NAME ...); * stands for any API.
LEVELS = [
    ["base"],
    ["io", "codec", "json", "metrics"],
    ["event"],
    ["segment", "kpi_rules", "loader_person"],
    ["http", "journal", "store", "registry", "enrich", "api_*_decode", "api_sigv4"],
    ["loader_dedup", "loader_state", "store_views"],
    ["loader_rollup"],
    ["kpi"],
    ["api", "loader", "store_duckdb", "query"],
    ["api_*"],
    ["settings", "control", "audit"],
    ["engine", "exports", "imports"],
    ["commands"],
    ["daemon"],
    ["simulation"],
]

# Third-party headers and the only rooms that may include them.
OWNERS = [
    (r"simdjson", {"json"}),
    (r"boost/", {"http", "control"}),
    (r"duckdb", {"store_duckdb"}),
    (r"sqlite3", {"registry", "loader_state"}),
    (r"(libdeflate|zlib|zstd|igzip|isa-l|crc|xxhash)", {"codec"}),
    (r"openssl/", {"codec", "http", "registry", "api_mobile_analytics"}),
    (r"re2/", {"enrich"}),
    (r"maxminddb", {"enrich"}),
    (r"toml\+\+/", {"settings"}),
    (r"CLI/", {"commands"}),
]

BANNED = [
    (r"\bv?sprintf\s*\(", "sprintf", "write std::to_chars, fmt or std::snprintf"),
    (r"\bstrtok(_r)?\s*\(", "strtok", "split a std::string_view"),
    (r"\bstd::regex\b|<regex>", "std::regex", "write a small scanner, or RE2 in enrich"),
    (r"(?<![\w.>])(std::)?system\s*\(", "system", "call what the command would call"),
    (r"\bsleep_for\s*\(|\bsleep_until\s*\(", "sleep_for", "wait on a condition variable or a timer"),
    (r"(?<![\w_])(?<!>\()new\s+[A-Za-z_:]", "new", "std::make_unique, or a container"),
    (r"(?<![\w_])delete\s+[A-Za-z_:\[(]|(?<![\w_])delete\[\]", "delete", "let a std::unique_ptr own it"),
    (r"\[=[\],]", "[=]", "name what the lambda captures"),
    (r"\busing\s+namespace\b", "using namespace", "name the namespace, or using-declare one name"),
    (r"<iostream>", "<iostream>", "base::Log, or std::fputs in the command line"),
]

CEILINGS = {"source": 400, "header": 200, "test": 600}
FUNCTION_LINES_MAX = 70
PARAMETERS_MAX = 5
NESTING_MAX = 3
COLUMNS_MAX = 100
ROOM_FILES_MAX = 25
ROOT_CMAKE_LINES_MAX = 80
VAGUE_ROOMS = {"util", "utils", "common", "misc", "helpers", "manager", "core"}


@dataclass
class Finding:
    path: str
    line: int
    rule: str
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.rule}: {self.text}"


@dataclass
class Room:
    """One room(...) call of a CMakeLists.txt."""

    name: str
    folder: str
    deps: set = field(default_factory=set)
    test_deps: set = field(default_factory=set)
    files: set = field(default_factory=set)
    tests: set = field(default_factory=set)


def blank_text_and_comments(source):
    """The source with the inside of comments, strings and characters replaced by spaces."""
    pattern = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"([^(\s]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'',
        re.DOTALL,
    )

    def blank(match):
        text = match.group(0)
        inner = re.sub(r"[^\n]", " ", text)
        return '"' + inner[1:-1] + '"' if text.endswith(('"', "'")) and len(text) > 1 else inner

    return pattern.sub(blank, source)


# ---- rooms ----------------------------------------------------------------------------------


def read_rooms(root):
    rooms = []
    for listing in sorted((root / "src").rglob("CMakeLists.txt")):
        folder = listing.parent.relative_to(root / "src").as_posix()
        text = re.sub(r"#[^\n]*", "", listing.read_text())
        for call in re.finditer(r"\broom\s*\(([^)]*)\)", text):
            rooms.append(parse_room(folder, call.group(1).split()))
        # A program's own source counts to the room it stands in.
        for program in re.finditer(r"\badd_executable\s*\(\s*\w+\s+([^)]*)\)", text):
            rooms[-1].files |= set(program.group(1).split())
    return rooms


def parse_room(folder, words):
    room, key = Room("", folder), ""
    keys = {"NAME", "PATH", "SOURCES", "HEADERS", "DEPS", "LIBS", "PRIVATE_LIBS", "TESTS", "BENCHES", "FUZZERS", "PROGRAM",
            "TEST_LIBS", "TEST_DEPS"}  # fmt: skip
    for word in words:
        if word in keys:
            key = word
        elif key == "NAME":
            room.name = word
        elif key == "DEPS":
            room.deps.add(word)
        elif key == "TEST_DEPS":
            room.test_deps.add(word)
        elif key in ("SOURCES", "HEADERS"):
            room.files.add(word)
        elif key in ("TESTS", "BENCHES", "FUZZERS", "PROGRAM"):
            room.tests.add(word)
    return room


def level_of(name):
    """Index in LEVELS; the most exact pattern decides."""
    best = None
    for level, patterns in enumerate(LEVELS):
        for pattern in patterns:
            if re.fullmatch(pattern.replace("*", "[a-z_]+"), name):
                exactness = len(pattern.replace("*", ""))
                if best is None or exactness > best[0]:
                    best = (exactness, level)
    return None if best is None else best[1]


def check_levels(rooms):
    findings = []
    for room in rooms:
        place = f"src/{room.folder}/CMakeLists.txt"
        level = level_of(room.name)
        if level is None:
            findings.append(Finding(place, 1, "rooms", f'room "{room.name}" has no level: add it to LEVELS'))
            continue
        for dep in sorted(room.deps):
            if level_of(dep) is None or level_of(dep) >= level:
                text = f'"{room.name}" (level {level}) depends on "{dep}" (level {level_of(dep)}); only lower levels'
                findings.append(Finding(place, 1, "levels", text))
    return findings


class Includes:
    """Which room each file belongs to, and what it may include."""

    def __init__(self, rooms):
        self.room_of = {}
        self.rooms_in = {}
        # The lowest room of a folder first: a private header that no call lists counts to it.
        for room in sorted(rooms, key=lambda room: level_of(room.name) or 0):
            self.rooms_in.setdefault(room.folder, []).append(room)
            for name in room.files | room.tests:
                self.room_of[f"{room.folder}/{name}"] = room

    def owner_of(self, path):
        """The room that lists the file; for a private header the one that lists its .cc file, or its folder's."""
        if path in self.room_of or not path.endswith(".h"):
            return self.room_of.get(path)
        beside = self.room_of.get(path[:-2] + ".cc")
        return beside or next(iter(self.rooms_in.get(str(Path(path).parent), [])), None)

    def check(self, path, source):
        """`path` is relative to src/."""
        room = self.owner_of(path)
        if room is None:
            return [Finding(f"src/{path}", 1, "rooms", "no room(...) lists this file: add it to CMakeLists.txt")]
        findings = []
        is_test = Path(path).name in room.tests
        for number, line in enumerate(source.splitlines(), 1):
            if own := re.match(r'\s*#include "([^"]+)"', line):
                findings += self.check_own(path, number, own.group(1), room, is_test)
            elif other := re.match(r"\s*#include <([^>]+)>", line):
                findings += self.check_other(path, number, other.group(1), room)
        return findings

    def check_own(self, path, number, name, room, is_test):
        place = f"src/{path}"
        owner = self.owner_of(name)
        if owner is None:
            return [Finding(place, number, "includes", f'"{name}" is listed in no room: write the path from src/')]
        allowed = {room.name} | room.deps | (room.test_deps if is_test else set())
        if owner.name in allowed:
            return []
        text = f'"{name}" is of room "{owner.name}", which is not among the DEPS of "{room.name}"'
        return [Finding(place, number, "includes", text)]

    def check_other(self, path, number, name, room):
        for pattern, owners in OWNERS:
            if re.match(pattern, name) and room.name not in owners:
                text = f"<{name}> stays in {', '.join(sorted(owners))}"
                return [Finding(f"src/{path}", number, "third-party", text)]
        return []


def check_room_table(root, rooms):
    """Each folder that holds a room has a row in README's table, and each row a folder."""
    readme = root / "README.md"
    if not readme.is_file():
        return [Finding("README.md", 1, "rooms", "there is no README.md with the table of rooms")]
    rows = {}
    for number, line in enumerate(readme.read_text().splitlines(), 1):
        for name in re.findall(r"`src/([a-z0-9_/]+?)/?`", line.split("|")[1] if line.startswith("|") else ""):
            rows[name] = number
    folders = {room.folder for room in rooms}
    findings = [
        Finding("README.md", 1, "rooms", f"src/{name} is missing in the table of rooms")
        for name in sorted(folders - set(rows))
    ]
    for name in sorted(set(rows) - folders):
        findings.append(Finding("README.md", rows[name], "rooms", f"there is no room src/{name}"))
    return findings


def check_room_sizes(root, rooms):
    findings = []
    for room in rooms:
        if len(room.files) > ROOM_FILES_MAX:
            text = f"{len(room.files)} files, at most {ROOM_FILES_MAX}: split the room"
            findings.append(Finding(f"src/{room.folder}/CMakeLists.txt", 1, "sizes", text))
        if room.folder.split("/")[-1] in VAGUE_ROOMS:
            findings.append(Finding(f"src/{room.folder}", 1, "names", "the name says nothing about what is inside"))
        for name in sorted(room.files | room.tests):
            if not (root / "src" / room.folder / name).is_file():
                text = f"{name} is listed and does not exist"
                findings.append(Finding(f"src/{room.folder}/CMakeLists.txt", 1, "rooms", text))
    return findings


# ---- sources --------------------------------------------------------------------------------


def kind_of(path):
    if path.endswith(("_test.cc", "_bench.cc", "_fuzz.cc")):
        return "test"
    return "header" if path.endswith(".h") else "source"


def check_file_size(path, lines):
    ceiling = CEILINGS[kind_of(path)]
    if len(lines) <= ceiling:
        return []
    return [Finding(path, len(lines), "sizes", f"{len(lines)} lines, at most {ceiling}: split it by subject")]


def check_lines(path, lines, code_lines):
    findings = []
    for number, (line, code) in enumerate(zip(lines, code_lines), 1):
        if len(line) > COLUMNS_MAX:
            findings.append(Finding(path, number, "sizes", f"{len(line)} columns, at most {COLUMNS_MAX}"))
        if "FIXME" in line:
            findings.append(Finding(path, number, "banned", "FIXME: fix it, or say TODO(later): and why"))
        if "NOLINT" in line:
            continue
        for pattern, name, instead in BANNED:
            if name == "sleep_for" and kind_of(path) == "test":
                continue
            if re.search(pattern, code):
                findings.append(Finding(path, number, "banned", f"{name}: {instead}"))
    return findings


def check_header(path, lines):
    findings = []
    if not lines or lines[0] != "#pragma once":
        findings.append(Finding(path, 1, "headers", "the first line is #pragma once"))
    elif len(lines) < 2 or not lines[1].startswith("// "):
        text = "after #pragma once a paragraph says what this is, where it sits, who owns it"
        findings.append(Finding(path, 2, "headers", text))
    return findings


def check_file_name(path):
    name = Path(path).name
    if re.fullmatch(r"[a-z][a-z0-9_]*\.(h|cc)", name):
        return []
    return [Finding(path, 1, "names", "files are snake_case.h or snake_case.cc")]


@dataclass
class Block:
    """One pair of braces while it is open."""

    kind: str  # scope (namespace, class), function, lambda, block, data
    line: int
    nesting: int = 0


ACCESS = {"public", "private", "protected"}
CONTROL = re.compile(r"^(if|else|for|while|do|switch|try|catch)\b")
SCOPE = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b[^;()=]*$")


def kind_of_brace(head, outer):
    """What a `{` opens, judging from the text since the last statement ended."""
    head = re.sub(r"\s+", " ", head.strip())
    if outer in ("scope", "top"):
        if re.search(r"=\s*$|\breturn$", head):
            return "data"
        if "(" in head and not SCOPE.search(head.split("(")[0] if "template" not in head else ""):
            return "function"
        return "scope"
    if re.search(r"\[[^\[\]]*\]\s*(\([^{}]*\))?\s*(mutable|noexcept)?\s*(->[^{}]*)?$", head):
        return "lambda"
    if CONTROL.match(head) or head == "" or head.endswith(":"):
        return "block"
    if re.search(r"\b(struct|class|enum|union)\b[^()=]*$", head):
        return "scope"
    return "data"


def scan_functions(code):
    """Yields (line, lines, nesting, head) of each function; lambdas count into their function."""
    stack, head, line, top = [], "", 1, []
    deepest = 0
    parens = 0
    saved = []
    for char in code:
        if char == "\n":
            line += 1
        if char == "{":
            outer = stack[-1].kind if stack else "top"
            kind = kind_of_brace(head, outer)
            nesting = stack[-1].nesting if stack else 0
            if kind == "function":
                top.append((line - head.lstrip().count("\n"), head))
                nesting = deepest = 0
            elif kind == "lambda":
                nesting = 0
            elif kind == "block" and head.strip():
                nesting += 1
                deepest = max(deepest, nesting)
            stack.append(Block(kind, line, nesting))
            saved.append((parens, head))
            head, parens = "", 0
        elif char == "}":
            if not stack:
                continue
            block = stack.pop()
            parens, before = saved.pop()
            if block.kind == "function":
                begin, name = top.pop()
                yield begin, line - begin + 1, deepest, name
            head = before + " " if block.kind in ("data", "lambda") else ""
        elif (char == ";" and parens == 0) or (char == ":" and head.strip() in ACCESS):
            head = ""
        elif char == "#" and head.strip() == "":
            head = "#"
        else:
            parens += (char == "(") - (char == ")")
            if char == "\n" and head.startswith("#") and not head.endswith("\\"):
                head = ""
            else:
                head += char


def parameter_count(head):
    """Parameters of the function whose text up to the brace is `head`."""
    start = head.find("(")
    if "operator()" in head:
        start = head.find("(", head.find("operator()") + len("operator()"))
    depth, count, angle = 0, 0, 0
    text = head[start:]
    if not re.match(r"\(\s*\S", text) or re.match(r"\(\s*\)", text):
        return 0
    for index, char in enumerate(text):
        depth += (char in "([") - (char in ")]")
        if char == "<":
            angle += 1
        elif char == ">" and text[index - 1] != "-":
            angle = max(0, angle - 1)
        elif char == "," and depth == 1 and angle == 0:
            count += 1
        if depth == 0:
            break
    return count + 1


def check_functions(path, code):
    findings = []
    for line, lines, nesting, head in scan_functions(code):
        before = re.split(r"\(", re.sub(r"\s+", " ", head.strip()))[0]
        name = before.split(" ")[-1] if before else "function"
        if lines > FUNCTION_LINES_MAX:
            text = f"{name} has {lines} lines, at most {FUNCTION_LINES_MAX}: name its parts"
            findings.append(Finding(path, line, "sizes", text))
        if nesting > NESTING_MAX:
            text = f"{name} nests {nesting} deep, at most {NESTING_MAX}: return early or name the inner part"
            findings.append(Finding(path, line, "nesting", text))
        # TEST(A, B) and the like are macros, not parameter lists.
        if not name.isupper() and parameter_count(head) > PARAMETERS_MAX:
            text = f"{name} takes {parameter_count(head)} parameters, at most {PARAMETERS_MAX}: make a struct"
            findings.append(Finding(path, line, "sizes", text))
    return findings


def check_source(path, source):
    """Everything that can be seen in one file alone."""
    lines = source.splitlines()
    code = blank_text_and_comments(source)
    findings = check_file_name(path) + check_file_size(path, lines)
    findings += check_lines(path, lines, code.splitlines())
    findings += check_functions(path, code)
    if kind_of(path) == "header":
        findings += check_header(path, lines)
    if source and not source.endswith("\n"):
        findings.append(Finding(path, len(lines), "format", "the last line has no end"))
    return findings


# ---- documents ------------------------------------------------------------------------------


def anchors_of(text):
    """The names by which headings can be linked to."""
    names = set()
    for heading in re.findall(r"^#+\s+(.*)$", text, re.MULTILINE):
        name = re.sub(r"[^\w\- ]", "", heading.strip().lower().replace("`", ""))
        names.add(name.replace(" ", "-"))
    return names


def without_code(text):
    text = re.sub(r"^```.*?^```", lambda m: "\n" * m.group(0).count("\n"), text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"`[^`\n]*`", "", text)


def check_links(root, page):
    findings = []
    text = page.read_text()
    place = page.relative_to(root).as_posix()
    for number, line in enumerate(without_code(text).splitlines(), 1):
        for target in re.findall(r"\]\(([^)\s]+)\)", line):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, anchor = target.partition("#")
            path = (page.parent / name).resolve() if name else page
            if not path.exists():
                findings.append(Finding(place, number, "links", f"{target} does not exist"))
            elif anchor and path.suffix == ".md" and anchor not in anchors_of(path.read_text()):
                findings.append(Finding(place, number, "links", f"{target}: no such heading"))
    return findings


class TestNames:
    """What can be named as a test: Suite.Test or Suite of the sources, folder/file of tests/compat, scenarios."""

    def __init__(self, root):
        self.names = set()
        for file in (root / "src").rglob("*_test.cc"):
            for suite, test in re.findall(r"\bTEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\s*\)", file.read_text()):
                self.names |= {suite, f"{suite}.{test}"}
        for file in (root / "tests" / "compat").glob("*/*.http"):
            self.names.add(file.relative_to(root / "tests" / "compat").with_suffix("").as_posix())
        scenarios = root / "tests" / "prove" / "run.py"
        if scenarios.is_file():
            self.names |= set(re.findall(r'^    "([a-z-]+)": \w+,$', scenarios.read_text(), re.MULTILINE))


def cells_of(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def check_tested_by(place, text, names):
    """Each row of a table with the column "tested by" names tests that exist; "-" only where there is no limit to reach."""
    findings, inside = [], False
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("|"):
            inside = False
            continue
        cells = cells_of(line)
        if cells[-1] == "tested by":
            inside = True
        elif inside and not re.fullmatch(r"[|\s:-]+", line):
            named = re.findall(r"`([^`]+)`", cells[-1])
            free = cells[-1] == "-" and (cells[0].startswith("beyond") or "none" in (cell.split(" ")[0] for cell in cells))
            if not named and not free:
                findings.append(Finding(place, number, "tests", f'"{cells[0] or cells[1]}" names no test that reaches it'))
            for name in named:
                if name not in names:
                    findings.append(Finding(place, number, "tests", f"there is no test {name}"))
    return findings


def check_tests_of_pages(root):
    names = TestNames(root).names
    findings = []
    for page in sorted((root / "docs").glob("*.md")):
        text = page.read_text()
        place = page.relative_to(root).as_posix()
        findings += check_tested_by(place, text, names)
        if page.name == "limits.md":
            for number, line in enumerate(text.splitlines(), 1):
                if line.startswith("|") and cells_of(line)[0] == "limit" and cells_of(line)[-1] != "tested by":
                    findings.append(Finding(place, number, "tests", 'a table of limits ends with the column "tested by"'))
    return findings


# ---- all of it ------------------------------------------------------------------------------


def source_files(root):
    return sorted(p for end in ("*.h", "*.cc") for p in (root / "src").rglob(end))


def documents(root):
    pages = list(root.glob("*.md"))
    for folder in ("docs", "tests", "src", "bench"):
        pages += (root / folder).rglob("*.md")
    return sorted(pages)


def check_tree(root):
    """(files looked at, findings)."""
    rooms = read_rooms(root)
    includes = Includes(rooms)
    findings = check_levels(rooms) + check_room_table(root, rooms) + check_room_sizes(root, rooms)
    sources, pages = source_files(root), documents(root)
    for file in sources:
        source = file.read_text()
        findings += check_source(file.relative_to(root).as_posix(), source)
        findings += includes.check(file.relative_to(root / "src").as_posix(), source)
    for page in pages:
        findings += check_links(root, page)
    findings += check_tests_of_pages(root)
    lines = len((root / "CMakeLists.txt").read_text().splitlines())
    if lines > ROOT_CMAKE_LINES_MAX:
        text = f"{lines} lines, at most {ROOT_CMAKE_LINES_MAX}: move parts into cmake/"
        findings.append(Finding("CMakeLists.txt", 1, "sizes", text))
    return len(sources) + len(pages), findings


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    options = parser.parse_args()
    looked_at, findings = check_tree(options.root.resolve())
    for finding in findings:
        print(finding)
    failed = len({finding.path for finding in findings})
    print(f"{max(0, looked_at - failed)} passed, {failed} failed")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
