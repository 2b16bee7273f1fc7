"""The shapes of exercises and ladders on the wire, and how definitions become ready bytes in each language.

Definitions never change while the service runs, so each is rendered once a language, at start.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from app.api.wire import Codes, Out
from app.content.library import Library
from app.domain import exercise as domain
from app.domain.dosage import Dosage

Sources = Annotated[list[str], Field(description="Keys of `sources`, or `product_default` where no source decides.")]


class OriginOut(Out):
    """Where one number of a dosage comes from."""

    field: str
    origin: Annotated[
        str, Codes("origin", is_open_set=True), Field(description="One of these, or the id of another source.")
    ]


class DosageOut(Out):
    """How much. Ranges are inclusive; repetitions are per set and, for one-sided exercises, per side."""

    sets: int
    reps_min: int
    reps_max: int
    hold_seconds_min: int | None
    hold_seconds_max: int | None
    duration_seconds: int | None
    rest_seconds: int | None
    load: str | None
    due_per_day: int
    offered_per_day: int
    days_per_week: int
    more_as_needed: bool
    spoken: str
    origins: list[OriginOut]


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
    """A different way to do it, and when to choose it."""

    id: str
    when: str
    text: str
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


class ReviewOut(Out):
    """Whether a clinician has signed this."""

    status: Annotated[str, Codes("review_status")]
    by: str | None
    on: str | None


class FigureOut(Out):
    """The drawn exercise."""

    alt: str
    motion_url: str


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
    equipment: list[str]
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
    equipment: list[str]
    ladders: list[LadderPlaceOut]


class ExercisePage(Out):
    """A page of exercises, the best matches first."""

    items: list[ExerciseSummaryOut]
    next_cursor: str | None


class LadderRungOut(Out):
    """A rung of a ladder, counting from 1, easiest first."""

    rung: int
    exercise_id: str
    exercise_version: int
    name: str


class LadderRuleOut(Out):
    """The rule between the rungs, and the statements behind it."""

    profile: Annotated[str, Codes("rule_profile")]
    pain_free_days: int
    origin: Annotated[str, Codes("origin", is_open_set=True)]
    statements: list[StatementOut]


class LadderOut(Out):
    """Exercises from easier to harder, with the rule between them."""

    id: str
    version: int
    language: str
    name: str
    rungs: list[LadderRungOut]
    rule: LadderRuleOut
    sources: list[SourceOut]
    review: ReviewOut


class LadderPage(Out):
    """All ladders."""

    items: list[LadderOut]
    next_cursor: str | None


def dosage_out(dosage: Dosage, spoken: str) -> DosageOut:
    """A dosage with the origin of each of its numbers."""
    return DosageOut(
        sets=dosage.sets,
        reps_min=dosage.reps_min,
        reps_max=dosage.reps_max,
        hold_seconds_min=dosage.hold_seconds_min,
        hold_seconds_max=dosage.hold_seconds_max,
        duration_seconds=dosage.duration_seconds,
        rest_seconds=dosage.rest_seconds,
        load=dosage.load,
        due_per_day=dosage.due_per_day,
        offered_per_day=dosage.offered_per_day,
        days_per_week=dosage.days_per_week,
        more_as_needed=dosage.more_as_needed,
        spoken=spoken,
        origins=[OriginOut(field=field, origin=origin) for field, origin in dosage.origins.items()],
    )


@dataclass(frozen=True, slots=True)
class Renderer:
    """Domain values to wire values in one language; a missing translation falls back to English."""

    library: Library
    language: str

    def text(self, text: domain.Text) -> str:
        """A text in the reader's language, else in English."""
        return text.get(self.language) or text["en"]

    def sources(self, sources: tuple[domain.Source, ...]) -> list[SourceOut]:
        """Sources on the wire."""
        return [
            SourceOut(id=s.id, title=s.title, author=s.author, publisher=s.publisher, year=s.year, url=s.url)
            for s in sources
        ]

    def statements(self, statements: tuple[domain.Statement, ...]) -> list[StatementOut]:
        """Statements with their sources."""
        return [StatementOut(text=self.text(s.text), sources=list(s.sources)) for s in statements]

    def places(self, exercise_id: str) -> list[LadderPlaceOut]:
        """The ladders on which an exercise stands."""
        return [
            LadderPlaceOut(
                id=place.ladder.id,
                rung=place.rung,
                rungs=len(place.ladder.exercise_ids),
                easier=place.easier,
                harder=place.harder,
            )
            for place in self.library.ladders_of(exercise_id)
        ]

    def exercise(self, exercise: domain.Exercise) -> ExerciseOut:
        """An exercise, whole."""
        return ExerciseOut(
            id=exercise.id,
            version=exercise.version,
            language=self.language,
            name=self.text(exercise.name),
            also_known_as=list(exercise.also_known_as.get(self.language, ())),
            kind=exercise.kind,
            regions=list(exercise.regions),
            sides=exercise.sides,
            equipment=list(exercise.equipment),
            ladders=self.places(exercise.id),
            purpose=" ".join(self.text(s.text) for s in exercise.purpose),
            background=self.statements((*exercise.purpose, *exercise.suits, *exercise.background)),
            start_position=StartPositionOut(
                code=exercise.start_position.code,
                text=self.text(exercise.start_position.text),
                sources=list(exercise.start_position.sources),
            ),
            steps=[
                StepOut(number=s.number, phase=s.phase, text=self.text(s.text), sources=list(s.sources))
                for s in exercise.steps
            ],
            cues=[CueOut(id=c.id, kind=c.kind, text=self.text(c.text), sources=list(c.sources)) for c in exercise.cues],
            safety=[
                SafetyNoteOut(
                    id=s.id,
                    kind=s.kind,
                    severity=s.severity,
                    text=self.text(s.text),
                    acknowledge=s.acknowledge,
                    sources=list(s.sources),
                )
                for s in exercise.safety
            ],
            modifications=[
                ModificationOut(id=m.id, when=self.text(m.when), text=self.text(m.text), sources=list(m.sources))
                for m in exercise.modifications
            ],
            cautions=[
                CautionOut(condition=c.condition, action=c.action, text=self.text(c.text), sources=list(c.sources))
                for c in exercise.cautions
            ],
            dosage=dosage_out(exercise.dosage, self.text(exercise.spoken)),
            figure=None,
            sources=self.sources(exercise.sources),
            review=ReviewOut(status=exercise.review.status, by=exercise.review.by, on=exercise.review.on),
        )

    def summary(self, exercise: domain.Exercise) -> ExerciseSummaryOut:
        """An exercise as a list shows it."""
        return ExerciseSummaryOut(
            id=exercise.id,
            version=exercise.version,
            language=self.language,
            name=self.text(exercise.name),
            also_known_as=list(exercise.also_known_as.get(self.language, ())),
            kind=exercise.kind,
            regions=list(exercise.regions),
            equipment=list(exercise.equipment),
            ladders=self.places(exercise.id),
        )

    def ladder(self, ladder: domain.Ladder) -> LadderOut:
        """A ladder with the rule between its rungs."""
        rungs = [
            LadderRungOut(rung=n, exercise_id=e.id, exercise_version=e.version, name=self.text(e.name))
            for n, e in enumerate((self.library.exercises[i] for i in ladder.exercise_ids), start=1)
        ]
        return LadderOut(
            id=ladder.id,
            version=ladder.version,
            language=self.language,
            name=self.text(ladder.name),
            rungs=rungs,
            rule=LadderRuleOut(
                profile=ladder.rule_profile,
                pain_free_days=ladder.pain_free_days,
                origin=domain.PRODUCT_DEFAULT,
                statements=self.statements(ladder.rule),
            ),
            sources=self.sources(ladder.sources),
            review=ReviewOut(status=ladder.review.status, by=ladder.review.by, on=ladder.review.on),
        )


@dataclass(frozen=True, slots=True)
class Shelf:
    """Ready bytes: (exercise or ladder id, language) -> JSON; `versions` has (exercise id, version, language)."""

    exercises: Mapping[tuple[str, str], bytes]
    versions: Mapping[tuple[str, int, str], bytes]
    ladders: Mapping[tuple[str, str], bytes]


def shelf_of(library: Library) -> Shelf:
    """Render the whole library in every language."""
    exercises: dict[tuple[str, str], bytes] = {}
    versions: dict[tuple[str, int, str], bytes] = {}
    ladders: dict[tuple[str, str], bytes] = {}
    for language in library.languages:
        renderer = Renderer(library, language)
        for (exercise_id, version), exercise in library.versions.items():
            body = renderer.exercise(exercise).model_dump_json().encode()
            versions[exercise_id, version, language] = body
            if exercise is library.exercises[exercise_id]:
                exercises[exercise_id, language] = body
        for ladder in library.ladders.values():
            ladders[ladder.id, language] = renderer.ladder(ladder).model_dump_json().encode()
    return Shelf(exercises, versions, ladders)
