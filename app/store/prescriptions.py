"""Questions about prescriptions: their versions, and where their courses stand.

A version never changes, so those of the busiest prescriptions are kept in memory once they were read.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from threading import Lock
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update

from app.domain.course import Course
from app.domain.due_calendar import DueCalendar, calendar_of
from app.domain.errors import NotFound
from app.domain.prescription import Prescription, Version
from app.domain.standing import Standing
from app.store.guard import CLINIC
from app.store.shapes import DUE_CALENDAR, STANDING, VERSION
from app.store.tables.prescriptions import PrescriptionRow, PrescriptionVersionRow
from app.store.transaction import Transaction

MOST_VERSIONS = 4096
MOST_STANDINGS = 1024
"""A standing is some forty objects: more of them would cost more in memory and collections than they save."""

K = TypeVar("K")
V = TypeVar("V")

_WITH_STANDINGS = (
    select(
        PrescriptionRow.id,
        PrescriptionRow.ladder_id,
        PrescriptionRow.position,
        PrescriptionRow.version,
        PrescriptionRow.created_at,
        PrescriptionRow.settled,
        PrescriptionRow.standing,
        PrescriptionRow.wakes_on,
        PrescriptionRow.decided_on,
        PrescriptionRow.due_calendar,
    )
    .where(
        PrescriptionRow.clinic_id == CLINIC,
        PrescriptionRow.patient_id == bindparam("patient_id"),
    )
    .order_by(PrescriptionRow.position, PrescriptionRow.created_at, PrescriptionRow.id)
)
OF_PATIENT = _WITH_STANDINGS.where(PrescriptionRow.is_void.is_(False))
VOID_OF_PATIENT = _WITH_STANDINGS.where(PrescriptionRow.is_void)
PLANS = select(
    PrescriptionVersionRow.prescription_id, PrescriptionVersionRow.version, PrescriptionVersionRow.plan
).where(
    PrescriptionVersionRow.clinic_id == CLINIC,
    PrescriptionVersionRow.patient_id == bindparam("patient_id"),
)
VERSION_LOG = (
    select(
        PrescriptionVersionRow.version,
        PrescriptionVersionRow.effective_on,
        PrescriptionVersionRow.request,
        PrescriptionVersionRow.reason,
        PrescriptionVersionRow.created_at,
        PrescriptionVersionRow.created_by,
    )
    .where(
        PrescriptionVersionRow.clinic_id == CLINIC,
        PrescriptionVersionRow.patient_id == bindparam("patient_id"),
        PrescriptionVersionRow.prescription_id == bindparam("of_prescription"),
    )
    .order_by(PrescriptionVersionRow.version)
)
INSERT = insert(PrescriptionRow).values(clinic_id=CLINIC)
INSERT_VERSION = insert(PrescriptionVersionRow).values(clinic_id=CLINIC)
ONE = (
    PrescriptionRow.clinic_id == CLINIC,
    PrescriptionRow.patient_id == bindparam("of_patient"),
    PrescriptionRow.id == bindparam("of_prescription"),
)
MAKE_VOID = update(PrescriptionRow).where(*ONE).values(is_void=True)
NEXT_VERSION = (
    update(PrescriptionRow).where(*ONE).values(version=bindparam("new_version"), position=bindparam("new_position"))
)
SAVE_COURSE = (
    update(PrescriptionRow)
    .where(*ONE)
    .values(
        settled=bindparam("new_settled"),
        standing=bindparam("new_standing"),
        wakes_on=bindparam("new_wakes_on"),
        decided_on=bindparam("new_decided_on"),
        due_calendar=bindparam("new_due_calendar"),
    )
)


@dataclass(frozen=True, slots=True)
class Standings:
    """A prescription and where its course stands: `settled` at the end of the last closed day, `standing` now.

    `due_calendar` is None only where it was never made: for what was stored before revision 0002.
    """

    prescription: Prescription
    settled: Standing
    standing: Standing
    created_at: datetime
    wakes_on: date | None = None
    decided_on: date | None = None
    due_calendar: DueCalendar | None = None


@dataclass(frozen=True, slots=True)
class Followed:
    """A course that was followed on from `before`, and what else is to be remembered of it."""

    before: Standings
    course: Course
    wakes_on: date | None
    due_calendar: DueCalendar | None


@dataclass(frozen=True, slots=True)
class VersionEntry:
    """Who made which version, when, why, and what was asked for."""

    version: int
    effective_on: date
    request: Mapping[str, Any]
    reason: str | None
    created_at: datetime
    created_by: UUID


class _Newest(Generic[K, V]):
    """Things of which the oldest leave when there are too many; several threads share them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[K, V] = {}
        self._lock = Lock()

    def get(self, key: K) -> V | None:
        return self._kept.get(key)

    def keep(self, key: K, value: V) -> None:
        with self._lock:
            while len(self._kept) >= self._most:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = value


_versions: _Newest[tuple[UUID, UUID, int], Version] = _Newest(MOST_VERSIONS)
"""Versions by clinic, prescription and number."""

_standings: _Newest[str, Standing] = _Newest(MOST_STANDINGS)
"""Standings by their text: what was written is read next."""


