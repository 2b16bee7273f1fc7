"""Who needs a clinician now, and why? Reads what is kept of courses, and adds what only time brings about.

No course is followed but of patients who were stored before courses were watched. Reasons that a clinician has
acknowledged are hidden until they arise anew, all but stops: these stay, and say who has seen them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from app.domain import days
from app.domain.concerns import RANK, STOPS, Concern, ConcernCode, concerns_after, latest_soreness
from app.domain.decision import Stop
from app.domain.due_calendar import DueCalendar
from app.domain.errors import NotFound
from app.domain.request import RequestKind
from app.domain.watch import MISSED_DAYS, is_over, missed_between
from app.queries.practice_of_patient import whole_courses
from app.store import course_facts, requests, worklist
from app.store.requests import StoredRequest
from app.store.transaction import Transaction
from app.store.worklist import Acknowledgement, WatchedPatient
from app.values import dataclass

ONE_DAY = timedelta(days=1)
SILENT_DAYS = 7
"""After so many days without a word from a phone the clinic is told (product default)."""

LONGEST_MISSED_DAYS = 366
"""More missed days than lie in so many days are not counted."""

FARTHEST_EAST = timedelta(hours=14)
"""No zone's date is later than the date in so many hours in UTC."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a patient is on the worklist, and who has acknowledged it."""

    concern: Concern
    acknowledged: Acknowledgement | None


@dataclass(frozen=True, slots=True)
class Item:
    """A patient who needs a look, with the reasons, the most severe first."""

    patient: WatchedPatient
    reasons: tuple[Reason, ...]

    @property
    def place(self) -> tuple[int, datetime, UUID]:
        """Where it stands: the most severe first, and of these who has waited for longest."""
        worst = min(self.reasons, key=_place_of)
        return *_place_of(worst), self.patient.id


def worklist_of_clinic(tx: Transaction, now: datetime) -> list[Item]:
    """Everybody of the clinic who needs a look, in order. The number of questions is fixed."""
    concerns, people = _all_concerns(tx, now)
    seen = worklist.acknowledgements(tx, concerns)
    items = [_item(people[patient_id], found, seen) for patient_id, found in concerns.items()]
    return sorted((one for one in items if one.reasons), key=lambda one: one.place)


def item_of_patient(tx: Transaction, patient_id: UUID, now: datetime) -> Item:
    """Every reason of one patient, acknowledged ones too; none when nothing needs a look. Raises NotFound."""
    patient = worklist.people(tx, [patient_id]).get(patient_id)
    if patient is None:
        raise NotFound("There is no such item.")
    concerns, _ = _all_concerns(tx, now)
    seen = worklist.acknowledgements(tx, [patient.id])
    reasons = [Reason(one, seen.get((patient.id, one.id))) for one in concerns.get(patient.id, [])]
    return Item(patient, tuple(sorted(reasons, key=_place_of)))


def _all_concerns(tx: Transaction, now: datetime) -> tuple[dict[UUID, list[Concern]], Mapping[UUID, WatchedPatient]]:
    """The reasons of all active patients of the clinic, from every source, and these patients."""
    kept = worklist.concerned(tx)
    missing = set(worklist.perhaps_missing(tx, (now + FARTHEST_EAST).date()))
    silent = set(worklist.silent(tx, now - timedelta(days=SILENT_DAYS)))
    waiting = worklist.never_connected(tx)
    asked = requests.waiting(tx)
    calendars = worklist.calendars(tx, missing | silent)
    people = worklist.people(tx, {*kept, *missing, *silent, *waiting, *(one.patient_id for one in asked)})
    found = {one: _of_courses(tx, people[one], now) if known is None else known for one, known in kept.items()}
    for patient_id in missing | silent:
        concerns = _brought_by_time(people[patient_id], calendars.get(patient_id, []), now)
        found.setdefault(patient_id, []).extend(concerns)
    for patient_id, invited_at in waiting.items():
        key = uuid5(patient_id, f"{ConcernCode.NOT_STARTED}/{invited_at.isoformat()}")
        concern = Concern(key, ConcernCode.NOT_STARTED, invited_at.date(), invited_at)
        found.setdefault(patient_id, []).append(concern)
    for stored in asked:
        found.setdefault(stored.patient_id, []).append(_of_request(stored))
    return {one: _once(_still(concerns, people[one], now)) for one, concerns in found.items()}, people


