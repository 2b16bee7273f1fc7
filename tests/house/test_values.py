"""Records are frozen by the type checker, and by nothing when they run: so it must be one that everybody uses."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.values import dataclass
from tests.house.files import ROOT, python_files
from tests.house.test_imports import imported_by

ASSIGNS = """
from uuid import UUID
from app.domain.standing import PastOffer

offer = PastOffer(UUID(int=1), 2)
{line}
"""


@dataclass(frozen=True, slots=True)
class Pair:
    left: int
    right: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Self:
    left: int


@dataclass(slots=True)
class Open:
    left: int


def test_every_record_of_the_app_is_made_here() -> None:
    strays = []
    for path in python_files("app"):
        source = (ROOT / path).read_text(encoding="utf-8")
        if "@dataclass" in source and "app.values" not in imported_by(path):
            strays.append(str(path))
    assert strays == []


def test_a_frozen_record_is_hashed_by_its_fields_unless_it_is_only_itself() -> None:
    assert hash(Pair(1, (2,))) == hash(Pair(1, (2,)))
    assert len({Pair(1), Pair(1), Pair(2)}) == 2
    assert len({Self(1), Self(1)}) == 2
    with pytest.raises(TypeError, match="unhashable"):
        hash(Open(1))


@pytest.mark.check
@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        pytest.param("print(offer.to_rung)", "", id="reading"),
        pytest.param("offer.to_rung = 3", 'Property "to_rung" defined in "PastOffer" is read-only', id="assigning"),
    ],
)
def test_the_type_checker_refuses_to_change_one(line: str, complaint: str, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(ASSIGNS.format(line=line), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", program], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert (done.returncode == 0) is (complaint == ""), done.stdout + done.stderr
    assert complaint in done.stdout
