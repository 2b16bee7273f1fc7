"""Questions about practice days: what each local date of a prescription proves, as it became known."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, func, insert, or_, select, update

from app.domain.adherence import Counts
from app.domain.days import LATE_DAYS
from app.domain.evidence import KnownDay
from app.domain.session import PracticeDay
from app.store.guard import CLINIC
from app.store.shapes import PERFORMANCES, text
from app.store.tables.practice import PracticeDayRow
from app.store.transaction import Transaction

COLUMNS = (
    PracticeDayRow.prescription_id,
    PracticeDayRow.local_date,
    PracticeDayRow.known_on,
    PracticeDayRow.is_current,
    PracticeDayRow.performances,
    PracticeDayRow.next_morning,
    PracticeDayRow.has_symptom,
)
OWN = (PracticeDayRow.clinic_id == CLINIC, PracticeDayRow.patient_id == bindparam("patient_id"))
# The key leads to the dates of one prescription: naming them keeps these from reading years, or a whole clinic's day.
OF_THESE = (*OWN, PracticeDayRow.prescription_id.in_(bindparam("prescription_ids", expanding=True)))
SINCE_OR_ON = select(*COLUMNS).where(
    *OF_THESE,
    PracticeDayRow.local_date >= bindparam("not_before"),
    or_(
        PracticeDayRow.known_on > bindparam("known_after"),
        PracticeDayRow.local_date > bindparam("known_after"),
        PracticeDayRow.local_date.in_(bindparam("dates", expanding=True)),
    ),
)
# The dates are named one by one: given two bounds, SQLite would rather read what the whole clinic did between them.
CURRENT_ON = (
    select(*COLUMNS)
    .where(
        *OF_THESE,
        PracticeDayRow.local_date.in_(bindparam("dates", expanding=True)),
        PracticeDayRow.is_current,
    )
    .order_by(PracticeDayRow.local_date)
)
ALL = select(*COLUMNS).where(*OWN).order_by(PracticeDayRow.local_date, PracticeDayRow.known_on)
LAST_BEFORE = select(func.max(PracticeDayRow.local_date)).where(
    *OWN,
    PracticeDayRow.prescription_id == bindparam("prescription_id"),
    PracticeDayRow.is_current,
    PracticeDayRow.local_date < bindparam("before"),
    PracticeDayRow.done + PracticeDayRow.partial > 0,
)
DATES = (
    select(PracticeDayRow.local_date)
    .where(*OWN, PracticeDayRow.is_current, PracticeDayRow.done + PracticeDayRow.partial > 0)
    .distinct()
    .order_by(PracticeDayRow.local_date)
)
COUNTS = (
    PracticeDayRow.done,
    PracticeDayRow.partial,
    PracticeDayRow.worst_pain,
    PracticeDayRow.kept,
    PracticeDayRow.kept_excused,
    PracticeDayRow.begun,
)
ALL_WITH_COUNTS = select(*COLUMNS, *COUNTS).where(*OWN)
NO_LONGER_CURRENT = (
    update(PracticeDayRow)
    .where(
        PracticeDayRow.clinic_id == CLINIC,
        PracticeDayRow.patient_id == bindparam("of_patient"),
        PracticeDayRow.prescription_id == bindparam("of_prescription"),
        PracticeDayRow.local_date == bindparam("on_date"),
        PracticeDayRow.known_on != bindparam("not_known_on"),
    )
    .values(is_current=False)
)
INSERT = insert(PracticeDayRow).values(clinic_id=CLINIC)
REPLACE = (
    update(PracticeDayRow)
    .where(
        PracticeDayRow.clinic_id == CLINIC,
        PracticeDayRow.patient_id == bindparam("of_patient"),
        PracticeDayRow.prescription_id == bindparam("of_prescription"),
        PracticeDayRow.local_date == bindparam("on_date"),
        PracticeDayRow.known_on == bindparam("on_known_on"),
    )
    .values(
        is_current=bindparam("new_is_current"),
        performances=bindparam("new_performances"),
        next_morning=bindparam("new_next_morning"),
        has_symptom=bindparam("new_has_symptom"),
        **{column.key: bindparam(f"new_{column.key}") for column in COUNTS},
    )
)
DROP = delete(PracticeDayRow).where(
    PracticeDayRow.clinic_id == CLINIC,
    PracticeDayRow.patient_id == bindparam("of_patient"),
    PracticeDayRow.prescription_id == bindparam("of_prescription"),
    PracticeDayRow.local_date == bindparam("on_date"),
    PracticeDayRow.known_on == bindparam("on_known_on"),
)
FORGET = delete(PracticeDayRow).where(
    PracticeDayRow.clinic_id == CLINIC, PracticeDayRow.patient_id == bindparam("of_patient")
)
FORGET_ONE = FORGET.where(PracticeDayRow.prescription_id == bindparam("of_prescription"))


def known_since(
    tx: Transaction, patient_id: UUID, prescription_ids: Iterable[UUID], known_after: date, dates: Collection[date]
) -> list[KnownDay]:
    """What became known after a date and may move a course, and all evidence of some dates, of these prescriptions.

    What was too old when it became known moves no course, so it is left out unless it is of one of the dates.
    """
    not_before = min(known_after - timedelta(days=LATE_DAYS), *dates, date.max)
    asked = {"prescription_ids": list(prescription_ids), "dates": list(dates)}
    return _days(tx.rows(SINCE_OR_ON, patient_id=patient_id, known_after=known_after, not_before=not_before, **asked))


def current_between(
    tx: Transaction, patient_id: UUID, prescription_ids: Iterable[UUID], first: date, last: date
) -> list[KnownDay]:
    """The current evidence of a few local dates, both inclusive, oldest first, of these prescriptions."""
    dates = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return _days(tx.rows(CURRENT_ON, patient_id=patient_id, prescription_ids=list(prescription_ids), dates=dates))


def all_of_patient(tx: Transaction, patient_id: UUID) -> list[KnownDay]:
    """Everything that was ever known, for following a course from its beginning."""
    return _days(tx.rows(ALL, patient_id=patient_id))


def all_with_counts(tx: Transaction, patient_id: UUID) -> list[tuple[KnownDay, Counts]]:
    """Everything that is kept, with the counts, in no order."""
    rows = tx.rows(ALL_WITH_COUNTS, patient_id=patient_id)
    counts = [Counts(*row[len(COLUMNS) :]) for row in rows]
    return list(zip(_days(rows), counts, strict=True))


def dates_practised(tx: Transaction, patient_id: UUID) -> list[date]:
    """The local dates with any practice, oldest first."""
    return [row.local_date for row in tx.rows(DATES, patient_id=patient_id)]


def last_practised(tx: Transaction, patient_id: UUID, prescription_id: UUID, before: date) -> date | None:
    """The last date before another one with any practice of a prescription."""
    row = tx.row(LAST_BEFORE, patient_id=patient_id, prescription_id=prescription_id, before=before)
    found: date | None = None if row is None else row[0]
    return found


def save(
    tx: Transaction,
    patient_id: UUID,
    changed: Sequence[tuple[KnownDay, Counts]],
    known: Sequence[KnownDay],
    dropped: Iterable[tuple[UUID, date, date]] = (),
) -> None:
    """Keep the evidence of some days with their counts.

    `known` are the rows that are there for these days: one of the same `known_on` is replaced, an earlier one stays as
    it was and is no longer current. `dropped` are the keys of rows that go.
    """
    there = {one.key for one in known}
    was_current = {one.key[:2]: one.day.known_on for one in known if one.is_current}
    new: list[tuple[KnownDay, Counts]] = []
    again: list[tuple[KnownDay, Counts]] = []
    outdated = []
    for one, counts in changed:
        prescription_id, local_date, known_on = key = one.key
        (again if key in there else new).append((one, counts))
        if one.is_current and was_current.get(key[:2], known_on) != known_on:
            outdated.append({"of_prescription": prescription_id, "on_date": local_date, "not_known_on": known_on})
    tx.write_all(NO_LONGER_CURRENT, outdated, of_patient=patient_id)
    gone = [{"of_prescription": key[0], "on_date": key[1], "on_known_on": key[2]} for key in dropped]
    tx.write_all(DROP, gone, of_patient=patient_id)
    tx.write_all(INSERT, [_inserted(one, counts) for one, counts in new], patient_id=patient_id)
    tx.write_all(REPLACE, [_replaced(one, counts) for one, counts in again], of_patient=patient_id)


def recount(tx: Transaction, patient_id: UUID, counted: Sequence[tuple[KnownDay, Counts]]) -> None:
    """Count days anew that are kept already; one that is not is left to who keeps it."""
    tx.write_all(REPLACE, [_replaced(one, counts) for one, counts in counted], of_patient=patient_id)


def forget(tx: Transaction, patient_id: UUID, prescription_id: UUID | None = None) -> None:
    """Remove the derived evidence of a patient, or of one prescription; it can be made again from the sessions."""
    if prescription_id is None:
        tx.write(FORGET, of_patient=patient_id)
    else:
        tx.write(FORGET_ONE, of_patient=patient_id, of_prescription=prescription_id)


def _days(rows: Sequence[Any]) -> list[KnownDay]:
    return [
        KnownDay(
            row.prescription_id,
            PracticeDay(
                row.local_date,
                row.known_on,
                PERFORMANCES.read(row.performances),
                row.next_morning,
                row.has_symptom,
            ),
            row.is_current,
        )
        for row in rows
    ]


def _inserted(one: KnownDay, counts: Counts) -> dict[str, Any]:
    return {
        "prescription_id": one.prescription_id,
        "local_date": one.day.local_date,
        "known_on": one.day.known_on,
        "is_current": one.is_current,
        "performances": text(one.day.performances),
        "next_morning": one.day.next_morning,
        "has_symptom": one.day.has_symptom,
        **_counted(counts),
    }


def _replaced(one: KnownDay, counts: Counts) -> dict[str, Any]:
    return {
        "of_prescription": one.prescription_id,
        "on_date": one.day.local_date,
        "on_known_on": one.day.known_on,
        "new_is_current": one.is_current,
        "new_performances": text(one.day.performances),
        "new_next_morning": one.day.next_morning,
        "new_has_symptom": one.day.has_symptom,
        **{f"new_{name}": value for name, value in _counted(counts).items()},
    }


def _counted(counts: Counts) -> dict[str, int | None]:
    """The columns of counts. `dataclasses.asdict` would do the same by copying deeply what is plain."""
    return {
        "done": counts.done,
        "partial": counts.partial,
        "worst_pain": counts.worst_pain,
        "kept": counts.kept,
        "kept_excused": counts.kept_excused,
        "begun": counts.begun,
    }
