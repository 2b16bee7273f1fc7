"""Questions about sessions: what was reported, in which revision, and what was answered then."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, insert, or_, select, update

from app.domain import days
from app.domain.evidence import Proof, Proven
from app.domain.progress import Outcome
from app.domain.session import Mark, Session
from app.store.guard import CLINIC
from app.store.shapes import OUTCOME, PROOFS, SESSION, meaning, text
from app.store.tables.practice import SessionRow
from app.store.transaction import Transaction
from app.values import dataclass

COLUMNS = (
    SessionRow.id,
    SessionRow.revision,
    SessionRow.is_withdrawn,
    SessionRow.started_at,
    SessionRow.local_date,
    SessionRow.known_on,
    SessionRow.received_at,
    SessionRow.sent_at,
    SessionRow.fingerprint,
    SessionRow.body,
    SessionRow.proofs,
    SessionRow.unknown_fields,
    SessionRow.marks,
    SessionRow.setting,
    SessionRow.recorded_by_kind,
    SessionRow.recorded_by_id,
    SessionRow.outcome,
)
OWN = (SessionRow.clinic_id == CLINIC, SessionRow.patient_id == bindparam("patient_id"))
CURRENT = select(*COLUMNS).where(*OWN, SessionRow.id == bindparam("session_id"), SessionRow.is_current)
ORDER = (SessionRow.local_date.desc(), SessionRow.started_at.desc(), SessionRow.id.desc())
WINDOW = (
    select(*COLUMNS)
    .where(
        *OWN,
        SessionRow.is_current,
        SessionRow.is_withdrawn.is_(False),
        SessionRow.local_date >= bindparam("first"),
        SessionRow.local_date <= bindparam("last"),
    )
    .order_by(*ORDER)
    .limit(bindparam("at_most"))
)
WINDOW_AFTER = WINDOW.where(
    or_(
        SessionRow.local_date < bindparam("after_date"),
        and_(SessionRow.local_date == bindparam("after_date"), SessionRow.started_at < bindparam("after_start")),
        and_(
            SessionRow.local_date == bindparam("after_date"),
            SessionRow.started_at == bindparam("after_start"),
            SessionRow.id < bindparam("after_id"),
        ),
    )
)
STARTS = select(SessionRow.id, SessionRow.local_date, SessionRow.started_at, SessionRow.marks).where(
    *OWN,
    SessionRow.is_current,
    SessionRow.is_withdrawn.is_(False),
    SessionRow.local_date.in_(bindparam("dates", expanding=True)),
)
STORED_IDS = select(SessionRow.id).where(
    *OWN, SessionRow.is_current, SessionRow.id.in_(bindparam("session_ids", expanding=True))
)
ALL_REVISIONS = select(*COLUMNS).where(*OWN).order_by(SessionRow.known_on, SessionRow.revision, SessionRow.id)
INSERT = insert(SessionRow).values(clinic_id=CLINIC)
NO_LONGER_CURRENT = (
    update(SessionRow)
    .where(
        SessionRow.clinic_id == CLINIC,
        SessionRow.patient_id == bindparam("of_patient"),
        SessionRow.id == bindparam("of_session"),
    )
    .values(is_current=False)
)


@dataclass(frozen=True, slots=True)
class StoredSession:
    """One revision of a session as it is kept. `outcome` is what was answered when it was stored."""

    session: Session
    revision: int
    is_withdrawn: bool
    local_date: date
    known_on: date
    received_at: datetime
    sent_at: datetime | None
    fingerprint: bytes
    unknown_fields: Mapping[str, Any]
    marks: tuple[str, ...]
    setting: str
    recorded_by_kind: str
    recorded_by_id: UUID
    outcome: Outcome
    proofs: tuple[Proof, ...]

    @property
    def counts_from(self) -> datetime | None:
        """When it began, None when it counts for nothing because it is withdrawn or quarantined."""
        return None if self.is_withdrawn or Mark.QUARANTINED.value in self.marks else self.session.started_at

    @property
    def proven(self) -> Proven:
        """What this revision proves; a withdrawn one proves nothing."""
        return Proven(self.local_date, () if self.is_withdrawn else self.proofs)


def fingerprint(session: Session) -> bytes:
    """What makes two reports the same: their meaning, not their spelling.

    `Z` equals `+00:00`, a field that is null equals one that is absent, and where the zone is known the offset does not
    matter.
    """
    if days.zone_named(session.time_zone) is not None:
        session = replace(
            session,
            started_at=session.started_at.astimezone(UTC),
            finished_at=session.finished_at and session.finished_at.astimezone(UTC),
        )
    return meaning(session)


def current(tx: Transaction, patient_id: UUID, session_id: UUID) -> StoredSession | None:
    """The newest revision of a session, also when it was withdrawn; None when there is none."""
    row = tx.row(CURRENT, patient_id=patient_id, session_id=session_id)
    return None if row is None else _stored(row)


def window(
    tx: Transaction,
    patient_id: UUID,
    first: date,
    last: date,
    *,
    at_most: int,
    after: tuple[date, datetime, UUID] | None,
) -> list[StoredSession]:
    """Sessions of a window of local dates, newest first, beginning after a place in that order."""
    asked: dict[str, Any] = {"patient_id": patient_id, "first": first, "last": last, "at_most": at_most}
    if after is None:
        return [_stored(row) for row in tx.rows(WINDOW, **asked)]
    return [
        _stored(row)
        for row in tx.rows(WINDOW_AFTER, **asked, after_date=after[0], after_start=after[1], after_id=after[2])
    ]


def stored_ids(tx: Transaction, patient_id: UUID, session_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these sessions are stored, in whatever revision."""
    return {row.id for row in tx.rows(STORED_IDS, patient_id=patient_id, session_ids=list(session_ids))}


