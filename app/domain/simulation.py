"""What course would a prescription take against given days, none of which happened to anybody?

Each given day becomes the reports and words that a phone and a clinic would have sent on it. The functions that judge
real ones judge them, and `course.follow` follows them. This file refuses to know a rule of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID, uuid5

from app.domain import check_in as mornings
from app.domain import progression, report, safety
from app.domain.check_in import CheckIn, Told, beside_of, dates_changed
from app.domain.course import Course, follow
from app.domain.decision import Absence, Actor, ActorKind, Answer, CarriedCondition, DecisionKind, Order, Stop
from app.domain.evidence import KnownDay, Proven, Reported, changed_days, with_changes
from app.domain.exercise import Symptom
from app.domain.facts import Fact
from app.domain.given_day import Act, GivenAct, GivenDay, GivenMorning, GivenSession
from app.domain.prescription import Prescription
from app.domain.progression import DayEvidence, Level
from app.domain.rules.growth import goal_of, in_force
from app.domain.rules.profiles import PAIN_FREE_DAYS, profile_of
from app.domain.session import Mark, Performance, PracticeDay, Session, Set
from app.domain.standing import DayLabel, Standing
from app.values import dataclass, field

ONE_DAY = timedelta(days=1)
MORNING, BEFORE, PRACTICE, AFTER, RECEIPT = 6, 7, 8, 21, 23
"""The hours of a given day: the check-in, what is said before practice, sessions an hour apart, what is said after."""


class Verdict(StrEnum):
    """What the practice of one local date says about going on."""

    PAIN_FREE = "pain_free"
    """Complete at the rung in force and free of pain: it counts."""
    GOOD = "good"
    """Complete at the rung in force and borne as another rule than `pain_free_days` asks: it counts."""
    INCOMPLETE = "incomplete"
    """Borne well, and short of the dosage of the rung in force: it does not count."""
    DISCOMFORT = "discomfort"
    """Some pain, an early stop or a symptom, too little to change anything: the count begins again."""
    PAIN_UNKNOWN = "pain_unknown"
    """Pain was not answered, or cannot be compared, and is never taken for none: the count begins again."""
    SORE = "sore"
    """Sore enough to ease, by the numbers of the rule, and above what was there before."""
    SORE_MORNING = "sore_morning"
    """Sore only on the next morning, above what was there before practice: enough to ease."""
    VERY_SORE = "very_sore"
    """Pain so high, by the numbers of the rule and above what was there before, that it steps back."""
    WITHDRAWN = "withdrawn"
    """Everything of the date was taken back."""
    NOT_WEIGHED = "not_weighed"
    """Known more than 30 days late, or outside the prescription's days, or while something else came first."""


@dataclass(frozen=True, slots=True)
class Received:
    """A session that became known: what it proves, None when it proves nothing, and what is odd about it."""

    id: UUID
    local_date: date
    exercise_id: str
    rung: int
    is_complete: bool
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class JudgedDate:
    """A local date as it is judged once something has become known about it."""

    local_date: date
    verdict: Verdict
    level: Level
    worst_pain: int | None
    morning_pain: int | None


@dataclass(frozen=True, slots=True)
class LivedDay:
    """A local date of the course: what became known on it, how that was judged, and where the course stands."""

    course: Course
    received: tuple[Received, ...]
    judged: tuple[JudgedDate, ...]
    acts: tuple[UUID, ...]


@dataclass(slots=True)
class _Life:
    """What is known by the date `today`, as tables of a patient would hold it."""

    prescription: Prescription
    symptoms: Mapping[str, Symptom]
    carried: Sequence[CarriedCondition | Absence]
    today: date
    settled: Standing | None = None
    course: Course | None = None
    rows: dict[date, list[KnownDay]] = field(default_factory=dict)
    arriving: dict[date, set[date]] = field(default_factory=dict)
    words: list[Stop | Order | Answer] = field(default_factory=list)
    told: dict[date, Told] = field(default_factory=dict)
    began: dict[date, dict[UUID, datetime | None]] = field(default_factory=dict)
    proven: dict[UUID, Proven] = field(default_factory=dict)
    labels: dict[date, DayLabel] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)

    @property
    def known_versions(self) -> Prescription:
        """The prescription with the versions that exist by today."""
        made = tuple(one for one in self.prescription.versions if one.effective_on <= self.today)
        return replace(self.prescription, versions=made or self.prescription.versions[:1])

    def arrived(self) -> list[PracticeDay]:
        """The practice days that became known today."""
        return [
            row.day
            for local_date in sorted(self.arriving.get(self.today, ()))
            for row in self.rows[local_date]
            if max(row.day.known_on, local_date) == self.today
        ]

    def now(self) -> Course:
        """The course as it is known at this moment of today."""
        if self.course is None:
            facts: list[Fact] = [*self.arrived(), *self.words, *self.carried]
            self.course = follow(self.prescription, facts, until=self.today, since=self.settled)
        return self.course


