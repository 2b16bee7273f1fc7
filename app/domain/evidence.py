"""Which practice days does a report make, change or take away?

The evidence of a day is kept as it was known at the end of each local date, so that the course up to that date never
changes. This file refuses to know what follows from the evidence.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

from app.domain.check_in import NOTHING_BESIDE, Beside
from app.domain.session import PerformanceEvidence, PracticeDay, telling_morning

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Proof:
    """What one performance of a session proves, and for which prescription."""

    prescription_id: UUID
    evidence: PerformanceEvidence


@dataclass(frozen=True, slots=True)
class KnownDay:
    """A practice day of one prescription. `is_current`: no newer knowledge of this local date is kept."""

    prescription_id: UUID
    day: PracticeDay
    is_current: bool

    @property
    def key(self) -> tuple[UUID, date, date]:
        """What tells it from all others of the patient."""
        return self.prescription_id, self.day.local_date, self.day.known_on


@dataclass(frozen=True, slots=True)
class Proven:
    """A session's proofs and the local date they count on."""

    local_date: date
    proofs: tuple[Proof, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """What a report changes of what is known: days that are new or said anew, and the keys of those that say nothing
    that the day before them in time does not say.
    """

    days: tuple[KnownDay, ...]
    dropped: frozenset[tuple[UUID, date, date]]


def changed_days(
    known: Sequence[KnownDay],
    report: tuple[UUID, Proven, Proven | None] | None,
    *,
    today: date,
    beside: Mapping[date, Beside],
) -> Changes:
    """The evidence of each day that a report changes, known `today`.

    `report` is a session's id, what it proves now, and what it proved until now (None for a new one); None for a
    check-in. `beside` has what check-ins tell about each date that they may have changed, and about each date of the
    session. What became known today stays in the day until tomorrow even when a later report of today takes it away: a
    correction lowers at once and raises from the next day. The order of one date's reports makes no difference.
    """
    session_id, now, before = report or (None, None, None)
    spoken_of = _touched(now, before)
    current = {one.key[:2]: one.day for one in known if one.is_current}
    also = [key for key, day in current.items() if key[1] in beside and day.performances]
    found: list[KnownDay] = []
    for key in sorted({*spoken_of, *also}, key=lambda pair: (pair[0].int, pair[1])):
        prescription_id, local_date = key
        new = [
            one.evidence
            for one in (now.proofs if now and now.local_date == local_date else ())
            if one.prescription_id == prescription_id
        ]
        present = current[key].performances if key in current else ()
        performances = in_order([*(one for one in present if one.session_id != session_id), *new])
        rows = [one.day for one in known if one.key[:2] == key]
        days = _known_from(local_date, rows, performances, beside.get(local_date, NOTHING_BESIDE), today)
        found += [KnownDay(prescription_id, day, is_current=day is days[-1]) for day in days]
    keys = {one.key for one in found}
    dropped = {
        one.key for one in known if one.key[:2] in {key[:2] for key in keys} and one.day.known_on >= today
    } - keys
    there = set(known)
    return Changes(tuple(one for one in found if one not in there), frozenset(dropped))


def _known_from(
    local_date: date,
    rows: Sequence[PracticeDay],
    performances: tuple[PerformanceEvidence, ...],
    beside: Beside,
    today: date,
) -> list[PracticeDay]:
    """A day as it was known before today, as it counts today, and as it truly is from tomorrow: each if it is another.

    `rows` is what is kept of it.
    """
    earlier = max((one for one in rows if one.known_on < today), key=lambda day: day.known_on, default=None)
    of_today = next((one.performances for one in rows if one.known_on == today), ())
    new_today = Counter(of_today) - Counter(earlier.performances if earlier else ())
    both = in_order((new_today | Counter(performances)).elements())
    morning, has_symptom = beside.next_morning_until_tomorrow, beside.has_symptom_until_tomorrow
    days = [] if earlier is None else [earlier]
    for one in (
        _day(local_date, today, both, morning, has_symptom=has_symptom),
        _day(local_date, today + ONE_DAY, performances, beside.next_morning, has_symptom=beside.has_symptom),
    ):
        if not days or not _same(one, days[-1]):
            days.append(one)
    return days


def _day(
    local_date: date,
    known_on: date,
    performances: tuple[PerformanceEvidence, ...],
    morning: int | None,
    *,
    has_symptom: bool,
) -> PracticeDay:
    return PracticeDay(
        local_date,
        known_on,
        performances,
        next_morning=telling_morning(performances, morning),
        has_symptom=has_symptom and bool(performances),
    )


def _same(one: PracticeDay, other: PracticeDay) -> bool:
    """Do they say the same, whenever it became known?"""
    return replace(one, known_on=other.known_on) == other


def with_changes(known: Sequence[KnownDay], changes: Changes) -> list[KnownDay]:
    """What is known, the changes in place of what they replace; older knowledge of a changed day is current no more."""
    new = {one.key for one in changes.days} | changes.dropped
    renewed = {one.key[:2] for one in changes.days if one.is_current}
    kept = [
        KnownDay(one.prescription_id, one.day, one.is_current and one.key[:2] not in renewed)
        for one in known
        if one.key not in new
    ]
    return [*kept, *changes.days]


def in_order(performances: Iterable[PerformanceEvidence]) -> tuple[PerformanceEvidence, ...]:
    """Performances by their start; what is left equal is put into an order that does not depend on how it came."""
    found = sorted(performances, key=_place)
    if any(_place(one) == _place(other) for one, other in pairwise(found)):
        found.sort(key=lambda one: (_place(one), repr(one)))
    return tuple(found)


def _place(one: PerformanceEvidence) -> tuple[datetime, int, int]:
    return one.started_at, one.session_id.int, one.rung


def _touched(now: Proven | None, before: Proven | None) -> list[tuple[UUID, date]]:
    """Prescriptions and local dates that a report speaks about, or spoke about before; in a fixed order."""
    found = {(one.prescription_id, each.local_date) for each in (now, before) if each for one in each.proofs}
    return sorted(found, key=lambda pair: (pair[0].int, pair[1]))
