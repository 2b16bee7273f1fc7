"""What do a patient's practice days add up to by week, so that a clinic's window needs few rows?

Made again for the weeks in which a day was counted anew, in the same transaction. Weeks begin on Monday.
"""

import json
from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import insert as insert_on_postgresql

from app.store.guard import CLINIC
from app.store.tables.practice import PracticeDayRow, PracticeWeekRow
from app.store.transaction import Transaction

WEEK_DAYS = 7
NO_DAY = (0, 0, 0, 0)
TEXT_OF_DAYS = json.JSONEncoder(separators=(",", ":")).encode

# A day of which everything was withdrawn adds nothing.
DAYS = (
    select(
        PracticeDayRow.local_date,
        func.coalesce(func.sum(PracticeDayRow.kept), 0),
        func.coalesce(func.sum(PracticeDayRow.kept_excused), 0),
        func.coalesce(func.sum(PracticeDayRow.begun), 0),
    )
    .where(
        PracticeDayRow.clinic_id == CLINIC,
        PracticeDayRow.patient_id == bindparam("patient_id"),
        PracticeDayRow.is_current,
        PracticeDayRow.done + PracticeDayRow.partial > 0,
        PracticeDayRow.local_date >= bindparam("first"),
        PracticeDayRow.local_date <= bindparam("last"),
    )
    .group_by(PracticeDayRow.local_date)
)
SUMS = ("week_end", "kept", "kept_excused", "begun", "practised_on", "days")
WEEKS = select(PracticeWeekRow.week_start, *(getattr(PracticeWeekRow, name) for name in SUMS)).where(
    PracticeWeekRow.clinic_id == CLINIC, PracticeWeekRow.patient_id == bindparam("patient_id")
)
_NEW = insert_on_postgresql(PracticeWeekRow).values(clinic_id=CLINIC)
SAVE = _NEW.on_conflict_do_update(
    index_elements=["clinic_id", "patient_id", "week_start"],
    set_={name: _NEW.excluded[name] for name in SUMS},
)


def week_of(day: date) -> date:
    """The Monday on which the week of a day begins."""
    return day - timedelta(days=day.weekday())


def refresh(tx: Transaction, patient_id: UUID, dates: Iterable[date]) -> None:
    """Add up the weeks of these dates again."""
    weeks = sorted({week_of(day) for day in dates})
    if not weeks:
        return
    last = weeks[-1] + timedelta(days=WEEK_DAYS - 1)
    counted = {row[0]: tuple(row[1:]) for row in tx.rows(DAYS, patient_id=patient_id, first=weeks[0], last=last)}
    tx.write_all(SAVE, [{"week_start": week, **_sums(week, counted)} for week in weeks], patient_id=patient_id)


def refresh_all(tx: Transaction, patient_id: UUID) -> list[date]:
    """Add up again every week whose sum is not what the stored days add up to; says which."""
    weeks = differing(tx, patient_id)
    refresh(tx, patient_id, weeks)
    return weeks


def differing(tx: Transaction, patient_id: UUID) -> list[date]:
    """The weeks whose stored sum is not what the stored days add up to.

    A week without a day has no row, or one of noughts.
    """
    counted = {row[0]: tuple(row[1:]) for row in tx.rows(DAYS, patient_id=patient_id, first=date.min, last=date.max)}
    stored = {
        row.week_start: {name: getattr(row, name) for name in SUMS} for row in tx.rows(WEEKS, patient_id=patient_id)
    }
    weeks = sorted(stored.keys() | {week_of(day) for day in counted})
    return [week for week in weeks if stored.get(week) != _sums(week, counted)]


def _sums(week: date, counted: dict[date, tuple[int, ...]]) -> dict[str, object]:
    dates = [week + timedelta(days=n) for n in range(WEEK_DAYS)]
    days = [(*counted[day], 1) if day in counted else NO_DAY for day in dates]
    kept, kept_excused, begun, _ = map(sum, zip(*days, strict=True))
    return {
        "week_end": dates[-1],
        "kept": kept,
        "kept_excused": kept_excused,
        "begun": begun,
        "practised_on": max([day for day in dates if day in counted], default=None),
        "days": TEXT_OF_DAYS(days),
    }
