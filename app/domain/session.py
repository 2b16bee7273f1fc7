"""What a patient did, as reported: sessions, performances, sets, and the evidence they make of one local day.

Pain is the 0-10 numeric rating scale, whole numbers; None means "not answered" and is never read as zero.
This file refuses to know what follows from the evidence; that is `progression.py`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from enum import StrEnum
from uuid import UUID

from app.domain import dosage as dosages
from app.domain.exercise import Side
from app.domain.prescription import Rung
from app.values import dataclass


class StoppedEarly(StrEnum):
    """Why the patient ended a performance before the dosage was reached."""

    PAIN = "pain"
    """Because of pain."""
    SYMPTOM = "symptom"
    """Because of another symptom."""
    FATIGUE = "fatigue"
    """Because strength or breath ran out."""
    TIME = "time"
    """Because there was no more time."""
    OTHER = "other"
    """For another reason."""


class Mark(StrEnum):
    """What is odd about a stored report. A marked report is kept; the mark says how far it counts."""

    OFFSET_MISMATCH = "offset_mismatch"
    """The offset of `started_at` is not the one of `time_zone`; the zone decides the local date."""
    UNKNOWN_TIME_ZONE = "unknown_time_zone"
    """The time zone is not known here, so the offset decides the local date."""
    QUARANTINED = "quarantined"
    """It says that it began more than 24 hours after it was received; it counts for nothing until it is corrected."""
    TOO_LATE_FOR_PROGRESSION = "too_late_for_progression"
    """It was received more than 30 days after its day: it counts for adherence and does not move the course."""
    UNKNOWN_PRESCRIPTION = "unknown_prescription"
    """The patient has no such prescription."""
    UNKNOWN_PRESCRIPTION_VERSION = "unknown_prescription_version"
    """The prescription has no such version."""
    NOT_ON_LADDER = "not_on_ladder"
    """The exercise stands on no rung of the prescription."""
    OTHER_LADDER = "other_ladder"
    """The exercise is of a ladder that another version prescribed, not of that day: it does not count upward."""
    RUNG_NOT_ALLOWED = "rung_not_allowed"
    """The exercise was harder than the rung of that day, so it does not count upward."""
    PRESCRIPTION_STOPPED = "prescription_stopped"
    """The prescription was stopped when it was received."""
    PRESCRIPTION_NOT_ACTIVE = "prescription_not_active"
    """The prescription had not begun, had ended or was paused when it was received."""
    UNKNOWN_KIND = "unknown_kind"
    """The request is of a kind that is not known here; a person at the clinic reads it."""
    UNKNOWN_SUBJECT = "unknown_subject"
    """The request names a session, check-in or decision that is not there."""
    UNKNOWN_SYMPTOM = "unknown_symptom"
    """A symptom has a code that is not known here."""
    UNKNOWN_FIELDS = "unknown_fields"
    """The report had fields that this server does not know; `unknown_fields` names them."""
    DATE_MISMATCH = "date_mismatch"
    """The check-in was answered on another local date than the one it is filed under: it tells of no morning."""
    NOT_IN_THE_MORNING = "not_in_the_morning"
    """The check-in was answered at noon or later: it is kept and tells nothing about the day before."""
    IMPLAUSIBLE = "implausible"
    """A set has more repetitions than anybody does; it is kept and does not count upward."""


@dataclass(frozen=True, slots=True)
class Set:
    """One set of one side. `load` is free text such as "red band" or "2 kg"."""

    side: Side
    reps: int | None
    hold_seconds: int | None
    duration_seconds: int | None
    load: str | None


@dataclass(frozen=True, slots=True)
class Performance:
    """One exercise within a session. `prescription_version` is the one the phone showed. `effort` is 0-10."""

    prescription_id: UUID
    prescription_version: int | None
    exercise_id: str
    pain_during: int | None
    effort: int | None
    stopped_early: StoppedEarly | None
    sets: tuple[Set, ...]


@dataclass(frozen=True, slots=True)
class Session:
    """A session as the phone reported it. Instants carry an offset; `time_zone` is the zone's name as sent."""

    id: UUID
    started_at: datetime
    finished_at: datetime | None
    time_zone: str
    time_precision: str
    pain_before: int | None
    pain_after: int | None
    symptoms: tuple[str, ...]
    note: str | None
    performances: tuple[Performance, ...]


