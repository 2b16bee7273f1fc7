"""How much of what was asked did one patient do in a window? Loads, follows, counts; writes nothing."""

from datetime import date
from uuid import UUID

from app.domain import days
from app.domain.adherence import Adherence, Plan, adherence
from app.domain.session import PerformanceEvidence
from app.queries.practice_of_patient import whole_courses
from app.store.patients import Patient
from app.store.transaction import Transaction


def adherence_of_patient(tx: Transaction, patient: Patient, first: date, last: date, today: date) -> Adherence:
    """Adherence from `first` to `last`, both included.

    A patient whose sessions the clinic records has no phone to wait for: their plan counts from its beginning.
    """
    followed, stored = whole_courses(tx, patient.id, today)
    performed: dict[UUID, dict[date, tuple[PerformanceEvidence, ...]]] = {}
    for one in stored:
        performed.setdefault(one.prescription_id, {})[one.day.local_date] = one.day.performances
    plans = [
        Plan(one.standings.prescription.id, one.course.days, performed.get(one.standings.prescription.id, {}))
        for one in followed
    ]
    by_clinic = patient.logging == "clinic"
    zone = days.zone_or_utc(patient.time_zone)
    heard_on = None if patient.last_heard_at is None else patient.last_heard_at.astimezone(zone).date()
    return adherence(
        plans,
        first=first,
        last=last,
        today=today,
        connected_on=date.min if by_clinic else patient.first_connected_on,
        heard_on=today if by_clinic else heard_on,
    )
