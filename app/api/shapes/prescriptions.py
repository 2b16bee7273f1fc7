"""The shapes of prescriptions on the wire, and how a clinician's body becomes a wish."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from app.api.shapes.courses import ProgressOut, Teller
from app.api.shapes.dosages import DosageIn
from app.api.shapes.exercises import DosageOut, OriginOut
from app.api.shapes.routines import dosage_object
from app.api.wire import Codes, Int, LocalDate, Note, Out, Slug, Strict, Text
from app.content.library import Library
from app.domain.exercise import Side
from app.domain.own.signing import REVIEWED
from app.domain.prescribing import Defaults, RungWish, Wish, origins_of
from app.domain.prescription import AdvanceMode, Rule, Rung, Version
from app.domain.progress import progress_of
from app.domain.rules.profiles import PAIN_FREE_DAYS, profile_of
from app.domain.standing import Standing, Status
from app.queries.practice_of_patient import FollowedPrescription
from app.store.prescriptions import VersionEntry

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Weekday = Annotated[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], Codes("weekday")]
Times = Annotated[Int, Field(ge=1, le=12)]
RungNumber = Annotated[Int, Field(ge=1, le=50)]


class RungIn(Strict):
    """What is asked for one rung. `side` restricts a one-sided exercise to one side."""

    rung: RungNumber
    dosage: DosageIn | None = None
    side: Side | None = None
    modifications: Annotated[tuple[Slug, ...], Field(max_length=20)] = ()
    instruction: Note | None = None


class RuleIn(Strict):
    """The rule; null takes the ladder's profile, and the clinic's number of days or the profile's own.

    `pain_free_days` goes with the profile of that name, `good_days` with every other.
    """

    profile: Slug | None = None
    pain_free_days: Annotated[Int, Field(ge=3, le=14)] | None = None
    good_days: Annotated[Int, Field(ge=2, le=14)] | None = None


class PlanIn(Strict):
    """What is asked of a ladder, whenever it begins. Null takes the catalogue's or the clinic's default."""

    ladder_id: Slug
    start_rung: RungNumber = 1
    max_rung: RungNumber | None = None
    position: Annotated[Int, Field(ge=1, le=1000)] | None = None
    weekdays: Annotated[tuple[Weekday, ...], Field(min_length=1, max_length=7)] | None = None
    every_n_days: Annotated[Int, Field(ge=1, le=14)] | None = None
    due_per_day: Times | None = None
    offered_per_day: Times | None = None
    as_needed: StrictBool = False
    usual_pain: Annotated[Int, Field(ge=0, le=10)] | None = None
    instruction: Note | None = None
    rungs: Annotated[tuple[RungIn, ...], Field(max_length=50)] = ()
    rule: RuleIn = RuleIn()
    advance: AdvanceMode | None = None
    reason: Note | None = None


class PrescriptionIn(PlanIn):
    """A ladder for a patient. Null takes the catalogue's or the clinic's default."""

    starts_on: LocalDate
    ends_on: LocalDate | None = None

    def to_wish(self) -> Wish:
        """The wish in the domain's words."""
        weekdays = None if self.weekdays is None else tuple(WEEKDAYS.index(day) for day in self.weekdays)
        return Wish(
            ladder_id=self.ladder_id,
            start_rung=self.start_rung,
            max_rung=self.max_rung,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            weekdays=weekdays,
            every_n_days=self.every_n_days,
            due_per_day=self.due_per_day,
            offered_per_day=self.offered_per_day,
            as_needed=self.as_needed,
            usual_pain=self.usual_pain,
            rungs=tuple(
                RungWish(
                    rung=one.rung,
                    dosage=one.dosage.to_domain() if one.dosage else {},
                    side=one.side,
                    modifications=one.modifications,
                    instruction=one.instruction,
                )
                for one in self.rungs
            ),
            profile=self.rule.profile,
            pain_free_days=self.rule.pain_free_days,
            good_days=self.rule.good_days,
            advance=self.advance,
            instruction=self.instruction,
        )


