"""Questions about who of a clinic's patients needs a look.

Each is one statement for the whole clinic, and reads by an index only patients for whom there may be a reason. Each
stands here twice: for all patients, and for those whom one clinician treats. Another source of reasons is another one.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import insert as insert_on_postgresql

from app.domain.concerns import Concern, concern_of_stop, latest_soreness
from app.domain.due_calendar import DueCalendar
from app.domain.errors import NotFound
from app.store.guard import CLINIC, TREATED
from app.store.scope import Role
from app.store.shapes import CONCERNS, DUE_CALENDAR, ORDER, STOP
from app.store.tables.clinics import ClinicianRow
from app.store.tables.patients import PatientRow
from app.store.tables.prescriptions import CourseFactRow, PrescriptionRow
from app.store.tables.signing_in import InvitationRow
from app.store.tables.worklist import AcknowledgementRow
from app.store.transaction import Transaction
from app.values import dataclass

ACTIVE = (PatientRow.clinic_id == CLINIC, PatientRow.status == "active")
OF_PATIENTS = (PatientRow.clinic_id == CLINIC, PatientRow.id.in_(bindparam("patient_ids", expanding=True)))
PRESCRIPTIONS_OF_ACTIVE = and_(
    PrescriptionRow.clinic_id == CLINIC, PrescriptionRow.patient_id == PatientRow.id, PrescriptionRow.is_void.is_(False)
)
# The index of this question holds prescriptions of which there is something to say, and those nobody has looked at yet.
CONCERNED = (
    select(PrescriptionRow.patient_id, PrescriptionRow.concerns, PrescriptionRow.due_calendar.is_(None).label("is_new"))
    .join(PatientRow, and_(PatientRow.clinic_id == CLINIC, PatientRow.id == PrescriptionRow.patient_id))
    .where(
        PrescriptionRow.clinic_id == CLINIC,
        or_(PrescriptionRow.concerns.is_not(None), PrescriptionRow.due_calendar.is_(None)),
        PrescriptionRow.is_void.is_(False),
        PatientRow.status == "active",
    )
)
# A stop that no prescription carries, because there is none yet or none any more but what was made by mistake.
STOPS_WITHOUT_PRESCRIPTION = (
    select(CourseFactRow.patient_id, CourseFactRow.body, CourseFactRow.recorded_at)
    .join(PatientRow, and_(PatientRow.clinic_id == CLINIC, PatientRow.id == CourseFactRow.patient_id))
    .outerjoin(
        PrescriptionRow,
        and_(
            PrescriptionRow.clinic_id == CLINIC,
            PrescriptionRow.patient_id == CourseFactRow.patient_id,
            PrescriptionRow.is_void.is_(False),
        ),
    )
    .where(
        CourseFactRow.clinic_id == CLINIC,
        CourseFactRow.kind == "stop",
        PatientRow.status == "active",
        PrescriptionRow.id.is_(None),
    )
)
# What was resumed before the prescription turned out to be a mistake is no stop any more.
FACTS_OF = select(CourseFactRow.patient_id, CourseFactRow.kind, CourseFactRow.body).where(
    CourseFactRow.clinic_id == CLINIC, CourseFactRow.patient_id.in_(bindparam("patient_ids", expanding=True))
)
MISSED = (
    select(PrescriptionRow.patient_id)
    .join(PatientRow, and_(PatientRow.clinic_id == CLINIC, PatientRow.id == PrescriptionRow.patient_id))
    .where(
        PrescriptionRow.clinic_id == CLINIC,
        PrescriptionRow.missed_on <= bindparam("by"),
        PrescriptionRow.is_void.is_(False),
        PatientRow.status == "active",
    )
)
SILENT = select(PatientRow.id).where(
    *ACTIVE,
    PatientRow.logging == "phone",
    PatientRow.first_connected_on.is_not(None),
    or_(PatientRow.last_heard_at.is_(None), PatientRow.last_heard_at <= bindparam("heard_by")),
)
NEVER_CONNECTED = (
    select(PatientRow.id, func.max(InvitationRow.created_at))
    .join(InvitationRow, and_(InvitationRow.clinic_id == CLINIC, InvitationRow.patient_id == PatientRow.id))
    .where(*ACTIVE, PatientRow.logging == "phone", PatientRow.first_connected_on.is_(None))
    .group_by(PatientRow.id)
)
CONCERNED_TREATED = CONCERNED.where(PrescriptionRow.patient_id.in_(TREATED))
STOPS_OF_TREATED = STOPS_WITHOUT_PRESCRIPTION.where(CourseFactRow.patient_id.in_(TREATED))
MISSED_BY_TREATED = MISSED.where(PrescriptionRow.patient_id.in_(TREATED))
SILENT_TREATED = SILENT.where(PatientRow.id.in_(TREATED))
NEVER_CONNECTED_TREATED = NEVER_CONNECTED.where(PatientRow.id.in_(TREATED))
CALENDARS = select(PrescriptionRow.patient_id, PrescriptionRow.due_calendar, PrescriptionRow.practised_on).where(
    PrescriptionRow.clinic_id == CLINIC,
    PrescriptionRow.patient_id.in_(bindparam("patient_ids", expanding=True)),
    PrescriptionRow.is_void.is_(False),
)
PEOPLE = select(
    PatientRow.id,
    PatientRow.display_name,
    PatientRow.phone,
    PatientRow.time_zone,
    PatientRow.logging,
    PatientRow.newest_local_date,
    PatientRow.first_connected_on,
    PatientRow.last_heard_at,
).where(*OF_PATIENTS)
ACKNOWLEDGED = (
    select(
        AcknowledgementRow.patient_id,
        AcknowledgementRow.reason_id,
        AcknowledgementRow.at,
        AcknowledgementRow.clinician_id,
        ClinicianRow.display_name,
    )
    .join(ClinicianRow, and_(ClinicianRow.clinic_id == CLINIC, ClinicianRow.id == AcknowledgementRow.clinician_id))
    .where(
        AcknowledgementRow.clinic_id == CLINIC,
        AcknowledgementRow.patient_id.in_(bindparam("patient_ids", expanding=True)),
    )
)
# SQLite reads the same words for "unless it is there" as PostgreSQL, so one statement serves both.
ACKNOWLEDGE = insert_on_postgresql(AcknowledgementRow).values(clinic_id=CLINIC).on_conflict_do_nothing()


@dataclass(frozen=True, slots=True)
class WatchedPatient:
    """A patient on the worklist, with what silence and missed days are counted from."""

    id: UUID
    display_name: str
    phone: str | None
    time_zone: str
    logging: str
    newest_local_date: date | None
    first_connected_on: date | None
    last_heard_at: datetime | None


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Who has seen a reason, and when."""

    at: datetime
    clinician_id: UUID
    display_name: str


