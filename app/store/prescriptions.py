"""Questions about prescriptions: their versions, and where their courses stand.

What stands as of a patient's revision is kept in memory for the busiest patients: whoever changes it counts a new one
first. A version of a plan never changes, so it is taken from there whatever the revision.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import partial
from threading import Lock
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update

from app.domain.course import Course
from app.domain.errors import NotFound
from app.domain.prescription import Prescription, Version
from app.domain.watch import Watch
from app.store.guard import CLINIC
from app.store.shapes import VERSION, text
from app.store.standings import Followed, Kept, KeptWatch, Standings, kept_as
from app.store.tables.prescriptions import PrescriptionRow, PrescriptionVersionRow
from app.store.transaction import Transaction
from app.values import dataclass

MOST_BYTES = 20_000_000
"""Of standings in memory: two hundred and forty patients with six courses each."""

TIMES_ITS_TEXT = 3.5
"""What a standing weighs, with all that was read of its text and worked out of it, measured: 3.2 to 3.5 times the text,
after two weeks as after three years."""

STAND = "standings"
"""Under this a transaction knows what stands as of a revision."""

Key = tuple[UUID, UUID]
Stand = tuple[int, tuple[Standings, ...]]
"""A revision, and what stands as of it."""

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
        PrescriptionRow.concerns,
        PrescriptionRow.practised_on,
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
    update(PrescriptionRow)
    .where(*ONE)
    .values(version=bindparam("new_version"), ladder_id=bindparam("new_ladder_id"), position=bindparam("new_position"))
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
        concerns=bindparam("new_concerns"),
        practised_on=bindparam("new_practised_on"),
        missed_on=bindparam("new_missed_on"),
    )
)


@dataclass(frozen=True, slots=True)
class VersionEntry:
    """Who made which version, when, why, and what was asked for."""

    version: int
    effective_on: date
    request: Mapping[str, Any]
    reason: str | None
    created_at: datetime
    created_by: UUID


class Remembered:
    """What stands as of a revision, by clinic and patient; the oldest leave when all together weigh too much.

    Several threads share it.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._weight_bytes = 0
        self._kept: dict[Key, tuple[Stand, int]] = {}
        self._lock = Lock()

    def get(self, key: Key) -> Stand | None:
        """What stands as of the revision last remembered."""
        kept = self._kept.get(key)
        return None if kept is None else kept[0]

    def keep(self, key: Key, stand: Stand) -> None:
        """Remember it in place of what was there."""
        weight = weight_bytes(stand)
        with self._lock:
            self._drop(key)
            self._kept[key] = stand, weight
            self._weight_bytes += weight
            while self._weight_bytes > self._most_bytes:
                self._drop(next(iter(self._kept)))

    def drop(self, key: Key) -> None:
        """Forget it."""
        with self._lock:
            self._drop(key)

    def _drop(self, key: Key) -> None:
        gone = self._kept.pop(key, None)
        if gone is not None:
            self._weight_bytes -= gone[1]


def weight_bytes(stand: Stand) -> int:
    """About how much memory it holds."""
    letters = sum(len(one.kept_settled.text) + len(one.kept_standing.text) for one in stand[1])
    return int(TIMES_ITS_TEXT * letters)


_of_patients = Remembered(MOST_BYTES)


def of_patient(tx: Transaction, patient_id: UUID, revision: int | None = None) -> tuple[Standings, ...]:
    """The patient's prescriptions in their order, each with all versions and its standings.

    `revision`, when given, is the patient's as this transaction has read it: what stands as of it is asked for once.
    After `take` it is the one before, because what stands as of the taken one is still to be made.
    """
    tx.require_patient(patient_id)
    if revision is None:
        return _read(tx, patient_id, tx.rows(OF_PATIENT, patient_id=patient_id))
    for known in (tx.known.get((STAND, patient_id)), _of_patients.get((tx.scope.clinic_id, patient_id))):
        if known is not None and known[0] == revision:
            tx.known[STAND, patient_id] = known
            return known[1]
    found = _read(tx, patient_id, tx.rows(OF_PATIENT, patient_id=patient_id))
    _remember(tx, patient_id, revision, found)
    return found


def void_of_patient(tx: Transaction, patient_id: UUID) -> tuple[Standings, ...]:
    """The patient's prescriptions that were made by mistake, as they stood then."""
    return _read(tx, patient_id, tx.rows(VOID_OF_PATIENT, patient_id=patient_id))


