"""The shapes of a clinic's view of the library: what the house says, and what the clinic says about it."""

from typing import Annotated

from pydantic import Field

from app.api.shapes.exercises import ExerciseOut, ExerciseSummaryOut, FacetOut, LadderOut, ReviewOut
from app.api.shapes.own_bodies import OwnExerciseIn, OwnLadderIn
from app.api.wire import Codes, Int, Note, Out, Strict
from app.content.library import Library
from app.domain.own.signing import OUTDATED, REVIEWED, ContentKey

HOUSE, OWN = "house", "own"

Origin = Annotated[str, Codes("content_origin"), Field(description="Whose content it is.")]
IsHidden = Annotated[bool, Field(description="The clinic prescribes it to nobody any more; what runs goes on.")]


IsRetired = Annotated[bool, Field(description="The clinic gave up what was its own; what runs goes on.")]
Problem = Annotated[
    str | None, Field(description="Why this version of the service cannot read what was kept; put a sound definition.")
]


class SignOffIn(Strict):
    """The caller's signature under a version."""

    version: Annotated[Int, Field(ge=1, le=10_000, description="The version that was read; only the newest one.")]
    note: Note | None = None


class SignOffOut(Out):
    """A signature of the clinic."""

    status: Annotated[str, Codes("review_status")]
    version: Annotated[int, Field(description="The version that was signed.")]
    by: Annotated[str, Field(description="The clinician's name as it was on that day.")]
    on: str
    note: str | None


class ClinicExerciseSummaryOut(ExerciseSummaryOut):
    """An exercise in the clinic's list."""

    origin: Origin
    is_hidden: IsHidden
    review: ReviewOut


class ClinicExercisePage(Out):
    """A page of exercises as the clinic sees them, the best matches first."""

    items: list[ClinicExerciseSummaryOut]
    next_cursor: str | None
    facets: Annotated[list[FacetOut], Field(description="Every filter with what each of its choices would leave.")]


class ClinicExerciseOut(Out):
    """An exercise as the clinic sees it."""

    id: str
    version: int
    origin: Origin
    is_hidden: IsHidden
    sign_off: Annotated[SignOffOut | None, Field(description="What the clinic signed, perhaps an earlier version.")]
    is_retired: IsRetired
    exercise: Annotated[
        ExerciseOut | None, Field(description="As its patients are shown it; null where it cannot be read.")
    ]
    definition: Annotated[
        OwnExerciseIn | None,
        Field(
            description="What is the clinic's own, as it was sent, to be changed and put again; null for the house's."
        ),
    ]
    problem: Problem


class ClinicLadderOut(Out):
    """A ladder as the clinic sees it."""

    id: str
    version: int
    origin: Origin
    is_hidden: IsHidden
    sign_off: Annotated[SignOffOut | None, Field(description="What the clinic signed, perhaps an earlier version.")]
    withheld_exercises: Annotated[
        list[str],
        Field(description="What the clinic has hidden or retired on it: while there is any, nobody is prescribed it."),
    ]
    is_retired: IsRetired
    ladder: Annotated[LadderOut | None, Field(description="As it is prescribed; null where it cannot be read.")]
    definition: Annotated[
        OwnLadderIn | None,
        Field(
            description="What is the clinic's own, as it was sent, to be changed and put again; null for the house's."
        ),
    ]
    problem: Problem


class ClinicLadderPage(Out):
    """All ladders as the clinic sees them, without retired ones."""

    items: list[ClinicLadderOut]
    next_cursor: str | None


def sign_off_out(library: Library, what: ContentKey, version: int) -> SignOffOut | None:
    """What the clinic signed of it, held against the version that it is at."""
    signed = library.signed.get(what)
    if signed is None:
        return None
    return SignOffOut(
        status=REVIEWED if signed.is_of(version) else OUTDATED,
        version=signed.version,
        by=signed.by,
        on=signed.on.isoformat(),
        note=signed.note,
    )
