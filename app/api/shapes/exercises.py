"""The shapes of exercises and ladders on the wire; `shelf.py` fills them in."""

from typing import Annotated

from pydantic import Field

from app.api.wire import Codes, Out

Sources = Annotated[list[str], Field(description="Keys of `sources`, or `product_default` where no source decides.")]


class OriginOut(Out):
    """Where one number of a dosage comes from."""

    field: str
    origin: Annotated[
        str, Codes("origin", is_open_set=True), Field(description="One of these, or the id of another source.")
    ]


def load_kg(grams: int | None) -> float | None:
    """A load on the wire, in kilograms."""
    return None if grams is None else grams / 1000


class DosageOut(Out):
    """How much. Ranges are inclusive; repetitions are per set and, for one-sided exercises, per side."""

    sets: int
    reps_min: int
    reps_max: int
    hold_seconds_min: int | None
    hold_seconds_max: int | None
    duration_seconds: int | None
    rest_seconds: int | None
    load: Annotated[str | None, Field(description="What kind of load, in words.")]
    load_kg_min: float | None
    load_kg_max: float | None
    due_per_day: int
    offered_per_day: int
    days_per_week: int
    more_as_needed: bool
    spoken: str
    origins: list[OriginOut]


class RangeOut(Out):
    """From the lowest to the highest number, both included."""

    min: int
    max: int


class PublishedDoseOut(Out):
    """What one source says about how much; null where it says nothing. Sources differ up to tenfold."""

    source: str
    sets: RangeOut | None
    reps: RangeOut | None
    hold_seconds: RangeOut | None
    duration_seconds: RangeOut | None
    rest_seconds: RangeOut | None
    times_per_day: RangeOut | None
    days_per_week: RangeOut | None
    note: str | None


class LadderPlaceOut(Out):
    """Where an exercise stands on a ladder; `easier` and `harder` are ids of its neighbours."""

    id: str
    rung: int
    rungs: int
    easier: str | None
    harder: str | None


class StatementOut(Out):
    """A sentence and its sources."""

    text: str
    sources: Sources


class StartPositionOut(Out):
    """The position to begin from."""

    code: Annotated[str, Codes("start_position")]
    text: str
    sources: Sources


class StepOut(Out):
    """One instruction, in order."""

    number: int
    phase: Annotated[str, Codes("phase")]
    text: str
    sources: Sources


class CueOut(Out):
    """A hint for doing it well."""

    id: str
    kind: Annotated[str, Codes("cue_kind")]
    text: str
    sources: Sources


class SafetyNoteOut(Out):
    """A sentence that keeps the patient safe. `acknowledge`: ask for a tap before the first time."""

    id: str
    kind: Annotated[str, Codes("safety_kind")]
    severity: Annotated[str, Codes("severity")]
    text: str
    acknowledge: bool
    sources: Sources


class ModificationOut(Out):
    """A different way to do it, and when to choose it.

    `off_floor`: done so, nobody needs to get down to the floor. `on_sore_days`: a resting form; an eased item says it.
    """

    id: str
    when: str
    text: str
    off_floor: bool
    on_sore_days: bool
    sources: Sources


class CautionOut(Out):
    """What a condition means for this exercise."""

    condition: str
    action: Annotated[str, Codes("caution_action")]
    text: str
    sources: Sources


class SourceOut(Out):
    """Where statements come from; unknown fields are null, never guessed."""

    id: str
    title: str
    author: str | None
    publisher: str | None
    year: int | None
    url: str | None
    note: str | None


class ReviewOut(Out):
    """Whether a clinician has signed this."""

    status: Annotated[str, Codes("review_status")]
    by: str | None
    on: str | None


class StillOut(Out):
    """The picture of one step."""

    step: int
    url: str
    png_url: str
    alt: str


class FigureOut(Out):
    """The drawn exercise. The addresses name a version: what they answer never changes."""

    alt: str
    motion_url: str
    strip_url: str
    still_png_url: str
    strip_png_url: str
    stills: list[StillOut]


class ExerciseOut(Out):
    """One exercise, whole."""

    id: str
    version: int
    language: str
    name: str
    also_known_as: list[str]
    kind: Annotated[str, Codes("exercise_kind")]
    regions: list[Annotated[str, Codes("region")]]
    sides: Annotated[str, Codes("sides")]
    equipment: list[Annotated[str, Codes("equipment")]]
    needs_floor: bool
    form_of: str | None
    ladders: list[LadderPlaceOut]
    purpose: str
    background: list[StatementOut]
    start_position: StartPositionOut
    steps: list[StepOut]
    cues: list[CueOut]
    safety: list[SafetyNoteOut]
    modifications: list[ModificationOut]
    cautions: list[CautionOut]
    dosage: DosageOut
    published_doses: list[PublishedDoseOut]
    figure: Annotated[FigureOut | None, Field(description="Null until the exercise is drawn.")]
    sources: list[SourceOut]
    review: ReviewOut


class ExerciseSummaryOut(Out):
    """An exercise in a list."""

    id: str
    version: int
    language: str
    name: str
    also_known_as: list[str]
    kind: Annotated[str, Codes("exercise_kind")]
    regions: list[Annotated[str, Codes("region")]]
    equipment: list[Annotated[str, Codes("equipment")]]
    needs_floor: bool
    form_of: str | None
    ladders: list[LadderPlaceOut]


class FacetValueOut(Out):
    """One choice of a filter, and how many exercises it would leave."""

    code: Annotated[str, Field(description="What the filter is sent.")]
    label: Annotated[str, Field(description="How it is called, in the reader's language.")]
    count: Annotated[
        int,
        Field(
            description="How many exercises would be found if this filter were set to this code alone and all else "
            "stayed as it is."
        ),
    ]


class FacetOut(Out):
    """A filter and its choices, without those that would leave nothing and without things that nothing found needs."""

    name: Annotated[str, Codes("facet"), Field(description="The filter's name.")]
    values: Annotated[list[FacetValueOut], Field(description="Its choices, in the order of the vocabulary.")]


class ExercisePage(Out):
    """A page of exercises, the best matches first. `facets` are about all that was found, not about the page."""

    items: list[ExerciseSummaryOut]
    next_cursor: str | None
    facets: Annotated[list[FacetOut], Field(description="Every filter with what each of its choices would leave.")]


class LadderRungOut(Out):
    """A rung of a ladder, counting from 1, easiest first."""

    rung: int
    exercise_id: str
    exercise_version: int
    name: str


class LadderRuleOut(Out):
    """The rule between the rungs, and the statements behind it."""

    profile: Annotated[str, Codes("rule_profile")]
    pain_free_days: int | None
    good_days: int | None
    origin: Annotated[str, Codes("origin", is_open_set=True)]
    statements: list[StatementOut]


class LadderOut(Out):
    """Exercises from easier to harder, with the rule between them."""

    id: str
    version: int
    language: str
    name: str
    direction: Annotated[str, Codes("direction")] | None
    rungs: list[LadderRungOut]
    rule: LadderRuleOut
    sources: list[SourceOut]
    review: ReviewOut


class LadderPage(Out):
    """All ladders."""

    items: list[LadderOut]
    next_cursor: str | None
