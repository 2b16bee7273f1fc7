"""Which local date something belongs to, where clocks jump, zones are unknown and days have no midnight."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.days import first_instant, is_late, is_quarantined, local_day, today, zone_named
from app.domain.session import Mark

ONE_HOUR = timedelta(hours=1)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("started_at", "zone", "expected", "marks"),
    [
        ("2026-11-22T07:30:00+01:00", "Europe/Berlin", date(2026, 11, 22), ()),
        ("2026-11-22T23:30:00Z", "Europe/Berlin", date(2026, 11, 23), (Mark.OFFSET_MISMATCH,)),
        ("2026-11-22T23:30:00-05:00", "America/New_York", date(2026, 11, 22), ()),
        ("2026-11-22T00:30:00+14:00", "Pacific/Kiritimati", date(2026, 11, 22), ()),
        ("2026-11-22T00:30:00+01:00", "GMT+01:00", date(2026, 11, 22), (Mark.UNKNOWN_TIME_ZONE,)),
        ("2026-11-22T23:30:00Z", "", date(2026, 11, 22), (Mark.UNKNOWN_TIME_ZONE,)),
        ("2026-11-22T23:59:59+00:00", "Europe/London", date(2026, 11, 22), ()),
    ],
)
def test_the_zone_decides_the_date(started_at: str, zone: str, expected: date, marks: tuple[Mark, ...]) -> None:
    assert local_day(instant(started_at), zone) == (expected, marks)


@pytest.mark.parametrize(
    "name", ["", "GMT+01:00", "../etc/passwd", "/etc/passwd", "Europe", "a\0b", "x" * 300, "\ud800", ".", "Mars/Base"]
)
def test_odd_zones_are_unknown_and_nothing_worse(name: str) -> None:
    assert zone_named(name) is None


@given(st.text(max_size=40))
def test_no_zone_name_breaks_anything(name: str) -> None:
    local_day(datetime(2026, 11, 22, 12, tzinfo=UTC), name)


@pytest.mark.parametrize(
    ("day", "zone", "expected"),
    [
        (date(2026, 11, 22), "Europe/Berlin", "2026-11-22T00:00:00+01:00"),
        (date(2018, 11, 4), "America/Sao_Paulo", "2018-11-04T01:00:00-02:00"),
        (date(2023, 4, 28), "Africa/Cairo", "2023-04-28T01:00:00+03:00"),
        (date(2022, 3, 27), "Asia/Beirut", "2022-03-27T01:00:00+03:00"),
        (date(2018, 2, 18), "America/Sao_Paulo", "2018-02-18T00:00:00-03:00"),
        # Samoa left out 30 December 2011: what comes first is the beginning of the 31st.
        (date(2011, 12, 30), "Pacific/Apia", "2011-12-31T00:00:00+14:00"),
    ],
)
def test_a_day_begins_at_its_first_existing_instant(day: date, zone: str, expected: str) -> None:
    assert first_instant(day, ZoneInfo(zone)) == instant(expected)


@given(
    st.dates(date(2000, 1, 1), date(2036, 12, 31)),
    st.sampled_from(
        ["America/Sao_Paulo", "Africa/Cairo", "Asia/Beirut", "Europe/Berlin", "Asia/Tehran", "America/Havana"]
    ),
)
def test_just_before_its_first_instant_it_is_another_day(day: date, name: str) -> None:
    zone = ZoneInfo(name)
    begins = first_instant(day, zone).astimezone(UTC)
    assert begins.astimezone(zone).date() == day
    assert (begins - timedelta(seconds=1)).astimezone(zone).date() < day


@pytest.mark.parametrize(
    ("began", "expected"),
    [
        # Clocks go forward at 02:00 on 29 March: that day has 23 hours.
        ("2026-03-28T22:59:59Z", date(2026, 3, 28)),
        ("2026-03-28T23:00:00Z", date(2026, 3, 29)),
        ("2026-03-29T21:59:59Z", date(2026, 3, 29)),
        ("2026-03-29T22:00:00Z", date(2026, 3, 30)),
        # Clocks go back at 03:00 on 25 October: that day has 25 hours, and half past two comes twice.
        ("2026-10-24T22:00:00Z", date(2026, 10, 25)),
        ("2026-10-25T00:30:00Z", date(2026, 10, 25)),
        ("2026-10-25T01:30:00Z", date(2026, 10, 25)),
        ("2026-10-25T22:59:59Z", date(2026, 10, 25)),
        ("2026-10-25T23:00:00Z", date(2026, 10, 26)),
    ],
)
def test_a_day_has_23_or_25_hours_where_the_clocks_change(began: str, expected: date) -> None:
    assert local_day(instant(began), "Europe/Berlin")[0] == expected


def test_across_both_clock_changes_the_same_hour_of_each_day_is_another_date() -> None:
    zone = ZoneInfo("Europe/Berlin")
    for first in (date(2026, 3, 27), date(2026, 10, 23)):
        days = [first + timedelta(days=n) for n in range(5)]
        evenings = [datetime(day.year, day.month, day.day, 23, 30, tzinfo=zone) for day in days]
        assert [local_day(one.astimezone(UTC), "Europe/Berlin")[0] for one in evenings] == days


def test_t14_travel_over_the_date_line_the_dates_on_the_wall_decide() -> None:
    """Three days by the calendar within 25 hours eastward; westward the same date lasts two days by the clock."""
    practised = [
        ("2026-03-01T23:30:00-10:00", "Pacific/Honolulu"),
        ("2026-03-03T00:30:00+13:00", "Pacific/Auckland"),
        ("2026-03-03T23:30:00+13:00", "Pacific/Auckland"),
        ("2026-03-04T00:15:00+13:00", "Pacific/Auckland"),
    ]
    assert [local_day(instant(began), zone)[0].day for began, zone in practised] == [1, 3, 3, 4]
    home = ("2026-03-03T08:00:00-10:00", "Pacific/Honolulu")
    assert instant(home[0]) > instant(practised[-1][0])
    assert local_day(instant(home[0]), home[1])[0] == date(2026, 3, 3)


def test_today_is_the_zones_date_or_a_newer_one_already_accepted() -> None:
    now = instant("2026-11-22T23:30:00+00:00")
    assert today(now, ZoneInfo("Europe/London"), None) == date(2026, 11, 22)
    assert today(now, ZoneInfo("Europe/Berlin"), None) == date(2026, 11, 23)
    assert today(now, ZoneInfo("Europe/London"), date(2026, 11, 24)) == date(2026, 11, 24)
    assert today(now, ZoneInfo("Europe/London"), date(2026, 11, 1)) == date(2026, 11, 22)


def test_a_start_more_than_a_day_ahead_is_set_aside_whatever_its_offset() -> None:
    received = datetime(2026, 11, 22, 12, tzinfo=UTC)
    east = timezone(timedelta(hours=14))
    assert not is_quarantined((received + 24 * ONE_HOUR).astimezone(east), received)
    assert is_quarantined((received + 24 * ONE_HOUR + timedelta(seconds=1)).astimezone(east), received)


def test_thirty_days_are_not_too_late_and_thirty_one_are() -> None:
    assert not is_late(date(2026, 10, 23), date(2026, 11, 22))
    assert is_late(date(2026, 10, 22), date(2026, 11, 22))
