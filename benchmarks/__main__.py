"""`make bench`: what does a request cost, and how far is that from what it could cost at best?

Every work and its floors are measured in turn, round after round in one run, on SQLite and on PostgreSQL. Only ratios
within a run mean anything: the machine may be shared. Raw rows go to results/, the page to docs/performance.md.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks import report, stage
from benchmarks.works import plan_of
from tests.databases import KINDS, Kind

RESULTS = Path(__file__).parent / "results"
PAGE = Path(__file__).parents[1] / "docs" / "performance.md"


def main() -> None:
    """Measure, keep the rows, render the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one small round, to see that it works; keeps nothing")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--only", choices=("sqlite", "postgresql"), help="one database; keeps nothing")
    parser.add_argument("--works", help="a semicolon-separated choice of works; keeps nothing")
    asked = parser.parse_args()
    plan = plan_of(quick=asked.quick, rounds=1 if asked.quick else asked.rounds)
    kinds: tuple[Kind, ...] = (asked.only,) if asked.only else KINDS
    chosen = tuple(asked.works.split(";")) if asked.works else None
    told = Console(width=None if sys.stdout.isatty() else 150)
    columns = (TextColumn("{task.description:<44}"), BarColumn(), TimeElapsedColumn())
    with tempfile.TemporaryDirectory(prefix="rung-bench-") as folder, Progress(*columns, console=told) as progress:
        Path(folder).chmod(0o755)  # PostgreSQL's own user passes through
        with stage.opened(Path(folder), kinds, plan, progress, for_process=os.getpid(), chosen=chosen) as ready:
            rows = stage.measure(ready, plan, progress)
            starts = stage.starts(ready)
    told.print(report.table(rows))
    if not (asked.quick or asked.only or asked.works):
        report.keep(rows, starts, RESULTS)
        PAGE.write_text(report.page(rows, starts))
        told.print(f"Wrote {PAGE.relative_to(Path.cwd()) if PAGE.is_relative_to(Path.cwd()) else PAGE}")


if __name__ == "__main__":
    main()
