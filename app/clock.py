"""What time is it? The only module that asks.

Everything above takes the instant as an argument, so that tests, demonstrations and replays can move it.
"""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Something that knows the present instant, in UTC."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC)


class MovableClock:
    """A clock that stands still until it is moved; for tests, demonstrations and replays."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        """The instant it was last moved to, in UTC."""
        return self._now

    def move_to(self, instant: datetime) -> None:
        """Stand at this instant from now on."""
        self._now = instant.astimezone(UTC)

    def move_by(self, step: timedelta) -> None:
        """Go forward (or back, for tests of odd clocks) by a step."""
        self._now += step
