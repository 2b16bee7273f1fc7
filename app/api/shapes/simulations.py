"""The shapes of simulations on the wire: a prescription and imagined days, and the course they would take.

`problems_of` names everything in a body that cannot be imagined before anything is followed.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field, StrictBool

from app.api.shapes.courses import DecisionOut, ProgressOut, Teller
from app.api.shapes.prescriptions import PrescriptionEdit, PrescriptionIn, RuleOut, RungNumber, RungOut
from app.api.wire import Code, Codes, Int, LocalDate, Out, Pain, Strict
from app.content.library import Library
from app.domain.decision import Absence, CarriedCondition, Decision, superseded
from app.domain.errors import FieldError
from app.domain.exercise import Side
from app.domain.given_day import MOST_SESSIONS, Act, GivenAct, GivenDay, GivenMorning, GivenSession
from app.domain.prescription import Prescription
from app.domain.progress import progress_of
from app.domain.progression import Level
from app.domain.session import StoppedEarly
from app.domain.simulation import JudgedDate, LivedDay

MOST_DAYS = 400
"""How many local dates one simulation may hold."""
MOST_SESSIONS_OF_ALL = 1000
"""How many sessions all its days together may hold, because each costs arithmetic."""

LEVELS = {Level.NONE: "none", Level.EASE: "ease", Level.STEP: "step"}


class SimulatedSetIn(Strict):
    """One set of one side."""

    side: Side
    reps: Annotated[Int, Field(ge=0, le=1000)]


class SimulatedSessionIn(Strict):
    """One time of doing the exercise, after the check-in, in the order of the list."""

    rung: RungNumber | None = None
    pain_before: Pain | None = None
    pain_during: Pain | None = None
    pain_after: Pain | None = None
    effort: Pain | None = None
    stopped_early: StoppedEarly | None = None
    symptoms: Annotated[tuple[Code, ...], Field(max_length=50, description="Codes of `GET /v1/symptoms`.")] = ()
    sets: Annotated[tuple[SimulatedSetIn, ...], Field(max_length=20)] | None = None
    known_on: LocalDate | None = None
    withdrawn_on: LocalDate | None = None


class SimulatedCheckInIn(Strict):
    """A check-in before noon and before any practice of the day."""

    pain_now: Pain | None = None
    symptoms: Annotated[tuple[Code, ...], Field(max_length=50, description="Codes of `GET /v1/symptoms`.")] = ()
    known_on: LocalDate | None = None


class ActIn(Strict):
    """What the patient or a clinician says."""

    kind: Annotated[Act, Codes("act")]
    to_rung: RungNumber | None = None
    clears: Annotated[tuple[UUID, ...], Field(max_length=100)] = ()
    is_after_practice: StrictBool = False


class SimulatedDayIn(Strict):
    """A local date as it is imagined. On a date that is not listed nothing happens."""

    date: LocalDate
    check_in: SimulatedCheckInIn | None = None
    sessions: Annotated[tuple[SimulatedSessionIn, ...], Field(max_length=MOST_SESSIONS)] = ()
    acts: Annotated[tuple[ActIn, ...], Field(max_length=10)] = ()


class SimulatedCautionIn(Strict):
    """A condition that the patient carries."""

    condition: Code
    known_on: LocalDate | None = None
    cleared_on: LocalDate | None = None


class SimulatedAbsenceIn(Strict):
    """Local dates, both included, on which the patient is away."""

    first_day: LocalDate
    last_day: LocalDate
    known_on: LocalDate | None = None
    ended_on: LocalDate | None = None


class SimulatedChangeIn(PrescriptionEdit):
    """Another version of the prescription. What is left out stays as it is; null goes back to the default."""

    on: LocalDate


class SimulationIn(Strict):
    """A prescription, as `POST /v1/patients/{patient_id}/prescriptions` takes it, and the days it is to be lived on.

    At most 400 days, with at most 12 sessions each and 1000 together.
    """

    prescription: PrescriptionIn
    first: Annotated[LocalDate | None, Field(alias="from")] = None
    last: Annotated[LocalDate | None, Field(alias="to")] = None
    days: Annotated[tuple[SimulatedDayIn, ...], Field(max_length=MOST_DAYS)] = ()
    changes: Annotated[tuple[SimulatedChangeIn, ...], Field(max_length=20)] = ()
    cautions: Annotated[tuple[SimulatedCautionIn, ...], Field(max_length=20)] = ()
    absences: Annotated[tuple[SimulatedAbsenceIn, ...], Field(max_length=20)] = ()

    @property
    def dates(self) -> list[tuple[str, date]]:
        """Every date that the window must hold, with its JSON pointer."""
        found = [("/prescription/starts_on", self.prescription.starts_on)]
        for index, day in enumerate(self.days):
            found.append((f"/days/{index}/date", day.date))
            found += _named(f"/days/{index}/check_in", known_on=day.check_in.known_on if day.check_in else None)
            for place, one in enumerate(day.sessions):
                at = f"/days/{index}/sessions/{place}"
                found += _named(at, known_on=one.known_on, withdrawn_on=one.withdrawn_on)
        found += [(f"/changes/{index}/on", change.on) for index, change in enumerate(self.changes)]
        for index, caution in enumerate(self.cautions):
            found += _named(f"/cautions/{index}", known_on=caution.known_on, cleared_on=caution.cleared_on)
        for index, absence in enumerate(self.absences):
            found += _named(f"/absences/{index}", known_on=absence.known_on)
        return found

    def window(self) -> tuple[date, date]:
        """The first and the last date: those that were sent, else the earliest and the latest that the body names."""
        dates = [day for _, day in self.dates]
        return self.first or min(dates), self.last or max(dates)

    def given(self) -> list[GivenDay]:
        """The days in the domain's words."""
        return [_given_day(day) for day in self.days]

    def carried(self, first: date) -> list[CarriedCondition | Absence]:
        """Conditions and absences; what does not say since when was known on the first date."""
        found: list[CarriedCondition | Absence] = [
            CarriedCondition(one.condition, one.known_on or first, one.cleared_on) for one in self.cautions
        ]
        return found + [
            Absence(one.first_day, one.last_day, one.known_on or first, one.ended_on) for one in self.absences
        ]


