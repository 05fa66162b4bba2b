"""Holds an answer against the text of a .reply file; what differs is said line by line."""

import json
import re

from exchange import Mistake, without_last_line_end

EMPTY, ANY, CLOSED = "<empty>", "<any>", "<closed>"


def is_pattern(text):
    return isinstance(text, str) and len(text) > 1 and text.startswith("/") and text.endswith("/")


def matches_text(expected, actual):
    if is_pattern(expected):
        return re.fullmatch(expected[1:-1], actual, re.DOTALL) is not None
    return expected == actual


def same_json(expected, actual):
    """Equal as JSON; "<any>" and "/…/" in `expected` match more. True is not 1."""
    if expected == ANY:
        return True
    if isinstance(expected, dict) and isinstance(actual, dict):
        return expected.keys() == actual.keys() and all(same_json(v, actual[k]) for k, v in expected.items())
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(map(same_json, expected, actual))
    if isinstance(expected, str) and isinstance(actual, str):
        return matches_text(expected, actual)
    if isinstance(expected, bool) != isinstance(actual, bool):
        return False
    return expected == actual


def shown(data, limit=600):
    text = data.decode("utf-8", "backslashreplace") if isinstance(data, bytes) else str(data)
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"


def parse_reply(text):
    """(status line, header lines, body or None when none is stated)."""
    head, divider, body = text.partition("\n\n")
    lines = [line for line in head.strip("\n").split("\n") if line.strip()]
    if not lines or not re.match(r"HTTP/1\.[01] \d{3}", lines[0]):
        raise Mistake(f"a reply starts with a status line, not with {lines[:1]}")
    return lines[0], lines[1:], without_last_line_end(body) if divider else None


def compare_status(line, answer):
    version, status, *_ = line.split(" ")
    got = f"{answer.version} {answer.status} {answer.reason}"
    if answer.version != version or str(answer.status) != status:
        return [f"- {line}", f"+ {got}"]
    return []


def compare_header(line, answer):
    if line.startswith("!"):
        name = line[1:].strip()
        value = answer.header(name)
        return [] if value is None else [f"- {line}", f"+ {name}: {value}"]
    name, _, expected = line.removeprefix("=").partition(":")
    values = [value for key, value in answer.headers if key.lower() == name.strip().lower()]
    if line.startswith("=") and values and not any(key == name.strip() for key, _ in answer.headers):
        return [f"- {line}", "+ the same name in other letters"]
    if any(matches_text(expected.strip(), value) for value in values):
        return []
    return [f"- {line}"] + ([f"+ {name}: {value}" for value in values] or [f"+ (no {name})"])


def is_json(answer):
    return "json" in (answer.header("Content-Type") or "").lower()


def compare_body(expected, answer):
    if expected is None or expected == ANY:
        return []
    if expected == EMPTY:
        return [] if answer.body == b"" else ["- <empty>", f"+ {shown(answer.body)}"]
    actual = answer.body.decode("utf-8", "surrogateescape")
    if matches_text(expected, actual):
        return []
    if is_json(answer):
        try:
            if same_json(json.loads(expected), json.loads(actual)):
                return []
        except ValueError:
            pass
    return [f"- {shown(expected)}", f"+ {shown(answer.body)}"]


def compare(text, answer):
    """Lines that say what differs; none when nothing does."""
    if answer is None:
        return [] if text.strip() == CLOSED else [f"- {shown(text.strip())}", "+ (closed without an answer)"]
    if text.strip() == CLOSED:
        return [f"- {CLOSED}", f"+ {answer.version} {answer.status} {answer.reason}", f"+ {shown(answer.body)}"]
    status, headers, body = parse_reply(text)
    found = compare_status(status, answer)
    for line in headers:
        found += compare_header(line, answer)
    found += compare_body(body, answer)
    if compare_status(status, answer) and body in (None, EMPTY, ANY) and answer.body:
        found.append(f"  body: {shown(answer.body)}")
    if found:
        reason = answer.header("X-Catchment-Error")
        found += [f"  X-Catchment-Error: {reason}"] if reason else []
    return found


def compare_rows(text, rows):
    try:
        expected = json.loads(text)
    except ValueError as error:
        raise Mistake(f"# rows: is no JSON ({error}): {text}") from error
    if same_json(expected, rows):
        return []
    return [f"- rows {shown(json.dumps(expected, ensure_ascii=False))}",
            f"+ rows {shown(json.dumps(rows, ensure_ascii=False))}"]  # fmt: skip


def record(answer, variables):
    """A .reply text from a real answer; values that change from run to run become patterns."""
    names = {value: "${" + name + "}" for name, value in variables.items() if len(value) > 5}
    lines = [f"{answer.version} {answer.status} {answer.reason}".strip()]
    for name, value in answer.headers:
        if name.lower() in ("date", "x-request-id", "x-amzn-requestid", "x-catchment-position"):
            value = "/.+/"
        if name.lower() not in ("server", "connection", "content-length"):
            lines.append(f"{name}: {value}")
    body = answer.body.decode("utf-8", "backslashreplace") or EMPTY
    text = "\n".join(lines) + "\n\n" + body + "\n"
    for value, name in names.items():
        text = text.replace(value, name)
    return text
