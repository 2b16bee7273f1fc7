"""What has been prescribed: a ladder for one patient, in versions, with every number resolved and pinned.

A version never changes after it was made. A day is judged by the version in force on it, a performance by the version
that the phone showed. This file refuses to know how a prescription is stored and what a patient did with it.
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from uuid import UUID

from app.domain.dosage import Dosage
from app.domain.exercise import Side
from app.values import dataclass


class AdvanceMode(StrEnum):
    """Who says yes to an earned advance."""

    ASK_PATIENT = "ask_patient"
    """The patient is asked and decides."""
    AUTOMATIC = "automatic"
    """The next rung begins on the next day without a question."""
    ASK_CLINICIAN = "ask_clinician"
    """A clinician is asked and decides."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A versioned rule profile with this prescription's number of days, by the name that the profile gives it.

    `pain_free_days` (3 to 14 scheduled days) in the profile of that name, `good_days` in every other.
    """

    profile: str
    version: int
    pain_free_days: int | None = None
    good_days: int | None = None

    @property
    def days(self) -> int:
        """How many days in a row earn the next rung at the first try."""
        found = self.good_days if self.pain_free_days is None else self.pain_free_days
        assert found is not None, "A rule has a number of days."
        return found


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung as prescribed: the pinned exercise version, the dosage in full and the sides that must be done."""

    rung: int
    exercise_id: str
    exercise_version: int
    regions: tuple[str, ...]
    required_sides: tuple[Side, ...]
    dosage: Dosage
    modifications: tuple[str, ...] = ()
    instruction: str | None = None
    avoid_conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a prescription, in force from `effective_on` (a local date of the patient) until the next one's.

    Days due are `weekdays` (Monday is 0) or every `every_n_days` days from `starts_on`; exactly one of the two is set.
    `restarts_run`: this version changed ladder, rung or rule profile, so the pain-free run begins anew at `start_rung`.
    `closed_as`: it ends on the day it is in force from, at once, `completed` or `ended`. `instruction` is said with
    every rung.
    """

    version: int
    effective_on: date
    starts_on: date
    ends_on: date | None
    ladder_id: str
    rungs: tuple[Rung, ...]
    start_rung: int
    max_rung: int
    weekdays: frozenset[int] | None
    every_n_days: int | None
    due_per_day: int
    offered_per_day: int
    as_needed: bool
    usual_pain: int | None
    rule: Rule
    advance: AdvanceMode
    restarts_run: bool = False
    closed_as: str | None = None
    instruction: str | None = None

    def rung_at(self, rung: int) -> Rung:
        """The rung with this number, counting from 1."""
        return self.rungs[rung - 1]

    def instruction_for(self, rung: Rung) -> str | None:
        """The clinician's own words for a rung: those for the whole plan, then those for it alone."""
        return "\n".join(filter(None, (self.instruction, rung.instruction))) or None


@dataclass(frozen=True, slots=True)
class Prescription:
    """A ladder prescribed to a patient, with all its versions, oldest first. `ladder_id` is the newest version's."""

    id: UUID
    patient_id: UUID
    ladder_id: str
    position: int
    versions: tuple[Version, ...]

    @property
    def latest(self) -> Version:
        """The newest version."""
        return self.versions[-1]

    def version_on(self, day: date) -> Version:
        """The version in force on a local date: the newest that is effective by then, or the first one before that."""
        in_force = self.versions[0]
        for version in self.versions:
            if version.effective_on <= day:
                in_force = version
        return in_force

    def version_shown(self, number: int | None, day: date) -> Version:
        """The version the phone says it showed, or the one in force on the day when it says none that exists."""
        for version in self.versions:
            if version.version == number:
                return version
        return self.version_on(day)


def place_of_exercise(versions: Iterable[Version], exercise_id: str) -> tuple[Version, Rung] | None:
    """The first of these versions that has an exercise, and the rung on which it stands there; None when none has."""
    for version in versions:
        for rung in version.rungs:
            if rung.exercise_id == exercise_id:
                return version, rung
    return None
