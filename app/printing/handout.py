"""How does a plan become pages that a clinic hands out? Texts and drawings in, one PDF out.

Everything here is ready to be read: which words, in which language and why, is decided elsewhere.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from app.printing import press
from app.values import dataclass

PAPERS = {"a4": "a4", "letter": "us-letter"}
LONGEST_WORD = 40
"""Characters that a line takes at any size; a longer word may be broken anywhere."""
TURNS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
"""Characters that turn the direction of everything that follows, beyond the end of a name. They are left out."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text with its label; an empty label shows none."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Still:
    """A picture of a step, by the name of its drawing, and what it shows in words."""

    number: int
    drawing: str
    alt: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One exercise. `facts` are how much, when and which side; `cares` keep the patient safe, the loudest first.

    `due` says for each day of a week, Monday first, whether it may be done then.
    """

    name: str
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    stills: tuple[Still, ...]
    start: Labelled | None
    steps: tuple[str, ...]
    facts: tuple[Labelled, ...]
    when: str
    due: tuple[bool, ...]
    cares_title: str
    cares: tuple[str, ...]
    more: tuple[Labelled, ...]
    version: str


@dataclass(frozen=True, slots=True)
class Signs:
    """What to watch for, and what to do then."""

    title: str
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pain:
    """What to do by how strong the pain is. `whose` names the exercises where they differ."""

    whose: str
    answers: tuple[Labelled, ...]


@dataclass(frozen=True, slots=True)
class Handout:
    """A plan on paper. `page` holds %p and %n for the page and the number of pages."""

    language: str
    title: str
    clinic: str
    patient: Labelled
    as_of: str
    page: str
    sheet_changes: str
    empty: str | None
    not_now_title: str
    not_now: tuple[Labelled, ...]
    do_first: str | None
    signs: tuple[Signs, ...]
    pain_title: str
    pain: tuple[Pain, ...]
    sheets: tuple[Sheet, ...]
    week_title: str
    week: tuple[str, ...]
    reach_title: str
    reach: tuple[Labelled, ...]
    not_monitored: str
    app: str
    app_clinic: Labelled
    link: str


def printed(handout: Handout, drawings: Mapping[str, bytes], *, paper: str, is_large: bool, at: datetime) -> bytes:
    """The PDF. `drawings` are SVG by name; `qr` is the one that leads to the link."""
    told = {**_breakable(asdict(handout)), "paper": PAPERS[paper], "is_large": is_large}
    pictures = {f"{name}.svg": drawing for name, drawing in drawings.items()}
    return press.pdf(_template(), told, pictures, at=at)


@cache
def _template() -> bytes:
    return (files("app.printing") / "handout.typ").read_bytes()


def _breakable(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """The same with places to break in words that no line would hold."""
    match value:
        case str():
            return " ".join(map(_broken, value.translate(TURNS).split(" ")))
        case dict():
            return {name: _breakable(one) for name, one in value.items()}
        case list() | tuple():
            return [_breakable(one) for one in value]
        case _:
            return value


def _broken(word: str) -> str:
    if len(word) <= LONGEST_WORD:
        return word
    return "\u200b".join(word[at : at + 8] for at in range(0, len(word), 8))
