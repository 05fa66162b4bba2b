"""The table a run ends with, for people and as Markdown, and what it says of each aim."""

from dataclasses import dataclass

import flows
from rounds import Spread

SINGLE, BATCHES = "single events", "batches of 10"
CEILING, BODY_LOG, OURS, IN_MEMORY = "nginx-204", "nginx-log", "catchment", "catchment-shm"
COMPARED_HEAD = ["load", "server", "requests/s", "events/s", "× 204", "× body log",
                 "requests/CPU s", "× 204", "× body log", "aim"]  # fmt: skip
MARKS = ("<!-- results -->", "<!-- end of results -->")
FIGURES_HEAD = ["figure", "measured", "aim"]


@dataclass
class Compared:
    """One server under one load in one place."""

    load: str
    server: str
    cells: list
    aim: str = ""
    met: bool | None = None

    def line(self):
        return [self.load, self.server, *self.cells, verdict(self.aim, self.met)]


@dataclass
class Figure:
    """What was measured of Catchment alone. `met` is None where there is no aim, or it is judged elsewhere."""

    what: str
    value: str
    aim: str = ""
    met: bool | None = None

    def line(self):
        return [self.what, self.value, verdict(self.aim, self.met)]


def verdict(aim, met):
    return aim if met is None else f"{aim}: {'met' if met else 'missed'}"


def whole(value):
    return f"{value:,.0f}"


def times(value):
    return f"{value:.2f}"


def spread_text(spread, form):
    return spread.text(form) if spread else ""


# ---- the rounds ---------------------------------------------------------------------------------


def per_second(run):
    return run.requests_per_s


def per_cpu(run):
    return run.requests_per_cpu_s


def compared(table):
    """The lines of the rounds, by load and place."""
    rows = []
    for (load, place, server), cell in sorted(table.cells.items(), key=lambda item: item[0][:2], reverse=True):
        ratios = {}
        for other in (CEILING, BODY_LOG):
            for value in (per_second, per_cpu):
                ratios[other, value] = None if server == other else table.ratio(load, place, server, other, value)
        events = cell.spread(lambda run: run.events_per_s)
        row = Compared(f"{load}, {cell.place.name}", cell.name, [
            cell.spread(per_second).text(whole),
            whole(events.median),
            *(spread_text(ratios[other, per_second], times) for other in (CEILING, BODY_LOG)),
            cell.spread(per_cpu).text(whole),
            *(spread_text(ratios[other, per_cpu], times) for other in (CEILING, BODY_LOG)),
        ])  # fmt: skip
        if server in (OURS, IN_MEMORY):
            row.aim, row.met = aim_of(load, ratios[CEILING, per_second], ratios[BODY_LOG, per_second], events)
        rows.append(row)
    return rows


def aim_of(load, by_ceiling, by_log, events):
    if by_ceiling is None or by_log is None:
        return "", None
    if load == SINGLE:
        return "≥ 0.7 × 204, ≥ 1.2 × body log", by_ceiling.median >= 0.7 and by_log.median >= 1.2
    return "≥ 1.0 × body log, ≥ 200,000 events", by_log.median >= 1.0 and events.median >= 200_000


def answering_row(table, load, place):
    cell = table.cell(load, place, OURS)
    value = cell.spread(per_answering_cpu).text(whole)
    for other, name in ((CEILING, "204"), (BODY_LOG, "body log")):
        if ratio := table.ratio(load, place, OURS, other, per_answering_cpu):
            value += f"; {ratio.text(times)} × {name}"
    return Figure(f"requests/CPU s of the threads that answer, {load}, {cell.place.name}", value)


def per_answering_cpu(run):
    return run.answers_per_cpu_s


def loading_figures(table):
    rows = []
    for (load, place, server), cell in table.cells.items():
        if server != OURS:
            continue
        rows.append(answering_row(table, load, place))
        shared = cell.spread(lambda run: run.requests_per_sync).text(lambda value: f"{value:.1f}")
        rows.append(Figure(f"requests that shared a sync, {load}, {cell.place.name}", shared))
        late = cell.spread(lambda run: run.catch_up_s)
        cost = cell.spread(lambda run: run.stored_cpu_s / max(1, run.acknowledged_events) * 1e6)
        value = f"{late.text(lambda s: f'{s:.1f}')} s; {cost.text(lambda us: f'{us:.1f}')} µs of processor time an event in all"
        rows.append(Figure(f"until everything is loaded, {load}, {cell.place.name}", value))
    return rows


# ---- single figures -----------------------------------------------------------------------------


def signed_row(found):
    by_second, by_cpu = (found.ratio(value) for value in (bytes_per_second, bytes_per_cpu))
    what = f"signed Mobile Analytics batches of {flows.MOBILE_BATCH} beside Clickstream batches of {found.clickstream_batch}"
    value = f"{by_second.text(times)} × per second, {by_cpu.text(times)} × for a CPU second"
    return Figure(what, value, "≥ 0.7 ×", by_second.median >= 0.7)


