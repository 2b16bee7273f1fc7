"""Questions about check-ins: what was told in the morning of a local date, in which revision, and what was answered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update

from app.domain import days
from app.domain.check_in import CheckIn, Told
from app.domain.progress import Outcome
from app.domain.session import Mark
from app.store.guard import CLINIC
from app.store.shapes import CHECK_IN, OUTCOME, meaning
from app.store.tables.practice import CheckInRow
from app.store.transaction import Transaction
from app.values import dataclass

COLUMNS = (
    CheckInRow.local_date,
    CheckInRow.revision,
    CheckInRow.is_current,
    CheckInRow.is_withdrawn,
    CheckInRow.known_on,
    CheckInRow.received_at,
    CheckInRow.sent_at,
    CheckInRow.fingerprint,
    CheckInRow.body,
    CheckInRow.unknown_fields,
    CheckInRow.marks,
    CheckInRow.outcome,
)
OWN = (CheckInRow.clinic_id == CLINIC, CheckInRow.patient_id == bindparam("patient_id"))
CURRENT = select(*COLUMNS).where(*OWN, CheckInRow.local_date == bindparam("local_date"), CheckInRow.is_current)
OF_DATES = select(*COLUMNS).where(*OWN, CheckInRow.local_date.in_(bindparam("dates", expanding=True)))
WINDOW = (
    select(*COLUMNS)
    .where(
        *OWN,
        CheckInRow.is_current,
        CheckInRow.is_withdrawn.is_(False),
        CheckInRow.local_date >= bindparam("first"),
        CheckInRow.local_date <= bindparam("last"),
    )
    .order_by(CheckInRow.local_date.desc())
    .limit(bindparam("at_most"))
)
ALL_REVISIONS = select(*COLUMNS).where(*OWN).order_by(CheckInRow.known_on, CheckInRow.revision, CheckInRow.local_date)
INSERT = insert(CheckInRow).values(clinic_id=CLINIC)
NO_LONGER_CURRENT = (
    update(CheckInRow)
    .where(
        CheckInRow.clinic_id == CLINIC,
        CheckInRow.patient_id == bindparam("of_patient"),
        CheckInRow.local_date == bindparam("of_date"),
        CheckInRow.is_current,
    )
    .values(is_current=False)
)


@dataclass(frozen=True, slots=True)
class StoredCheckIn:
    """One revision of a check-in as it is kept. `outcome` is what was answered when it was stored."""

    check_in: CheckIn
    revision: int
    is_current: bool
    is_withdrawn: bool
    known_on: date
    received_at: datetime
    sent_at: datetime | None
    fingerprint: bytes
    unknown_fields: Mapping[str, Any]
    marks: tuple[str, ...]
    outcome: Outcome

    @property
    def told(self) -> Told:
        """What this revision tells; nothing when it is withdrawn or quarantined."""
        counts = not self.is_withdrawn and Mark.QUARANTINED.value not in self.marks
        return Told(self.check_in.local_date, self.known_on, self.check_in if counts else None, self.is_current)


def fingerprint(check_in: CheckIn) -> bytes:
    """What makes two reports the same: their meaning, as with sessions."""
    if days.zone_named(check_in.time_zone) is not None:
        check_in = replace(check_in, answered_at=check_in.answered_at.astimezone(UTC))
    return meaning(check_in)


def current(tx: Transaction, patient_id: UUID, local_date: date) -> StoredCheckIn | None:
    """The newest revision of a date's check-in, also when it was withdrawn; None when there is none."""
    row = tx.row(CURRENT, patient_id=patient_id, local_date=local_date)
    return None if row is None else _stored(row)


def of_dates(tx: Transaction, patient_id: UUID, dates: Iterable[date]) -> list[StoredCheckIn]:
    """Every revision of the check-ins of some local dates, in no order."""
    return [_stored(row) for row in tx.rows(OF_DATES, patient_id=patient_id, dates=list(dates))]


def window(tx: Transaction, patient_id: UUID, first: date, last: date, *, at_most: int) -> list[StoredCheckIn]:
    """Check-ins of a window of local dates, newest first."""
    return [_stored(row) for row in tx.rows(WINDOW, patient_id=patient_id, first=first, last=last, at_most=at_most)]


def all_revisions(tx: Transaction, patient_id: UUID) -> list[StoredCheckIn]:
    """Every revision of every check-in, in the order in which they became known."""
    return [_stored(row) for row in tx.rows(ALL_REVISIONS, patient_id=patient_id)]


def add(tx: Transaction, patient_id: UUID, revisions: Sequence[StoredCheckIn]) -> None:
    """Keep revisions of different dates; earlier ones stay and are no longer current."""
    for one in revisions:
        if one.revision > 1:
            tx.write(NO_LONGER_CURRENT, of_patient=patient_id, of_date=one.check_in.local_date)
    tx.write_all(INSERT, [_columns(patient_id, one) for one in revisions])


def _columns(patient_id: UUID, stored: StoredCheckIn) -> dict[str, Any]:
    return {
        "patient_id": patient_id,
        "local_date": stored.check_in.local_date,
        "revision": stored.revision,
        "is_current": True,
        "is_withdrawn": stored.is_withdrawn,
        "known_on": stored.known_on,
        "received_at": stored.received_at,
        "sent_at": stored.sent_at,
        "fingerprint": stored.fingerprint,
        "body": stored.check_in,
        "unknown_fields": dict(stored.unknown_fields) or None,
        "marks": list(stored.marks),
        "outcome": stored.outcome,
    }


def _stored(row: Any) -> StoredCheckIn:  # noqa: ANN401 - a row of COLUMNS
    return StoredCheckIn(
        check_in=CHECK_IN.of(row.body),
        revision=row.revision,
        is_current=row.is_current,
        is_withdrawn=row.is_withdrawn,
        known_on=row.known_on,
        received_at=row.received_at,
        sent_at=row.sent_at,
        fingerprint=row.fingerprint,
        unknown_fields=row.unknown_fields or {},
        marks=tuple(row.marks),
        outcome=OUTCOME.of(row.outcome),
    )