def make_void(tx: Transaction, patient_id: UUID, prescription_id: UUID) -> None:
    """From now on the prescription counts for nothing."""
    tx.write(MAKE_VOID, of_patient=patient_id, of_prescription=prescription_id)
    _forget(tx, patient_id)


def _read(tx: Transaction, patient_id: UUID, rows: Sequence[Any]) -> tuple[Standings, ...]:
    versions = _known_versions(tx, patient_id)
    wanted = sum(row.version for row in rows)
    if wanted > len(versions) or any((row.id, row.version) not in versions for row in rows):
        for plan in tx.rows(PLANS, patient_id=patient_id):
            versions[plan.prescription_id, plan.version] = VERSION.read(plan.plan)
    return tuple(
        Standings(
            Prescription(
                row.id,
                patient_id,
                row.ladder_id,
                row.position,
                tuple(versions[row.id, number] for number in range(1, row.version + 1)),
            ),
            Kept(row.settled),
            Kept(row.standing),
            row.created_at,
            row.wakes_on,
            row.decided_on,
            KeptWatch(row.due_calendar, row.practised_on, row.concerns),
        )
        for row in rows
    )


def _known_versions(tx: Transaction, patient_id: UUID) -> dict[tuple[UUID, int], Version]:
    """Versions by prescription and number, as far as they are remembered."""
    known = _of_patients.get((tx.scope.clinic_id, patient_id))
    if known is None:
        return {}
    return {(each.prescription.id, one.version): one for each in known[1] for one in each.prescription.versions}


def one(tx: Transaction, patient_id: UUID, prescription_id: UUID) -> Standings:
    """One prescription of the patient. Raises NotFound."""
    found = next((s for s in of_patient(tx, patient_id) if s.prescription.id == prescription_id), None)
    if found is None:
        raise NotFound("There is no such prescription.")
    return found


def version_log(tx: Transaction, patient_id: UUID, prescription_id: UUID) -> list[VersionEntry]:
    """All versions of a prescription as they were asked for, oldest first."""
    rows = tx.rows(VERSION_LOG, patient_id=patient_id, of_prescription=prescription_id)
    return [VersionEntry(**row._asdict()) for row in rows]


def add(
    tx: Transaction, prescription: Prescription, course: Course, watch: Watch, *, created_by: UUID, now: datetime
) -> None:
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
        settled=kept_as(course.settled).text,
        standing=kept_as(course.standing).text,
        decided_on=max((one.decided_on for one in course.decisions), default=None),
        **KeptWatch().followed_by(watch).columns(),
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
        plan=text(latest),
        reason=reason,
        created_at=now,
        created_by=created_by,
    )
    _forget(tx, prescription.patient_id)
    if latest.version > 1:
        tx.write(
            NEXT_VERSION,
            of_patient=prescription.patient_id,
            of_prescription=prescription.id,
            new_version=latest.version,
            new_ladder_id=prescription.ladder_id,
            new_position=prescription.position,
        )


def save_courses(tx: Transaction, patient_id: UUID, revision: int, followed: Sequence[Followed]) -> None:
    """Remember where courses stand as of a revision, and the date from which that is not enough, if there is one."""
    after = [one.after() for one in followed]
    rows: Sequence[Mapping[str, Any]] = [
        {
            "of_prescription": one.prescription.id,
            "new_settled": one.kept_settled.text,
            "new_standing": one.kept_standing.text,
            "new_wakes_on": one.wakes_on,
            "new_decided_on": one.decided_on,
            **{f"new_{name}": value for name, value in one.kept_watch.columns().items()},
        }
        for one in after
    ]
    tx.write_all(SAVE_COURSE, rows, of_patient=patient_id)
    # Go on from what was known as of the revision before, unless the plan itself was changed meanwhile.
    known = tx.known.get((STAND, patient_id))
    if known is not None and known[0] == revision - 1:
        changed = {one.prescription.id: one for one in after}
        _remember(tx, patient_id, revision, tuple(changed.get(one.prescription.id, one) for one in known[1]))


def _remember(tx: Transaction, patient_id: UUID, revision: int, standings: tuple[Standings, ...]) -> None:
    """For the rest of this transaction, and once it is safe for others."""
    tx.known[STAND, patient_id] = (revision, standings)
    tx.when_committed.append(partial(_of_patients.keep, (tx.scope.clinic_id, patient_id), (revision, standings)))


def _forget(tx: Transaction, patient_id: UUID) -> None:
    tx.known.pop((STAND, patient_id), None)
    tx.when_committed.append(partial(_of_patients.drop, (tx.scope.clinic_id, patient_id)))
