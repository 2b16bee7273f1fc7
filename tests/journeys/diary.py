"""What a physiotherapist could work out on paper from what one patient told, with the rule's own text beside it.

Nothing of the product's code is used here. A `Diary` never says what must happen next; it knows what may not be
forgotten, doubled or cleared, which days were pain-free, and how many of them in a row earn the harder exercise.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

Body = Mapping[str, Any]

ONE_DAY = timedelta(days=1)
NOON = time(12)
LADDER = {"single-knee-to-chest": ("left", "right"), "double-knee-to-chest": ("both",)}
"""One leg first, then both: each exercise with the sides that must do it."""

ENOUGH = 8
ENOUGH_EASED = 4
"""Ten repetitions are asked, five when eased; about as many are enough, and "about" is four fifths."""

TOO_LATE_DAYS = 30
DAYS_IN_A_ROW = 3
MORE_AFTER_A_FAILURE = 2
AT_MOST = 14
STOPPING = {"new_numbness_or_weakness", "saddle_numbness"}
"""The symptoms used here that stop this exercise. `night_pain` is for the clinic to look at and stops nothing."""

FAILED = {"pain_high", "sore_twice", "stopped_early_twice"}
"""Why a patient is sent one rung down after practice; what a person said, or a run that fell apart, is no failure."""


def local_date(told_at: str, zone_name: str) -> date:
    """The date on the wall where it was done; a zone that nobody knows leaves the offset to decide."""
    instant = datetime.fromisoformat(told_at)
    return (instant.astimezone(ZoneInfo(zone_name)) if zone_name in available_timezones() else instant).date()


@dataclass(frozen=True)
class Plan:
    """When the exercise is due: on some weekdays (Monday is 0) or every so many days from the first."""

    starts_on: date
    weekdays: frozenset[int] | None
    every_n_days: int

    def is_due(self, day: date) -> bool:
        """Is it due on this date, once?"""
        if day < self.starts_on:
            return False
        if self.weekdays is not None:
            return day.weekday() in self.weekdays
        return (day - self.starts_on).days % self.every_n_days == 0


@dataclass(frozen=True)
class Page:
    """One version of what was told, and the local date on which it became known. No body: it was taken back."""

    day: date
    known_on: date
    body: Body | None

    @property
    def is_too_late(self) -> bool:
        """Does it come too late to move anything?"""
        return (self.known_on - self.day).days > TOO_LATE_DAYS


@dataclass
class Diary:
    """Everything one patient told: versions of each session under its id, and of each morning under its date."""

    plan: Plan
    sessions: dict[str, list[Page]] = field(default_factory=dict)
    mornings: dict[date, list[Page]] = field(default_factory=dict)
    reached: date = date.min
    told_stops: set[tuple[object, str]] = field(default_factory=set)

    def today(self, now: datetime, zone_name: str) -> date:
        """The patient's date; it never goes back, whatever was told from further east."""
        return max(self.reached, now.astimezone(ZoneInfo(zone_name)).date())

    def hear_session(self, session_id: str, body: Body, now: datetime, zone_name: str) -> Page:
        """Write a session down. One that says it began a day and more from now is kept and counts for nothing."""
        day = local_date(body["started_at"], body["time_zone"])
        is_set_aside = datetime.fromisoformat(body["started_at"]) - now > timedelta(hours=24)
        self.reached = max(self.today(now, zone_name), date.min if is_set_aside else day)
        page = Page(day, self.reached, None if is_set_aside else body)
        self.sessions.setdefault(session_id, []).append(page)
        return page

    def hear_morning(self, day: date, body: Body, now: datetime, zone_name: str) -> Page:
        """Write down how a morning was."""
        self.reached = max(self.today(now, zone_name), local_date(body["answered_at"], body["time_zone"]))
        page = Page(day, self.reached, body)
        self.mornings.setdefault(day, []).append(page)
        return page

    def take_back(self, pages: list[Page], now: datetime, zone_name: str) -> None:
        """What was told is taken back; it stays on record."""
        self.reached = self.today(now, zone_name)
        pages.append(Page(pages[-1].day, self.reached, None))

    def new_stops(self, report: object, symptoms: Iterable[str]) -> int:
        """How many stops a report makes: the same symptom of the same report makes one, however often it is told."""
        before = len(self.told_stops)
        self.told_stops |= {(report, symptom) for symptom in symptoms if symptom in STOPPING}
        return len(self.told_stops) - before

    # What counts

    def standing(self) -> dict[str, Page]:
        """The sessions that count for adherence: the newest version of each, unless it was taken back."""
        return {key: pages[-1] for key, pages in self.sessions.items() if pages[-1].body is not None}

    def practised_on(self, day: date, known_by: date) -> list[Body]:
        """The sessions of a date that count for the climb, as they were known by another date, earliest first."""
        found = []
        for pages in self.sessions.values():
            known = [page for page in pages if page.known_on <= known_by and not page.is_too_late]
            if known and known[-1].day == day and known[-1].body is not None:
                found.append(known[-1].body)
        return sorted(found, key=lambda body: datetime.fromisoformat(body["started_at"]))

    def morning_after(self, day: date, known_by: date) -> int | None:
        """The pain of the next morning: told on that morning, before noon, and before anything was practised."""
        pages = [one for one in self.mornings.get(day + ONE_DAY, ()) if one.known_on <= known_by]
        body = pages[-1].body if pages else None
        if body is None:
            return None
        answered = datetime.fromisoformat(body["answered_at"]).astimezone(ZoneInfo(body["time_zone"]))
        next_day = self.practised_on(day + ONE_DAY, known_by)
        is_after_practice = bool(next_day) and datetime.fromisoformat(next_day[0]["started_at"]) < answered
        if answered.date() != day + ONE_DAY or answered.time() >= NOON or is_after_practice:
            return None
        pain: int | None = body["pain_now"]
        return pain

    def is_pain_free(self, day: date, rung: int, known_by: date) -> bool | None:
        """Was a date free of pain, with enough done on this rung? None where only too little, or nothing, was done."""
        bodies = self.practised_on(day, known_by)
        pages = [one for one in self.mornings.get(day, ()) if one.known_on <= known_by]
        told = pages[-1].body if pages else None
        if any(not is_free_of_pain(body) for body in bodies) or (bodies and told is not None and told["symptoms"]):
            return False
        before = next((body["pain_before"] for body in bodies if body["pain_before"] is not None), 0)
        morning = self.morning_after(day, known_by)
        if bodies and morning is not None and morning > before:
            return False
        done = [one for body in bodies for one in body["performances"]]
        return True if any(rung_of(one) == rung and has_done(one, ENOUGH) for one in done) else None

    def run(self, rung: int, today: date, since: date) -> int:
        """How many due days in a row were pain-free, counted back from today, as it is known today.

        A due day that was missed, painful, or done by half ends the count. Days that are not due are skipped. What is
        still missing today does not end it.
        """
        count, day = 0, today
        while day >= since and count < AT_MOST:
            if self.plan.is_due(day):
                found = self.is_pain_free(day, rung, today)
                if found:
                    count += 1
                elif found is False or day != today:
                    break
            day -= ONE_DAY
        return count


