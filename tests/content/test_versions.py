"""What a prescription pinned can be read as it was, in every version there ever was."""

import re
import shutil
from pathlib import Path

import pytest

from app.api.shapes.shelf import shelf_of
from app.content import library
from app.domain.errors import ContentInvalid

NAME = "single-knee-to-chest"
OLD, NEW = "Keep breathing", "Breathe calmly"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The library after its first change of one exercise."""
    source = Path(library.__file__).parent
    root = Path(shutil.copytree(source, tmp_path / "content", ignore=shutil.ignore_patterns("*.py", "__pycache__")))
    current = root / "exercises" / f"{NAME}.toml"
    text = current.read_text(encoding="utf-8")
    assert library.load().exercises[NAME].version == 1, "take a version of its own in this test"
    assert OLD in text
    (root / "released" / NAME).mkdir(parents=True)
    (root / "released" / NAME / "1.toml").write_text(text, encoding="utf-8")
    changed = re.sub(r"(?m)^version = 1$", "version = 2", text.replace(OLD, NEW), count=1)
    current.write_text(changed, encoding="utf-8")
    return root


def test_both_texts_are_on_the_shelf(root: Path) -> None:
    found = library.read_library(root)
    shelf = shelf_of(found)
    old, new = shelf.versions[NAME, 1, "en"], shelf.versions[NAME, 2, "en"]
    assert (OLD.encode() in old, NEW.encode() in old) == (True, False)
    assert (OLD.encode() in new, NEW.encode() in new) == (False, True)
    assert shelf.exercises[NAME, "en"] == new
    assert found.exercises[NAME].version == 2


def test_a_version_that_is_gone_stops_the_start(root: Path) -> None:
    (root / "released" / NAME / "1.toml").unlink()
    with pytest.raises(ContentInvalid, match=rf"released/{NAME}/1\.toml: is missing"):
        library.read_library(root)


def test_a_file_under_another_number_stops_the_start(root: Path) -> None:
    shutil.copy(root / "exercises" / f"{NAME}.toml", root / "released" / NAME / "1.toml")
    with pytest.raises(ContentInvalid, match=rf"released/{NAME}/1\.toml: version: is 2"):
        library.read_library(root)
