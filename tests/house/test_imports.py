"""Imports only go down. Here: what import-linter cannot say, and the proof that it says the rest."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.files import ROOT, python_files

ALLOWED_IN_THE_DOMAIN = frozenset(
    "__future__ abc bisect collections dataclasses datetime decimal enum fractions functools hashlib heapq itertools "
    "json math numbers operator re statistics string types typing unicodedata uuid zoneinfo".split()
)


def imported_by(path: Path) -> set[str]:
    """The modules that a file imports, by their full names."""
    found: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or ".")
    return found


def test_the_domain_imports_itself_and_a_little_of_the_standard_library() -> None:
    strays = {
        f"{path} imports {name}"
        for path in python_files("app")
        if path.parts[1] == "domain"
        for name in imported_by(path)
        if name.split(".")[0] not in ALLOWED_IN_THE_DOMAIN and not name.startswith(("app.domain", "app.values"))
    }
    assert strays == set()


FLOORS = ("domain", "store", "actions", "queries", "api")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The app and its contracts, to be spoiled. Floors that are not built yet are there as empty ones."""
    shutil.copytree(ROOT / "app", tmp_path / "app", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for floor in FLOORS:
        (tmp_path / "app" / floor).mkdir(exist_ok=True)
        (tmp_path / "app" / floor / "__init__.py").touch()
    return tmp_path


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([program, "--no-cache"], cwd=folder, check=False, capture_output=True, text=True)


@pytest.mark.check
def test_the_copy_is_sound(copy: Path) -> None:
    assert lint(copy).returncode == 0, lint(copy).stdout


@pytest.mark.check
@pytest.mark.parametrize(
    ("path", "line"),
    [
        pytest.param("utils.py", "", id="a stray file on no floor"),
        pytest.param("domain/stray.py", "import sqlalchemy", id="the domain knows a framework"),
        pytest.param("domain/stray.py", "import random", id="the domain throws dice"),
        pytest.param("domain/stray.py", "from app import store", id="the domain looks up"),
        pytest.param("store/stray.py", "from app import actions", id="the store looks up"),
        pytest.param("store/stray.py", "import fastapi", id="the store knows HTTP"),
        pytest.param("actions/stray.py", "import sqlalchemy", id="an action speaks SQL"),
        pytest.param("actions/stray.py", "import sqlite3", id="an action opens a file of its own"),
        pytest.param("actions/stray.py", "from app import queries", id="an action leans on a query"),
        pytest.param("queries/stray.py", "import starlette.requests", id="a query knows HTTP"),
        pytest.param("api/stray.py", "import sqlalchemy.orm", id="a route speaks SQL"),
    ],
)
def test_a_broken_rule_is_seen(copy: Path, path: str, line: str) -> None:
    (copy / "app" / path).write_text(f'"""A stray."""\n\n{line}\n', encoding="utf-8")
    assert lint(copy).returncode == 1


@pytest.mark.check
def test_routes_that_know_each_other_are_seen(copy: Path) -> None:
    (copy / "app" / "api" / "one_stray.py").write_text('"""A stray."""\n', encoding="utf-8")
    (copy / "app" / "api" / "stray.py").write_text(
        '"""A stray."""\n\nfrom app.api import one_stray\n', encoding="utf-8"
    )
    assert lint(copy).returncode == 1
