"""How much does an exercise file propose, what do its sources say, and does the one lie inside the other?

A number of a source must be one that the source names; a number of our own must lie between the lowest and the highest
that any source names. This file refuses to know what a prescription makes of the proposal.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields

from app.content.table import Table
from app.content.vocabulary import LOADS
from app.domain.dosage import Dosage
from app.domain.exercise import PublishedDose, Range

HIGHEST = {
    "sets": 20,
    "reps": 200,
    "hold_seconds": 600,
    "duration_seconds": 3600,
    "rest_seconds": 600,
    "times_per_day": 24,
    "days_per_week": 7,
}
"""What a source may say, and up to which number; each is a list of a lowest and a highest."""

SAID_AS = {
    "sets": "sets",
    "reps_min": "reps",
    "reps_max": "reps",
    "hold_seconds_min": "hold_seconds",
    "hold_seconds_max": "hold_seconds",
    "duration_seconds": "duration_seconds",
    "rest_seconds": "rest_seconds",
    "due_per_day": "times_per_day",
    "offered_per_day": "times_per_day",
    "days_per_week": "days_per_week",
}
"""A field of a dosage, and what a published dose calls it."""


def read_dosage(table: Table, known: Mapping[str, bool], published: Sequence[PublishedDose]) -> Dosage:
    """The proposal of an exercise file, each of its numbers with an origin and inside what is published."""
    names = tuple(field.name for field in fields(Dosage) if field.name != "origins")
    given = {name for name in names if table.has(name)}
    origin_table = table.table("origins")
    origins: dict[str, str] = {}
    for name in names:
        if origin_table.has(name):
            origins[name] = origin_table.string(name)
            origin_table.origin(name, origins[name], known)
        elif name in given:
            unsourced = table.origins.unsourced
            detail = f'is missing; say where this number comes from, or "{unsourced}".'
            origin_table.fail(name, detail, code="missing")
    origin_table.end()
    dosage = Dosage(
        sets=table.integer("sets", 1, HIGHEST["sets"]),
        reps_min=table.integer("reps_min", 1, HIGHEST["reps"]),
        reps_max=table.integer("reps_max", 1, HIGHEST["reps"]),
        hold_seconds_min=table.optional_integer("hold_seconds_min", 1, HIGHEST["hold_seconds"]),
        hold_seconds_max=table.optional_integer("hold_seconds_max", 1, HIGHEST["hold_seconds"]),
        duration_seconds=table.optional_integer("duration_seconds", 1, HIGHEST["duration_seconds"]),
        rest_seconds=table.optional_integer("rest_seconds", 0, HIGHEST["rest_seconds"]),
        load=table.one_of("load", LOADS) if table.has("load") else None,
        due_per_day=table.integer("due_per_day", 1, 12),
        offered_per_day=table.integer("offered_per_day", 1, 12),
        days_per_week=table.integer("days_per_week", 1, 7),
        more_as_needed=table.boolean("more_as_needed"),
        origins=origins,
    )
    if (dosage.hold_seconds_min is None) != (dosage.hold_seconds_max is None):
        table.fail("hold_seconds_min", "needs both ends of the range, or neither.")
    for low, high, least, most in (
        ("reps_min", "reps_max", dosage.reps_min, dosage.reps_max),
        ("hold_seconds_min", "hold_seconds_max", dosage.hold_seconds_min or 0, dosage.hold_seconds_max or 0),
        ("due_per_day", "offered_per_day", dosage.due_per_day, dosage.offered_per_day),
    ):
        if least > most:
            table.fail(low, f"is {least}, more than {high}, which is {most}.", code="upside_down")
    _refuse_unpublished(table, dosage, published)
    table.end()
    return dosage


def read_published(tables: Iterable[Table], known: Mapping[str, bool]) -> tuple[PublishedDose, ...]:
    """What each source says about how much. A dose that says no number and no word is refused."""
    found = []
    for table in tables:
        source = table.string("source")
        table.origin("source", source, known)
        ranges = {name: _range(table, name, highest) for name, highest in HIGHEST.items() if table.has(name)}
        dose = PublishedDose(
            id=table.string("id"), source=source, note=table.text("note") if table.has("note") else None, **ranges
        )
        if not ranges and dose.note is None:
            table.fail("", "says neither a number nor a word.")
        table.end()
        found.append(dose)
    return tuple(found)


def _range(table: Table, name: str, highest: int) -> Range:
    low, high = table.integers(name, 0 if name == "rest_seconds" else 1, highest, count=2)
    if low > high:
        table.fail(name, f"is upside down: {low} is more than {high}.")
    return low, high


def _refuse_unpublished(table: Table, dosage: Dosage, published: Sequence[PublishedDose]) -> None:
    for name, said_as in SAID_AS.items():
        value, origin = getattr(dosage, name), dosage.origins.get(name)
        if value is None or origin is None:
            continue
        ranges = [(dose.source, getattr(dose, said_as)) for dose in published if getattr(dose, said_as)]
        if origin == table.origins.unsourced:
            low = min((low for _, (low, _) in ranges), default=value)
            high = max((high for _, (_, high) in ranges), default=value)
            if not low <= value <= high:
                detail = f"is {value}; the published doses of this file say {low} to {high}."
                table.fail(name, detail, code="out_of_range")
        # The article's own numbers are traced fact by fact in article.toml.
        elif origin != "article" and not any(
            source == origin and low <= value <= high for source, (low, high) in ranges
        ):
            detail = f'is {value}, which no published dose of "{origin}" in this file says as {said_as}.'
            table.fail(name, detail, code="out_of_range")
