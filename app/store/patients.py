"""Questions about patients as the clinic knows them, the conditions they carry, and the ends of their treatments.

A patient who asks sees only themself; a clinician every patient of the clinic or those whom they treat, as the clinic
says. Everybody else is told the same as for a patient who is not there.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, and_, bindparam, insert, select, tuple_, update

from app.content.search import folded
from app.domain import days
from app.domain.decision import CarriedCondition
from app.domain.errors import NotFound
from app.store.guard import CLINIC, TREATED
from app.store.keys import new_id
from app.store.scope import Role
from app.store.tables.patients import DischargeRow, PatientConditionRow, PatientRow
from app.store.transaction import Transaction
from app.values import dataclass

STATUSES = ("active", "discharged")
MOST_WORDS = 6
"""So many words of a search are looked for; further ones only where they follow the last of these."""

EDITABLE = ("display_name", "time_zone", "language", "birth_year", "phone", "identifiers", "logging")
COLUMNS = (
    PatientRow.id,
    PatientRow.revision,
    PatientRow.version,
    PatientRow.display_name,
    PatientRow.time_zone,
    PatientRow.language,
    PatientRow.birth_year,
    PatientRow.phone,
    PatientRow.identifiers,
    PatientRow.logging,
    PatientRow.status,
    PatientRow.newest_local_date,
    PatientRow.first_connected_on,
    PatientRow.last_heard_at,
    PatientRow.created_at,
)
BY_ID = select(*COLUMNS).where(PatientRow.clinic_id == CLINIC, PatientRow.id == bindparam("patient_id"))
LOCKED = BY_ID.with_for_update()
PAGE = (
    select(*COLUMNS, PatientRow.search_name)
    .where(
        PatientRow.clinic_id == CLINIC,
        PatientRow.status.in_(bindparam("statuses", expanding=True)),
        tuple_(PatientRow.search_name, PatientRow.id)
        > tuple_(bindparam("after_name"), bindparam("after_id", type_=Uuid())),
        and_(*(PatientRow.search_name.like(bindparam(f"like_{n}"), escape="\\") for n in range(MOST_WORDS))),
    )
    .order_by(PatientRow.search_name, PatientRow.id)
    .limit(bindparam("most"))
)
PAGE_OF_TREATED = PAGE.where(PatientRow.id.in_(TREATED))
INSERT = insert(PatientRow).values(clinic_id=CLINIC)
UPDATE = (
    update(PatientRow)
    .where(PatientRow.clinic_id == CLINIC, PatientRow.id == bindparam("of_patient"))
    .values(
        revision=PatientRow.revision + 1,
        version=PatientRow.version + 1,
        **{name: bindparam(f"new_{name}") for name in (*EDITABLE, "search_name")},
    )
)
SET_STATUS = (
    update(PatientRow)
    .where(PatientRow.clinic_id == CLINIC, PatientRow.id == bindparam("of_patient"))
    .values(version=PatientRow.version + 1, status=bindparam("new_status"))
)
CAUTION_COLUMNS = (
    PatientConditionRow.patient_id,
    PatientConditionRow.id,
    PatientConditionRow.condition,
    PatientConditionRow.known_on,
    PatientConditionRow.cleared_on,
    PatientConditionRow.cleared_as,
    PatientConditionRow.note,
)
CAUTIONS = (
    select(*CAUTION_COLUMNS)
    .where(
        PatientConditionRow.clinic_id == CLINIC,
        PatientConditionRow.patient_id.in_(bindparam("patient_ids", expanding=True)),
    )
    .order_by(PatientConditionRow.recorded_at, PatientConditionRow.id)
)
INSERT_CAUTION = insert(PatientConditionRow).values(clinic_id=CLINIC)
END_CAUTION = (
    update(PatientConditionRow)
    .where(
        PatientConditionRow.clinic_id == CLINIC,
        PatientConditionRow.patient_id == bindparam("of_patient"),
        PatientConditionRow.id == bindparam("caution_id"),
    )
    .values(
        cleared_on=bindparam("on"), cleared_as=bindparam("how"), cleared_by=bindparam("by"), note=bindparam("new_note")
    )
)

DISCHARGES = select(DischargeRow.patient_id, DischargeRow.reason, DischargeRow.note, DischargeRow.discharged_on).where(
    DischargeRow.clinic_id == CLINIC,
    DischargeRow.patient_id.in_(bindparam("patient_ids", expanding=True)),
    DischargeRow.taken_back_on.is_(None),
)
INSERT_DISCHARGE = insert(DischargeRow).values(clinic_id=CLINIC)
TAKE_BACK = (
    update(DischargeRow)
    .where(
        DischargeRow.clinic_id == CLINIC,
        DischargeRow.patient_id == bindparam("of_patient"),
        DischargeRow.taken_back_on.is_(None),
    )
    .values(taken_back_on=bindparam("on"), taken_back_by=bindparam("by"))
)


ALL_IDS = select(PatientRow.id).where(PatientRow.clinic_id == CLINIC).order_by(PatientRow.id)


@dataclass(frozen=True, slots=True)
class Caution:
    """A condition that a patient carries or carried. `cleared_as` is `cleared`, or `removed` when it was never true."""

    id: UUID
    condition: str
    known_on: date
    cleared_on: date | None
    cleared_as: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Discharge:
    """Why and on which local date of the patient the treatment ended."""

    reason: str
    note: str | None
    discharged_on: date


@dataclass(frozen=True, slots=True)
class Patient:
    """A patient. `revision` counts changes that the patient may see, `version` the clinic's edits of this record."""

    id: UUID
    revision: int
    version: int
    display_name: str
    time_zone: str
    language: str
    birth_year: int | None
    phone: str | None
    identifiers: Sequence[Mapping[str, str]]
    logging: str
    status: str
    newest_local_date: date | None
    first_connected_on: date | None
    last_heard_at: datetime | None
    created_at: datetime

    def today(self, now: datetime) -> date:
        """The patient's local date: of the zone, or the newest one already reached when that is later."""
        return days.today(now, days.zone_or_utc(self.time_zone), self.newest_local_date)