def starts(tx: Transaction, patient_id: UUID, dates: Iterable[date]) -> dict[UUID, tuple[date, datetime | None]]:
    """Local date and start, by id, of the sessions of some local dates; no start for one that counts for nothing."""
    return {
        row.id: (row.local_date, None if Mark.QUARANTINED.value in row.marks else row.started_at)
        for row in tx.rows(STARTS, patient_id=patient_id, dates=list(dates))
    }


def all_revisions(tx: Transaction, patient_id: UUID) -> list[StoredSession]:
    """Every revision of every session, in the order in which they became known."""
    return [_stored(row) for row in tx.rows(ALL_REVISIONS, patient_id=patient_id)]


def add(tx: Transaction, patient_id: UUID, revisions: Sequence[StoredSession]) -> None:
    """Keep revisions of different sessions; earlier ones stay and are no longer current."""
    for one in revisions:
        if one.revision > 1:
            tx.write(NO_LONGER_CURRENT, of_patient=patient_id, of_session=one.session.id)
    tx.write_all(INSERT, [_columns(one) for one in revisions], patient_id=patient_id)


def _columns(stored: StoredSession) -> dict[str, Any]:
    return {
        "id": stored.session.id,
        "revision": stored.revision,
        "is_current": True,
        "is_withdrawn": stored.is_withdrawn,
        "started_at": stored.session.started_at,
        "local_date": stored.local_date,
        "known_on": stored.known_on,
        "received_at": stored.received_at,
        "sent_at": stored.sent_at,
        "fingerprint": stored.fingerprint,
        "body": stored.session,
        "unknown_fields": dict(stored.unknown_fields) or None,
        "marks": list(stored.marks),
        "setting": stored.setting,
        "recorded_by_kind": stored.recorded_by_kind,
        "recorded_by_id": stored.recorded_by_id,
        "outcome": stored.outcome,
        "proofs": text(stored.proofs),
    }


def _stored(row: Any) -> StoredSession:  # noqa: ANN401 - a row of COLUMNS
    return StoredSession(
        session=SESSION.of(row.body),
        revision=row.revision,
        is_withdrawn=row.is_withdrawn,
        local_date=row.local_date,
        known_on=row.known_on,
        received_at=row.received_at,
        sent_at=row.sent_at,
        fingerprint=row.fingerprint,
        unknown_fields=row.unknown_fields or {},
        marks=tuple(row.marks),
        setting=row.setting,
        recorded_by_kind=row.recorded_by_kind,
        recorded_by_id=row.recorded_by_id,
        outcome=OUTCOME.of(row.outcome),
        proofs=PROOFS.read(row.proofs),
    )


def place_of_last(found: Sequence[StoredSession]) -> tuple[date, datetime, UUID]:
    """The place of the last one in the order of `window`, for going on after it."""
    last = found[-1]
    return last.local_date, last.session.started_at, last.session.id
