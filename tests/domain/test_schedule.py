"""Due days by arithmetic are the due days found by looking at each day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.prescription import Version
from app.domain.schedule import calendar_span, due_days, due_days_of, is_due, is_running, previous_due
from tests.domain.builders import EVERY_DAY, MON_WED_FRI, day, make_prescription, make_version


@st.composite
def versions(draw: st.DrawFn, number: int = 1) -> Version:
    starts = draw(st.integers(-20, 40))
    return make_version(
        number=number,
        effective=draw(st.integers(-20, 60)),
        starts=starts,
        ends=draw(st.one_of(st.none(), st.integers(starts - 3, starts + 60))),
        weekdays=draw(st.frozensets(st.integers(0, 6), min_size=1)),
        every_n_days=draw(st.one_of(st.none(), st.integers(1, 9))),
        as_needed=draw(st.sampled_from([False, False, False, True])),
    )


def scan(first: date, last: date) -> list[date]:
    return [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]


@given(versions(), st.integers(-30, 90), st.integers(-5, 90))
def test_due_days_equal_the_scan(version: Version, first: int, length: int) -> None:
    begins, ends = day(first), day(first + length)
    assert due_days(version, begins, ends) == sum(is_due(version, one) for one in scan(begins, ends))


@given(st.lists(versions(), min_size=1, max_size=4), st.integers(-30, 90), st.integers(-5, 90))
def test_due_days_of_versions_equal_the_scan(several: list[Version], first: int, length: int) -> None:
    plan = make_prescription(*several)
    begins, ends = day(first), day(first + length)
    expected = sum(is_due(plan.version_on(one), one) for one in scan(begins, ends))
    assert due_days_of(plan, begins, ends) == expected


@given(versions(), st.integers(-30, 120))
def test_previous_due_is_the_last_one_of_the_scan(version: Version, number: int) -> None:
    earlier = [one for one in scan(day(-30), day(number - 1)) if is_due(version, one)]
    assert previous_due(version, day(number)) == (earlier[-1] if earlier else None)


@given(versions(), st.integers(1, 14), st.integers(0, 60))
def test_the_calendar_span_holds_that_many_due_days(version: Version, due: int, ahead: int) -> None:
    running = make_version(starts=1, weekdays=version.weekdays or EVERY_DAY, every_n_days=version.every_n_days)
    first = day(1 + ahead)
    span = calendar_span(running, due)
    assert due_days(running, first, first + timedelta(days=span - 1)) >= due


@pytest.mark.parametrize(
    ("number", "expected"), [(1, True), (2, False), (3, True), (4, False), (5, True), (6, False), (7, False), (8, True)]
)
def test_monday_wednesday_friday(number: int, *, expected: bool) -> None:
    assert is_due(make_version(weekdays=MON_WED_FRI), day(number)) is expected


def test_a_prescription_runs_from_its_first_to_its_last_day() -> None:
    version = make_version(starts=3, ends=5)
    assert [is_running(version, day(number)) for number in range(2, 7)] == [False, True, True, True, False]
    assert [is_due(version, day(number)) for number in range(2, 7)] == [False, True, True, True, False]


def test_over_a_month_days_are_days_and_not_day_numbers() -> None:
    version = make_version(every_n_days=2)
    assert due_days(version, date(2026, 11, 2), date(2027, 2, 2)) == 47
