"""How a load grows: by 2 to 10 % a step, and never beyond what was prescribed."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.domain.rules.growth import grown, loads_of, steps_of
from app.domain.rules.profiles import PROFILES
from tests.domain.builders import make_dosage

STRENGTH = PROFILES["strength", 1]


def test_from_two_kilograms_by_a_tenth() -> None:
    dosage = replace(make_dosage(), load_grams_min=2000, load_grams_max=2250)
    assert loads_of(dosage, STRENGTH) == (2000, 2100, 2200, 2250)


def test_repetitions_first_then_the_load() -> None:
    dosage = replace(make_dosage(), load_grams_min=10_000, load_grams_max=10_500)
    shown = [grown(dosage, STRENGTH, growth) for growth in range(steps_of(dosage, STRENGTH) + 1)]
    assert [(one.load_grams_min, one.reps_min, one.reps_max) for one in shown] == [
        (10_000, 10, 12), (10_000, 12, 14), (10_000, 14, 15), (10_500, 10, 12), (10_500, 12, 14), (10_500, 14, 15),
    ]  # fmt: skip


@given(st.integers(10, 3000), st.integers(0, 3000))
def test_a_step_is_2_to_10_percent(tenths: int, more: int) -> None:
    dosage = replace(make_dosage(), load_grams_min=tenths * 100, load_grams_max=(tenths + more) * 100)
    loads = [load for load in loads_of(dosage, STRENGTH) if load is not None]
    *steps, last = [(after - before) / before for before, after in pairwise(loads)] or [0.05]
    assert all(0.02 <= step <= 0.1 for step in steps)
    assert last <= 0.1
    assert (loads[0], loads[-1]) == (dosage.load_grams_min, dosage.load_grams_max)
