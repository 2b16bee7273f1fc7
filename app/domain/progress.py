"""Where is a patient on a ladder, what is still missing for the next rung, and what followed from a report?"""

from uuid import UUID

from app.domain.decision import Decision
from app.domain.prescription import Prescription
from app.domain.rules.profiles import PAIN_FREE_DAYS
from app.domain.standing import Standing
from app.values import dataclass


@dataclass(frozen=True, slots=True)
class LadderProgress:
    """Progress on one prescription as codes and counts; `profile` names the rule that counts.

    `next_exercise_id` is None on the highest prescribed rung.
    """

    prescription_id: UUID
    exercise_id: str
    rung: int
    rungs: int
    status: str
    code: str
    counted_days: int
    needed_days: int
    next_exercise_id: str | None
    profile: str = PAIN_FREE_DAYS


@dataclass(frozen=True, slots=True)
class Outcome:
    """What followed from a report, as codes, so that a retry gets the same answer in any language.

    `symptoms` are those that were told, the worst first; `text` is the code of what is said to a request.
    """

    decisions: tuple[Decision, ...] = ()
    progress: tuple[LadderProgress, ...] = ()
    routine_changed: bool = False
    symptoms: tuple[str, ...] = ()
    text: str = ""


def progress_of(prescription: Prescription, standing: Standing) -> LadderProgress:
    """The progress that a standing means."""
    version = prescription.version_on(standing.through)
    above = standing.rung + 1
    return LadderProgress(
        prescription_id=prescription.id,
        exercise_id=version.rung_at(standing.rung).exercise_id,
        rung=standing.rung,
        rungs=len(version.rungs),
        status=str(standing.status),
        code=str(standing.progress),
        counted_days=standing.counted_days,
        needed_days=standing.needed_days,
        next_exercise_id=version.rung_at(above).exercise_id if above <= version.max_rung else None,
        profile=version.rule.profile,
    )
