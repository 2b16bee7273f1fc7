"""Which practice days does a report make, change or take away?

The evidence of a day is kept as it was known at the end of each local date, so that the course up to that date never
changes. This file refuses to know what follows from the evidence.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

from app.domain.check_in import NOTHING_BESIDE, Beside
from app.domain.session import PerformanceEvidence, PracticeDay, spelled, telling_morning
from app.values import dataclass

ONE_DAY = timedelta(days=1)

DayKey = tuple[UUID, date]
"""A prescription and a local date."""


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
class Reported:
    """What a session's revision proves now, and what it proved until now: None for a new session."""

    session_id: UUID
    now: Proven
    before: Proven | None

    @property
    def dates(self) -> set[date]:
        """The local dates it speaks about, or spoke about before."""
        return {each.local_date for each in (self.now, self.before) if each}

    @property
    def prescriptions(self) -> set[UUID]:
        """The prescriptions it speaks about, or spoke about before."""
        return {one.prescription_id for each in (self.now, self.before) if each for one in each.proofs}


@dataclass(frozen=True, slots=True)
class Changes:
    """What a report changes of what is known: days that are new or said anew, and the keys of those that say nothing
    that the day before them in time does not say.
    """

    days: tuple[KnownDay, ...]
    dropped: frozenset[tuple[UUID, date, date]]


def changed_days(
    known: Sequence[KnownDay], reports: Iterable[Reported], *, today: date, beside: Mapping[date, Beside]
) -> Changes:
    """The evidence of each day that reports change, known `today`.

    `reports` are sessions, none of them twice; none at all for a check-in. `beside` has what check-ins tell about each
    date that they may have changed, and about each date of the sessions. What became known today stays in the day until
    tomorrow even when a later report of today takes it away, but counts upward no more: a correction lowers at once and
    raises from the next day. The order of one date's reports makes no difference, nor whether they come one by one.
    """
    new: dict[DayKey, list[PerformanceEvidence]] = {}
    spoken_of: set[DayKey] = set()
    said_anew = set()
    for one in reports:
        said_anew.add(one.session_id)
        for proof in one.now.proofs:
            new.setdefault((proof.prescription_id, one.now.local_date), []).append(proof.evidence)
        before = {(proof.prescription_id, one.before.local_date) for proof in one.before.proofs} if one.before else ()
        spoken_of.update(before)
    rows: dict[DayKey, list[PracticeDay]] = {}
    current: dict[DayKey, PracticeDay] = {}
    for each in known:
        rows.setdefault(each.key[:2], []).append(each.day)
        if each.is_current:
            current[each.key[:2]] = each.day
    also = {key for key, day in current.items() if key[1] in beside and day.performances}
    found: list[KnownDay] = []
    for key in sorted({*new, *spoken_of, *also}, key=lambda pair: (pair[0].int, pair[1])):
        prescription_id, local_date = key
        present = current[key].performances if key in current else ()
        performances = in_order([*(one for one in present if one.session_id not in said_anew), *new.get(key, ())])
        of_date = beside.get(local_date, NOTHING_BESIDE)
        days = _known_from(local_date, rows.get(key, ()), performances, of_date, today)
        found += [KnownDay(prescription_id, day, is_current=day is days[-1]) for day in days]
    if not known:
        return Changes(tuple(found), frozenset())
    keys = {one.key for one in found}
    changed = {key[:2] for key in keys}
    dropped = {one.key for one in known if one.key[:2] in changed and one.day.known_on >= today} - keys
    there = {one.key: one for one in known}
    return Changes(tuple(one for one in found if there.get(one.key) != one), frozenset(dropped))


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
    earlier: PracticeDay | None = None
    both = performances
    for row in rows:
        if row.known_on < today and (earlier is None or row.known_on > earlier.known_on):
            earlier = row
    of_today = [one for row in rows if row.known_on == today for one in row.performances]
    if of_today:
        # What was taken away since speaks against the patient until tomorrow, and for them no more.
        new_today = Counter(of_today) - Counter(earlier.performances if earlier else ())
        gone = [replace(one, counts_upward=False) for one in (new_today - Counter(performances)).elements()]
        both = in_order([*performances, *gone])
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
    return (one.local_date, one.performances, one.next_morning, one.has_symptom) == (
        other.local_date,
        other.performances,
        other.next_morning,
        other.has_symptom,
    )


def with_changes(known: Sequence[KnownDay], changes: Changes) -> list[KnownDay]:
    """What is known, the changes in place of what they replace; older knowledge of a changed day is current no more."""
    if not known:
        return list(changes.days)
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
    if len(found) > 1 and any(_place(one) == _place(other) for one, other in pairwise(found)):
        found.sort(key=lambda one: (_place(one), spelled(one)))
    return tuple(found)


def _place(one: PerformanceEvidence) -> tuple[datetime, int, int]:
    return one.started_at, one.session_id.int, one.rung
