"""Questions about decisions: what courses have said, and how far each came."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, func, insert, or_, select, update
from sqlalchemy.orm import aliased

from app.domain.decision import Actor, ActorKind, Decision, DecisionKind, DecisionState, superseded
from app.domain.errors import NotFound
from app.store.guard import CLINIC
from app.store.shapes import REASON
from app.store.tables.prescriptions import DecisionRow
from app.store.tables.types import UtcDateTime
from app.store.transaction import Transaction
from app.values import dataclass

COLUMNS = (
    DecisionRow.id,
    DecisionRow.prescription_id,
    DecisionRow.kind,
    DecisionRow.from_rung,
    DecisionRow.to_rung,
    DecisionRow.decided_on,
    DecisionRow.effective_on,
    DecisionRow.state,
    DecisionRow.by_kind,
    DecisionRow.by_id,
    DecisionRow.reason,
    DecisionRow.supersedes,
    DecisionRow.recorded_at,
    DecisionRow.acknowledged_at,
)
OWN = (DecisionRow.clinic_id == CLINIC, DecisionRow.patient_id == bindparam("patient_id"))
NEWEST_FIRST = (DecisionRow.decided_on.desc(), DecisionRow.recorded_at.desc(), DecisionRow.id.desc())
PAGE = select(*COLUMNS).where(*OWN).order_by(*NEWEST_FIRST).limit(bindparam("at_most"))
PAGE_AFTER = PAGE.where(
    or_(
        DecisionRow.decided_on < bindparam("after_date"),
        and_(DecisionRow.decided_on == bindparam("after_date"), DecisionRow.recorded_at < bindparam("after_at")),
        and_(
            DecisionRow.decided_on == bindparam("after_date"),
            DecisionRow.recorded_at == bindparam("after_at"),
            DecisionRow.id < bindparam("after_id"),
        ),
    )
)
ONE = select(*COLUMNS).where(*OWN, DecisionRow.id == bindparam("decision_id"))
SUPERSEDING = select(DecisionRow.supersedes, DecisionRow.id, DecisionRow.reason, DecisionRow.effective_on).where(
    *OWN, DecisionRow.supersedes.in_(bindparam("ids", expanding=True)), DecisionRow.state != "superseded"
)
ALL = select(*COLUMNS).where(*OWN)
SINCE = select(*COLUMNS).where(*OWN, DecisionRow.decided_on > bindparam("decided_after"))
LATER = aliased(DecisionRow, name="later")
SINCE_WITH_OUTCOME = (
    select(
        *COLUMNS,
        LATER.id.label("later_id"),
        LATER.reason.label("later_reason"),
        LATER.effective_on.label("later_effective_on"),
    )
    .outerjoin(
        LATER,
        and_(
            LATER.clinic_id == CLINIC,
            LATER.patient_id == bindparam("patient_id"),
            LATER.supersedes == DecisionRow.id,
            LATER.state != "superseded",
        ),
    )
    .where(*OWN, DecisionRow.decided_on > bindparam("decided_after"))
)
INSERT = insert(DecisionRow).values(clinic_id=CLINIC)
CHANGE_STATE = (
    update(DecisionRow)
    .where(
        DecisionRow.clinic_id == CLINIC,
        DecisionRow.patient_id == bindparam("of_patient"),
        DecisionRow.id == bindparam("of_decision"),
    )
    .values(state=bindparam("new_state"))
)

ACKNOWLEDGE = (
    update(DecisionRow)
    .where(
        DecisionRow.clinic_id == CLINIC,
        DecisionRow.patient_id == bindparam("of_patient"),
        DecisionRow.id == bindparam("of_decision"),
    )
    .values(acknowledged_at=func.coalesce(DecisionRow.acknowledged_at, bindparam("at", type_=UtcDateTime())))
)


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """A decision and the instant at which it was stored; `superseded_by` is known once its outcome was asked for."""

    decision: Decision
    recorded_at: datetime
    superseded_by: UUID | None = None
    is_acknowledged: bool = False


def page(
    tx: Transaction, patient_id: UUID, *, at_most: int, after: tuple[date, datetime, UUID] | None
) -> list[StoredDecision]:
    """The patient's decisions, newest first, beginning after a place in that order."""
    if after is None:
        return _decisions(tx.rows(PAGE, patient_id=patient_id, at_most=at_most))
    return _decisions(
        tx.rows(
            PAGE_AFTER,
            patient_id=patient_id,
            at_most=at_most,
            after_date=after[0],
            after_at=after[1],
            after_id=after[2],
        )
    )


