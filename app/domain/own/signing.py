"""What does a clinic say about an exercise or a ladder: did somebody there sign it, and is it still what they signed?

A signature is for one version. When the content has moved on it is outdated: it says who looked at it and when, and no
more. This file refuses to know who may sign.
"""

from datetime import date
from typing import TypeAlias

from app.domain.exercise import Review
from app.values import dataclass

EXERCISE, LADDER = "exercise", "ladder"
"""The kinds of content that a clinic may sign and hide."""

CLINIC = "clinic"
"""What stands for the sources of a sentence or number that rests on the clinic's own word."""

OWN_PREFIX = "own-"
"""How the ids begin of what is a clinic's own. The house's never do, so no release can collide with a clinic."""

ContentKey: TypeAlias = tuple[str, str]
"""A kind and an id."""

REVIEWED, OUTDATED = "reviewed", "outdated"


@dataclass(frozen=True, slots=True)
class SignOff:
    """A clinician's signature under one version. `by` is their name as it was on that day."""

    version: int
    by: str
    on: date
    note: str | None = None

    def is_of(self, version: int) -> bool:
        """Is it this version that was signed?"""
        return self.version == version


def review_of(version: int, signed: SignOff | None, otherwise: Review) -> Review:
    """The review of a version as the clinic sees it; `otherwise` when nobody of the clinic signed any."""
    if signed is None:
        return otherwise
    status = REVIEWED if signed.is_of(version) else OUTDATED
    return Review(status, signed.by, signed.on.isoformat())
