"""From rows to a page: the raw rows as they are kept, the ratios, and how far each is from its promise."""

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from statistics import median

from rich.table import Table

from benchmarks.works import EXPLAINED, MOST_MS, PROMISES

KINDS = ("sqlite", "postgresql")
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
BAR = 60
EMPTY_LIST_BYTES = 1000
"""An answer of fewer bytes than these holds no item: how fast it came tells nothing about a list."""


@dataclass(frozen=True, slots=True)
class Row:
    """One work of one round. Times are microseconds of processor time a request, unless they say milliseconds."""

    round: int
    database: str
    work: str
    calibration_us: float
    requests: int
    seconds: float
    rate: float
    server_us: float
    database_us: float
    client_us: float
    others_share: float
    p50_ms: float
    p99_ms: float
    bytes: int
    statements: int


@dataclass(frozen=True, slots=True)
class Start:
    """What a server took to start, and to hold."""

    database: str
    seconds_to_first_answer: float
    memory_at_rest_mb: float
    memory_after_mb: float


def table(rows: Sequence[Row]) -> Table:
    """What a terminal shows at the end."""
    shown = Table(title="Shares of the floor's rate, medians over the rounds")
    for name in (
        "work",
        "database",
        "share",
        "by CPU",
        "reach",
        "goal",
        "server us",
        "min",
        "db us",
        "p50 ms",
        "p99 ms",
        "others",
    ):
        shown.add_column(name, justify="left" if name in {"work", "database"} else "right")
    for work, kind, own in _groups(rows):
        first, goal = _promised(work, kind)
        shown.add_row(
            work,
            kind,
            _number(share(rows, work, kind)),
            _number(share(rows, work, kind, by_cpu=True)),
            _number(first),
            _number(goal),
            f"{median(row.server_us for row in own):.0f}",
            f"{min(row.server_us for row in own):.0f}",
            f"{median(row.database_us for row in own):.0f}",
            f"{median(row.p50_ms for row in own):.1f}",
            f"{median(row.p99_ms for row in own):.1f}",
            f"{median(row.others_share for row in own):.0%}",
        )
    return shown


def share(rows: Sequence[Row], work: str, kind: str, *, by_cpu: bool = False) -> float | None:
    """The median over rounds of the work's rate as a share of its floor's in the same round, or the same of its CPU."""
    floors = {row.round: row for row in rows if (row.work, row.database) == (PROMISES[work].floor, kind)}
    own = [row for row in rows if (row.work, row.database) == (work, kind)]
    if not own or not floors or min(row.server_us for row in own) == 0:
        return None
    times = PROMISES[work].counts_as
    if by_cpu:
        return times * median(floors[row.round].server_us / row.server_us for row in own)
    return times * median(row.rate / floors[row.round].rate for row in own)


def keep(rows: Sequence[Row], starts: Sequence[Start], folder: Path) -> None:
    """The rows of the last run, to be committed with the page."""
    folder.mkdir(exist_ok=True)
    for name, kept in (("works.csv", rows), ("starts.csv", starts)):
        with (folder / name).open("w", newline="") as file:
            writer = csv.DictWriter(file, [field.name for field in fields(kept[0])], lineterminator="\n")
            writer.writeheader()
            for row in kept:
                values = asdict(row)
                writer.writerow({key: round(v, 4) if isinstance(v, float) else v for key, v in values.items()})


def page(rows: Sequence[Row], starts: Sequence[Start]) -> str:
    """docs/performance.md."""
    rounds = len({row.round for row in rows})
    calibrations = sorted(row.calibration_us for row in rows)
    parts = [
        INTRODUCTION.format(
            rounds=rounds,
            others=f"{median(row.others_share for row in rows):.0%}",
            slowest=f"{calibrations[-1] / calibrations[0]:.1f}",
        ),
        *(_promises(rows, kind) for kind in KINDS),
        _chart(rows),
        _lists(rows),
        "## What a request costs\n\n" + "\n\n".join(_costs(rows, kind) for kind in KINDS),
        _starts(starts),
        "## What is measured\n\n" + "\n".join(f"- **{work}**: {said}" for work, said in EXPLAINED.items()),
    ]
    return "\n\n".join(parts) + "\n"


INTRODUCTION = """# Speed and memory

<!-- Written by `make bench`; the rows are in benchmarks/results/. Edit benchmarks/report.py. -->

Only ratios mean anything here: every work is measured in turn with its floor, {rounds} rounds in one run, sixteen
connections against one worker, and the median of the rounds is shown. The machine was shared: other programs took a
median {others} of it meanwhile, and the same little loop cost {slowest} times as much at its worst as at its best. What
does not depend on the machine is a test instead: how many questions an operation asks, and that each finds its rows by
an index (tests/store/test_statements.py).

*Share* is the work's rate as a share of the floor's rate in the same round; *by CPU* is the same of the processor time
that the server itself used, which other programs disturb less. Six exercises are six ladders,
two of which can be climbed."""