class PrescriptionEdit(Strict):
    """Another version: what is left out stays as it is; null goes back to the default.

    Another `ladder_id` or `start_rung` restarts the run. With another ladder, what was said of the rungs of the old one
    is gone: `start_rung` is 1, `max_rung` the top and `rungs` as in the catalogue, unless they are sent along.
    """

    ladder_id: Slug | None = None
    start_rung: RungNumber | None = None
    max_rung: RungNumber | None = None
    starts_on: LocalDate | None = None
    ends_on: LocalDate | None = None
    position: Annotated[Int, Field(ge=1, le=1000)] | None = None
    weekdays: Annotated[tuple[Weekday, ...], Field(min_length=1, max_length=7)] | None = None
    every_n_days: Annotated[Int, Field(ge=1, le=14)] | None = None
    due_per_day: Times | None = None
    offered_per_day: Times | None = None
    as_needed: StrictBool | None = None
    usual_pain: Annotated[Int, Field(ge=0, le=10)] | None = None
    instruction: Note | None = None
    rungs: Annotated[tuple[RungIn, ...], Field(max_length=50)] | None = None
    rule: RuleIn | None = None
    advance: AdvanceMode | None = None

    def merged_into(self, request: Mapping[str, Any]) -> PrescriptionIn:
        """The request that the changed prescription would have been."""
        changed = self.model_dump(mode="json", include=set(self.model_fields_set) & set(PrescriptionIn.model_fields))
        fixed = {"ladder_id", "start_rung", "starts_on", "as_needed", "rungs", "rule"}
        changed = {name: value for name, value in changed.items() if value is not None or name not in fixed}
        if changed.get("ladder_id", request["ladder_id"]) != request["ladder_id"]:
            changed = {"start_rung": 1, "max_rung": None, "rungs": (), **changed}
        # A plan has one schedule: naming the other kind replaces it.
        if changed.get("weekdays") and "every_n_days" not in changed:
            changed["every_n_days"] = None
        if changed.get("every_n_days") and "weekdays" not in changed:
            changed["weekdays"] = None
        return PrescriptionIn.model_validate({**request, **changed})


class PrescriptionChange(PrescriptionEdit):
    """Another version: what is left out stays as it is; null goes back to the default.

    Another `ladder_id` or `start_rung` restarts the run. With another ladder, what was said of the rungs of the old one
    is gone: `start_rung` is 1, `max_rung` the top and `rungs` as in the catalogue, unless they are sent along. Its run
    begins on the next day.

    `status` closes the prescription at once and comes alone with `reason`; a completed or ended one runs again when it
    is given another `ends_on`.
    """

    status: Annotated[
        Literal["completed", "ended", "void"] | None,
        Codes("prescription_status"),
        Field(description="How it is closed; null leaves it open."),
    ] = None
    reason: Annotated[Text, Field(min_length=1, max_length=2000, description="Why it was changed.")]

    @model_validator(mode="after")
    def _closing_comes_alone(self) -> "PrescriptionChange":
        if self.status is not None and self.model_fields_set - {"status", "reason"}:
            raise PydanticCustomError(
                "contradiction", "Closing changes nothing else: send `status` and `reason` alone."
            )
        return self


class RuleOut(Out):
    """The rule that moves this prescription. It has one number of days, and null for the other."""

    profile: Annotated[str, Codes("rule_profile")]
    version: int
    pain_free_days: int | None
    good_days: int | None


class RungOut(Out):
    """One rung as prescribed, its exercise version pinned."""

    rung: int
    exercise_id: str
    exercise_version: int
    sides: list[Annotated[str, Codes("side")]]
    dosage: DosageOut
    modifications: list[str]
    instruction: str | None


class VersionOut(Out):
    """Who made which version, when and why."""

    version: int
    effective_on: date
    reason: str | None
    created_at: datetime
    created_by: UUID


class WarningOut(Out):
    """Something the clinician should know about this prescription."""

    code: Annotated[str, Codes("warning")]
    text: str


def rung_out(rung: Rung, library: Library, language: str) -> RungOut:
    """A rung on the wire."""
    dosage = dosage_object(rung, library, language)
    return RungOut(
        rung=rung.rung,
        exercise_id=rung.exercise_id,
        exercise_version=rung.exercise_version,
        sides=[side.value for side in rung.required_sides],
        dosage=DosageOut.model_validate(dosage),
        modifications=list(rung.modifications),
        instruction=rung.instruction,
    )


def weekday_names(weekdays: frozenset[int] | None) -> list[str] | None:
    """Weekdays by name, Monday first."""
    return None if weekdays is None else [WEEKDAYS[number] for number in sorted(weekdays)]