def _of_request(stored: StoredRequest) -> Concern:
    is_mistake = stored.request.kind == RequestKind.ENTERED_BY_MISTAKE
    return Concern(
        stored.request.id,
        ConcernCode.ENTERED_BY_MISTAKE if is_mistake else ConcernCode.REQUEST_WAITING,
        stored.known_on,
        stored.received_at,
        () if is_mistake else (("request", stored.request.kind),),
    )


def _item(
    patient: WatchedPatient, concerns: Sequence[Concern], seen: Mapping[tuple[UUID, UUID], Acknowledgement]
) -> Item:
    reasons = [Reason(one, seen.get((patient.id, one.id))) for one in concerns]
    shown = [one for one in reasons if one.acknowledged is None or one.concern.code in STOPS]
    return Item(patient, tuple(sorted(shown, key=_place_of)))


def _place_of(reason: Reason) -> tuple[int, datetime]:
    return RANK[reason.concern.code], reason.concern.since


def _today(patient: WatchedPatient, now: datetime) -> date:
    return days.today(now, days.zone_or_utc(patient.time_zone), patient.newest_local_date)


def _still(concerns: Iterable[Concern], patient: WatchedPatient, now: datetime) -> list[Concern]:
    """Those that have not ended by themselves meanwhile."""
    today = _today(patient, now)
    return [one for one in concerns if one.until is None or today <= one.until]


def _once(concerns: Iterable[Concern]) -> list[Concern]:
    """Each occurrence once: a stop is kept with every prescription that it stops."""
    found: dict[UUID, Concern] = {}
    for one in concerns:
        known = found.get(one.id)
        found[one.id] = one if known is None else replace(known, since=min(known.since, one.since))
    return list(found.values())


def _brought_by_time(
    patient: WatchedPatient, calendars: Sequence[tuple[DueCalendar, date | None]], now: datetime
) -> list[Concern]:
    """Missed days and silence of a patient who has something to do."""
    zone = days.zone_or_utc(patient.time_zone)
    today = days.today(now, zone, patient.newest_local_date)
    running = [calendar for calendar, _ in calendars if not is_over(calendar, today)]
    if not running:
        return []
    found = []
    first = max(
        [today - timedelta(days=LONGEST_MISSED_DAYS)]
        + [on + ONE_DAY for _, on in calendars if on is not None]
        + [on for on in (patient.first_connected_on,) if on is not None]
    )
    is_expected = patient.logging == "clinic" or patient.first_connected_on is not None
    missed = missed_between(running, first, today - ONE_DAY) if is_expected else 0
    if missed >= MISSED_DAYS:
        key = uuid5(patient.id, f"{ConcernCode.NOT_PRACTISING}/{first}")
        params = (("missed_days", str(missed)),)
        found.append(Concern(key, ConcernCode.NOT_PRACTISING, first, days.first_instant(first, zone), params))
    if patient.logging == "phone" and patient.first_connected_on is not None:
        heard_at = patient.last_heard_at or days.first_instant(patient.first_connected_on, zone)
        silent_days = (now - heard_at).days
        if silent_days >= SILENT_DAYS:
            key = uuid5(patient.id, f"{ConcernCode.NO_CONTACT}/{heard_at.isoformat()}")
            params = (("silent_days", str(silent_days)),)
            found.append(Concern(key, ConcernCode.NO_CONTACT, heard_at.date(), heard_at, params))
    return found


def _of_courses(tx: Transaction, patient: WatchedPatient, now: datetime) -> list[Concern]:
    """The long way, for what was stored before courses were watched: follow them from their beginning."""
    followed, _ = whole_courses(tx, patient.id, _today(patient, now))
    of_all, _ = course_facts.of_patient(tx, patient.id)
    stops = [fact for fact in of_all if isinstance(fact, Stop)]
    return [
        concern
        for one in followed
        for concern in latest_soreness(
            concerns_after(one.standings.prescription, one.course, stops, (), settled_on=date.min, now=None)
        )
    ]
