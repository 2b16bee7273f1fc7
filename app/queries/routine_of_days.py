"""What is there to do on some local dates? Loads, follows, shapes; writes nothing.

Today is told as it stands; later dates as they will be if nothing else becomes known; earlier ones as they were.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from app.domain import schedule
from app.domain.adherence import is_done
from app.domain.dosage import Dosage
from app.domain.evidence import KnownDay
from app.domain.prescription import Rung, Version
from app.domain.progress import LadderProgress, progress_of
from app.domain.rules.growth import in_force
from app.domain.session import PerformanceEvidence
from app.domain.standing import DayLabel, Standing, Status
from app.queries.practice_of_patient import FollowedPrescription, standing_today, whole_courses
from app.store import decisions, practice_days
from app.store.decisions import StoredDecision
from app.store.transaction import Transaction
from app.values import dataclass

OUTSIDE = frozenset({Status.UPCOMING, Status.ENDED, Status.COMPLETED})
"""On a day of these statuses there is nothing to show of a prescription."""

NOTICE_DAYS = 7
"""How long a decision is told with the routine (product default)."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One time of doing it on a day. `status`: `done` `open` `not_done` `excused` `upcoming`."""

    slot: int
    status: str
    is_due: bool
    session_id: UUID | None


@dataclass(frozen=True, slots=True)
class Item:
    """One prescription on one day: the rung as it is served, with the dosage in force."""

    prescription_id: UUID
    version: Version
    rung: Rung
    status: str
    dosage: Dosage
    is_eased: bool
    slots: tuple[Slot, ...]
    progress: LadderProgress | None


@dataclass(frozen=True, slots=True)
class RoutineDay:
    """One local date. `state`: `exercise` `rest` `not_started` `ended` `absent` `stopped`."""

    local_date: date
    state: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Routine:
    """Days, the prescriptions behind them, and what was decided lately."""

    days: tuple[RoutineDay, ...]
    followed: tuple[FollowedPrescription, ...]
    decisions: tuple[StoredDecision, ...]


def routine_of_days(tx: Transaction, patient_id: UUID, revision: int, first: date, count: int, today: date) -> Routine:
    """The routine of `count` local dates from `first` on, of a patient as of a revision."""
    last = first + timedelta(days=count - 1)
    labels: Mapping[UUID, Mapping[date, DayLabel]] = {}
    if first < today:
        followed, _ = whole_courses(tx, patient_id, today)
        labels = {f.standings.prescription.id: {d.local_date: d for d in f.course.days} for f in followed}
    else:
        followed = standing_today(tx, patient_id, today, revision)
    ids = [one.standings.prescription.id for one in followed]
    stored = practice_days.current_between(tx, patient_id, ids, first, last) if first <= today and followed else []
    done = {(one.prescription_id, one.day.local_date): one for one in stored}
    days = tuple(_day(first + timedelta(days=n), followed, labels, done, today) for n in range(count))
    since = today - timedelta(days=NOTICE_DAYS)
    has_news = any(f.standings.decided_on is not None and f.standings.decided_on > since for f in followed)
    told = decisions.since_with_outcome(tx, patient_id, since) if has_news else []
    # What was decided about a prescription that was made by mistake is no news any more.
    told = [one for one in told if one.decision.prescription_id in ids]
    newest_first = sorted(told, key=decisions.place, reverse=True)
    return Routine(days, tuple(followed), tuple(newest_first))


def _day(
    day: date,
    followed: Sequence[FollowedPrescription],
    labels: Mapping[UUID, Mapping[date, DayLabel]],
    done: Mapping[tuple[UUID, date], KnownDay],
    today: date,
) -> RoutineDay:
    items = []
    states = []
    for one in followed:
        prescription = one.standings.prescription
        version = prescription.version_on(day)
        standing = one.course.standing
        label = labels.get(prescription.id, {}).get(day)
        status = status_on(version, standing, label, day, today)
        states.append(status)
        if status in OUTSIDE or (day < today and label is None):
            continue
        practised = done.get((prescription.id, day))
        performances = practised.day.performances if practised else ()
        is_due = schedule.is_due(version, day) and not version.as_needed
        if not is_due and not version.as_needed and not performances:
            continue
        items.append(_item(one, version, status, label, day, today, is_due=is_due, performances=performances))
    is_absent = any(_is_absent(one, labels, day, today) for one in followed)
    return RoutineDay(day, _state(states, items, is_absent=is_absent), tuple(items))


