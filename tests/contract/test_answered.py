"""What the document lists can come: no problem, reason or value is promised that no code path answers.

Read from the source: an error class must be raised somewhere, a code must stand somewhere as itself, in the code or in
the library's files. What is listed ahead of its time says so with its first word, "Reserved".
"""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

import app
from app.api.contract.vocabulary import ENUMERATIONS, TOLD_IN_WORDS, glossary, vocabulary
from app.api.problems import PROBLEMS

APP = Path(app.__file__).parent
TELL_ABOUT_CODES = (APP / "api" / "contract" / "vocabulary.py", APP / "api" / "contract" / "openapi.py")
SENT_BY_PHONES = {"request_kind", "stopped_early", "time_precision"}
"""What a phone says comes back as it said it."""
READ_FROM_FILES = {"caution_action", "phase", "safety_kind", "severity", "side", "sides"}
"""Enumerations whose members come out of content files by their values."""
FOUND_BY_THE_FRAMEWORK = {"MethodNotAllowed", "BodyTooLarge"}
AWAITED: set[str] = set()
"""Listed while the code that answers it is being written."""


@cache
def trees() -> dict[str, ast.AST]:
    """Every file of the code, by the name of its module."""
    found: dict[str, ast.AST] = {}
    for path in APP.rglob("*.py"):
        if path not in TELL_ABOUT_CODES:
            module = ".".join(path.relative_to(APP.parent).with_suffix("").parts)
            found[module] = ast.parse(path.read_text(encoding="utf-8"))
    return found


def words(*, but: str = "") -> set[str]:
    """Every string that stands in the code, one module left out, and every quoted word in the library's files."""
    found = {
        node.value
        for module, tree in trees().items()
        if module != but
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    for path in (APP / "content").rglob("*.toml"):
        if path.parent.name != "texts":
            found |= set(re.findall(r'"([a-z_]+)"', path.read_text(encoding="utf-8")))
    return found


def members() -> set[tuple[str, str]]:
    """Every `Enumeration.MEMBER` that the code names."""
    nodes = (node for tree in trees().values() for node in ast.walk(tree) if isinstance(node, ast.Attribute))
    return {(node.value.id, node.attr) for node in nodes if isinstance(node.value, ast.Name)}


@pytest.mark.parametrize("name", sorted({*glossary()["codes"], *TOLD_IN_WORDS} - SENT_BY_PHONES))
def test_every_code_stands_somewhere(name: str) -> None:
    said, found = vocabulary(name), words()
    assert {code for code in said if code not in found and not said[code].startswith("Reserved")} <= AWAITED


@pytest.mark.parametrize("name", sorted(set(ENUMERATIONS) - SENT_BY_PHONES - READ_FROM_FILES))
def test_every_member_is_used(name: str) -> None:
    enumeration = ENUMERATIONS[name]
    used, found = members(), words(but=enumeration.__module__)
    assert [m.value for m in enumeration if (enumeration.__name__, m.name) not in used and m.value not in found] == []


@pytest.mark.parametrize("error", sorted({one.__name__ for one in PROBLEMS} - FOUND_BY_THE_FRAMEWORK))
def test_every_problem_is_raised(error: str) -> None:
    calls = (node for tree in trees().values() for node in ast.walk(tree) if isinstance(node, ast.Call))
    called = {getattr(node.func, "id", getattr(node.func, "attr", "")) for node in calls}
    made_for_fields = {"Invalid": "invalid"}
    assert {error, made_for_fields.get(error, error)} & called