def rung_of(performance: Body) -> int:
    """On which rung it was done: 1 is one leg, 2 both."""
    return list(LADDER).index(performance["exercise_id"]) + 1


def has_done(performance: Body, enough: int) -> bool:
    """Did each side do enough repetitions? Left ones are never taken for right ones."""
    reps: dict[str, int] = {one["side"]: one["reps"] for one in performance["sets"]}
    return all(reps.get(side, 0) >= enough for side in LADDER[performance["exercise_id"]])


def is_free_of_pain(body: Body) -> bool:
    """Was a whole session without pain, soreness, symptom or early end? A question left open is no zero."""
    before, after = body["pain_before"], body["pain_after"] or 0
    is_sore = (after >= 3 and after > (before or 0)) or (before is not None and after - before >= 2)
    return (
        not body["symptoms"]
        and not is_sore
        and all(one["pain_during"] == 0 for one in body["performances"])
        and not any(one.get("stopped_early") in {"pain", "symptom"} for one in body["performances"])
    )


def holds(decision: Body) -> bool:
    """Is it a change that was made and not taken back?"""
    return decision["state"] in {"applied", "declined"}


def days_needed(decisions: Sequence[Body]) -> int:
    """How many days in a row earn the rung, after what has failed on it so far."""
    failures = [one for one in decisions if holds(one) and one["kind"] == "step_back"]
    count = len([one for one in failures if one["reason"]["code"] in FAILED and one["from_rung"] == 2])
    return min(AT_MOST, DAYS_IN_A_ROW + MORE_AFTER_A_FAILURE * count)


def counts_since(decisions: Iterable[Body], plan: Plan, today: date) -> date:
    """From which date days count: what came before a change of rung, a resume, an ease or a no is used up."""
    since = plan.starts_on
    for one in decisions:
        if one["state"] == "declined":
            since = max(since, date.fromisoformat(one["decided_on"]) + ONE_DAY)
        elif holds(one) and (one["from_rung"] != one["to_rung"] or one["kind"] in {"resume", "restore"}):
            effective_on = date.fromisoformat(one["effective_on"])
            since = max(since, effective_on if effective_on <= today else since)
    return since
