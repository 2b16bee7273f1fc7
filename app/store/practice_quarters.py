"""What do a patient's practice days add up to by quarter, so that a clinic's window needs few rows?

The days that were counted anew are written again, in the same transaction, into what stands of their quarters.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CompoundSelect, bindparam, func, null, select, union_all
from sqlalchemy.dialects.postgresql import insert as insert_on_postgresql

from app.domain.practice.quarter import PracticeQuarter, quarter_of, with_number
from app.store.guard import CLINIC
from app.store.tables.practice import PracticeDayRow, PracticeQuarterRow
from app.store.transaction import Transaction

DATES_AT_ONCE = 1000
NO_DAY = (0, 0, 0, 0)
Counts = tuple[int, int, int, int]
"""Of a day: kept, kept_excused, begun, and 1 where there was any practice."""

OF_PATIENT = (PracticeQuarterRow.clinic_id == CLINIC, PracticeQuarterRow.patient_id == bindparam("patient_id"))
TEXTS = ("kept", "kept_excused", "begun", "practised")
# A day of which everything was withdrawn adds nothing.
DAYS = (
    select(
        PracticeDayRow.local_date,
        func.coalesce(func.sum(PracticeDayRow.kept), 0).label("kept"),
        func.coalesce(func.sum(PracticeDayRow.kept_excused), 0).label("kept_excused"),
        func.coalesce(func.sum(PracticeDayRow.begun), 0).label("begun"),
    )
    .where(
        PracticeDayRow.clinic_id == CLINIC,
        PracticeDayRow.patient_id == bindparam("patient_id"),
        PracticeDayRow.is_current,
        PracticeDayRow.done + PracticeDayRow.partial > 0,
    )
    .group_by(PracticeDayRow.local_date)
)
QUARTERS = select(PracticeQuarterRow.quarter_start, *(getattr(PracticeQuarterRow, name) for name in TEXTS)).where(
    *OF_PATIENT
)
# One question for both: a quarter has texts and no counts, a day has counts and no texts. By lists, not by ranges:
# mostly there is one date, and PostgreSQL keeps a plan for that, where it plans each range anew.
QUARTERS_AND_DAYS: CompoundSelect[Any] = union_all(
    select(
        PracticeQuarterRow.quarter_start.label("begins"),
        *(getattr(PracticeQuarterRow, name) for name in TEXTS),
        *(null().label(f"{name}_then") for name in TEXTS[:3]),
    ).where(
        *OF_PATIENT,
        PracticeQuarterRow.quarter_start.in_(bindparam("quarters", expanding=True)),
    ),
    DAYS.with_only_columns(
        PracticeDayRow.local_date, *(null().label(name) for name in TEXTS), *list(DAYS.selected_columns)[1:]
    ).where(PracticeDayRow.local_date.in_(bindparam("dates", expanding=True))),
)
_NEW = insert_on_postgresql(PracticeQuarterRow).values(clinic_id=CLINIC)
SAVE = _NEW.on_conflict_do_update(
    index_elements=["clinic_id", "quarter_start", "patient_id"],
    set_={name: _NEW.excluded[name] for name in TEXTS},
)


def refresh(tx: Transaction, patient_id: UUID, dates: Iterable[date]) -> None:
    """Write these dates again as they are counted now."""
    changed = sorted(set(dates))
    for first in range(0, len(changed), DATES_AT_ONCE):
        _refresh(tx, patient_id, changed[first : first + DATES_AT_ONCE])


def _refresh(tx: Transaction, patient_id: UUID, dates: Sequence[date]) -> None:
    by_quarter: dict[date, dict[date, Counts]] = {}
    for day in dates:
        by_quarter.setdefault(quarter_of(day), {})[day] = NO_DAY
    stored: dict[date, PracticeQuarter] = {}
    values = {"quarters": list(by_quarter), "dates": dates}
    rows: Iterable[Any] = tx.rows(QUARTERS_AND_DAYS, patient_id=patient_id, **values)
    for day, *texts, kept, kept_excused, begun in rows:
        if kept is None:
            stored[day] = PracticeQuarter(day, *texts)
        else:
            by_quarter[quarter_of(day)][day] = (kept, kept_excused, begun, 1)
    _save(
        tx, patient_id, [_with(stored.get(start, PracticeQuarter(start)), days) for start, days in by_quarter.items()]
    )


def refresh_all(tx: Transaction, patient_id: UUID) -> list[date]:
    """Make again every quarter that is not what the stored days add up to; says which."""
    wrong = _differing(tx, patient_id)
    _save(tx, patient_id, wrong)
    return [one.start for one in wrong]


def differing(tx: Transaction, patient_id: UUID) -> list[date]:
    """The quarters that are not what the stored days add up to.

    A quarter without a day has no row, or one of empty texts.
    """
    return [one.start for one in _differing(tx, patient_id)]


def _differing(tx: Transaction, patient_id: UUID) -> list[PracticeQuarter]:
    """What they should be."""
    by_quarter: dict[date, dict[date, Counts]] = {}
    days: Iterable[Any] = tx.rows(DAYS, patient_id=patient_id)
    for day, kept, kept_excused, begun in days:
        by_quarter.setdefault(quarter_of(day), {})[day] = (kept, kept_excused, begun, 1)
    quarters: Iterable[Any] = tx.rows(QUARTERS, patient_id=patient_id)
    stored = {row[0]: PracticeQuarter(*row) for row in quarters}
    right = [_with(PracticeQuarter(start), by_quarter.get(start, {})) for start in sorted(stored | by_quarter)]
    return [one for one in right if one != stored.get(one.start)]


def _with(quarter: PracticeQuarter, days: dict[date, Counts]) -> PracticeQuarter:
    """The quarter with these days as they are counted now."""
    start, *texts = quarter
    for day, counts in days.items():
        place = (day - start).days
        texts = [with_number(text, place, number) for text, number in zip(texts, counts, strict=True)]
    return PracticeQuarter(start, *texts)


def _save(tx: Transaction, patient_id: UUID, quarters: Iterable[PracticeQuarter]) -> None:
    rows = [{"quarter_start": one.start, **{name: getattr(one, name) for name in TEXTS}} for one in quarters]
    tx.write_all(SAVE, rows, patient_id=patient_id)