def _standing(text: str) -> Standing:
    found = _standings.get(text)
    if found is None:
        found = STANDING.validate_json(text)
        _standings.keep(text, found)
    return found


def of_patient(tx: Transaction, patient_id: UUID) -> list[Standings]:
    """The patient's prescriptions in their order, each with all versions and its standings; void ones are left out."""
    return _read(tx, patient_id, tx.rows(OF_PATIENT, patient_id=patient_id))


def void_of_patient(tx: Transaction, patient_id: UUID) -> list[Standings]:
    """The patient's prescriptions that were made by mistake, as they stood then."""
    return _read(tx, patient_id, tx.rows(VOID_OF_PATIENT, patient_id=patient_id))


def make_void(tx: Transaction, patient_id: UUID, prescription_id: UUID) -> None:
    """From now on the prescription counts for nothing."""
    tx.write(MAKE_VOID, of_patient=patient_id, of_prescription=prescription_id)


def _read(tx: Transaction, patient_id: UUID, rows: Sequence[Any]) -> list[Standings]:
    clinic_id = tx.scope.clinic_id
    found: list[Standings] = []
    keys = [(clinic_id, row.id, number) for row in rows for number in range(1, row.version + 1)]
    known = {key: version for key in keys if (version := _versions.get(key)) is not None}
    if len(known) < len(keys):
        for plan in tx.rows(PLANS, patient_id=patient_id):
            key = (clinic_id, plan.prescription_id, plan.version)
            known[key] = VERSION.validate_json(plan.plan)
            # A version that this transaction, or another of its group, has just made may never come to be.
            tx.when_committed.append(partial(_versions.keep, key, known[key]))
    for row in rows:
        versions = tuple(known[clinic_id, row.id, number] for number in range(1, row.version + 1))
        prescription = Prescription(row.id, patient_id, row.ladder_id, row.position, versions)
        settled, standing = _standing(row.settled), _standing(row.standing)
        calendar = None if row.due_calendar is None else DUE_CALENDAR.validate_json(row.due_calendar)
        found.append(Standings(prescription, settled, standing, row.created_at, row.wakes_on, row.decided_on, calendar))
    return found


def one(tx: Transaction, patient_id: UUID, prescription_id: UUID) -> Standings:
    """One prescription of the patient. Raises NotFound."""
    found = next((s for s in of_patient(tx, patient_id) if s.prescription.id == prescription_id), None)
    if found is None:
        raise NotFound("There is no such prescription.")
    return found


def version_log(tx: Transaction, patient_id: UUID, prescription_id: UUID) -> list[VersionEntry]:
    """All versions of a prescription as they were asked for, oldest first."""
    rows = tx.rows(VERSION_LOG, patient_id=patient_id, of_prescription=prescription_id)
    return [VersionEntry(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's documented name


def add(tx: Transaction, prescription: Prescription, course: Course, *, created_by: UUID, now: datetime) -> None:
    """A new prescription, without its first version."""
    assert course.settled is not None
    tx.write(
        INSERT,
        patient_id=prescription.patient_id,
        id=prescription.id,
        ladder_id=prescription.ladder_id,
        position=prescription.position,
        version=prescription.latest.version,
        is_void=False,
        created_at=now,
        created_by=created_by,
        settled=_text(course.settled),
        standing=_text(course.standing),
        decided_on=max((one.decided_on for one in course.decisions), default=None),
        due_calendar=_calendar_text(calendar_of(prescription, course.days, None, course.standing.away)),
    )


def add_version(
    tx: Transaction,
    prescription: Prescription,
    *,
    request: Mapping[str, Any],
    reason: str | None,
    created_by: UUID,
    now: datetime,
) -> None:
    """The latest version of a prescription, which never changes from now on."""
    latest = prescription.latest
    tx.write(
        INSERT_VERSION,
        patient_id=prescription.patient_id,
        prescription_id=prescription.id,
        version=latest.version,
        effective_on=latest.effective_on,
        request=dict(request),
        plan=VERSION.dump_json(latest).decode(),
        reason=reason,
        created_at=now,
        created_by=created_by,
    )
    if latest.version > 1:
        tx.write(
            NEXT_VERSION,
            of_patient=prescription.patient_id,
            of_prescription=prescription.id,
            new_version=latest.version,
            new_position=prescription.position,
        )


def save_courses(tx: Transaction, followed: Iterable[Followed]) -> None:
    """Remember where courses stand now, and the date from which that is not enough, if there is one."""
    rows: Sequence[Mapping[str, Any]] = [
        {
            "of_patient": one.before.prescription.patient_id,
            "of_prescription": one.before.prescription.id,
            "new_settled": _text(one.course.settled or one.before.settled),
            "new_standing": _text(one.course.standing),
            "new_wakes_on": one.wakes_on,
            "new_decided_on": max((each.decided_on for each in one.course.decisions), default=one.before.decided_on),
            "new_due_calendar": _calendar_text(one.due_calendar),
        }
        for one in followed
    ]
    tx.write_all(SAVE_COURSE, rows)


def _calendar_text(calendar: DueCalendar | None) -> str | None:
    return None if calendar is None else DUE_CALENDAR.dump_json(calendar).decode()


def _text(standing: Standing) -> str:
    text = STANDING.dump_json(standing).decode()
    _standings.keep(text, standing)
    return text
