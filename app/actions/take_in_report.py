"""What a phone's reports do to its patient: weigh the days they speak about, follow their courses, keep both.

Sessions and check-ins end here alike, because each can change what the other tells: a check-in that came after practice
tells of no morning, whichever of the two was received first.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from app.actions.follow_courses import FollowedCourses, earliest_closed, follow_courses
from app.actions.label_days import DayLabels
from app.domain import safety
from app.domain.adherence import counts_of
from app.domain.check_in import Beside, Told, beside_of, dates_changed, with_revision
from app.domain.decision import Decision, Stop
from app.domain.evidence import Reported, changed_days, with_changes
from app.domain.exercise import Symptom
from app.domain.progress import Outcome, progress_of
from app.domain.webhook import Event, event_of_stop
from app.store import check_ins, course_facts, practice_days, practice_quarters, revisions, sessions
from app.store.revisions import TakenPatient
from app.store.standings import Standings
from app.store.transaction import Transaction
from app.store.webhooks import outbox
from app.values import dataclass, field

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class News:
    """What became known `today`: revisions of sessions or of check-ins, and the stops they make.

    `began` has the start of each of the sessions by id, None for one that counts for nothing because it is withdrawn or
    quarantined.
    """

    today: date
    stops: Sequence[Stop]
    sessions: Sequence[Reported] = ()
    began: Mapping[UUID, datetime | None] = field(default_factory=dict)
    check_ins: Sequence[Told] = ()

    @property
    def practised_on(self) -> set[date]:
        """The local dates that the sessions are about."""
        return {on for one in self.sessions for on in one.dates}

    @property
    def reported_on(self) -> set[date]:
        """The local dates that the reports are about."""
        return self.practised_on | {one.local_date for one in self.check_ins}


@dataclass(frozen=True, slots=True)
class TakenIn:
    """The prescriptions that were followed, and how."""

    affected: Sequence[Standings]
    followed: FollowedCourses

    def outcome(self, symptoms: Iterable[Symptom], *, tells_decisions: bool = True) -> Outcome:
        """What is answered. `symptoms` are those reported.

        Of several reports that were taken in together one tells the decisions.
        """
        return self._said(self.followed.new_decisions if tells_decisions else (), self.affected, symptoms)

    def outcomes(self, reported: Sequence[tuple[Reported, Sequence[Symptom]]]) -> list[Outcome]:
        """What is answered to each of several sessions: the decisions that rest on it, and where its courses stand.

        A decision is told once: with the last of the sessions that it rests on, or else with the last of all. A session
        that reports symptoms may have stopped every course.
        """
        if len(reported) == 1:
            return [self.outcome(reported[0][1])]
        place = {one.session_id: number for number, (one, _) in enumerate(reported)}
        told: list[list[Decision]] = [[] for _ in reported]
        for one in self.followed.new_decisions:
            told[max((place.get(each, -1) for each in one.reason.sessions), default=-1)].append(one)
        return [
            self._said(
                decisions, [each for each in self.affected if found or each.prescription.id in one.prescriptions], found
            )
            for (one, found), decisions in zip(reported, told, strict=True)
        ]

    def _said(
        self, decisions: Iterable[Decision], standings: Iterable[Standings], symptoms: Iterable[Symptom]
    ) -> Outcome:
        courses = self.followed.courses
        return Outcome(
            decisions=tuple(decisions),
            progress=tuple([progress_of(one.prescription, courses[one.prescription.id].standing) for one in standings]),
            routine_changed=self.followed.routine_changed,
            symptoms=tuple([one.code for one in safety.worst_first(symptoms)]),
        )


def take_in_report(
    tx: Transaction,
    patient: TakenPatient,
    of_patient: Sequence[Standings],
    news: News,
    now: datetime,
) -> TakenIn:
    """Weigh, follow and keep. `of_patient` are all prescriptions of the patient."""
    told = _told(tx, patient, news)
    dates = dates_changed(news.reported_on, told)
    beside = _beside(tx, patient.id, news, told, dates)
    touched = {one for each in news.sessions for one in each.prescriptions}
    is_wider = not news.sessions or dates != news.practised_on or bool(news.stops)
    asked = of_patient if is_wider else [one for one in of_patient if one.prescription.id in touched]
    closed = earliest_closed(asked, news.today)
    ids = [one.prescription.id for one in asked]
    known = practice_days.known_since(tx, patient.id, ids, closed, dates) if asked else []
    changes = changed_days(known, news.sessions, today=news.today, beside=beside)
    moved = touched | {one.prescription_id for one in changes.days} | {key[0] for key in changes.dropped}
    affected = [one for one in asked if news.stops or one.prescription.id in moved]
    course_facts.add_stops(tx, patient.id, news.stops, now)
    outbox.add(tx, [_told_to_others(tx, patient, stop, now) for stop in news.stops])
    if not affected:
        revisions.reached(tx, patient, news.today, has_new_facts=bool(news.stops))
        return TakenIn((), FollowedCourses({}, (), routine_changed=False))
    followed = follow_courses(
        tx,
        patient,
        affected,
        today=news.today,
        now=now,
        practice=with_changes(known, changes),
        has_new_facts=bool(news.stops),
    )
    labels = DayLabels(tx, patient.id, affected, followed)
    counted = [(one, counts_of(labels.of(one), one.day)) for one in changes.days]
    practice_days.save(tx, patient.id, counted, known, changes.dropped)
    # Where a row that counted was dropped, another of its date counts now, so that the date is among these.
    dates_counted = [one.day.local_date for one in changes.days]
    practice_quarters.refresh(tx, patient.id, [*dates_counted, *followed.recounted])
    return TakenIn(affected, followed)


def _told_to_others(tx: Transaction, patient: TakenPatient, stop: Stop, now: datetime) -> Event:
    scope = tx.scope
    return event_of_stop(stop, patient_id=patient.id, clinic_id=scope.clinic_id, clinic=scope.clinic, now=now)


def _told(tx: Transaction, patient: TakenPatient, news: News) -> list[Told]:
    """What check-ins tell about the dates around the report, its own revision in its place."""
    around = {one + n * ONE_DAY for one in news.reported_on for n in (-1, 0, 1)}
    told: list[Told] = []
    if patient.newest_check_in_on is not None and patient.newest_check_in_on >= min(around):
        told = [one.told for one in check_ins.of_dates(tx, patient.id, around)]
    for one in news.check_ins:
        told = with_revision(told, one)
    return told


def _beside(
    tx: Transaction, patient_id: UUID, news: News, told: Sequence[Told], dates: Iterable[date]
) -> dict[date, Beside]:
    """What check-ins tell beside the practice of some dates."""
    mornings = {one + ONE_DAY for one in dates} & {one.local_date for one in told}
    began = sessions.starts(tx, patient_id, mornings) if mornings else {}
    began.update((one.session_id, (one.now.local_date, news.began[one.session_id])) for one in news.sessions)
    return beside_of(dates, told, began.values(), today=news.today)
