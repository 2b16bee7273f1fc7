"""What is written of a quarter reads as it was, and any window of it is the sum of its days."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.practice.quarter import MOST_A_DAY, PracticeQuarter, kept_on, practice, quarter_of, with_number

FIRST = date(2025, 10, 1)
NUMBERS = st.lists(st.sampled_from([0, 0, 0, 1, 1, 2, 9, 10, 79, 80, 500, MOST_A_DAY]), min_size=92, max_size=92)


def test_the_quarter_of_a_day() -> None:
    days = [date(2026, month, 28) for month in range(1, 13)]
    assert [quarter_of(day).month for day in days] == [1, 1, 1, 4, 4, 4, 7, 7, 7, 10, 10, 10]
    assert {quarter_of(day).day for day in days} == {1}
    assert quarter_of(date(2025, 12, 31)) == FIRST
    assert quarter_of(date.min) == date.min


def written(numbers: Sequence[int]) -> str:
    """Day after day, each written twice."""
    text = ""
    for place, number in enumerate(numbers):
        text = with_number(with_number(text, place, 7), place, number)
    return text


@pytest.mark.parametrize(
    ("numbers", "text"),
    [([], ""), ([0, 0], ""), ([1, 0, 2, 0], "102"), ([10, 79], ":\x7f"), ([MOST_A_DAY + 1], "\uc380")],
)
def test_one_character_a_day(numbers: list[int], text: str) -> None:
    assert written(numbers) == text
    assert text.encode().decode() == text


def test_a_day_is_written_among_others() -> None:
    assert with_number("", 3, 1) == "0001"
    assert with_number("1111", 1, 0) == "1011"
    assert with_number("1001", 3, 0) == "1"
    assert with_number("1", 0, 0) == ""


@given(kept=NUMBERS, excused=NUMBERS, begun=NUMBERS, begins=st.integers(-100, 200), length=st.integers(-2, 200))
def test_a_window_is_the_sum_of_its_days(
    kept: list[int], excused: list[int], begun: list[int], begins: int, length: int
) -> None:
    """Two quarters that begin the same: one of 92 days, and the next, which has 90."""
    practised = [int(any(numbers)) for numbers in zip(kept, excused, begun, strict=True)]
    counts = (kept, excused, begun, practised)
    quarters = [
        PracticeQuarter(FIRST, *map(written, counts)),
        PracticeQuarter(FIRST + timedelta(days=92), *(written(numbers[:90]) for numbers in counts)),
    ]
    window = [place for place in range(begins, begins + length) if 0 <= place < 182]
    days = [FIRST + timedelta(days=place) for place in window if practised[place % 92]]
    first = FIRST + timedelta(days=begins)
    for found in (quarters, quarters[::-1]):
        told = practice(found, first, first + timedelta(days=length - 1))
        sums = [sum(numbers[place % 92] for place in window) for numbers in (kept, excused, begun)]
        assert [told.kept, told.kept_excused, told.begun] == sums
        assert told.practised_on == max(days, default=None)
        assert sum(kept_on(found, first + timedelta(days=place)) for place in range(length)) == sums[0]