def _promises(rows: Sequence[Row], kind: str) -> str:
    lines = [
        f"## {NAMES[kind]}",
        "",
        "| work | floor | share | by CPU | first reach | goal | |",
        "| --- | --- | ---: | ---: | ---: | ---: | --- |",
    ]
    for work, of, own in _groups(rows):
        found = share(rows, work, kind)
        if of != kind or not own or found is None or PROMISES[work].floor == work:
            continue
        first, goal = _promised(work, kind)
        by_cpu = share(rows, work, kind, by_cpu=True)
        lines.append(
            f"| {work} | {PROMISES[work].floor} | {found:.2f} | {_number(by_cpu)} | {_number(first)} | {_number(goal)} "
            f"| {_verdict(found, first, goal)} |"
        )
    return "\n".join(lines)


def _verdict(found: float, first: float | None, goal: float | None) -> str:
    if first is None or goal is None:
        return ""
    if found >= goal:
        return "goal reached"
    if found >= first:
        return f"first reach; goal is {goal / found:.1f} x away"
    return f"**short**: first reach is {first / found:.1f} x away"


def _chart(rows: Sequence[Row]) -> str:
    """Bars of shares; `|` marks the first reach."""
    lines = ["## Share of the floor, as bars (`|` is the first reach)", "", "```text"]
    for work, kind, _ in _groups(rows):
        found, (first, _goal) = share(rows, work, kind), _promised(work, kind)
        if found is None or first is None or first > 1:
            continue
        bar = list(f"{'#' * min(BAR, round(found * BAR)):<{BAR}}")
        bar[min(BAR - 1, round(first * BAR))] = "|"
        lines.append(f"{work:<18} {NAMES[kind]:<11} {''.join(bar)} {found:.2f}")
    return "\n".join([*lines, "```"])


def _lists(rows: Sequence[Row]) -> str:
    """What is held to time, because a person waits for it. Both databases in one table."""
    lines = [
        "## What a person waits for",
        "",
        "Milliseconds, the middle one. Of the two lists the questions to the database are promised.",
        "",
        "| what | database | p50 | server | database server | first reach | goal | |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for work, kind, own in _groups(rows):
        if work in MOST_MS:
            found, promised = _median(own, "p50_ms"), MOST_MS[work]
            told = " |  | "
            if promised is not None:
                first, goal = promised
                verdict = "goal reached" if found <= goal else "first reach" if found <= first else "**short**"
                told = f"{first} | {goal} | {verdict}"
            elif _median(own, "bytes") <= EMPTY_LIST_BYTES:
                told = " |  | the list was empty"
            lines.append(
                f"| {work} | {NAMES[kind]} | {found:.0f} | {_median(own, 'server_us') / 1e3:.0f} "
                f"| {_median(own, 'database_us') / 1e3:.0f} | {told} |"
            )
    return "\n".join(lines)


def _costs(rows: Sequence[Row], kind: str) -> str:
    lines = [
        f"{NAMES[kind]}, medians; microseconds of processor time a request, minimum in brackets:",
        "",
        "| work | server | database | p99 / p50 | statements | bytes |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for work, of, own in _groups(rows):
        if of == kind:
            lines.append(
                f"| {work} | {_median(own, 'server_us'):.0f} ({min(row.server_us for row in own):.0f}) "
                f"| {_median(own, 'database_us'):.0f} | {median(row.p99_ms / row.p50_ms for row in own):.1f} "
                f"| {_median(own, 'statements'):.0f} | {_median(own, 'bytes'):.0f} |"
            )
    return "\n".join(lines)


def _starts(starts: Sequence[Start]) -> str:
    lines = [
        "## One worker",
        "",
        "| | memory at rest | after the run | start to first answer |",
        "| --- | ---: | ---: | ---: |",
        *(
            f"| {NAMES[one.database]} | {one.memory_at_rest_mb:.0f} MB | {one.memory_after_mb:.0f} MB "
            f"| {one.seconds_to_first_answer:.1f} s |"
            for one in starts
        ),
        "",
        "First reach: 150 MB, 250 MB, 1.5 s. Goal: 100 MB, 150 MB, 0.8 s.",
    ]
    return "\n".join(lines)


def _median(rows: Sequence[Row], name: str) -> float:
    return float(median(getattr(row, name) for row in rows))


def _groups(rows: Sequence[Row]) -> list[tuple[str, str, list[Row]]]:
    found = [
        (work, kind, [r for r in rows if (r.work, r.database) == (work, kind)]) for kind in KINDS for work in EXPLAINED
    ]
    return [group for group in found if group[2]]


def _promised(work: str, kind: str) -> tuple[float | None, float | None]:
    promise, place = PROMISES[work], KINDS.index(kind)
    return promise.first[place] if promise.first else None, promise.goal[place] if promise.goal else None


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