def one(tx: Transaction, patient_id: UUID, decision_id: UUID) -> StoredDecision:
    """One decision of the patient. Raises NotFound."""
    row = tx.row(ONE, patient_id=patient_id, decision_id=decision_id)
    if row is None:
        raise NotFound("There is no such decision.")
    return _decisions([row])[0]


def all_of_patient(tx: Transaction, patient_id: UUID) -> list[StoredDecision]:
    """Every decision of the patient, in no order."""
    return _decisions(tx.rows(ALL, patient_id=patient_id))


def since(tx: Transaction, patient_id: UUID, decided_after: date) -> list[StoredDecision]:
    """What was decided after a date, of all prescriptions."""
    return _decisions(tx.rows(SINCE, patient_id=patient_id, decided_after=decided_after))


def since_with_outcome(tx: Transaction, patient_id: UUID, decided_after: date) -> list[StoredDecision]:
    """The same, each offer and change with what became of it, as `with_outcome` tells it, in one question."""
    rows = {row.id: row for row in tx.rows(SINCE_WITH_OUTCOME, patient_id=patient_id, decided_after=decided_after)}
    told = zip(_decisions(list(rows.values())), rows.values(), strict=True)
    return [
        one
        if row.later_id is None
        else _with_outcome(one, row.later_id, row.later_reason["code"], row.later_effective_on)
        for one, row in told
    ]


def add(tx: Transaction, patient_id: UUID, new: Iterable[Decision], now: datetime) -> None:
    """Keep new decisions.

    Those of one instant are recorded a microsecond apart, so that the order in which they were made is the order in
    which they are read.
    """
    rows = [_row(one, now + timedelta(microseconds=n)) for n, one in enumerate(new)]
    tx.write_all(INSERT, rows, patient_id=patient_id)


def change_state(tx: Transaction, patient_id: UUID, changed: Iterable[tuple[UUID, DecisionState]]) -> None:
    """A later report of the same day undid some decisions of that day, or brought them back."""
    tx.write_all(
        CHANGE_STATE,
        [{"of_decision": one, "new_state": state.value} for one, state in changed],
        of_patient=patient_id,
    )


def acknowledge(tx: Transaction, patient_id: UUID, decision_id: UUID, now: datetime) -> bool:
    """Remember that the patient has read it; is there such a decision?"""
    return tx.write(ACKNOWLEDGE, of_patient=patient_id, of_decision=decision_id, at=now) > 0


def with_outcome(tx: Transaction, patient_id: UUID, found: Sequence[StoredDecision]) -> list[StoredDecision]:
    """The same decisions, each offer and change with what became of it: accepted, declined or taken back."""
    ids = [one.decision.id for one in found]
    later = {row.supersedes: row for row in tx.rows(SUPERSEDING, patient_id=patient_id, ids=ids)} if ids else {}
    return [
        _with_outcome(one, row.id, row.reason["code"], row.effective_on) if row is not None else one
        for one, row in ((one, later.get(one.decision.id)) for one in found)
    ]


def _with_outcome(one: StoredDecision, by: UUID, code: str, effective_on: date | None) -> StoredDecision:
    """The decision after a later one, with this reason, has superseded it."""
    return replace(one, decision=superseded(one.decision, code, effective_on), superseded_by=by)


def place(one: StoredDecision) -> tuple[date, datetime, UUID]:
    """Its place in the order of decisions: the day, then the instant it was stored. The id only settles a tie."""
    return one.decision.decided_on, one.recorded_at, one.decision.id


def _row(one: Decision, now: datetime) -> dict[str, Any]:
    return {
        "id": one.id,
        "prescription_id": one.prescription_id,
        "kind": one.kind.value,
        "from_rung": one.from_rung,
        "to_rung": one.to_rung,
        "decided_on": one.decided_on,
        "effective_on": one.effective_on,
        "state": one.state.value,
        "by_kind": one.by.kind.value,
        "by_id": one.by.id,
        "reason": one.reason,
        "supersedes": one.supersedes,
        "recorded_at": now,
    }


def _decisions(rows: Sequence[Any]) -> list[StoredDecision]:
    return [
        StoredDecision(
            Decision(
                id=row.id,
                prescription_id=row.prescription_id,
                kind=DecisionKind(row.kind),
                from_rung=row.from_rung,
                to_rung=row.to_rung,
                decided_on=row.decided_on,
                effective_on=row.effective_on,
                state=DecisionState(row.state),
                by=Actor(ActorKind(row.by_kind), row.by_id),
                reason=REASON.of(row.reason),
                supersedes=row.supersedes,
            ),
            row.recorded_at,
            is_acknowledged=row.acknowledged_at is not None,
        )
        for row in rows
    ]