def simulate(
    prescription: Prescription,
    given: Iterable[GivenDay],
    carried: Sequence[CarriedCondition | Absence],
    symptoms: Mapping[str, Symptom],
    *,
    first: date,
    last: date,
) -> list[LivedDay]:
    """Live the local dates from `first` to `last`; nothing was practised on those that are not given.

    `symptoms` is the catalogue. Codes, rungs and dates must have been checked; the same arguments give the same ids.
    """
    days = {day.local_date: day for day in given}
    life = _Life(prescription, symptoms, carried, first)
    late: dict[date, list[tuple[date, int, GivenSession | GivenMorning]]] = {}
    withdrawn: dict[date, list[tuple[date, int]]] = {}
    for day in days.values():
        reports: list[GivenSession | GivenMorning] = [*([day.morning] if day.morning else ()), *day.sessions]
        for place, one in enumerate(reports, start=0 if day.morning else 1):
            if one.known_on > day.local_date:
                late.setdefault(one.known_on, []).append((day.local_date, place, one))
            if isinstance(one, GivenSession) and one.withdrawn_on:
                withdrawn.setdefault(one.withdrawn_on, []).append((day.local_date, place))
    lived = []
    for number in range((last - first).days + 1):
        life.today = first + number * ONE_DAY
        life.course, life.words, life.received = None, [], []
        given_today = days.get(life.today, GivenDay(life.today))
        # A phone empties its queue in the order in which things happened.
        for local_date, place, one in sorted(late.get(life.today, ()), key=lambda each: each[:2]):
            _receive(life, local_date, place, one)
        acts = _live(life, given_today)
        for local_date, place in sorted(withdrawn.get(life.today, ())):
            _withdraw(life, session_id(prescription, local_date, place))
        acts += [_say(life, act, number) for number, act in enumerate(given_today.acts) if act.is_after_practice]
        course = life.now()
        lived.append(LivedDay(course, tuple(life.received), tuple(_judged(life)), tuple(acts)))
        life.settled, life.labels[life.today] = course.standing, course.standing.day
    return lived


def session_id(prescription: Prescription, local_date: date, place: int) -> UUID:
    """The id of the session at this place of a given day, counting from 1."""
    return uuid5(prescription.id, f"{local_date}/session/{place}")


def _live(life: _Life, day: GivenDay) -> list[UUID]:
    """The day's own morning, what is said before practice, and practice; the ids of what was said."""
    if day.morning and day.morning.known_on == day.local_date:
        _receive(life, day.local_date, 0, day.morning)
    acts = [_say(life, act, number) for number, act in enumerate(day.acts) if not act.is_after_practice]
    for place, session in enumerate(day.sessions, start=1):
        if session.known_on == day.local_date:
            _receive(life, day.local_date, place, session)
    return acts


def _at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=UTC)


def _receive(life: _Life, local_date: date, place: int, given: GivenSession | GivenMorning) -> None:
    if isinstance(given, GivenSession):
        _receive_session(life, local_date, place, given)
    else:
        _receive_morning(life, local_date, given)


def _receive_session(life: _Life, local_date: date, place: int, given: GivenSession) -> None:
    prescription, standing = life.known_versions, life.now().standing
    shown = standing.day if local_date == life.today else life.labels.get(local_date, standing.day)
    version = prescription.version_on(local_date)
    rung = version.rung_at(min(given.rung or shown.rung, len(version.rungs)))
    is_eased = standing.is_eased if local_date == life.today else shown.is_eased
    dosage = in_force(version, rung.rung, shown.growth if rung.rung == shown.rung else 0, is_eased=is_eased)
    goal = goal_of(dosage, profile_of(version.rule))
    all_of_it = tuple((side, goal) for side in rung.required_sides)
    session = Session(
        id=session_id(prescription, local_date, place),
        started_at=_at(local_date, PRACTICE + place - 1),
        finished_at=None,
        time_zone="UTC",
        time_precision="exact",
        pain_before=given.pain_before,
        pain_after=given.pain_after,
        symptoms=given.symptoms,
        note=None,
        performances=(
            Performance(
                prescription_id=prescription.id,
                prescription_version=version.version,
                exercise_id=rung.exercise_id,
                pain_during=given.pain_during,
                effort=given.effort,
                stopped_early=given.stopped_early,
                sets=tuple(
                    Set(side, reps, None, None, None)
                    for side, reps in (given.reps if given.reps is not None else all_of_it)
                ),
            ),
        ),
    )
    judged = report.judge(
        session,
        {prescription.id: (prescription, standing)},
        life.symptoms,
        today=life.today,
        received_at=_at(life.today, RECEIPT),
    )
    life.words += safety.stops_from(
        session.id, given.symptoms, life.symptoms, local_date, life.today, session_id=session.id
    )
    life.began.setdefault(local_date, {})[session.id] = session.started_at
    life.proven[session.id] = Proven(local_date, judged.proofs)
    _weigh(life, local_date, Reported(session.id, life.proven[session.id], None))
    is_complete = any(proof.evidence.complete_full for proof in judged.proofs)
    life.received.append(Received(session.id, local_date, rung.exercise_id, rung.rung, is_complete, judged.marks))


