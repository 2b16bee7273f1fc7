"""How much of an exercise: sets, repetitions, holds and times a day, and when a performance of it is complete.

Ranges are inclusive. A number that no source decides has the origin `product_default`.
"""

from collections.abc import Mapping
from dataclasses import replace

from app.values import dataclass, field

COMPLETE_TENTHS = 8
"""Complete from 0.8 of the lower bound on: the article says "about 10", so 8 of 10 count (product default)."""


@dataclass(frozen=True, slots=True)
class Dosage:
    """A dosage in force or as the catalogue proposes it.

    `reps_min` and `reps_max` are per set and, for one-sided exercises, per side. `origins` maps a field name to
    `article`, another source key, `product_default`, `clinic` or `clinician`. `load` says in words what kind of load it
    is; `load_grams_*` are both there or neither.
    """

    sets: int
    reps_min: int
    reps_max: int
    hold_seconds_min: int | None
    hold_seconds_max: int | None
    duration_seconds: int | None
    rest_seconds: int | None
    load: str | None
    due_per_day: int
    offered_per_day: int
    days_per_week: int
    more_as_needed: bool
    origins: Mapping[str, str] = field(default_factory=dict)
    load_grams_min: int | None = None
    load_grams_max: int | None = None


def is_complete(dosage: Dosage, reps: int) -> bool:
    """Do these repetitions (of one side, all sets together) reach 0.8 of sets times the lower bound?"""
    return reaches(reps, dosage.sets * dosage.reps_min)


def reaches(reps: int, asked: int) -> bool:
    """Are these repetitions 0.8 of those that were asked for?"""
    return reps * 10 >= COMPLETE_TENTHS * asked


def eased(dosage: Dosage) -> Dosage:
    """The same dosage with its repetitions halved, rounded up, at least one ("about half" is a product default)."""
    return replace(dosage, reps_min=max(1, -(-dosage.reps_min // 2)), reps_max=max(1, -(-dosage.reps_max // 2)))
