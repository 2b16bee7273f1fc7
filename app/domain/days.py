"""On which local date did something happen, and what is today for this patient?

A session belongs to the date on which it began, in the zone it was done in. Dates are never made by adding seconds: a
day may have 23 or 25 hours, and in some zones it does not begin at midnight. This file refuses to know the time: the
clock is asked elsewhere, once, and its answer passed in.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.domain.session import Mark

LATE_DAYS = 30
"""Facts that are older than this when they become known count for adherence, not for progression (product default)."""

FUTURE_HOURS = 24
"""A start later than this after its receipt is set aside until it is corrected (product default)."""


@lru_cache(maxsize=1024)
def zone_named(name: str) -> ZoneInfo | None:
    """The zone of an IANA name, None when there is none, for example `GMT+01:00`, a path, or nothing at all."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # Odd names end in all three: unknown keys, paths that leave the zone folder, and folders instead of files.
        return None


def zone_or_utc(name: str) -> ZoneInfo:
    """The zone of a name that was valid when it was stored; UTC should the zone have left the database since."""
    return zone_named(name) or ZoneInfo("UTC")


def local_day(started_at: datetime, zone_name: str) -> tuple[date, tuple[Mark, ...]]:
    """The local date on which something began, and what was odd about its time.

    `started_at` carries an offset. The zone wins over the offset, because many phones send UTC; an unknown zone leaves
    the offset to decide.
    """
    zone = zone_named(zone_name)
    if zone is None:
        return started_at.date(), (Mark.UNKNOWN_TIME_ZONE,)
    local = started_at.astimezone(zone)
    marks = () if local.utcoffset() == started_at.utcoffset() else (Mark.OFFSET_MISMATCH,)
    return local.date(), marks


def first_instant(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local date: midnight, or the end of the gap where the clocks jumped over midnight."""
    midnight = datetime.combine(day, time(), tzinfo=zone)
    after = midnight.astimezone(UTC)
    if after.astimezone(zone).replace(tzinfo=None) == midnight.replace(tzinfo=None):
        return midnight
    # Midnight lies in a gap: read with the old offset it falls after the jump, with the new one before it. The jump
    # itself is the first second between them that shows this date, or a later one where the whole date was left out.
    before = midnight.replace(fold=1).astimezone(UTC)
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
        if middle.astimezone(zone).date() < day:
            before = middle
        else:
            after = middle
    return after.astimezone(zone)


def today(now: datetime, zone: ZoneInfo, newest_known: date | None) -> date:
    """The patient's local date: that of the zone, or a newer one already accepted from a traveller."""
    here = now.astimezone(zone).date()
    return here if newest_known is None else max(here, newest_known)


def is_quarantined(started_at: datetime, received_at: datetime) -> bool:
    """Did it begin more than 24 hours after it was received, so that no date of it can be trusted?"""
    return started_at - received_at > timedelta(hours=FUTURE_HOURS)


def is_late(local_date: date, known_on: date) -> bool:
    """Was it more than 30 days old when it became known, too late to move a course?"""
    return (known_on - local_date).days > LATE_DAYS