def _is_absent(
    one: FollowedPrescription, labels: Mapping[UUID, Mapping[date, DayLabel]], day: date, today: date
) -> bool:
    label = labels.get(one.standings.prescription.id, {}).get(day) if day < today else None
    return label.is_absent if label else one.course.standing.is_away(day) and day >= today


def status_on(version: Version, standing: Standing, label: DayLabel | None, day: date, today: date) -> Status:
    """What is asked on a day: as it was, as it is, or as it will be if nothing changes."""
    if label is not None and day < today:
        return label.status
    if day < version.starts_on and version.closed_as is None:
        return Status.UPCOMING
    if version.ends_on is not None and day > version.ends_on:
        return Status.COMPLETED if version.closed_as == Status.COMPLETED else Status.ENDED
    if day == today or standing.status in {Status.HELD, Status.PAUSED, Status.STOPPED}:
        return standing.status
    return Status.EASED if standing.next_is_eased else Status.ACTIVE


def _item(
    one: FollowedPrescription,
    version: Version,
    status: Status,
    label: DayLabel | None,
    day: date,
    today: date,
    *,
    is_due: bool,
    performances: Sequence[PerformanceEvidence],
) -> Item:
    standing = one.course.standing
    if label is not None and day < today:
        rung, growth = label.rung, label.growth
        is_eased, is_closed = label.is_eased, label.is_closed or label.is_absent
    elif day == today:
        rung, growth = standing.rung, standing.growth
        is_eased, is_closed = standing.is_eased, standing.today_closed or standing.is_away(day)
        label = standing.day
    else:
        rung, growth = standing.next_rung, standing.next_growth
        is_eased, is_closed = standing.next_is_eased, standing.is_away(day)
    served = version.rung_at(rung)
    return Item(
        prescription_id=one.standings.prescription.id,
        version=version,
        rung=served,
        status=status.value,
        dosage=in_force(version, rung, growth, is_eased=is_eased),
        is_eased=is_eased,
        slots=_slots(version, status, label, day, today, is_due=is_due, is_closed=is_closed, performances=performances),
        progress=progress_of(one.standings.prescription, standing) if day == today else None,
    )


def _slots(
    version: Version,
    status: Status,
    label: DayLabel | None,
    day: date,
    today: date,
    *,
    is_due: bool,
    is_closed: bool,
    performances: Sequence[PerformanceEvidence],
) -> tuple[Slot, ...]:
    """Slots filled in the order of practice; what is left is open, excused, missed or still to come."""
    complete = [p.session_id for p in performances if label is not None and is_done(label, p)]
    excused = is_closed or status in {Status.PAUSED, Status.STOPPED}
    rest = "upcoming" if day > today else "excused" if excused else "open" if day == today else "not_done"
    if excused and day > today:
        rest = "excused"
    count = max(version.offered_per_day, len(complete))
    return tuple(
        Slot(
            slot=number,
            status="done" if number <= len(complete) else rest,
            is_due=is_due and number <= version.due_per_day,
            session_id=complete[number - 1] if number <= len(complete) else None,
        )
        for number in range(1, count + 1)
    )


def _state(statuses: Sequence[Status], items: Sequence[Item], *, is_absent: bool) -> str:
    """The state of the whole day. What is stopped stays stopped on an absence; an absence goes before rest."""
    if is_absent and not set(statuses) <= {*OUTSIDE, Status.STOPPED}:
        return "absent"
    if any(item.status not in {Status.PAUSED, Status.STOPPED} for item in items):
        return "exercise"
    if any(status is Status.STOPPED for status in statuses):
        return "stopped"
    if statuses and all(status is Status.UPCOMING for status in statuses):
        return "not_started"
    if statuses and all(status in {Status.ENDED, Status.COMPLETED} for status in statuses):
        return "ended"
    return "rest"
