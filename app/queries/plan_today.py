"""What is a patient's plan as it stands today, whatever is due on that day? Loads, follows, shapes.

A routine tells what to do on a date; a plan is what a patient takes home. Nothing is written. It
refuses to know the paper.
"""

from datetime import date
from uuid import UUID

from app.domain.dosage import Dosage
from app.domain.prescription import Rung, Version
from app.domain.rules.growth import in_force
from app.domain.standing import Standing, Status
from app.queries.practice_of_patient import standing_today
from app.queries.routine_of_days import status_on
from app.store.transaction import Transaction
from app.values import dataclass

OVER = frozenset({Status.ENDED, Status.COMPLETED})


@dataclass(frozen=True, slots=True)
class Planned:
    """One prescription that runs or is to begin: the rung that is served, with the dosage in force.

    `place` is its place in the plan, from 1.
    """

    place: int
    version: Version
    rung: Rung
    status: Status
    dosage: Dosage
    is_eased: bool
    standing: Standing

    @property
    def is_for_now(self) -> bool:
        """Is it to be done, now or once it begins?"""
        return self.status not in {Status.PAUSED, Status.STOPPED}


def plan_today(tx: Transaction, patient_id: UUID, revision: int, today: date) -> tuple[Planned, ...]:
    """The prescriptions of a patient as of a revision that are not over, in their order."""
    plan: list[Planned] = []
    for one in standing_today(tx, patient_id, today, revision):
        version, standing = one.standings.prescription.version_on(today), one.course.standing
        status = status_on(version, standing, None, today, today)
        if status not in OVER:
            dosage = in_force(version, standing.rung, standing.growth, is_eased=standing.is_eased)
            plan.append(
                Planned(
                    len(plan) + 1, version, version.rung_at(standing.rung), status, dosage, standing.is_eased, standing
                )
            )
    return tuple(plan)
