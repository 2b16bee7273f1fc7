"""What a clinic sends as an exercise or a ladder of its own: the fields of a content file, as JSON.

Shapes only. Whether what is said is sound is for the same code to judge that reads the files (app/content/loader.py).
Ids, versions and reviews are not sent: the address, the server and a signature make them.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool

from app.api.wire import Codes, Int, Slug, Strict, Text
from app.content.dosages import HIGHEST

Sentence = Annotated[Text, Field(min_length=1, max_length=1000)]
Short = Annotated[Text, Field(min_length=1, max_length=200)]
Keys = Annotated[
    tuple[Short, ...],
    Field(min_length=1, max_length=20, description="Ids of the body's own `sources`, or `clinic`."),
]
Many = Field(max_length=40)
Range = Annotated[
    tuple[Int, ...],
    Field(min_length=2, max_length=2, description="From the lowest to the highest number, both included."),
]


class SaidIn(Strict):
    """A text in every language of the body. English is always needed: it is read where another language is missing."""

    en: Annotated[Sentence, Field(description="In English.")]
    de: Annotated[Sentence | None, Field(description="In German.")] = None


class NamedIn(Strict):
    """A name in every language of the body."""

    en: Annotated[Short, Field(description="In English.")]
    de: Annotated[Short | None, Field(description="In German.")] = None


class OtherNamesIn(Strict):
    """Other names, by language."""

    en: Annotated[tuple[Short, ...], Field(max_length=40, description="In English.")] = ()
    de: Annotated[tuple[Short, ...], Field(max_length=40, description="In German.")] = ()


class OwnSourceIn(Strict):
    """A source that the clinic names. Its id begins with `own-`, so that it is never taken for one of the house's."""

    id: Annotated[Slug, Field(pattern=r"^own-[a-z0-9][a-z0-9_-]*$")]
    title: Short
    author: Short | None = None
    publisher: Short | None = None
    year: Annotated[Int, Field(ge=1800, le=2100)] | None = None
    url: Annotated[Text, Field(min_length=8, max_length=500)] | None = None
    note: Sentence | None = None


class OwnStatementIn(Strict):
    """A sentence with what carries it."""

    id: Slug
    text: SaidIn
    sources: Keys


class OwnStartIn(Strict):
    """The position to begin from."""

    code: Annotated[Slug, Codes("start_position")]
    text: SaidIn
    sources: Keys


class OwnStepIn(Strict):
    """One instruction. Steps count 1, 2, 3; the first, and only the first, is the start."""

    number: Annotated[Int, Field(ge=1, le=100)]
    phase: Annotated[Slug, Codes("phase")]
    text: SaidIn
    sources: Keys


class OwnCueIn(Strict):
    """A hint for doing it well."""

    id: Slug
    kind: Annotated[Slug, Codes("cue_kind")]
    text: SaidIn
    sources: Keys


class OwnSafetyIn(Strict):
    """A sentence that keeps the patient safe. `acknowledge` asks the phone for a tap before the first time."""

    id: Slug
    kind: Annotated[Slug, Codes("safety_kind")]
    severity: Annotated[Slug, Codes("severity")]
    text: SaidIn
    acknowledge: StrictBool
    sources: Keys


class OwnModificationIn(Strict):
    """A different way to do it.

    `off_floor`: done so, nobody needs to get down to the floor. `on_sore_days`: a resting form, told on an eased day.
    """

    id: Slug
    when: Annotated[SaidIn, Field(description="When to choose it.")]
    text: SaidIn
    sources: Keys
    off_floor: StrictBool = False
    on_sore_days: StrictBool = False


class OwnCautionIn(Strict):
    """What a condition of the patient means for this exercise."""

    condition: Annotated[Slug, Field(description="A code of `GET /v1/conditions`.")]
    action: Annotated[Slug, Codes("caution_action")]
    text: SaidIn
    sources: Keys


class OwnDoseIn(Strict):
    """What one source says about how much. A number of the dosage must be one that its source says here."""

    id: Slug
    source: Annotated[Short, Field(description="The id of one of the body's own `sources`, or `clinic`.")]
    sets: Range | None = None
    reps: Range | None = None
    hold_seconds: Range | None = None
    duration_seconds: Range | None = None
    rest_seconds: Range | None = None
    times_per_day: Range | None = None
    days_per_week: Range | None = None
    note: SaidIn | None = None


Origin = Annotated[Short, Field(description="The id of one of the body's own `sources`, or `clinic`.")]


class OwnDosageOriginsIn(Strict):
    """Where each number comes from; every number that is given needs one."""

    sets: Origin | None = None
    reps_min: Origin | None = None
    reps_max: Origin | None = None
    hold_seconds_min: Origin | None = None
    hold_seconds_max: Origin | None = None
    duration_seconds: Origin | None = None
    rest_seconds: Origin | None = None
    load: Origin | None = None
    due_per_day: Origin | None = None
    offered_per_day: Origin | None = None
    days_per_week: Origin | None = None
    more_as_needed: Origin | None = None


