"""What did the patient say in the morning, and which day does it speak about?

A check-in is filed under a local date. Its pain is the next morning's pain of the date before only when it was answered
on that very date, before noon and before the first session: later it would be the pain of that session, or of the day.
Pain before practice is no morning's pain either, however early it was. This file refuses to know what follows from it.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid5

from app.domain import days
from app.domain.session import Mark
from app.values import dataclass

NOON = time(12)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CheckIn:
    """A morning's answers. `pain_now` is 0-10, None when not answered; `answered_at` carries an offset."""

    local_date: date
    pain_now: int | None
    symptoms: tuple[str, ...]
    note: str | None
    answered_at: datetime
    time_zone: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A check-in, judged. `known_on` is the local date on which it became known."""

    known_on: date
    marks: tuple[Mark, ...]


def judge(check_in: CheckIn, known_symptoms: Container[str], *, today: date, received_at: datetime) -> Judged:
    """Judge a check-in that was received now.

    The date it is filed under is the phone's own word and moves no clock: only the instant of the answer may show that
    a traveller's date is ahead of ours.
    """
    answered_on, odd = days.local_day(check_in.answered_at, check_in.time_zone)
    marks = list(odd)
    if any(code not in known_symptoms for code in check_in.symptoms):
        marks.append(Mark.UNKNOWN_SYMPTOM)
    if days.is_quarantined(check_in.answered_at, received_at):
        return Judged(today, (*marks, Mark.QUARANTINED))
    known_on = max(today, answered_on)
    if answered_on != check_in.local_date:
        marks.append(Mark.DATE_MISMATCH)
    elif not is_before_noon(check_in):
        marks.append(Mark.NOT_IN_THE_MORNING)
    if days.is_late(check_in.local_date, known_on):
        marks.append(Mark.TOO_LATE_FOR_PROGRESSION)
    return Judged(known_on, tuple(marks))


def is_before_noon(check_in: CheckIn) -> bool:
    """Was it answered on its own local date, before noon, by the clock on the wall?"""
    zone = days.zone_named(check_in.time_zone)
    wall = check_in.answered_at if zone is None else check_in.answered_at.astimezone(zone)
    return wall.date() == check_in.local_date and wall.time() < NOON


def morning_pain(check_in: CheckIn, first_start: datetime | None) -> int | None:
    """The pain that it tells of the morning after the date before it, None when it tells nothing about that.

    `first_start` is the start of the first session of the check-in's own date, None when there was none.
    """
    is_after_practice = first_start is not None and first_start < check_in.answered_at
    return check_in.pain_now if is_before_noon(check_in) and not is_after_practice else None


def report_id(patient_id: UUID, local_date: date) -> UUID:
    """What a patient's check-in of a date is called where a report needs an id: always the same."""
    return uuid5(patient_id, f"check-in/{local_date}")


@dataclass(frozen=True, slots=True)
class Told:
    """One revision of a check-in, as far as it counts: what was told, and the local date on which it became known.

    None when it counts for nothing: it is quarantined, or it takes the check-in back.
    """

    local_date: date
    known_on: date
    check_in: CheckIn | None
    is_current: bool


def with_revision(told: Iterable[Told], new: Told) -> list[Told]:
    """What is told, with another revision of one date: it is the current one now, whatever came after it since."""
    return [
        *(replace(one, is_current=one.is_current and one.local_date != new.local_date) for one in told),
        replace(new, is_current=True),
    ]


@dataclass(frozen=True, slots=True)
class Beside:
    """What check-ins tell about one local date: the pain of the next morning, and whether there was a symptom.

    The first two hold from the next date on. Until then the other two do: what a check-in said first today stays beside
    what it says now, so that a correction lowers at once and raises from the next day.
    """

    next_morning: int | None = None
    has_symptom: bool = False
    next_morning_until_tomorrow: int | None = None
    has_symptom_until_tomorrow: bool = False


NOTHING_BESIDE = Beside()


def dates_changed(reported_on: Iterable[date], told: Iterable[Told]) -> set[date]:
    """The local dates whose evidence reports of some dates may change.

    Where there is a check-in, the date before it is one: its morning may have been told, or practice may have come
    before the telling.
    """
    checked_in = {one.local_date for one in told}
    dates = set(reported_on)
    return dates | {one - ONE_DAY for one in dates & checked_in}


def beside_of(
    dates: Iterable[date],
    told: Sequence[Told],
    began: Iterable[tuple[date, datetime | None]],
    *,
    today: date,
) -> dict[date, Beside]:
    """What check-ins tell beside the practice of each date, known today.

    `began` has the local date and the start of sessions, None for one that counts for nothing. Which sessions there
    were is taken as it is known now: a check-in that came after practice tells of no morning, whichever of the two was
    received first.
    """
    first: dict[date, datetime] = {}
    for local_date, start in began:
        if start is not None:
            first[local_date] = min(start, first.get(local_date, start))
    return {one: _beside(one, told, first.get(one + ONE_DAY), today) for one in dates}


def _beside(local_date: date, told: Iterable[Told], first_start: datetime | None, today: date) -> Beside:
    pains: dict[bool, list[int]] = {True: [], False: []}
    symptoms = {True: False, False: False}
    for one in told:
        if one.check_in is None or not (one.is_current or one.known_on == today):
            continue
        if one.local_date == local_date + ONE_DAY:
            pain = morning_pain(one.check_in, first_start)
            if pain is not None:
                pains[one.is_current].append(pain)
        elif one.local_date == local_date and one.check_in.symptoms:
            symptoms[one.is_current] = True
    return Beside(
        next_morning=max(pains[True], default=None),
        has_symptom=symptoms[True],
        next_morning_until_tomorrow=max((*pains[True], *pains[False]), default=None),
        has_symptom_until_tomorrow=any(symptoms.values()),
    )
