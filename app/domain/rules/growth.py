"""How much is asked for on a rung whose rule lets the dosage grow before the next rung comes?

First the repetitions grow; where they are used up, the load does and the repetitions begin again. A growth is a number
of steps from 0. The dosage in force follows from it and from what was prescribed, and from nothing else, so a step is
all that has to be remembered. This file refuses to know when a step is earned.
"""

from dataclasses import replace
from functools import lru_cache

from app.domain.dosage import Dosage, eased
from app.domain.prescription import Version
from app.domain.rules.profiles import Profile, profile_of
from app.domain.session import PerformanceEvidence

PERCENT = 100
ROOM = ("sets", "reps_min", "reps_max", "load_grams_min", "load_grams_max")
"""What growth is made of."""
LOAD_STEP_GRAMS = 100
"""The smallest step of a load (product default)."""
LOAD_GROWS_FROM_GRAMS = 1000
"""A load grows by at most 10 % a step: below 1 kg the smallest step would be more."""


def start_of(dosage: Dosage, profile: Profile) -> int:
    """The repetitions that a growing dosage begins with."""
    return -(-dosage.reps_min * profile.start_percent // PERCENT)


def steps_of(dosage: Dosage, profile: Profile) -> int:
    """How many steps the dosage of a rung can grow: none where its ranges hold no more than one step."""
    if profile.reps_step is None and profile.load_step_percent is None:
        return 0
    return (_reps_steps_of(dosage, profile) + 1) * len(loads_of(dosage, profile)) - 1


def _reps_steps_of(dosage: Dosage, profile: Profile) -> int:
    """How many steps the repetitions can grow at one load."""
    if profile.reps_step is None:
        return 0
    steps = -(-(dosage.reps_max - start_of(dosage, profile)) // profile.reps_step)
    return max(0, steps if profile.is_exact else steps - 1)


def loads_of(dosage: Dosage, profile: Profile) -> tuple[int | None, ...]:
    """The loads of a dosage in grams, one after the other; only the one it begins with where no load grows."""
    if dosage.load_grams_min is None or dosage.load_grams_max is None or profile.load_step_percent is None:
        return (dosage.load_grams_min,)
    return _loads(dosage.load_grams_min, dosage.load_grams_max, profile.load_step_percent)


@lru_cache(maxsize=1024)
def _loads(first: int, last: int, percent: int) -> tuple[int, ...]:
    found = [first]
    while found[-1] < last:
        step = found[-1] * percent // PERCENT // LOAD_STEP_GRAMS * LOAD_STEP_GRAMS
        found.append(min(last, found[-1] + max(LOAD_STEP_GRAMS, step)))
    return tuple(found)


def grown(dosage: Dosage, profile: Profile, growth: int) -> Dosage:
    """What is asked for after so many steps, inside the prescribed ranges; the last step ends where the range does."""
    if profile.reps_step is None:
        return dosage
    growth = min(growth, steps_of(dosage, profile))
    heavier, more = divmod(growth, _reps_steps_of(dosage, profile) + 1)
    low = min(start_of(dosage, profile) + profile.reps_step * more, dosage.reps_max)
    high = low if profile.is_exact else min(low + profile.reps_step, dosage.reps_max)
    load = loads_of(dosage, profile)[heavier]
    return replace(dosage, reps_min=low, reps_max=high, load_grams_min=load, load_grams_max=load)


def is_room_changed(before: Version, after: Version, rung: int) -> bool:
    """Does a new version leave a rung another room to grow in?"""
    old, new = before.rung_at(rung).dosage, after.rung_at(rung).dosage
    return any(getattr(old, name) != getattr(new, name) for name in ROOM)


def kilograms(grams: int | None) -> str:
    """A load as a number of kilograms, such as "2" or "2.1"; empty for none."""
    return "" if grams is None else f"{grams / 1000:g}"


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
