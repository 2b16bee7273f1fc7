"""A test that does not run is seen: skipping needs a place on this list, with its reason."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.files import ROOT, python_files

SKIPS = frozenset({"skip", "skipif", "importorskip", "xfail", "skipIf", "SkipTest", "expectedFailure"})

ALLOWED: dict[str, str] = {}
"""File -> why a test of it may not run somewhere. A tool that is missing is no reason: `make` installs the tools."""


def skips_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and node.attr in SKIPS:
            yield f"{path}:{node.lineno}"


def test_no_test_is_skipped_unseen() -> None:
    found = [place for path in python_files("tests") if str(path) not in ALLOWED for place in skips_in(path)]
    assert found == []


def test_every_allowed_skip_is_still_there() -> None:
    assert [path for path in ALLOWED if not any(skips_in(Path(path)))] == []
