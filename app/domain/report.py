"""What does a reported session prove, and what is odd about it?

Nothing here refuses a report: what does not fit is marked, and the mark says how far it counts. This file refuses to
know what follows from the evidence.
"""

from collections.abc import Container, Mapping
from datetime import date, datetime
from uuid import UUID

from app.domain import days
from app.domain.evidence import Proof
from app.domain.prescription import Prescription, place_of_exercise
from app.domain.session import Mark, Performance, PerformanceEvidence, Session, evidence_of
from app.domain.standing import Standing, Status
from app.values import dataclass

PLAUSIBLE_REPS = 1000
"""More repetitions in one set than this were not done; such a set is kept and not counted upward (product default)."""

NOT_ACTIVE = {Status.PAUSED, Status.UPCOMING, Status.ENDED, Status.COMPLETED}


@dataclass(frozen=True, slots=True)
class Judged:
    """A report, judged.

    `known_on` is the local date on which it became known, never before `local_date`. `proofs` is empty for a session
    that is quarantined; otherwise it has one for each performance that belongs to a prescription.
    """

    local_date: date
    known_on: date
    marks: tuple[Mark, ...]
    proofs: tuple[Proof, ...]

    @property
    def is_quarantined(self) -> bool:
        """Is it outside every count until it is corrected?"""
        return Mark.QUARANTINED in self.marks


def judge(
    session: Session,
    plans: Mapping[UUID, tuple[Prescription, Standing]],
    known_symptoms: Container[str],
    *,
    today: date,
    received_at: datetime,
) -> Judged:
    """Judge a report that was received now.

    `plans` are the patient's prescriptions, each with a standing that shows what holds `today`.
    """
    local_date, marks = days.local_day(session.started_at, session.time_zone)
    found: list[Mark] = list(marks)
    if any(code not in known_symptoms for code in session.symptoms):
        found.append(Mark.UNKNOWN_SYMPTOM)
    if days.is_quarantined(session.started_at, received_at):
        return Judged(local_date, today, (*found, Mark.QUARANTINED), ())
    known_on = max(today, local_date)
    if days.is_late(local_date, known_on):
        found.append(Mark.TOO_LATE_FOR_PROGRESSION)
    proofs = []
    for performance in session.performances:
        plan = plans.get(performance.prescription_id)
        if plan is None:
            found.append(Mark.UNKNOWN_PRESCRIPTION)
            continue
        judged, odd = _judge_performance(performance, session, plan, local_date)
        found.extend(odd)
        if judged is not None:
            proofs.append(Proof(performance.prescription_id, judged))
    return Judged(local_date, known_on, tuple(dict.fromkeys(found)), tuple(proofs))


def _judge_performance(
    performance: Performance, session: Session, plan: tuple[Prescription, Standing], local_date: date
) -> tuple[PerformanceEvidence | None, list[Mark]]:
    prescription, standing = plan
    odd: list[Mark] = []
    if standing.status is Status.STOPPED:
        odd.append(Mark.PRESCRIPTION_STOPPED)
    elif standing.status in NOT_ACTIVE:
        odd.append(Mark.PRESCRIPTION_NOT_ACTIVE)
    shown = prescription.version_shown(performance.prescription_version, local_date)
    if performance.prescription_version not in {None, shown.version}:
        odd.append(Mark.UNKNOWN_PRESCRIPTION_VERSION)
    place = place_of_exercise((shown, *reversed(prescription.versions)), performance.exercise_id)
    if place is None:
        return None, [*odd, Mark.NOT_ON_LADDER]
    version, rung = place
    counts_upward = True
    # Which rungs were served before the last change of rung is not remembered here; only days since then can be too
    # high.
    if version.ladder_id != prescription.version_on(local_date).ladder_id:
        odd.append(Mark.OTHER_LADDER)
        counts_upward = False
    elif rung.rung > max(standing.rung, standing.next_rung) and local_date >= standing.run_since:
        odd.append(Mark.RUNG_NOT_ALLOWED)
        counts_upward = False
    if any((one.reps or 0) > PLAUSIBLE_REPS for one in performance.sets):
        odd.append(Mark.IMPLAUSIBLE)
        counts_upward = False
    return evidence_of(performance, session, rung=rung, counts_upward=counts_upward), odd
