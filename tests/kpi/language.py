"""The language of *.test files; README.md describes it."""

import re
import shlex
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

APIS = ("mobile_analytics", "clickstream", "clevertap", "segmentstream")
FIELDS = ("session", "id", "platform", "app-version", "make", "model", "locale")


class Mistake(Exception):
    """The test file itself is wrong."""


@dataclass
class Event:
    api: str
    when: datetime
    user: str
    name: str
    fields: dict = field(default_factory=dict)
    attributes: dict = field(default_factory=dict)
    metrics: dict = field(default_factory=dict)


@dataclass
class Send:
    """Events that go out as one request."""

    events: list


@dataclass
class Set:
    setting: str


@dataclass
class Ask:
    line: int
    kpi: str
    first: str
    last: str
    parameters: list
    currencies: bool
    expected: list = field(default_factory=list)


def read_day(text, today):
    if found := re.fullmatch(r"today([+-]\d+)?(T.*)?", text):
        day = today + timedelta(days=int(found.group(1) or 0))
        return day.strftime("%Y-%m-%d") + (found.group(2) or "")
    return text


def read_time(text, today):
    text = read_day(text, today)
    text = text if "T" in text else text + "T12:00:00Z"
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ" if "." in text else "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    except ValueError as error:
        raise Mistake(f"{text!r} is no time: {error}") from error


def read_number(text):
    return float(text) if re.search(r"[.eE]", text) else int(text)


def read_event(words, today):
    if len(words) < 4 or words[0] not in APIS:
        raise Mistake("expected API TIME USER NAME [KEY=VALUE...]")
    event = Event(words[0], read_time(words[1], today), words[2], words[3])
    for word in words[4:]:
        key, sign, value = word.partition("=")
        if key.startswith("attribute."):
            event.attributes[key.removeprefix("attribute.")] = value
        elif key.startswith("metric."):
            event.metrics[key.removeprefix("metric.")] = read_number(value)
        elif sign and key in FIELDS:
            event.fields[key] = value
        else:
            raise Mistake(f"unknown word {word!r}")
    return event


def read_ask(number, words, today):
    if len(words) < 4:
        raise Mistake("expected ask KPI FIRST LAST [PARAMETER=VALUE...]")
    parameters = [tuple(word.split("=", 1)) for word in words[4:] if word != "currencies"]
    if any(len(pair) != 2 for pair in parameters):
        raise Mistake("a parameter is NAME=VALUE")
    first, last = (read_day(word, today) for word in words[2:4])
    return Ask(number, words[1], first, last, parameters, "currencies" in words[4:])


def read_steps(text, today):
    """The steps of a file in their order; Mistake names the line."""
    steps, block = [], None
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            if line.startswith(" "):
                add_to_block(steps, block, line.strip(), today)
            else:
                block = line.split()[0]
                begin_block(steps, number, line, today)
        except (Mistake, ValueError) as mistake:
            raise Mistake(f"line {number}: {mistake}") from mistake
    return steps


def begin_block(steps, number, line, today):
    words = shlex.split(line)
    if words[0] == "set" and len(words) == 2:
        steps.append(Set(words[1]))
    elif words[0] == "ask":
        steps.append(read_ask(number, words, today))
    elif words == ["batch"]:
        steps.append(Send([]))
    elif words != ["events"]:
        raise Mistake(f"unknown step {line!r}")


def add_to_block(steps, block, line, today):
    if block == "ask":
        steps[-1].expected.append(line)
    elif block == "events":
        steps.append(Send([read_event(shlex.split(line), today)]))
    elif block == "batch":
        steps[-1].events.append(read_event(shlex.split(line), today))
    else:
        raise Mistake(f"{block!r} has no lines below it")
