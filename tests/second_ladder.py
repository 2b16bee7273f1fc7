"""A library with a second ladder, read by the loader that reads the package's own files."""

import shutil
from pathlib import Path

from app.content import library
from app.content.library import Library

SECOND = "from-the-side"
EASIER = "side-lying-knee-to-chest"
"""The exercise that only the second ladder has; its second rung stands on both ladders."""


def copy_of_content(folder: Path) -> Path:
    """The content files, to be changed."""
    source = Path(library.__file__).parent
    return Path(shutil.copytree(source, folder / "content", ignore=shutil.ignore_patterns("*.py", "__pycache__")))


def two_ladders(folder: Path) -> Library:
    """The package's content and one ladder more: an easier exercise, then both legs."""
    root = copy_of_content(folder)
    _copy(root / "exercises", "single-knee-to-chest", EASIER)
    _copy(root / "ladders", "knees-to-chest", SECOND, **{"single-knee-to-chest": EASIER})
    return library.read_library(root)


def next_version(folder: Path, name: str) -> Library:
    """The package's content after a change of one exercise, with its first version kept."""
    root = copy_of_content(folder)
    current, kept = root / "exercises" / f"{name}.toml", root / "released" / name / "1.toml"
    kept.parent.mkdir(parents=True)
    text = current.read_text(encoding="utf-8")
    kept.write_text(text, encoding="utf-8")
    current.write_text(text.replace("\nversion = 1\n", "\nversion = 2\n", 1), encoding="utf-8")
    return library.read_library(root)


def _copy(folder: Path, name: str, becomes: str, **other: str) -> None:
    text = (folder / f"{name}.toml").read_text(encoding="utf-8")
    for was, now in {name: becomes, **other}.items():
        text = text.replace(f'"{was}"', f'"{now}"')
    (folder / f"{becomes}.toml").write_text(text, encoding="utf-8")