def warnings_of(version: Version, standing: Standing, teller: Teller, library: Library) -> list[WarningOut]:
    """What a clinician should know: usual pain above what its rule bears, open stops, cautions, no signature, and what
    the clinic has hidden since.
    """
    found: list[tuple[str, dict[str, str]]] = []
    profile = profile_of(version.rule)
    if version.usual_pain and version.rule.profile == PAIN_FREE_DAYS:
        found.append(("usual_pain_set", {"usual_pain": str(version.usual_pain)}))
    elif profile.usual_margin is None and (version.usual_pain or 0) >= profile.ease_from:
        found.append(("usual_pain_not_green", {"usual_pain": str(version.usual_pain)}))
    if not profile.hears_pain:
        found.append(("pain_moves_nothing", {}))
    if standing.open_stops:
        found.append(("open_stop", {}))
    against = {name for rung in version.rungs[: version.max_rung] for name in rung.avoid_conditions}
    uncleared = sorted(against & set(standing.uncleared))
    if uncleared:
        found.append(("needs_clearance", {"conditions": ",".join(uncleared)}))
    exercises = [library.exercises.get(rung.exercise_id) for rung in version.rungs[: version.max_rung]]
    if any(exercise is not None and exercise.review.status != REVIEWED for exercise in exercises):
        found.append(("unreviewed_content", {}))
    if version.ladder_id in library.ladders and library.withheld_from(version.ladder_id):
        found.append(("withheld_content", {}))
    return [WarningOut(code=code, text=teller.say("warning", code, params)) for code, params in found]


def rule_out(rule: Rule) -> RuleOut:
    """A rule on the wire."""
    return RuleOut(
        profile=rule.profile, version=rule.version, pain_free_days=rule.pain_free_days, good_days=rule.good_days
    )


SHOWN_AS = {Status.EASED: "active", Status.HELD: "active"}
"""An eased or held prescription is an active one; the routine tells them apart."""


class PrescriptionOut(Out):
    """A prescription as it is in force, every number resolved, with where each setting comes from."""

    id: UUID
    patient_id: UUID
    version: int
    status: Annotated[str, Codes("prescription_status")]
    ladder_id: str
    position: int
    start_rung: int
    max_rung: int
    starts_on: date
    ends_on: date | None
    weekdays: list[Annotated[str, Codes("weekday")]] | None
    every_n_days: int | None
    due_per_day: int
    offered_per_day: int
    as_needed: bool
    usual_pain: int | None
    instruction: str | None
    rungs: list[RungOut]
    rule: RuleOut
    advance: Annotated[str, Codes("advance_mode")]
    origins: list[OriginOut]
    progress: ProgressOut
    open_stops: Annotated[list[UUID], Field(description="What a resume must name in `clears`.")]
    warnings: list[WarningOut]
    versions: Annotated[list[VersionOut], Field(description="Oldest first; a list of prescriptions leaves them out.")]
    created_at: datetime


class PrescriptionPage(Out):
    """A patient's prescriptions in the order of the routine."""

    items: list[PrescriptionOut]
    next_cursor: str | None


def prescription_out(
    one: FollowedPrescription, log: list[VersionEntry], defaults: Defaults, library: Library, language: str
) -> PrescriptionOut:
    """A prescription as it stands today, with the log of its versions."""
    prescription, standing = one.standings.prescription, one.course.standing
    version = prescription.latest
    asked = PrescriptionIn.model_validate(log[-1].request)
    teller = Teller(library.texts, language, "clinician")
    return PrescriptionOut(
        id=prescription.id,
        patient_id=prescription.patient_id,
        version=version.version,
        status="void" if one.is_void else SHOWN_AS.get(standing.status, standing.status.value),
        ladder_id=version.ladder_id,
        position=prescription.position,
        start_rung=version.start_rung,
        max_rung=version.max_rung,
        starts_on=version.starts_on,
        ends_on=version.ends_on,
        weekdays=weekday_names(version.weekdays),
        every_n_days=version.every_n_days,
        due_per_day=version.due_per_day,
        offered_per_day=version.offered_per_day,
        as_needed=version.as_needed,
        usual_pain=version.usual_pain,
        instruction=asked.instruction,
        rungs=[rung_out(rung, library, language) for rung in version.rungs],
        rule=rule_out(version.rule),
        advance=version.advance.value,
        origins=[
            OriginOut(field=field, origin=origin)
            for field, origin in origins_of(asked.to_wish(), defaults, version, library.ladders.get(version.ladder_id))
        ],
        progress=teller.progress(progress_of(prescription, standing)),
        open_stops=list(standing.open_stops),
        warnings=warnings_of(version, standing, teller, library),
        versions=[
            VersionOut(
                version=entry.version,
                effective_on=entry.effective_on,
                reason=entry.reason,
                created_at=entry.created_at,
                created_by=entry.created_by,
            )
            for entry in log
        ],
        created_at=one.standings.created_at,
    )
