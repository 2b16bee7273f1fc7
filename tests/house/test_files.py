"""Files stay small enough to read, and their names say what is inside."""

import ast
import re
from collections import Counter

import pytest

from tests.house.files import ROOT, python_files

MOST_LINES = 400
MOST_FILES_IN_A_FOLDER = 30

SAYS_NOTHING = frozenset(
    "common crud data handler handlers helper helpers info manager managers misc processor processors service services "
    "util utils".split()
)


def words_of(name: str) -> list[str]:
    """`snake_case` and `CamelCase` as words, in small letters."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]


def test_no_file_is_too_long_to_read() -> None:
    lengths = {
        path: len((ROOT / path).read_text(encoding="utf-8").splitlines())
        for path in python_files("app", "benchmarks", "migrations", "scripts", "tests")
    }
    assert {str(path): length for path, length in lengths.items() if length > MOST_LINES} == {}


def test_no_folder_is_overcrowded() -> None:
    """A floor, or a folder inside a floor such as the tables: whoever opens it reads the list at one glance."""
    folders = Counter(path.parent for path in python_files("app") if len(path.parts) > 2 and path.stem != "__init__")
    assert {str(folder): count for folder, count in folders.items() if count > MOST_FILES_IN_A_FOLDER} == {}


def test_module_names_say_something() -> None:
    modules = python_files("app", "benchmarks", "scripts")
    assert [str(path) for path in modules if SAYS_NOTHING & set(words_of(path.stem))] == []


def test_class_names_say_something() -> None:
    named = [
        f"{path}: {node.name}"
        for path in python_files("app")
        for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and SAYS_NOTHING & set(words_of(node.name))
    ]
    assert named == []


def test_every_module_opens_with_its_question() -> None:
    """The docstring says what the file answers, and what it refuses to know."""
    silent = [
        str(path)
        for path in python_files("app")
        if ast.get_docstring(ast.parse((ROOT / path).read_text(encoding="utf-8"))) is None
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("record_session", ["record", "session"]),
        ("SessionRow", ["session", "row"]),
        ("FHIRPatient", ["fhir", "patient"]),
        ("UtcDateTime", ["utc", "date", "time"]),
    ],
)
def test_names_are_read_as_words(name: str, words: list[str]) -> None:
    assert words_of(name) == words