def bytes_per_second(run):
    return run.bytes_per_s


def bytes_per_cpu(run):
    return run.bytes_per_s / max(1e-9, run.requests_per_s) * run.requests_per_cpu_s


def latency_row(found, probe):
    told = found.told
    p99_max = 3 + 2 * max(sync.p99_ms for sync in probe if sync.size_kb == 4)
    good = told["p50"] <= 500 and told["p99"] <= p99_max * 1e3
    value = flows.latency_text(told)
    what = f"answers at half load, {whole(found.requests_per_s)} single events a second"
    if found.sealed_bytes <= 0:
        what += " (nothing was sealed meanwhile)"
    return Figure(what, value, f"p50 ≤ 0.5 ms, p99 ≤ {p99_max:.1f} ms", good)


def freshness_row(found):
    value = f"p50 {found.p50_ms:.0f} ms, p99 {found.p99_ms:.0f} ms, {found.samples} asked"
    what = f"from answer to query at {whole(found.events_per_s)} events/s"
    near = found.events_per_s >= 0.95 * flows.FRESH_EVENTS_PER_S
    return Figure(what, value, "p99 < 1 s", near and not found.problem and found.p99_ms < 1000)


def sustained_row(found, aim):
    slowest = min(part.loaded_per_s for part in found.parts)
    lag = max(part.lag_ms for part in found.parts)
    value = f"{whole(slowest)} events loaded at least; last part {found.last_by_first:.2f} × the first; "
    value += f"lag up to {lag / 1e3:.1f} s; caught up {found.catch_up_s:.1f} s after the end"
    met = slowest >= 0.98 * aim and found.last_by_first >= 0.95 and found.lag_bounded
    what = f"all four APIs for {found.seconds:.0f} s, {whole(found.offered_per_s)} events/s offered"
    return Figure(what, value, f"≥ {whole(aim)} events, last ≥ 0.95 × first, lag bounded", met)


def memory_rows(idle_mib, peaks):
    rows = [Figure("memory when idle", f"{idle_mib:.0f} MiB", "≤ 100 MB", idle_mib * 1.048576 <= 100)]
    if peaks:
        most = max(peaks.values())
        rows.append(Figure("most memory in this run", f"{most:.0f} MiB", "≤ 700 MB", most * 1.048576 <= 700))
    return rows


def disk_row(found):
    journal_max = 100 if found.batch > 1 else 130
    what = f"bytes on disk for an event, {'batches of ' + str(found.batch) if found.batch > 1 else 'single'}"
    value = f"journal {found.journal:.0f}, store {found.store:.0f}"
    met = found.journal <= journal_max and found.store <= 100
    return Figure(what, value, f"journal ≤ {journal_max}, store ≤ 100", met)


def start_row(took):
    spread = Spread.of(took)
    value = f"{spread.text(lambda s: f'{s:.2f}')} s"
    return Figure("ready with an empty directory", value, "≤ 0.5 s", spread.median <= 0.5)


ELSEWHERE = [
    Figure("ready with a journal of 10 GB", "`make prove`, scenario restart", "≤ 5 s"),
    Figure("cost of an event from 1 to 100 million", "`make bench-query`, while it fills", "flat within 5 %"),
]


# ---- printing -----------------------------------------------------------------------------------


def tables(rows):
    """(head, lines) of those that have lines."""
    for kind, head in ((Compared, COMPARED_HEAD), (Figure, FIGURES_HEAD)):
        if lines := [row.line() for row in rows if isinstance(row, kind)]:
            yield head, lines


def as_markdown(rows, notes):
    out = []
    for head, lines in tables(rows):
        out += ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
        out += ["| " + " | ".join(line) + " |" for line in lines] + [""]
    return "\n".join(out + [f"- {note}" for note in notes]) + "\n"


def put_markdown(file, rows, notes):
    """Into the file between the two marks where it has them, otherwise as the whole file."""
    text = as_markdown(rows, notes)
    before = file.read_text() if file.exists() else ""
    if MARKS[0] in before and MARKS[1] in before:
        head, rest = before.split(MARKS[0], 1)
        text = f"{head}{MARKS[0]}\n\n{text}\n{MARKS[1]}{rest.split(MARKS[1], 1)[1]}"
    file.write_text(text)


def as_text(rows, notes):
    out = []
    for head, lines in tables(rows):
        widths = [max(len(line[at]) for line in [head, *lines]) for at in range(len(head))]
        for line in [head, *lines]:
            out.append("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())
        out.append("")
    return "\n".join(out + notes) + "\n"


def as_data(rows):
    heads = {Compared: COMPARED_HEAD, Figure: FIGURES_HEAD}
    return [{"head": heads[type(row)], "line": row.line(), "met": row.met} for row in rows]
