"""docs/hazards.md: enough hazards, each with a control and with tests that are really there."""

import ast
import re
from functools import cache

from tests.house.files import ROOT

LEAST = 18
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "hazards.md").read_text(encoding="utf-8").splitlines()
    if re.match(r"\| H\d", line)
]


@cache
def names_in(path: str) -> frozenset[str]:
    """The names of the test functions of a file; none when there is no such file."""
    file = ROOT / path
    if not file.is_file():
        return frozenset()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_there_are_enough_and_they_are_numbered() -> None:
    assert len(ROWS) >= LEAST
    assert [row[0] for row in ROWS] == [f"H{number:02}" for number in range(1, len(ROWS) + 1)]


def test_each_says_what_why_and_what_is_left_over() -> None:
    assert [row[0] for row in ROWS if len(row) != 5 or not all(row)] == []


def test_each_names_tests_that_exist() -> None:
    absent = []
    for number, _, _, tests, _ in ROWS:
        named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", tests)
        if not named:
            absent.append(f"{number} names no test")
        absent += [f"{number}: {path}::{name}" for path, name in named if name not in names_in(path)]
    assert absent == []
