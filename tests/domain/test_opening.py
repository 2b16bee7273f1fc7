"""A date at rest begins with what was there before: the short way is held against following the course."""

from dataclasses import fields, replace

from hypothesis import given
from hypothesis import strategies as st

from app.domain.course import follow
from app.domain.prescription import Prescription
from app.domain.standing import Standing, Status, opening_at_rest
from tests.domain.builders import day, make_prescription, make_version, practice
from tests.domain.test_course_properties import LAST, History, histories, known_by, may_end_later, modest

COUNTS = {"through", "day", "progress", "counted_days", "recent", "earned"}
"""What time alone may change in a standing that rests: nothing of it is shown, and no report is judged by it."""


def assert_the_short_way_is_right(plan: Prescription, standing: Standing, until: int) -> bool:
    """Is it right where it is taken; was it?"""
    opening = opening_at_rest(plan, standing, day(until))
    if opening is None:
        return False
    later = follow(plan, (), until=day(until), since=standing).standing
    assert opening.day == later.day
    for field in fields(Standing):
        if field.name not in COUNTS:
            assert getattr(opening.standing, field.name) == getattr(later, field.name), field.name
    return True


@given(histories(), st.integers(1, 20))
@modest
def test_the_short_way_shows_what_following_the_course_shows(history: History, on: int) -> None:
    known = [fact for fact in history.facts if not may_end_later(fact)]
    standing = None
    for number in range(1, LAST):
        now = [fact for fact in known if known_by(fact, day(number))]
        standing = follow(history.plan, now, until=day(number), since=standing).standing
        assert_the_short_way_is_right(history.plan, standing, number + 1)
        assert_the_short_way_is_right(history.plan, standing, number + on)


def test_a_course_in_which_days_are_counted_rests() -> None:
    plan = make_prescription(make_version())
    standing = follow(plan, [practice(1, "0")], until=day(1)).standing
    assert assert_the_short_way_is_right(plan, standing, 2)


def test_an_earned_rung_waits() -> None:
    plan = make_prescription(make_version())
    standing = follow(plan, [practice(number, "0") for number in (1, 2, 3)], until=day(3)).standing
    assert standing.offer is not None
    assert not assert_the_short_way_is_right(plan, standing, 4)


def test_a_prescription_that_has_not_begun_waits_for_its_first_day() -> None:
    plan = make_prescription(make_version(starts=3))
    standing = follow(plan, (), until=day(1)).standing
    assert standing.status is Status.UPCOMING
    assert not assert_the_short_way_is_right(plan, standing, 3)


def test_a_prescription_rests_until_its_last_day() -> None:
    plan = make_prescription(replace(make_version(), ends_on=day(5)))
    standing = follow(plan, (), until=day(2)).standing
    assert assert_the_short_way_is_right(plan, standing, 5)
    assert not assert_the_short_way_is_right(plan, standing, 6)


def test_a_day_that_was_closed_is_open_again_on_the_next() -> None:
    plan = make_prescription(make_version(start_rung=2))
    standing = follow(plan, [practice(1, "7", rung=2)], until=day(1)).standing
    assert standing.today_closed
    assert not assert_the_short_way_is_right(plan, standing, 2)
