"""The benchmark runs: one small round of everything, on both databases, and a page at the end."""

import subprocess
import sys

import pytest

from benchmarks import report
from benchmarks.report import Row, Start
from benchmarks.works import PROMISES
from tests.house.files import ROOT


@pytest.mark.check
def test_a_small_round_of_every_work() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert all(done.stdout.count(work) >= 2 for work in PROMISES)


def row(round_: int, work: str, rate: float) -> Row:
    return Row(round_, "sqlite", work, 1.0, 100, 1.0, rate, 1e6 / rate, 0.0, 1.0, 0.0, 1.0, 2.0, 2000, 3)


def test_a_page_says_how_far_each_work_is_from_its_promise() -> None:
    """Shares are of the same round, so that a slow round is slow for both."""
    rates = {"hello, bare": 1000.0, "routine": 300.0, "routine, 304": 700.0, "exercise": 500.0}
    rows = [row(n, work, rate / n) for n in (1, 2, 3) for work, rate in rates.items()]
    assert report.share(rows, "routine", "sqlite") == pytest.approx(0.3)
    page = report.page(rows, [Start("sqlite", 1.0, 100.0, 120.0)])
    assert "| routine | hello, bare | 0.30 | 0.30 | 0.22 | 0.50 | first reach; goal is 1.7 x away |" in page
    assert "| routine, 304 | hello, bare | 0.70 | 0.70 | 0.25 | 0.60 | goal reached |" in page
    assert "| exercise | hello, bare | 0.50 | 0.50 | 0.70 | 0.85 | **short**: first reach is 1.4 x away |" in page
