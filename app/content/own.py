"""What do the books say once a clinic has said something of its own about them?

Pure: the library of the house and what one clinic keeps go in, a library of the same kind comes out. A clinic's own
exercises and ladders are read by the code that reads the files, so that what is sound is decided once. This file
refuses to know where a clinic's words are kept and who may say them.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from app.content import loader
from app.content.facets import facets_of
from app.content.library import Library, resting_forms
from app.content.search import LateIndex
from app.content.table import Origins, Table, top
from app.domain.errors import ContentInvalid
from app.domain.exercise import Exercise, Ladder, Review, Source
from app.domain.own.signing import CLINIC, EXERCISE, LADDER, ContentKey, SignOff, review_of
from app.values import dataclass, field

ORIGINS = Origins(CLINIC, "the body's own sources")
UNREVIEWED = Review("unreviewed")
UNSIGNED = {"review": {"status": UNREVIEWED.status}}


@dataclass(frozen=True, slots=True)
class Definition:
    """A version of an exercise or a ladder of the clinic's own, as it was sent."""

    what: ContentKey
    version: int
    body: Mapping[str, Any]
    is_retired: bool = False


@dataclass(frozen=True, slots=True)
class OwnContent:
    """What a clinic says. `revision` counts its changes and is never 0 where something is said."""

    revision: int
    signed: Mapping[ContentKey, SignOff] = field(default_factory=dict)
    hidden: frozenset[ContentKey] = frozenset()
    definitions: tuple[Definition, ...] = ()


def exercise_of(house: Library, one: Definition, others: Collection[str]) -> Exercise:
    """A clinic's own exercise. `others` are the ids of exercises that it may be a form of.

    Raises ContentInvalid, whose `errors` point into the body.
    """
    table, sources = _read(one)
    exercise = loader.exercise_from(table, one.what[1], sources, house.conditions, house.vocabulary)
    if exercise.form_of is not None and exercise.form_of not in others:
        table.fail("form_of", f'there is no exercise "{exercise.form_of}".', code="not_allowed")
    return exercise


def ladder_of(one: Definition, exercises: Iterable[str]) -> Ladder:
    """A clinic's own ladder over these exercises. Raises ContentInvalid, whose `errors` point into the body."""
    table, sources = _read(one)
    return loader.ladder_from(table, one.what[1], sources, exercises)


def _read(one: Definition) -> tuple[Table, Mapping[str, Source]]:
    kind, content_id = one.what
    entries = {**one.body, "id": content_id, "version": one.version, **UNSIGNED}
    table = top(entries, file=f"{kind} {content_id}", origins=ORIGINS)
    return table, loader.sources_from(table)


def merged(house: Library, own: OwnContent, before: Library | None = None) -> Library:
    """The library as the clinic reads it. Whatever it says nothing about are the house's very objects.

    `before` is the same clinic's library at an earlier revision: a version never changes, so none is read twice.
    A definition that this build cannot read any more is left out, and named in `unreadable`: a clinic's patients are
    served all the same, because a prescription holds what it needs.
    """
    exercises, ladders = dict(house.exercises), dict(house.ladders)
    unreadable: dict[ContentKey, str] = {}
    ids = {one.what[1] for one in own.definitions if one.what[0] == EXERCISE} | house.exercises.keys()
    for one in sorted(own.definitions, key=lambda each: each.what):  # exercises before ladders
        kind, content_id = one.what
        try:
            if kind == EXERCISE:
                exercises[content_id] = _known(one, before) or exercise_of(house, one, ids)
            else:
                ladders[content_id] = _known_ladder(one, before) or ladder_of(one, exercises)
        except ContentInvalid as error:
            unreadable[one.what] = error.detail
    for (kind, content_id), signature in own.signed.items():
        if kind == EXERCISE and content_id in exercises:
            signed = exercises[content_id]
            exercises[content_id] = replace(signed, review=review_of(signed.version, signature, signed.review))
        elif kind == LADDER and content_id in ladders:
            ladder = ladders[content_id]
            ladders[content_id] = replace(ladder, review=review_of(ladder.version, signature, ladder.review))
    changed = {(one.id, one.version): one for one in exercises.values() if one is not house.exercises.get(one.id)}
    library = replace(
        house,
        exercises=exercises,
        versions={**house.versions, **changed},
        ladders=ladders,
        content_version=f"{house.content_version}.{own.revision}",
        signed=own.signed,
        hidden=own.hidden,
        retired=frozenset(one.what for one in own.definitions if one.is_retired),
        unreadable=unreadable,
    )
    return library if not own.definitions else _with_its_own(house, library)


def _known(one: Definition, before: Library | None) -> Exercise | None:
    known = before.exercises.get(one.what[1]) if before is not None else None
    return None if known is None or known.version != one.version else replace(known, review=UNREVIEWED)


def _known_ladder(one: Definition, before: Library | None) -> Ladder | None:
    known = before.ladders.get(one.what[1]) if before is not None else None
    return None if known is None or known.version != one.version else replace(known, review=UNREVIEWED)


def _with_its_own(house: Library, library: Library) -> Library:
    """What is made of all exercises and ladders, made anew: the names in texts, the search and its filters."""
    exercises = tuple(library.exercises.values())
    in_use = [one for one in library.ladders.values() if (LADDER, one.id) not in library.retired]
    names = {"exercise": {one.id: one.name for one in exercises}, "resting_form": resting_forms(exercises)}
    return replace(
        library,
        texts=replace(house.texts, names={**house.texts.names, **names}, said={}),
        index=LateIndex(exercises, house.vocabulary),
        facets=facets_of(exercises, in_use, house.vocabulary),
    )
