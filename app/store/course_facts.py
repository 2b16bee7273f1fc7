"""Questions about the facts besides practice that move courses: stops, orders, answers, conditions, absences."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID, uuid5

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert as insert_on_postgresql

from app.domain.decision import Absence, Answer, CarriedCondition, Order, Stop
from app.domain.facts import Fact
from app.domain.prescription import Prescription
from app.store import absences
from app.store.guard import CLINIC
from app.store.shapes import ANSWER, ORDER, STOP
from app.store.tables.patients import PatientConditionRow
from app.store.tables.prescriptions import CourseFactRow
from app.store.transaction import Transaction

KNOWN_AFTER = select(
    CourseFactRow.id, CourseFactRow.kind, CourseFactRow.prescription_id, CourseFactRow.known_on, CourseFactRow.body
).where(
    CourseFactRow.clinic_id == CLINIC,
    CourseFactRow.patient_id == bindparam("patient_id"),
    CourseFactRow.known_on > bindparam("known_after"),
)
CONDITIONS = select(PatientConditionRow.condition, PatientConditionRow.known_on, PatientConditionRow.cleared_on).where(
    PatientConditionRow.clinic_id == CLINIC, PatientConditionRow.patient_id == bindparam("patient_id")
)
# SQLite reads the same words for "unless it is there" as PostgreSQL, so one statement serves both.
INSERT = insert_on_postgresql(CourseFactRow).values(clinic_id=CLINIC).on_conflict_do_nothing()

PatientFact = Stop | CarriedCondition | Absence
"""Facts about the patient as a whole."""

PrescriptionFact = Order | Answer
"""Facts about one prescription."""


def of_patient(
    tx: Transaction, patient_id: UUID, known_after: date = date.min
) -> tuple[list[PatientFact], dict[UUID, list[PrescriptionFact]]]:
    """Facts that became known after a date: those of the patient, and those of each prescription.

    Conditions and absences are always given whole: one that was cleared or ended lately was known long before.
    """
    of_all: list[PatientFact] = [
        CarriedCondition(row.condition, row.known_on, row.cleared_on)
        for row in tx.rows(CONDITIONS, patient_id=patient_id)
    ]
    of_all += absences.known(tx, patient_id)
    of_one: dict[UUID, list[PrescriptionFact]] = {}
    for row in tx.rows(KNOWN_AFTER, patient_id=patient_id, known_after=known_after):
        if row.kind == "stop":
            of_all.append(STOP.of(row.body))
        else:
            fact = ORDER.of(row.body) if row.kind == "order" else ANSWER.of(row.body)
            of_one.setdefault(row.prescription_id, []).append(fact)
    return of_all, of_one


def of_prescription(tx: Transaction, prescription: Prescription, created_at: datetime) -> list[Fact]:
    """All facts that a course is followed by from its beginning, practice aside."""
    of_all, of_one = of_patient(tx, prescription.patient_id)
    return for_prescription(prescription.id, created_at, of_all, of_one)


def for_prescription(
    prescription_id: UUID,
    created_at: datetime,
    of_all: Sequence[PatientFact],
    of_one: Mapping[UUID, Sequence[PrescriptionFact]],
) -> list[Fact]:
    """The facts that concern one prescription.

    A stop that a clinician had cleared anywhere before the prescription was made does not stop it; an open one does.
    """
    if not of_all:
        return [*of_one.get(prescription_id, ())]
    cleared = {
        stop
        for facts in of_one.values()
        for fact in facts
        if isinstance(fact, Order) and fact.recorded_at <= created_at
        for stop in fact.clears
    }
    of_patient_left = [fact for fact in of_all if not (isinstance(fact, Stop) and fact.id in cleared)]
    return [*of_patient_left, *of_one.get(prescription_id, ())]


def add_stops(tx: Transaction, patient_id: UUID, stops: Sequence[Stop], now: datetime) -> None:
    """Keep stops. One that is there already (a corrected session reports it again) stays as it was."""
    for stop in stops:
        _add(tx, patient_id, stop.id, "stop", None, stop.known_on, now, stop)


def add_order(tx: Transaction, patient_id: UUID, prescription_id: UUID, order: Order) -> None:
    """Keep a clinician's order."""
    _add(tx, patient_id, order.id, "order", prescription_id, order.known_on, order.recorded_at, order)


def add_answer(tx: Transaction, patient_id: UUID, prescription_id: UUID, answer: Answer) -> None:
    """Keep an answer to an offer; the same answer to the same offer is one fact."""
    fact_id = uuid5(answer.decision_id, "yes" if answer.accepted else "no")
    _add(tx, patient_id, fact_id, "answer", prescription_id, answer.known_on, answer.recorded_at, answer)


def _add(
    tx: Transaction,
    patient_id: UUID,
    fact_id: UUID,
    kind: str,
    prescription_id: UUID | None,
    known_on: date,
    now: datetime,
    body: PatientFact | PrescriptionFact,
) -> None:
    tx.write(
        INSERT,
        patient_id=patient_id,
        id=fact_id,
        kind=kind,
        prescription_id=prescription_id,
        known_on=known_on,
        recorded_at=now,
        body=body,
    )
