"""From rows to a page: the raw rows as they are kept, the ratios, and how far each is from its promise."""

import csv
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from statistics import median

from rich.table import Table

from benchmarks.works import EXPLAINED, PROMISES

KINDS = ("sqlite", "postgresql")


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


def table(rows: Sequence[Row]) -> Table:
    """What a terminal shows at the end."""
    shown = Table(title="Shares of the floor's rate, medians over the rounds")
    for name in (
        "work",
        "database",
        "share",
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


def share(rows: Sequence[Row], work: str, kind: str) -> float | None:
    """The median over rounds of the work's rate as a share of its floor's in the same round."""
    floors = {row.round: row.rate for row in rows if (row.work, row.database) == (PROMISES[work].floor, kind)}
    own = [row for row in rows if (row.work, row.database) == (work, kind)]
    return median(row.rate / floors[row.round] for row in own) if own and floors else None


def keep(rows: Sequence[Row], folder: Path) -> None:
    """The rows of the last run, to be committed with the page."""
    folder.mkdir(exist_ok=True)
    with (folder / "last.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Row)], lineterminator="\n")
        writer.writeheader()
        for row in rows:
            values = asdict(row)
            writer.writerow({name: round(v, 4) if isinstance(v, float) else v for name, v in values.items()})


def page(rows: Sequence[Row]) -> str:
    """docs/performance.md."""
    raise NotImplementedError


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
