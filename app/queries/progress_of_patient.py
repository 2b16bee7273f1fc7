"""How far has a patient come, in counts that encourage? Never a grade, never a comparison."""

from datetime import date, timedelta
from uuid import UUID

from app.queries.practice_of_patient import FollowedPrescription, standing_today
from app.store import practice_days
from app.store.transaction import Transaction
from app.values import dataclass

LONG_PAUSE_DAYS = 7
"""After this many days without practice the patient is greeted, not scolded (product default)."""


@dataclass(frozen=True, slots=True)
class PatientProgress:
    """Courses as they stand today, and counts of local dates with practice. `encouragement` is a code of the texts."""

    followed: tuple[FollowedPrescription, ...]
    active_days: int
    active_days_in_7: int
    last_practised_on: date | None
    encouragement: str


def progress_of_patient(tx: Transaction, patient_id: UUID, revision: int, today: date) -> PatientProgress:
    """The progress as of today of a patient as of a revision."""
    followed = standing_today(tx, patient_id, today, revision)
    dates = practice_days.dates_practised(tx, patient_id)
    last = dates[-1] if dates else None
    return PatientProgress(
        followed=tuple(followed),
        active_days=len(dates),
        active_days_in_7=sum(today - timedelta(days=7) < day <= today for day in dates),
        last_practised_on=last,
        encouragement=_encouragement(dates, today),
    )


def _encouragement(dates: list[date], today: date) -> str:
    if not dates:
        return "nothing_yet"
    if dates[-1] >= today:
        had_pause = len(dates) > 1 and (dates[-1] - dates[-2]).days > LONG_PAUSE_DAYS
        return "back_again" if had_pause else "practised_today"
    return "practised"