class ReceivedOut(Out):
    """A session that became known on the day."""

    id: UUID
    local_date: dt.date
    exercise_id: str
    rung: int
    is_complete: bool
    marks: Annotated[list[Annotated[str, Codes("mark")]], Field(description="What is odd about it.")]


class JudgedOut(Out):
    """How a local date is judged with what is known of it by now."""

    local_date: dt.date
    verdict: Annotated[str, Codes("verdict")]
    level: Annotated[str, Codes("evidence_level")]
    worst_pain: int | None
    morning_pain: int | None
    text: str


class SimulatedDayOut(Out):
    """A local date of the course, as the patient would have met it and as it stands at its end."""

    date: dt.date
    version: int
    rung: int
    highest_rung: int
    status: Annotated[str, Codes("status")]
    is_eased: bool
    is_closed: bool
    is_absent: bool
    due_slots: int
    offered_slots: int
    received: list[ReceivedOut]
    judged: list[JudgedOut]
    acts: list[UUID]
    decisions: list[DecisionOut]
    progress: ProgressOut
    open_stops: list[UUID]
    offer_decision_id: UUID | None


class SimulationOut(Out):
    """The course that the prescription would take, one entry a local date, and where it ends."""

    first: Annotated[date, Field(serialization_alias="from")]
    last: Annotated[date, Field(serialization_alias="to")]
    prescription_id: UUID
    ladder_id: str
    rule: RuleOut
    advance: Annotated[str, Codes("advance_mode")]
    max_rung: int
    rungs: list[RungOut]
    days: list[SimulatedDayOut]
    final: SimulatedDayOut


def problems_of(body: SimulationIn, first: date, last: date, library: Library) -> Iterable[FieldError]:
    """Everything in a body that cannot be imagined, prescriptions aside."""
    yield from _problems_of_window(body, first, last)
    if sum(len(day.sessions) for day in body.days) > MOST_SESSIONS_OF_ALL:
        yield FieldError("/days", "too_long", f"All days together hold at most {MOST_SESSIONS_OF_ALL} sessions.")
    seen: set[date] = set()
    for index, given in enumerate(body.days):
        if given.date in seen:
            yield FieldError(f"/days/{index}/date", "duplicate", "Each date at most once; a day has many sessions.")
        seen.add(given.date)
        yield from _problems_of_day(f"/days/{index}", given, library)
    for index, caution in enumerate(body.cautions):
        if caution.condition not in library.conditions:
            yield FieldError(
                f"/cautions/{index}/condition", "unknown_condition", "This is no code of `GET /v1/conditions`."
            )
        yield from _upside_down(f"/cautions/{index}/cleared_on", caution.known_on, caution.cleared_on)
    for index, absence in enumerate(body.absences):
        yield from _upside_down(f"/absences/{index}/last_day", absence.first_day, absence.last_day)
        yield from _upside_down(f"/absences/{index}/ended_on", absence.known_on, absence.ended_on)


def _problems_of_window(body: SimulationIn, first: date, last: date) -> Iterable[FieldError]:
    if first > last:
        yield FieldError("/from", "upside_down", "`from` must not be after `to`.")
    elif (last - first).days >= MOST_DAYS:
        pointer = "/to" if body.last else "/from" if body.first else "/days"
        yield FieldError(pointer, "window_too_long", f"A simulation holds at most {MOST_DAYS} days.")
    else:
        for pointer, day in body.dates:
            if not first <= day <= last:
                yield FieldError(pointer, "out_of_range", f"It must lie from {first} to {last}.")