def get(tx: Transaction, patient_id: UUID) -> Patient:
    """The patient with this id. Raises NotFound, also for one whom the caller may not see."""
    return _one(tx, patient_id, BY_ID)


def all_ids(tx: Transaction) -> list[UUID]:
    """Every patient of the clinic; for commands."""
    if Role.OPERATOR not in tx.scope.roles:
        return []
    return [row.id for row in tx.rows(ALL_IDS)]


def locked(tx: Transaction, patient_id: UUID) -> Patient:
    """The same, holding the patient's row until the transaction ends, so that this patient's writes come one by one."""
    return _one(tx, patient_id, LOCKED)


def page(
    tx: Transaction, *, search: str, statuses: Sequence[str], after: tuple[str, UUID] | None, most: int
) -> list[tuple[str, Patient]]:
    """Patients by name from a place on, each with the folded name that places it.

    Every word of `search` occurs in the name.
    """
    if Role.CLINICIAN not in tx.scope.roles:
        return []
    words = _search_name(search).split()
    words = [*words[: MOST_WORDS - 1], " ".join(words[MOST_WORDS - 1 :])]
    patterns = {f"like_{n}": f"%{_plain(words[n]) if n < len(words) else ''}%" for n in range(MOST_WORDS)}
    after_name, after_id = after or ("", UUID(int=0))
    place = {"statuses": list(statuses), "after_name": after_name, "after_id": after_id, "most": most, **patterns}
    found = tx.listed(PAGE, PAGE_OF_TREATED, **place)
    return [(row.search_name, _patient(row)) for row in found]


def add(
    tx: Transaction,
    patient_id: UUID,
    values: Mapping[str, Any],
    *,
    created_by: UUID | None,
    newest_fact_on: date | None = None,
    now: datetime,
) -> None:
    """A new, active patient; `values` holds all of `EDITABLE`, `newest_fact_on` today for who carries conditions."""
    tx.write(
        INSERT,
        id=patient_id,
        revision=1,
        version=1,
        search_name=_search_name(values["display_name"]),
        status="active",
        newest_fact_on=newest_fact_on,
        created_at=now,
        created_by=created_by,
        **values,
    )