class OwnDosageIn(Strict):
    """The proposal for a prescription. A number of the clinic's own lies inside what any source of the body says."""

    sets: Annotated[Int, Field(ge=1, le=HIGHEST["sets"])]
    reps_min: Annotated[Int, Field(ge=1, le=HIGHEST["reps"])]
    reps_max: Annotated[Int, Field(ge=1, le=HIGHEST["reps"])]
    hold_seconds_min: Annotated[Int, Field(ge=1, le=HIGHEST["hold_seconds"])] | None = None
    hold_seconds_max: Annotated[Int, Field(ge=1, le=HIGHEST["hold_seconds"])] | None = None
    duration_seconds: Annotated[Int, Field(ge=1, le=HIGHEST["duration_seconds"])] | None = None
    rest_seconds: Annotated[Int, Field(ge=0, le=HIGHEST["rest_seconds"])] | None = None
    load: Annotated[Slug, Field(description="`body_weight`, `band` or `weight`.")] | None = None
    due_per_day: Annotated[Int, Field(ge=1, le=12)]
    offered_per_day: Annotated[Int, Field(ge=1, le=12)]
    days_per_week: Annotated[Int, Field(ge=1, le=7)]
    more_as_needed: StrictBool
    spoken: SaidIn
    origins: OwnDosageOriginsIn


Languages = Annotated[
    tuple[Annotated[Literal["en", "de"], Codes("language")], ...],
    Field(min_length=1, max_length=2, description="In which languages every text is given; `en` among them."),
]
Sources = Annotated[tuple[OwnSourceIn, ...], Many]


class OwnExerciseIn(Strict):
    """An exercise of the clinic's own. It has no figure, and nobody has signed it until somebody does."""

    languages: Languages = ("en", "de")
    name: NamedIn
    also_known_as: OtherNamesIn = OtherNamesIn()
    kind: Annotated[Slug, Codes("exercise_kind")]
    regions: Annotated[tuple[Annotated[Slug, Codes("region")], ...], Field(min_length=1, max_length=11)]
    sides: Annotated[Slug, Codes("sides")]
    equipment: Annotated[tuple[Annotated[Slug, Codes("equipment")], ...], Many] = ()
    form_of: Annotated[Slug | None, Field(description="The exercise that this is a form of.")] = None
    purpose: Annotated[tuple[OwnStatementIn, ...], Field(min_length=1, max_length=40)]
    suits: Annotated[tuple[OwnStatementIn, ...], Field(max_length=40, description="For whom it is good.")] = ()
    background: Annotated[tuple[OwnStatementIn, ...], Many] = ()
    start_position: OwnStartIn
    steps: Annotated[tuple[OwnStepIn, ...], Field(min_length=1, max_length=40)]
    cues: Annotated[tuple[OwnCueIn, ...], Many] = ()
    safety: Annotated[tuple[OwnSafetyIn, ...], Field(min_length=1, max_length=40)]
    modifications: Annotated[tuple[OwnModificationIn, ...], Many] = ()
    cautions: Annotated[tuple[OwnCautionIn, ...], Many] = ()
    published_doses: Annotated[tuple[OwnDoseIn, ...], Many] = ()
    dosage: OwnDosageIn
    sources: Sources = ()

    def to_body(self) -> Mapping[str, Any]:
        """The body as it is kept: what was left out stays out, as in a file."""
        return _kept(self, self.languages)


class OwnLadderOriginsIn(Strict):
    """Where the rule and its number of days come from."""

    rule_profile: Origin
    pain_free_days: Origin | None = None
    good_days: Origin | None = None


class OwnLadderIn(Strict):
    """A ladder of the clinic's own: exercises of the house and of the clinic, the easiest first."""

    languages: Languages = ("en", "de")
    name: NamedIn
    direction: Annotated[Slug, Codes("direction")] | None = None
    exercises: Annotated[
        tuple[Slug, ...], Field(min_length=1, max_length=20, description="Their ids, the easiest first.")
    ]
    rule_profile: Annotated[Slug, Codes("rule_profile")]
    pain_free_days: (
        Annotated[Int, Field(ge=1, le=100, description="How many days in a row; for the profile `pain_free_days`.")]
        | None
    ) = None
    good_days: (
        Annotated[Int, Field(ge=1, le=100, description="How many good days; for every other profile.")] | None
    ) = None
    origins: OwnLadderOriginsIn
    rule: Annotated[
        tuple[OwnStatementIn, ...], Field(min_length=1, max_length=40, description="Why the rungs stand so.")
    ]
    sources: Sources = ()

    def to_body(self) -> Mapping[str, Any]:
        """The body as it is kept: what was left out stays out, as in a file."""
        return _kept(self, self.languages)


def _kept(body: Strict, languages: tuple[str, ...]) -> Mapping[str, Any]:
    kept = body.model_dump(mode="json", exclude_none=True)
    if "also_known_as" in kept:
        names = kept["also_known_as"]
        kept["also_known_as"] = {name: names[name] for name in names if name in languages or names[name]}
    return kept
