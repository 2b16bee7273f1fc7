"""In which order do a patient's writes come? Each takes the patient's row, and counts its revision."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Date, bindparam, case, exists, func, or_, select, update

from app.domain import days
from app.domain.errors import NotFound
from app.store.guard import CLINIC
from app.store.tables.patients import PatientRow
from app.store.tables.practice import SessionRow
from app.store.tables.types import UtcDateTime
from app.store.transaction import Transaction
from app.values import dataclass

TAKE = (
    update(PatientRow)
    .where(PatientRow.clinic_id == CLINIC, PatientRow.id == bindparam("of_patient"))
    .values(revision=PatientRow.revision + 1)
    .returning(
        PatientRow.id,
        PatientRow.revision,
        PatientRow.time_zone,
        PatientRow.language,
        PatientRow.status,
        PatientRow.newest_local_date,
        PatientRow.newest_fact_on,
        PatientRow.newest_check_in_on,
        PatientRow.first_connected_on,
    )
)
TAKE_HEARD = TAKE.values(
    last_heard_at=func.coalesce(bindparam("heard_at", type_=UtcDateTime()), PatientRow.last_heard_at),
    newest_local_date=case(
        (
            or_(
                PatientRow.newest_local_date.is_(None),
                PatientRow.newest_local_date < bindparam("by_the_zone", type_=Date()),
            ),
            bindparam("by_the_zone", type_=Date()),
        ),
        else_=PatientRow.newest_local_date,
    ),
)
TAKE_FOR_NEW_SESSION = TAKE_HEARD.where(
    ~exists(
        select(SessionRow.id).where(
            SessionRow.clinic_id == CLINIC,
            SessionRow.patient_id == bindparam("of_patient"),
            SessionRow.id == bindparam("new_session"),
        )
    )
)
REACHED = (
    update(PatientRow)
    .where(PatientRow.clinic_id == CLINIC, PatientRow.id == bindparam("of_patient"))
    .values(
        newest_local_date=bindparam("reached", type_=Date()),
        newest_fact_on=func.coalesce(bindparam("fact_on", type_=Date()), PatientRow.newest_fact_on),
    )
)
CHECKED_IN = (
    update(PatientRow)
    .where(PatientRow.clinic_id == CLINIC, PatientRow.id == bindparam("of_patient"))
    .values(newest_check_in_on=bindparam("checked_in_on", type_=Date()))
)


@dataclass(frozen=True, slots=True)
class TakenPatient:
    """The patient's row as this transaction holds it.

    `newest_local_date` is the date the patient's course has reached.
    """

    id: UUID
    revision: int
    time_zone: str
    language: str
    status: str
    newest_local_date: date | None
    newest_fact_on: date | None
    newest_check_in_on: date | None
    first_connected_on: date | None

    def today(self, now: datetime) -> date:
        """The patient's local date: of the zone, or the newest one already reached when that is later."""
        return days.today(now, days.zone_or_utc(self.time_zone), self.newest_local_date)


def take(tx: Transaction, patient_id: UUID) -> TakenPatient:
    """Hold the patient's row and count a revision.

    Raises NotFound when the patient is not within the caller's scope.
    """
    if tx.scope.patient_id not in {None, patient_id}:
        raise NotFound("There is no such patient.")
    row = tx.row(TAKE, of_patient=patient_id)
    if row is None:
        raise NotFound("There is no such patient.")
    return TakenPatient(**row._asdict())


def take_for_new_session(tx: Transaction, patient_id: UUID, session_id: UUID, now: datetime) -> TakenPatient | None:
    """The same; None, with nothing changed, when the session is stored already. That a phone was heard is noted.

    A patient's own zone is known before, so the date that it has reached is noted at once, too.
    """
    row = tx.row(
        TAKE_FOR_NEW_SESSION,
        of_patient=patient_id,
        new_session=session_id,
        heard_at=now if tx.scope.is_patient else None,
        by_the_zone=_own_date(tx, now),
    )
    return None if row is None else TakenPatient(**row._asdict())


def take_heard(tx: Transaction, patient_id: UUID, now: datetime) -> TakenPatient:
    """Hold the patient's row, count a revision, and note that the phone was heard. Raises NotFound as `take` does."""
    row = tx.row(TAKE_HEARD, of_patient=patient_id, heard_at=now, by_the_zone=_own_date(tx, now))
    if row is None:
        raise NotFound("There is no such patient.")
    return TakenPatient(**row._asdict())


def _own_date(tx: Transaction, now: datetime) -> date | None:
    return days.today(now, days.zone_or_utc(tx.scope.time_zone), None) if tx.scope.is_patient else None


def checked_in(tx: Transaction, patient: TakenPatient, local_date: date) -> None:
    """Remember the newest date of a check-in."""
    if patient.newest_check_in_on is None or local_date > patient.newest_check_in_on:
        tx.write(CHECKED_IN, of_patient=patient.id, checked_in_on=local_date)


def reached(tx: Transaction, patient: TakenPatient, today: date, *, has_new_facts: bool = False) -> None:
    """Remember the date that the course has reached, so that it never goes back, and whether facts were added on it."""
    if has_new_facts or patient.newest_local_date is None or today > patient.newest_local_date:
        tx.write(REACHED, of_patient=patient.id, reached=today, fact_on=today if has_new_facts else None)