def concerned(tx: Transaction) -> dict[UUID, list[Concern] | None]:
    """What is kept of courses that need a look, by patient; None for a patient with a course never watched."""
    found: dict[UUID, list[Concern] | None] = {}
    for row in tx.listed(CONCERNED, CONCERNED_TREATED):
        if row.is_new:
            found[row.patient_id] = None
        elif (known := found.setdefault(row.patient_id, [])) is not None:
            known.extend(latest_soreness(CONCERNS.read(row.concerns)))
    stops: Sequence[Any] = tx.listed(STOPS_WITHOUT_PRESCRIPTION, STOPS_OF_TREATED)
    cleared = _cleared(tx, {row.patient_id for row in stops}) if stops else frozenset()
    for row in stops:
        stop = STOP.of(row.body)
        if (row.patient_id, stop.id) not in cleared:
            stopped = found.setdefault(row.patient_id, [])
            assert stopped is not None, "no course, so none that was never watched"
            stopped.append(concern_of_stop(stop))
    return found


def _cleared(tx: Transaction, patient_ids: Iterable[UUID]) -> frozenset[tuple[UUID, UUID]]:
    """The stops that a clinician has resumed, by patient."""
    orders = [row for row in tx.rows(FACTS_OF, patient_ids=list(patient_ids)) if row.kind == "order"]
    return frozenset((row.patient_id, one) for row in orders for one in ORDER.of(row.body).clears)


def perhaps_missing(tx: Transaction, by: date) -> list[UUID]:
    """Who may have missed too many due days by a date, counting each prescription alone."""
    return [row.patient_id for row in tx.listed(MISSED, MISSED_BY_TREATED, by=by)]


def silent(tx: Transaction, heard_by: datetime) -> list[UUID]:
    """Whose connected phone was heard for the last time by an instant, or never."""
    _require_clinician(tx)
    return [row.id for row in tx.listed(SILENT, SILENT_TREATED, heard_by=heard_by)]


def never_connected(tx: Transaction) -> dict[UUID, datetime]:
    """Who was invited and has never connected a phone, with the instant of the latest invitation."""
    _require_clinician(tx)
    rows: Sequence[Any] = tx.listed(NEVER_CONNECTED, NEVER_CONNECTED_TREATED)
    return {patient_id: invited_at for patient_id, invited_at in rows}  # noqa: C416 - rows are no pairs


def calendars(tx: Transaction, patient_ids: Iterable[UUID]) -> dict[UUID, list[tuple[DueCalendar, date | None]]]:
    """The due calendars of some patients, each with the last date on which its exercise was practised."""
    found: dict[UUID, list[tuple[DueCalendar, date | None]]] = {}
    for row in tx.rows(CALENDARS, patient_ids=list(patient_ids)):
        if row.due_calendar is not None:
            pair = DUE_CALENDAR.read(row.due_calendar), row.practised_on
            found.setdefault(row.patient_id, []).append(pair)
    return found


def people(tx: Transaction, patient_ids: Iterable[UUID]) -> dict[UUID, WatchedPatient]:
    """Some patients by their ids."""
    _require_clinician(tx)
    rows: Sequence[Any] = tx.rows(PEOPLE, patient_ids=list(patient_ids))
    return {row[0]: WatchedPatient(*row) for row in rows}


def _require_clinician(tx: Transaction) -> None:
    """Who is not signed in is let through to patients' names by an invitation, and must not come here."""
    if Role.CLINICIAN not in tx.scope.roles:
        raise NotFound("There is no such patient.")


def acknowledgements(tx: Transaction, patient_ids: Iterable[UUID]) -> dict[tuple[UUID, UUID], Acknowledgement]:
    """What was acknowledged of some patients, by patient and reason."""
    rows: Sequence[Any] = tx.rows(ACKNOWLEDGED, patient_ids=list(patient_ids))
    return {(row[0], row[1]): Acknowledgement(*row[2:]) for row in rows}


def acknowledge(tx: Transaction, patient_id: UUID, seen: Iterable[tuple[UUID, str]], now: datetime) -> None:
    """The caller has seen these reasons, given with their codes. What was acknowledged before stays as it was."""
    rows = [
        {"patient_id": patient_id, "reason_id": reason, "code": code, "clinician_id": tx.scope.clinician_id, "at": now}
        for reason, code in seen
    ]
    tx.write_all(ACKNOWLEDGE, rows)
