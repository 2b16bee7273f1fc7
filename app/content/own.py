"""What do the books say once a clinic has said something of its own about them?

Pure: the library of the house and what one clinic keeps go in, a library of the same kind comes out. This file refuses
to know where a clinic's words are kept and who may say them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from app.content.library import Library
from app.domain.own.signing import EXERCISE, LADDER, ContentKey, SignOff, review_of


@dataclass(frozen=True, slots=True)
class OwnContent:
    """What a clinic says. `revision` counts its changes and is never 0 where something is said."""

    revision: int
    signed: Mapping[ContentKey, SignOff] = field(default_factory=dict)
    hidden: frozenset[ContentKey] = frozenset()


def merged(house: Library, own: OwnContent) -> Library:
    """The library as the clinic reads it. Whatever it says nothing about are the house's very objects."""
    exercises = dict(house.exercises)
    ladders = dict(house.ladders)
    for (kind, content_id), signature in own.signed.items():
        if kind == EXERCISE and content_id in exercises:
            one = exercises[content_id]
            exercises[content_id] = replace(one, review=review_of(one.version, signature, one.review))
        elif kind == LADDER and content_id in ladders:
            ladder = ladders[content_id]
            ladders[content_id] = replace(ladder, review=review_of(ladder.version, signature, ladder.review))
    changed = {(one.id, one.version): one for one in exercises.values() if one is not house.exercises.get(one.id)}
    return replace(
        house,
        exercises=exercises,
        versions={**house.versions, **changed},
        ladders=ladders,
        content_version=f"{house.content_version}.{own.revision}",
        signed=own.signed,
        hidden=own.hidden,
    )
