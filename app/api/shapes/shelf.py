"""How do definitions become ready bytes in each language?

They never change while the service runs, so each is rendered once a language, at start.
"""

from collections.abc import Mapping

from app.api.shapes.drawings import Drawings
from app.api.shapes.exercises import (
    CautionOut,
    CueOut,
    DosageOut,
    ExerciseOut,
    ExerciseSummaryOut,
    LadderOut,
    LadderPlaceOut,
    LadderRuleOut,
    LadderRungOut,
    ModificationOut,
    OriginOut,
    PublishedDoseOut,
    RangeOut,
    ReviewOut,
    SafetyNoteOut,
    SourceOut,
    StartPositionOut,
    StatementOut,
    StepOut,
    load_kg,
)
from app.content.library import Library
from app.domain import exercise as domain
from app.domain.dosage import Dosage
from app.domain.rules.profiles import GOOD_DAYS, PAIN_FREE_DAYS
from app.values import dataclass


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
        load_kg_min=load_kg(dosage.load_grams_min),
        load_kg_max=load_kg(dosage.load_grams_max),
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
    drawings: Drawings | None = None

    def text(self, text: domain.Text) -> str:
        """A text in the reader's language, else in English."""
        return text.get(self.language) or text["en"]

    def sources(self, sources: tuple[domain.Source, ...]) -> list[SourceOut]:
        """Sources on the wire."""
        return [
            SourceOut(
                id=s.id, title=s.title, author=s.author, publisher=s.publisher, year=s.year, url=s.url, note=s.note
            )
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
            needs_floor=exercise.needs_floor,
            form_of=exercise.form_of,
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
                ModificationOut(
                    id=m.id,
                    when=self.text(m.when),
                    text=self.text(m.text),
                    off_floor=m.off_floor,
                    on_sore_days=m.on_sore_days,
                    sources=list(m.sources),
                )
                for m in exercise.modifications
            ],
            cautions=[
                CautionOut(condition=c.condition, action=c.action, text=self.text(c.text), sources=list(c.sources))
                for c in exercise.cautions
            ],
            dosage=dosage_out(exercise.dosage, self.text(exercise.spoken)),
            published_doses=[self.published(dose) for dose in exercise.published_doses],
            figure=None if self.drawings is None else self.drawings.figure(exercise, self.language),
            sources=self.sources(exercise.sources),
            review=ReviewOut(status=exercise.review.status, by=exercise.review.by, on=exercise.review.on),
        )

    def published(self, dose: domain.PublishedDose) -> PublishedDoseOut:
        """What one source says about how much."""
        ranges = {
            name: RangeOut(min=found[0], max=found[1])
            for name in PublishedDoseOut.model_fields
            if name not in {"source", "note"} and (found := getattr(dose, name))
        }
        empty = dict.fromkeys(PublishedDoseOut.model_fields)
        note = None if dose.note is None else self.text(dose.note)
        return PublishedDoseOut.model_validate(empty | ranges | {"source": dose.source, "note": note})

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
            needs_floor=exercise.needs_floor,
            form_of=exercise.form_of,
            ladders=self.places(exercise.id),
        )

    def ladder(self, ladder: domain.Ladder) -> LadderOut:
        """A ladder with the rule between its rungs."""
        rungs = [
            LadderRungOut(rung=n, exercise_id=e.id, exercise_version=e.version, name=self.text(e.name))
            for n, e in enumerate((self.library.exercises[i] for i in ladder.exercise_ids), start=1)
        ]
        number = PAIN_FREE_DAYS if ladder.rule_profile == PAIN_FREE_DAYS else GOOD_DAYS
        return LadderOut(
            id=ladder.id,
            version=ladder.version,
            language=self.language,
            name=self.text(ladder.name),
            direction=ladder.direction,
            rungs=rungs,
            rule=LadderRuleOut(
                profile=ladder.rule_profile,
                pain_free_days=ladder.rule_days if number == PAIN_FREE_DAYS else None,
                good_days=ladder.rule_days if number == GOOD_DAYS else None,
                origin=ladder.origins[number],
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


def shelf_of(library: Library, drawings: Drawings | None = None) -> Shelf:
    """Render the whole library in every language."""
    exercises: dict[tuple[str, str], bytes] = {}
    versions: dict[tuple[str, int, str], bytes] = {}
    ladders: dict[tuple[str, str], bytes] = {}
    for language in library.languages:
        renderer = Renderer(library, language, drawings)
        for (exercise_id, version), exercise in library.versions.items():
            body = renderer.exercise(exercise).model_dump_json().encode()
            versions[exercise_id, version, language] = body
            if exercise is library.exercises[exercise_id]:
                exercises[exercise_id, language] = body
        for ladder in library.ladders.values():
            ladders[ladder.id, language] = renderer.ladder(ladder).model_dump_json().encode()
    return Shelf(exercises, versions, ladders)
