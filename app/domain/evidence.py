"""Which practice days does a report make, change or take away?

The evidence of a day is kept as it was known at the end of each local date, so that the course up to that date never
changes. This file refuses to know what follows from the evidence.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from app.domain.session import PerformanceEvidence, PracticeDay

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


def changed_days(
    known: Sequence[KnownDay], session_id: UUID, now: Proven, before: Proven | None, *, today: date
) -> list[KnownDay]:
    """The evidence of each day that a report changes, known `today`. `before` is what the session proved until now.

    What became known today stays in the day until tomorrow even when a later report of today takes it away: a
    correction lowers at once and raises from the next day. The order of one date's reports makes no difference.
    """
    changed: list[KnownDay] = []
    for prescription_id, local_date in _touched(now, before):
        rows = [one for one in known if one.key[:2] == (prescription_id, local_date)]
        new = [
            one.evidence
            for one in now.proofs
            if one.prescription_id == prescription_id and local_date == now.local_date
        ]
        if not rows:
            changed.append(KnownDay(prescription_id, PracticeDay(local_date, today, in_order(new)), is_current=True))
            continue
        present = next((one.day.performances for one in rows if one.is_current), ())
        truth = in_order([*(one for one in present if one.session_id != session_id), *new])
        earlier = max((one.day for one in rows if one.day.known_on < today), key=lambda day: day.known_on, default=None)
        of_today = next((one.day.performances for one in rows if one.day.known_on == today), ())
        new_today = Counter(of_today) - Counter(earlier.performances if earlier else ())
        both = in_order((new_today | Counter(truth)).elements())
        waits = both != truth or any(one.day.known_on > today for one in rows)
        if waits:
            changed.append(KnownDay(prescription_id, PracticeDay(local_date, today, both), is_current=False))
        known_on = today + ONE_DAY if waits else today
        changed.append(KnownDay(prescription_id, PracticeDay(local_date, known_on, truth), is_current=True))
    return changed


def with_changes(known: Sequence[KnownDay], changed: Sequence[KnownDay]) -> list[KnownDay]:
    """What is known, the changes in place of what they replace; older knowledge of a changed day is current no more."""
    new = {one.key for one in changed}
    renewed = {one.key[:2] for one in changed if one.is_current}
    kept = [
        KnownDay(one.prescription_id, one.day, one.is_current and one.key[:2] not in renewed)
        for one in known
        if one.key not in new
    ]
    return [*kept, *changed]


def in_order(performances: Iterable[PerformanceEvidence]) -> tuple[PerformanceEvidence, ...]:
    """Performances by their start; what is left equal is put into an order that does not depend on how it came."""
    given = tuple(performances)
    return (
        given
        if len(given) <= 1
        else tuple(sorted(given, key=lambda one: (one.started_at, one.session_id.int, one.rung, repr(one))))
    )


def _touched(now: Proven, before: Proven | None) -> list[tuple[UUID, date]]:
    """Prescriptions and local dates that a report speaks about, or spoke about before; in a fixed order."""
    found = {(one.prescription_id, each.local_date) for each in (now, before) if each for one in each.proofs}
    return sorted(found, key=lambda pair: (pair[0].int, pair[1]))