def replace(tx: Transaction, patient_id: UUID, values: Mapping[str, Any]) -> None:
    """Write all of `EDITABLE`; counts one version and one revision. The caller holds the row (`locked`)."""
    new = {f"new_{name}": values[name] for name in EDITABLE}
    tx.write(UPDATE, of_patient=patient_id, new_search_name=_search_name(values["display_name"]), **new)


def set_status(tx: Transaction, patient_id: UUID, status: str) -> None:
    """The patient is `active` or `discharged` from now on; counts one version. The caller counts the revision."""
    tx.write(SET_STATUS, of_patient=patient_id, new_status=status)


def cautions_of(tx: Transaction, patient_ids: Sequence[UUID]) -> dict[UUID, list[Caution]]:
    """The conditions of some patients, cleared ones too, in the order in which they were recorded."""
    found: dict[UUID, list[Caution]] = {patient_id: [] for patient_id in patient_ids}
    if patient_ids:
        for row in tx.rows(CAUTIONS, patient_ids=list(patient_ids)):
            found[row.patient_id].append(_caution(row))
    return found


def conditions_of(tx: Transaction, patient_id: UUID) -> list[CarriedCondition]:
    """The conditions of one patient as courses see them, cleared and removed ones too."""
    return [
        CarriedCondition(one.condition, one.known_on, one.cleared_on)
        for one in cautions_of(tx, [patient_id])[patient_id]
    ]


def add_caution(
    tx: Transaction, patient_id: UUID, condition: str, *, known_on: date, note: str | None, now: datetime
) -> None:
    """The patient carries a condition from `known_on` on, a local date of the patient."""
    tx.write(
        INSERT_CAUTION,
        patient_id=patient_id,
        id=new_id(now),
        condition=condition,
        known_on=known_on,
        recorded_at=now,
        recorded_by=tx.scope.clinician_id,
        note=note,
    )


def end_caution(tx: Transaction, patient_id: UUID, caution_id: UUID, *, how: str, on: date, note: str | None) -> None:
    """A condition is `cleared` for this patient, or `removed` because it was never true, on a local date of theirs."""
    tx.write(
        END_CAUTION,
        of_patient=patient_id,
        caution_id=caution_id,
        how=how,
        on=on,
        by=tx.scope.clinician_id,
        new_note=note,
    )


def discharges_of(tx: Transaction, patient_ids: Sequence[UUID]) -> dict[UUID, Discharge]:
    """The discharges that hold now, of some patients."""
    rows = tx.rows(DISCHARGES, patient_ids=list(patient_ids)) if patient_ids else ()
    return {row.patient_id: Discharge(row.reason, row.note, row.discharged_on) for row in rows}


def add_discharge(tx: Transaction, patient_id: UUID, *, reason: str, note: str | None, on: date, now: datetime) -> None:
    """The treatment ends on a local date of the patient."""
    tx.write(
        INSERT_DISCHARGE,
        patient_id=patient_id,
        id=new_id(now),
        reason=reason,
        note=note,
        discharged_on=on,
        recorded_at=now,
        recorded_by=tx.scope.clinician_id,
    )


def end_discharge(tx: Transaction, patient_id: UUID, on: date) -> None:
    """The treatment begins again on a local date of the patient."""
    tx.write(TAKE_BACK, of_patient=patient_id, on=on, by=tx.scope.clinician_id)


def _one(tx: Transaction, patient_id: UUID, statement: Any) -> Patient:  # noqa: ANN401 - a select of COLUMNS
    is_visible = tx.scope.patient_id == patient_id if tx.scope.is_patient else Role.CLINICIAN in tx.scope.roles
    row = tx.row(statement, patient_id=patient_id) if is_visible else None
    if row is None:
        raise NotFound("There is no such patient.")
    return _patient(row)


def _patient(row: Any) -> Patient:  # noqa: ANN401 - a row of COLUMNS
    return Patient(*row[: len(COLUMNS)])


def _caution(row: Any) -> Caution:  # noqa: ANN401 - a row of CAUTION_COLUMNS
    return Caution(*row[1:])


def _search_name(text: str) -> str:
    """A name as it is searched and sorted. Folded twice: what some letters decompose to has a case of its own."""
    return folded(folded(text))[:400]


def _plain(word: str) -> str:
    """A word for LIKE, in which nothing has a special meaning."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
