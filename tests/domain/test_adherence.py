"""How much of what was asked was done, as a clinician would count it with a pencil."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.adherence import Adherence, Band, Plan, Tally, adherence
from app.domain.course import follow
from app.domain.decision import DecisionKind
from app.domain.facts import Fact
from app.domain.prescription import Prescription
from app.domain.session import PracticeDay
from tests.domain.builders import (
    FIRST,
    MON_WED_FRI,
    away,
    day,
    make_prescription,
    make_version,
    order,
    practice,
    practised,
    stop,
)

TWICE = make_prescription(make_version(due_per_day=2))
ONCE = make_prescription()


def plan_of(prescription: Prescription, facts: Sequence[Fact], today: int) -> Plan:
    practice_days = sorted((fact for fact in facts if isinstance(fact, PracticeDay)), key=lambda fact: fact.known_on)
    performed = {fact.local_date: fact.performances for fact in practice_days}
    return Plan(prescription.id, follow(prescription, facts, until=day(today)).days, performed)


def count(
    prescription: Prescription,
    facts: Sequence[Fact],
    today: int,
    *,
    last: int | None = None,
    connected: date | None = FIRST,
    heard: int | None = None,
) -> Adherence:
    return adherence(
        [plan_of(prescription, facts, today)],
        first=day(1),
        last=day(last or today),
        today=day(today),
        connected_on=connected,
        heard_on=day(heard or today),
    )


@pytest.mark.parametrize(
    ("name", "words", "expected"),
    [
        ("nothing done", "- - -", Tally(expected=3)),
        ("all done", "0 0 0 -", Tally(expected=3, done=3)),
        ("Saturday cannot repair Monday", "- 0,0,0 -", Tally(expected=3, done=1)),
        ("partial is shown, not counted", "0p 0 0", Tally(expected=3, done=2, partial=1)),
        ("pain or no answer does not make it less done", "? 2 0", Tally(expected=3, done=3)),
        ("eased counts on an eased day", "4 0e 0", Tally(expected=3, done=3)),
        ("eased dosage is partial on a full day", "0e 0 0", Tally(expected=3, done=2, partial=1)),
    ],
)
def test_three_days_counted_on_the_fourth(name: str, words: str, expected: Tally) -> None:
    total = count(ONCE, practised(words), 4, last=3).total
    assert total == expected, name


def test_todays_open_slot_is_not_missed() -> None:
    assert count(TWICE, practised("0,0 0"), 2).total == Tally(expected=3, done=3, open=1)
    assert count(TWICE, practised("0,0 0"), 3, last=2).total == Tally(expected=4, done=3)


def test_nothing_expected_is_no_ratio_and_never_a_hundred_percent() -> None:
    as_needed = make_prescription(make_version(as_needed=True))
    total = count(as_needed, practised("0 0 0"), 4).total
    assert (total.expected, total.ratio, total.band) == (0, None, Band.NO_DATA)


def test_slots_closed_by_a_step_back_are_excused() -> None:
    plan = make_prescription(make_version(start_rung=2, due_per_day=2))
    assert count(plan, practised("7", rung=2), 2, last=1).total == Tally(expected=1, done=1, excused=1)


def test_what_was_done_on_the_higher_rung_before_the_step_back_counts() -> None:
    plan = make_prescription(make_version(start_rung=2))
    assert count(plan, practised("7", rung=2), 2, last=1).total == Tally(expected=1, done=1)


def test_a_rung_that_was_not_served_does_not_count() -> None:
    assert count(ONCE, practised("0", rung=2), 2, last=1).total == Tally(expected=1)


def test_an_easier_rung_counts() -> None:
    plan = make_prescription(make_version(start_rung=2))
    assert count(plan, practised("0"), 2, last=1).total == Tally(expected=1, done=1)


def test_stopped_and_paused_days_are_excused_from_when_it_is_known() -> None:
    assert count(ONCE, [*practised("0 -"), stop(3, happened=2)], 5, last=4).total == Tally(
        expected=2, done=1, excused=2
    )
    pause = order(DecisionKind.PAUSE, 3)
    assert count(ONCE, [*practised("0 0"), pause], 5, last=4).total == Tally(expected=2, done=2, excused=2)


def test_days_before_the_phone_was_connected_or_the_plan_began_are_not_expected() -> None:
    assert count(ONCE, practised("- - 0"), 4, last=3, connected=day(3)).total == Tally(expected=1, done=1)
    assert count(ONCE, [], 4, last=3, connected=None).total == Tally()
    later = make_prescription(make_version(starts=3))
    assert count(later, practised("0", first=3), 4, last=3).total == Tally(expected=1, done=1)


def test_absences_are_excused() -> None:
    found = count(ONCE, [*practised("0 - - 0"), away(2, 3)], 5, last=4)
    assert found.total == Tally(expected=2, done=2, excused=2)


def test_an_absence_excuses_from_the_day_it_was_known() -> None:
    found = count(ONCE, [*practised("0 - - 0"), away(2, 3, known=3)], 5, last=4)
    assert found.total == Tally(expected=3, done=2, excused=1)


def test_what_was_done_on_an_absence_counts_and_no_more_than_that() -> None:
    found = count(ONCE, [*practised("0 0 - 0"), away(2, 3)], 5, last=4)
    assert found.total == Tally(expected=3, done=3, excused=1)


def test_the_day_on_which_a_clinician_closes_it_is_excused() -> None:
    closed = replace(make_version(number=2, effective=3, ends=3), closed_as="completed")
    plan = make_prescription(make_version(), closed)
    assert count(plan, practised("0 -"), 6, last=5).total == Tally(expected=2, done=1, excused=1)
    assert count(plan, practised("0 - 0"), 6, last=5).total == Tally(expected=3, done=2)


def test_unscheduled_days_are_not_expected_and_add_nothing() -> None:
    plan = make_prescription(make_version(weekdays=MON_WED_FRI))
    found = count(plan, practised("0 0 -"), 8, last=7)
    assert found.total == Tally(expected=3, done=1)
    assert found.active_days == 2


@pytest.mark.parametrize(
    ("done", "expected", "band"),
    [(4, 5, Band.ON_TRACK), (79, 100, Band.PARTIAL), (1, 2, Band.PARTIAL), (49, 100, Band.LOW), (0, 0, Band.NO_DATA)],
)
def test_bands(done: int, expected: int, band: Band) -> None:
    assert Tally(expected=expected, done=done).band is band


@given(st.integers(0, 400), st.integers(1, 400))
def test_bands_follow_the_exact_ratio(done: int, expected: int) -> None:
    exact = Fraction(done, expected)
    band = Band.ON_TRACK if exact >= Fraction(4, 5) else Band.PARTIAL if exact >= Fraction(1, 2) else Band.LOW
    assert Tally(expected=expected, done=done).band is band


def test_it_is_provisional_until_the_phone_is_heard_after_the_last_ended_day() -> None:
    assert count(ONCE, [], 4, heard=3).is_provisional
    assert not count(ONCE, [], 4, heard=4).is_provisional
    assert not count(ONCE, [], 9, last=3, heard=4).is_provisional
    assert count(ONCE, [], 9, last=3, heard=3).is_provisional


def test_a_row_a_day_with_the_worst_pain() -> None:
    days = count(TWICE, [practice(1, "1,3>3"), practice(2, "?")], 3, last=2).days
    assert [(one.local_date, one.tally.expected, one.tally.done, one.worst_pain) for one in days] == [
        (day(1), 2, 2, 3),
        (day(2), 2, 1, None),
    ]
