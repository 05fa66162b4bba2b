"""Interleaved rounds: every server is measured once in each round with each load and on each choice of cores, so that
what the machine does meanwhile meets all of them, and ratios are taken within a round."""

import statistics
import time
from dataclasses import dataclass, field


# Between one measurement and the next. Files of hundreds of megabytes have just been emptied or deleted, and where the
# disk is told of it, or the machine is a virtual one that gives their memory back, writing is slower for a while.
PAUSE_S = 2


@dataclass(frozen=True)
class Place:
    """Which cores the server runs on and which the generator."""

    key: str
    name: str
    server: tuple
    generator: tuple


def places(cores):
    """On a core each, and both on both; on a machine with a single core only the latter."""
    both = Place("both", "both cores", tuple(cores), tuple(cores))
    if len(cores) < 2:
        return [both]
    return [Place("own", "a core each", (cores[0],), (cores[1],)), both]


@dataclass
class Spread:
    """Median, least and most of the rounds."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values):
        values = list(values)
        return cls(statistics.median(values), min(values), max(values)) if values else None

    def text(self, form):
        if self.least == self.most:
            return form(self.median)
        return f"{form(self.median)} ({form(self.least)}–{form(self.most)})"


@dataclass
class Cell:
    """One server under one load in one place, in all rounds."""

    load: str
    place: Place
    name: str
    runs: list = field(default_factory=list)

    def spread(self, value):
        return Spread.of(value(run) for run in self.runs)


class Table:
    """The cells by (load, place, server)."""

    def __init__(self):
        self.cells = {}

    def note(self, load, place, server, run):
        key = (load, place.key, server.key)
        self.cells.setdefault(key, Cell(load, place, server.name)).runs.append(run)

    def cell(self, load, place, server):
        return self.cells.get((load, place, server))

    def ratio(self, load, place, server, other, value):
        """The spread of this server's value by the other's, round by round; nothing where one was not measured."""
        ours, theirs = self.cell(load, place, server), self.cell(load, place, other)
        if ours is None or theirs is None:
            return None
        return Spread.of(value(one) / value(two) for one, two in zip(ours.runs, theirs.runs))


def measure(table, generator, servers, loads, rounds, say):
    """`servers` is a list of (place, server), all of them started; `loads` are Loads by name. Whoever came first in one
    round comes last in the next."""
    order = list(servers)
    for number in range(1, rounds + 1):
        for name, load in loads.items():
            for place, server in order:
                time.sleep(PAUSE_S)
                run = generator.run(server, load, place.generator)
                table.note(name, place, server, run)
                say(line_of(number, rounds, name, place, server, run))
        order = order[1:] + order[:1]


def line_of(number, rounds, load, place, server, run):
    text = f"round {number} of {rounds}, {load}, {place.key}: {server.name}: {run.requests_per_s:,.0f} requests/s"
    text += f", {run.requests_per_cpu_s:,.0f} for a second of its processors"
    if run.catch_up_s is not None:
        text += f", loaded {run.catch_up_s:.1f} s later"
    return text
