"""Where in the content files does a place such as `exercises/x.toml: cues[chain-reaction].text.en` lead?

It reads the raw files, not what the loader made of them, so that a mistake of the loader cannot hide behind itself.
"""

import re
import tomllib
from collections.abc import Iterable
from importlib.resources import files
from importlib.resources.abc import Traversable

from app.content.article import Fact, Gap, Place
from app.domain.exercise import PRODUCT_DEFAULT

NAMES = ("id", "number", "code", "condition")
PACKAGE = files("app.content")
ARTICLE = "article"
LISTED = re.compile(r"^(\w+)\[([^\]]+)\]$")


def follow(at: str, root: Traversable = PACKAGE) -> tuple[str, set[str]]:
    """The value at a place, as text, and the sources that carry it. LookupError when the place is not there."""
    file, _, path = at.partition(": ")
    parts = path.split(".")
    value: object = tomllib.loads((root / file).read_text(encoding="utf-8"))
    carriers: set[str] = set()
    for part in parts:
        listed = LISTED.match(part)
        if not isinstance(value, dict):
            raise LookupError(f"{at}: nothing below {part}")  # noqa: TRY004  (the path is wrong, not the type)
        if listed:
            entries = value.get(listed[1], [])
            found = [e for e in entries if listed[2] in {str(e[name]) for name in NAMES if name in e}]
            if len(found) != 1:
                raise LookupError(f"{at}: {len(found)} entries called {part}")
            value = found[0]
        elif part in value:
            origin = value.get("origins", {}).get(part)
            carriers |= {origin} if isinstance(origin, str) else set()
            value = value[part]
        else:
            raise LookupError(f"{at}: no {part}")
        if isinstance(value, dict):
            carriers |= set(value.get("sources", ()))
            # A published dose is what one source says.
            carriers |= {value["source"]} if "source" in value else set()
            # A work that the article cites, and what the file says about the article itself, come from reading it.
            carriers |= {value["cited_by"]} if "cited_by" in value else set()
    return (str(value).lower() if isinstance(value, bool) else str(value)), carriers


def is_held(value: str, holds: str) -> bool:
    """A number or word must be equal, a sentence must contain what is expected."""
    return holds == value if " " not in value or holds.isdigit() else holds in value


def problem(place: Place, origin: str, root: Traversable = PACKAGE) -> str | None:
    """What is wrong with a place, None when it holds what it should and says where that comes from."""
    try:
        value, carriers = follow(place.at, root)
    except (LookupError, FileNotFoundError) as error:
        return str(error)
    if not is_held(value, place.holds):
        return f'holds "{value[:80]}", not "{place.holds}"'
    # How often and how long is said in one sentence for the ear; its numbers carry their origins one by one.
    if place.at.endswith(("dosage.spoken.en", "sources[article].note", "origins.rule_profile")):
        return None
    if origin not in carriers:
        return f"comes from {sorted(carriers) or 'nowhere'}, not from {origin}"
    return None


def table(facts: Iterable[Fact], gaps: Iterable[Gap], root: Traversable = PACKAGE) -> list[tuple[str, str, str, str]]:
    """A row for each place of each fact and gap: id, what it says, where, and `ok` or what is wrong."""
    rows = [(f.id, f.says, p.at, problem(p, ARTICLE, root) or "ok") for f in facts for p in f.places]
    return rows + [
        (g.id, g.leaves_open["en"], p.at, problem(p, PRODUCT_DEFAULT, root) or "ok") for g in gaps for p in g.places
    ]


def printed(rows: Iterable[tuple[str, str, str, str]]) -> str:
    """The table as a person reads it in a failing test."""
    return "\n" + "\n".join(f"{row[0]:4} {row[1][:48]:48} {row[2]:80} {row[3]}" for row in rows)