@dataclass(frozen=True, slots=True)
class PerformanceEvidence:
    """What one performance proves, judged once against the dosage in force when it was done.

    `rung` is the rung of the prescription it was done on. `complete_full` and `complete_eased` say whether each
    required side reached the full dosage, and the eased one. `counts_upward` is False for a rung above the one served.
    `started_at` is the session's start and gives the order within the day. `reps` are those of the required side that
    did the fewest, all sets together (None: not kept), `effort` is 0-10.
    """

    session_id: UUID
    started_at: datetime
    rung: int
    complete_full: bool
    complete_eased: bool
    pain_before: int | None
    pain_during: int | None
    pain_after: int | None
    stopped_early: StoppedEarly | None
    has_symptom: bool
    counts_upward: bool = True
    reps: int | None = None
    effort: int | None = None

    @property
    def worst_pain(self) -> int | None:
        """The higher of the pain during and after, None when neither was answered."""
        if self.pain_during is None or self.pain_after is None:
            return self.pain_after if self.pain_during is None else self.pain_during
        return max(self.pain_after, self.pain_during)

    @property
    def rise(self) -> int | None:
        """Worst pain minus pain before, None when either is unknown."""
        worst = self.worst_pain
        return None if worst is None or self.pain_before is None else worst - self.pain_before


@dataclass(frozen=True, slots=True)
class PracticeDay:
    """The evidence of one prescription on one local date, as it was known at the end of the local date `known_on`.

    A fact that arrives on a later date (a late upload, a correction, a withdrawal) makes another PracticeDay of the
    same `local_date` with a later `known_on`, holding everything that is valid by then; the earlier one stays as it
    was, because the course up to that date was decided on it. An empty `performances` means everything of that day was
    withdrawn.

    `next_morning` is the pain that a check-in told of the next morning, 0-10, kept only where it may speak against the
    day (`telling_morning`). `has_symptom`: a check-in of this date told a symptom.
    """

    local_date: date
    known_on: date
    performances: tuple[PerformanceEvidence, ...]
    next_morning: int | None = None
    has_symptom: bool = False

    @property
    def pain_at_first(self) -> int | None:
        """The first known pain before practice of the day: what the next morning is compared with."""
        return pain_at_first(self.performances)


def spelled(one: PerformanceEvidence) -> str:
    """All that it says in some spelling, to put what is equal else into one order.

    Its start is left out: zones of different makers are the same instant and are spelled differently.
    """
    return repr(replace(one, started_at=datetime.min.replace(tzinfo=UTC)))


def pain_at_first(performances: Sequence[PerformanceEvidence]) -> int | None:
    """The first known `pain_before` of performances in their order, None when it was never answered."""
    return next((one.pain_before for one in performances if one.pain_before is not None), None)


def telling_morning(performances: Sequence[PerformanceEvidence], pain: int | None) -> int | None:
    """The next morning's pain if it may speak against a day, else None.

    It may when it lies above the first known pain before practice. Where that is unknown, any pain may: it cannot be
    compared, and what is unknown is never read as well.
    """
    if pain is None or not performances:
        return None
    before = pain_at_first(performances)
    return pain if pain > (before or 0) else None


def reps_by_side(sets: Sequence[Set]) -> dict[Side, int]:
    """Repetitions of each side, all sets together. Sets without a repetition count add nothing."""
    reps: dict[Side, int] = {}
    for one in sets:
        reps[one.side] = reps.get(one.side, 0) + (one.reps or 0)
    return reps


def evidence_of(
    performance: Performance, session: Session, *, rung: Rung, counts_upward: bool = True
) -> PerformanceEvidence:
    """Judge one performance against the rung it was done on. Left repetitions are never taken for right ones."""
    reps = reps_by_side(performance.sets)
    least = min([reps.get(side, 0) for side in rung.required_sides], default=None)
    is_full = least is None or dosages.is_complete(rung.dosage, least)
    # What is complete in full is so at half the repetitions.
    is_eased = is_full or least is None or dosages.is_complete(dosages.eased(rung.dosage), least)
    return PerformanceEvidence(
        session_id=session.id,
        started_at=session.started_at,
        rung=rung.rung,
        complete_full=is_full,
        complete_eased=is_eased,
        pain_before=session.pain_before,
        pain_during=performance.pain_during,
        pain_after=session.pain_after,
        stopped_early=performance.stopped_early,
        has_symptom=bool(session.symptoms),
        counts_upward=counts_upward,
        reps=least,
        effort=performance.effort,
    )
