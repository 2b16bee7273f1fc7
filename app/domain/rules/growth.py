"""How much is asked for on a rung whose rule lets the dosage grow before the next rung comes?

A growth is a number of steps from 0. The dosage in force follows from it and from what was prescribed, and from nothing
else, so a step is all that has to be remembered. This file refuses to know when a step is earned.
"""

from dataclasses import replace

from app.domain.dosage import Dosage, eased
from app.domain.prescription import Version
from app.domain.rules.profiles import Profile, profile_of
from app.domain.session import PerformanceEvidence

PERCENT = 100


def start_of(dosage: Dosage, profile: Profile) -> int:
    """The repetitions that a growing dosage begins with."""
    return -(-dosage.reps_min * profile.start_percent // PERCENT)


def steps_of(dosage: Dosage, profile: Profile) -> int:
    """How many steps the dosage of a rung can grow: none where its range holds no more than one step."""
    if profile.reps_step is None:
        return 0
    steps = -(-(dosage.reps_max - start_of(dosage, profile)) // profile.reps_step)
    return max(0, steps if profile.is_exact else steps - 1)


def grown(dosage: Dosage, profile: Profile, growth: int) -> Dosage:
    """What is asked for after so many steps, inside the prescribed range; the last step ends where the range does."""
    if profile.reps_step is None:
        return dosage
    low = start_of(dosage, profile) + profile.reps_step * min(growth, steps_of(dosage, profile))
    low = min(low, dosage.reps_max)
    high = low if profile.is_exact else min(low + profile.reps_step, dosage.reps_max)
    return replace(dosage, reps_min=low, reps_max=high)


def in_force(version: Version, rung: int, growth: int, *, is_eased: bool) -> Dosage:
    """The dosage that a rung asks for on a day: grown so far, and halved while it is eased."""
    dosage = grown(version.rung_at(rung).dosage, profile_of(version.rule), growth)
    return eased(dosage) if is_eased else dosage


def asks(dosage: Dosage) -> int:
    """The repetitions of a side that a dosage asks for, all sets together."""
    return dosage.sets * dosage.reps_min


def goal_of(dosage: Dosage, profile: Profile) -> int:
    """The repetitions of a side with which a day counts upward, all sets together."""
    return dosage.sets * (dosage.reps_min if profile.reps_step is None else dosage.reps_max)


def is_full(performance: PerformanceEvidence, dosage: Dosage, profile: Profile) -> bool:
    """Does a performance count upward: complete, or where the dosage grows, up to its upper bound and not too hard?

    What was reported before repetitions were kept with the evidence counts no step.
    """
    if profile.reps_step is None:
        return performance.complete_full
    effort, most = performance.effort, profile.effort_to
    is_hard = effort is not None and most is not None and effort > most
    return performance.reps is not None and performance.reps >= goal_of(dosage, profile) and not is_hard
