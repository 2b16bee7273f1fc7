"""Which routines were put into words lately, so that asking again costs no more than proving who asks?

A routine depends on what its ETag names, and on nothing else: that is what a 304 rests on, and so does this. Exercises
and safety texts are ready fragments already, so only what was made for the patient is kept. This file refuses to know
how it is made.
"""

from threading import Lock
from uuid import UUID

from app.values import dataclass

MOST_BYTES = 8_000_000
OVERHEAD_BYTES = 1_000
"""About what an entry weighs besides its text."""

Key = tuple[UUID, UUID, str]
"""Clinic, patient and ETag."""


@dataclass(frozen=True, slots=True)
class MadeRoutine:
    """What was made for one patient: an object of JSON, the exercises shown with it, whether anything is stopped."""

    text: bytes
    exercise_ids: tuple[str, ...]
    has_stop: bool

    @property
    def weight_bytes(self) -> int:
        """About how much memory it holds."""
        return len(self.text) + OVERHEAD_BYTES


class MadeRoutines:
    """The newest ones; the oldest leave when all together weigh too much. Several threads share it."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._weight_bytes = 0
        self._kept: dict[Key, MadeRoutine] = {}
        self._lock = Lock()

    def get(self, key: Key) -> MadeRoutine | None:
        """The routine with this ETag, None when it is not remembered."""
        return self._kept.get(key)

    def keep(self, key: Key, made: MadeRoutine) -> None:
        """Remember it."""
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = made
            self._weight_bytes += made.weight_bytes
            while self._weight_bytes > self._most_bytes:
                self._weight_bytes -= self._kept.pop(next(iter(self._kept))).weight_bytes