def _withdraw(life: _Life, session: UUID) -> None:
    before = life.proven[session]
    life.began[before.local_date][session] = None
    life.proven[session] = Proven(before.local_date, ())
    _weigh(life, before.local_date, Reported(session, life.proven[session], before))


def _receive_morning(life: _Life, local_date: date, given: GivenMorning) -> None:
    check_in = CheckIn(local_date, given.pain_now, given.symptoms, None, _at(local_date, MORNING), "UTC")
    life.told[local_date] = Told(local_date, life.today, check_in, is_current=True)
    report_id = mornings.report_id(life.prescription.patient_id, local_date)
    life.words += safety.stops_from(report_id, given.symptoms, life.symptoms, local_date, life.today)
    _weigh(life, local_date)


def _weigh(life: _Life, local_date: date, *reports: Reported) -> None:
    """Let a session, or a check-in, change what is known of its date and of the date before it."""
    around = [local_date + n * ONE_DAY for n in (-1, 0, 1)]
    told = [life.told[one] for one in around if one in life.told]
    dates = dates_changed({local_date}, told)
    began = [
        (day, start) for one in dates for day in (one, one + ONE_DAY) for start in life.began.get(day, {}).values()
    ]
    beside = beside_of(dates, told, began, today=life.today)
    known = [row for one in sorted(dates) for row in life.rows.get(one, ())]
    changes = changed_days(known, reports, today=life.today, beside=beside)
    for one in dates:
        life.rows[one] = []
    for row in with_changes(known, changes):
        life.rows[row.day.local_date].append(row)
        life.arriving.setdefault(max(row.day.known_on, row.day.local_date), set()).add(row.day.local_date)
    life.course = None


ORDERED = {
    Act.STEP_DOWN: DecisionKind.STEP_BACK,
    Act.ADVANCE: DecisionKind.ADVANCE,
    Act.STEP_BACK: DecisionKind.STEP_BACK,
    Act.HOLD: DecisionKind.HOLD,
    Act.PAUSE: DecisionKind.PAUSE,
    Act.STOP: DecisionKind.STOP,
    Act.RESUME: DecisionKind.RESUME,
}


def _say(life: _Life, act: GivenAct, number: int) -> UUID:
    """Keep what was said as the fact that it is; its id, which is a stop's own for a clinician's stop."""
    today = life.today
    recorded_at = _at(today, AFTER if act.is_after_practice else BEFORE, number)
    act_id = uuid5(life.prescription.id, f"{today}/act/{number}")
    by_patient = Actor(ActorKind.PATIENT, life.prescription.patient_id)
    if act.kind in ORDERED:
        life.words.append(
            Order(
                id=act_id,
                kind=ORDERED[act.kind],
                to_rung=act.to_rung,
                effective_on=today + ONE_DAY if act.kind is Act.ADVANCE else today,
                known_on=today,
                recorded_at=recorded_at,
                by=by_patient if act.kind is Act.STEP_DOWN else Actor(ActorKind.CLINICIAN),
                clears=act.clears,
            )
        )
    else:
        offer = life.now().standing.offer
        has_practised = any(row.day.performances for row in life.rows.get(today, ()))
        life.words.append(
            Answer(
                decision_id=offer.decision_id if offer else act_id,
                accepted=act.kind is Act.ACCEPT,
                effective_on=today + ONE_DAY if has_practised else today,
                known_on=today,
                recorded_at=recorded_at,
                by=by_patient,
            )
        )
    life.course = None
    return act_id


def _judged(life: _Life) -> Iterable[JudgedDate]:
    """Each date of which something became known today, as the course weighs it now."""
    standing = life.now().standing
    is_article = life.known_versions.version_on(life.today).rule.profile == PAIN_FREE_DAYS
    weighed = {day.local_date: day for day in standing.recent}
    for local_date in dict.fromkeys(day.local_date for day in life.arrived()):
        evidence = weighed.get(local_date)
        if evidence is None:
            yield JudgedDate(local_date, Verdict.NOT_WEIGHED, Level.NONE, None, None)
        else:
            verdict = verdict_of(evidence, standing.rung)
            if verdict is Verdict.PAIN_FREE and not is_article:
                verdict = Verdict.GOOD
            yield JudgedDate(local_date, verdict, Level(evidence.level), evidence.worst_pain, evidence.sore_morning)


def verdict_of(day: DayEvidence, rung: int) -> Verdict:
    """What a weighed date says to a patient on this rung."""
    if not day.is_practised:
        return Verdict.WITHDRAWN
    if day.level == Level.STEP:
        return Verdict.VERY_SORE
    if day.level == Level.EASE:
        return Verdict.SORE if day.sore_morning is None else Verdict.SORE_MORNING
    if not day.is_clean:
        return Verdict(progression.broken_by(day))
    return Verdict.PAIN_FREE if rung in day.full_rungs else Verdict.INCOMPLETE