def _problems_of_day(at: str, given: SimulatedDayIn, library: Library) -> Iterable[FieldError]:
    if given.check_in is not None:
        yield from _unknown_symptoms(f"{at}/check_in", given.check_in.symptoms, library)
        yield from _upside_down(f"{at}/check_in/known_on", given.date, given.check_in.known_on)
    for place, session in enumerate(given.sessions):
        within = f"{at}/sessions/{place}"
        yield from _unknown_symptoms(within, session.symptoms, library)
        yield from _upside_down(f"{within}/known_on", given.date, session.known_on)
        yield from _upside_down(f"{within}/withdrawn_on", session.known_on or given.date, session.withdrawn_on)


def _unknown_symptoms(at: str, symptoms: Sequence[str], library: Library) -> Iterable[FieldError]:
    for place, code in enumerate(symptoms):
        if code not in library.symptoms:
            yield FieldError(f"{at}/symptoms/{place}", "unknown_symptom", "This is no code of `GET /v1/symptoms`.")


def _upside_down(pointer: str, begins: date | None, ends: date | None) -> Iterable[FieldError]:
    if begins is not None and ends is not None and ends < begins:
        yield FieldError(pointer, "upside_down", f"It must not be before {begins}.")


def _named(at: str, **dates: date | None) -> list[tuple[str, date]]:
    return [(f"{at}/{name}", day) for name, day in dates.items() if day is not None]


def rung_problems(body: SimulationIn, prescription: Prescription) -> Iterable[FieldError]:
    """Rungs that the version of their day does not have."""
    for index, day in enumerate(body.days):
        count = len(prescription.version_on(day.date).rungs)
        rungs = [(f"sessions/{place}/rung", one.rung) for place, one in enumerate(day.sessions)]
        rungs += [(f"acts/{place}/to_rung", one.to_rung) for place, one in enumerate(day.acts)]
        for at, rung in rungs:
            if rung is not None and rung > count:
                yield FieldError(f"/days/{index}/{at}", "out_of_range", f"This ladder has rungs 1 to {count}.")


def _given_day(day: SimulatedDayIn) -> GivenDay:
    told = day.check_in
    return GivenDay(
        local_date=day.date,
        sessions=tuple(
            GivenSession(
                rung=one.rung,
                reps=None if one.sets is None else tuple((part.side, part.reps) for part in one.sets),
                pain_before=one.pain_before,
                pain_during=one.pain_during,
                pain_after=one.pain_after,
                stopped_early=one.stopped_early,
                symptoms=tuple(dict.fromkeys(one.symptoms)),
                known_on=one.known_on or day.date,
                withdrawn_on=one.withdrawn_on,
                effort=one.effort,
            )
            for one in day.sessions
        ),
        morning=None
        if told is None
        else GivenMorning(told.pain_now, tuple(dict.fromkeys(told.symptoms)), told.known_on or day.date),
        acts=tuple(GivenAct(one.kind, one.to_rung, one.clears, one.is_after_practice) for one in day.acts),
    )


def days_out(lived: Sequence[LivedDay], prescription: Prescription, teller: Teller) -> list[SimulatedDayOut]:
    """The days on the wire; each decision with what became of it by the last one."""
    later = {decision.supersedes: decision for day in lived for decision in day.course.decisions if decision.supersedes}
    return [_day_out(day, prescription, later, teller) for day in lived]


def _day_out(
    lived: LivedDay, prescription: Prescription, later: Mapping[UUID, Decision], teller: Teller
) -> SimulatedDayOut:
    standing = lived.course.standing
    label = standing.day
    profile = prescription.version_on(label.local_date).rule.profile
    return SimulatedDayOut(
        date=label.local_date,
        version=label.version,
        rung=label.rung,
        highest_rung=label.highest_rung,
        status=label.status.value,
        is_eased=label.is_eased,
        is_closed=label.is_closed,
        is_absent=label.is_absent,
        due_slots=label.due_slots,
        offered_slots=label.offered_slots,
        received=[
            ReceivedOut(
                id=one.id,
                local_date=one.local_date,
                exercise_id=one.exercise_id,
                rung=one.rung,
                is_complete=one.is_complete,
                marks=[mark.value for mark in one.marks],
            )
            for one in lived.received
        ],
        judged=[_judged_out(one, profile, teller) for one in lived.judged],
        acts=list(lived.acts),
        decisions=[_decision_out(one, later.get(one.id), teller) for one in lived.course.decisions],
        progress=teller.progress(progress_of(prescription, standing)),
        open_stops=list(standing.open_stops),
        offer_decision_id=standing.offer.decision_id if standing.offer else None,
    )


def _decision_out(one: Decision, later: Decision | None, teller: Teller) -> DecisionOut:
    if later is None:
        return teller.decision(one)
    return teller.decision(superseded(one, later.reason.code, later.effective_on), later.id)


def _judged_out(one: JudgedDate, profile: str, teller: Teller) -> JudgedOut:
    return JudgedOut(
        local_date=one.local_date,
        verdict=one.verdict.value,
        level=LEVELS[one.level],
        worst_pain=one.worst_pain,
        morning_pain=one.morning_pain,
        text=teller.say_by(profile, "verdict", one.verdict.value, {}),
    )
