"""May the patient move on to the harder form of an exercise, or is a step down needed?

The article says: one leg first; when that has been pain-free for several days in a row, try both. This file is that
sentence as arithmetic, with what to do when it hurts. Pain that was not answered is unknown, and unknown is never zero.
Every fact is passed in, the date included, so any verdict can be replayed. This file refuses to know orders, offers and
stops; `course.py` puts them together.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from enum import IntEnum
from typing import NamedTuple
from uuid import UUID

from app.domain.rules.profiles import Profile, as_before
from app.domain.session import PerformanceEvidence, PracticeDay, StoppedEarly, telling_morning
from app.values import dataclass

ONE_DAY = timedelta(days=1)
TOLD = frozenset({StoppedEarly.SYMPTOM})
TOLD_AND_PAIN = TOLD | {StoppedEarly.PAIN}
"""Why a performance that was stopped early was not a good one."""


class Level(IntEnum):
    """How strongly a day speaks against going on as before."""

    NONE = 0
    EASE = 1
    STEP = 2


class DayEvidence(NamedTuple):
    """One local date, weighed: what it says, and how much of that has already been acted on. Kept in this order.

    `full_rungs` are the rungs completed at full dosage and allowed to count upward. `is_answered`: practised, with pain
    answered for every performance. `is_clean`: answered, all pain during it that of a good day (0 in the article's
    rule), no early stop for pain or a symptom, no symptom, nothing sore. `level` is a `Level`, or the same number when
    it was read; `used` and `used_stops` are the level and the early stops that a change has used up. `is_sore` is True
    while the day can still hold the patient at the eased dosage. `sore_morning` is the next morning's pain where that
    alone speaks.
    """

    local_date: date
    is_practised: bool
    is_answered: bool
    is_clean: bool
    full_rungs: tuple[int, ...]
    level: int
    worst_pain: int | None
    pain_stops: int
    sessions: tuple[UUID, ...]
    is_sore: bool = False
    used: int = Level.NONE
    used_stops: int = 0
    sore_morning: int | None = None


def level_of(performance: PerformanceEvidence, profile: Profile, usual: int | None = None) -> Level:
    """How strongly one performance speaks: only pain above what was there before it counts."""
    worst, before = performance.worst_pain, performance.pain_before
    limit = as_before(before, profile, usual)
    if worst is None or (limit is not None and worst <= limit):
        return Level.NONE
    if worst >= profile.step_back_from:
        return Level.STEP
    is_rise = before is not None and profile.ease_rise is not None and worst - before >= profile.ease_rise
    return Level.EASE if is_rise or worst >= profile.ease_from else Level.NONE


def practice_level(day: PracticeDay, profile: Profile, usual: int | None = None) -> Level:
    """The strongest level of the day's performances."""
    return max([level_of(performance, profile, usual) for performance in day.performances], default=Level.NONE)


def worse_morning(day: PracticeDay, profile: Profile, usual: int | None = None) -> int | None:
    """The next morning's pain if it speaks against the day: where usual pain counts, only what lies above it."""
    if not profile.hears_pain:
        return None
    pain = telling_morning(day.performances, day.next_morning)
    is_usual = pain is not None and profile.usual_margin is not None and usual is not None and pain <= usual
    return None if is_usual else pain


def is_comparable(day: PracticeDay, profile: Profile, usual: int | None = None) -> bool:
    """Is it known how the patient felt without practice, so that a morning after it says something?"""
    return day.pain_at_first is not None or (profile.usual_margin is not None and usual is not None)


def morning_level(day: PracticeDay, profile: Profile, usual: int | None = None) -> Level:
    """How strongly the next morning speaks: not back to what was there before practice is a reason to ease.

    Where that is not known nothing can be compared, and nothing is eased.
    """
    is_worse = worse_morning(day, profile, usual) is not None
    return Level.EASE if is_worse and is_comparable(day, profile, usual) else Level.NONE


def evidence_level(day: PracticeDay, profile: Profile, usual: int | None = None) -> Level:
    """The strongest level of the day: of its performances, or of the morning after them."""
    return max(practice_level(day, profile, usual), morning_level(day, profile, usual))


def is_unknown(day: PracticeDay, profile: Profile, usual: int | None = None) -> bool:
    """Was a question about pain left open, so that nobody can say whether the day was a good one?

    For any performance of the day; or before practice, when the next morning hurts and has nothing to be compared with.
    """
    if not profile.hears_pain:
        return False
    is_worse = worse_morning(day, profile, usual) is not None
    cannot_compare = is_worse and not is_comparable(day, profile, usual)
    return cannot_compare or None in [performance.pain_during for performance in day.performances]


def is_clean(day: PracticeDay, profile: Profile, usual: int | None = None) -> bool:
    """Was all that was practised that day borne as the profile asks: no early stop for pain or symptom, no symptom, and
    no soreness after it?

    The next morning belongs to it, and symptoms that were told on that date outside of practice.
    """
    if day.has_symptom or worse_morning(day, profile, usual) is not None:
        return False
    return practice_level(day, profile, usual) is Level.NONE and _is_borne(day, profile, usual)


def _is_borne(day: PracticeDay, profile: Profile, usual: int | None) -> bool:
    """The same, except for what the levels of the day say."""
    told = TOLD_AND_PAIN if profile.hears_pain else TOLD
    return bool(day.performances) and all(
        profile.bears(performance, profile, usual)
        and performance.stopped_early not in told
        and not performance.has_symptom
        for performance in day.performances
    )


def is_good(day: PracticeDay, rung: int, profile: Profile, usual: int | None = None) -> bool:
    """Is it a good day of this rung: clean, with at least one performance complete at its full dosage?

    A second, partial performance neither helps nor breaks.
    """
    return is_clean(day, profile, usual) and rung in full_rungs(day)


def full_rungs(day: PracticeDay, is_full: Callable[[PerformanceEvidence], bool] | None = None) -> tuple[int, ...]:
    """The rungs that were completed at full dosage and may count upward."""
    return tuple(
        sorted({p.rung for p in day.performances if p.counts_upward and (is_full(p) if is_full else p.complete_full)})
    )


def weigh(
    day: PracticeDay,
    profile: Profile,
    earlier: DayEvidence | None = None,
    usual: int | None = None,
    is_full: Callable[[PerformanceEvidence], bool] | None = None,
) -> DayEvidence:
    """Weigh a day as it is now known; `earlier` is the same date as it was known before, if it was.

    `usual` is the patient's usual pain, which only some profiles ask for; `is_full` says whether a performance reaches
    what counts upward on that date (None: it does when it is complete). What has been acted on stays acted on: the same
    sore day, sent again, counts anew only if it became worse.
    """
    practised, worse = practice_level(day, profile, usual), worse_morning(day, profile, usual)
    level = practised if worse is None else max(practised, morning_level(day, profile, usual))
    used = earlier.used if earlier else Level.NONE
    pains = [pain for pain in (*[p.worst_pain for p in day.performances], worse) if pain is not None]
    stops = len([p for p in day.performances if p.stopped_early is StoppedEarly.PAIN]) if profile.hears_pain else 0
    return DayEvidence(
        local_date=day.local_date,
        is_practised=bool(day.performances),
        is_answered=bool(day.performances) and not is_unknown(day, profile, usual),
        is_clean=practised is Level.NONE and worse is None and not day.has_symptom and _is_borne(day, profile, usual),
        full_rungs=full_rungs(day, is_full),
        level=level,
        worst_pain=max(pains, default=None),
        pain_stops=stops,
        sessions=tuple(dict.fromkeys([p.session_id for p in day.performances])),
        is_sore=level > used or (earlier is not None and earlier.is_sore and (level > Level.NONE or stops > 0)),
        used=used,
        used_stops=earlier.used_stops if earlier else 0,
        sore_morning=day.next_morning if level > practised else None,
    )


def use_up(day: DayEvidence) -> DayEvidence:
    """The day after a change of rung answered it: it holds nobody back again, unless it turns out to be worse."""
    if not (day.level or day.pain_stops or day.sessions):
        return day
    used, stops = max(day.used, day.level), max(day.used_stops, day.pain_stops)
    return day._replace(used=used, used_stops=stops, is_sore=False, sessions=())


def answered_by_ease(day: DayEvidence, *, is_cause: bool) -> DayEvidence:
    """The day after a step back was due at the lowest rung: acted on, but its cause is still a reason to go easy."""
    used, stops = max(day.used, day.level), max(day.used_stops, day.pain_stops)
    return day._replace(used=used, used_stops=stops, is_sore=day.is_sore or is_cause)


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a step back is due, and the days that say so."""

    code: str
    days: tuple[DayEvidence, ...]


def step_cause(days: Sequence[DayEvidence], profile: Profile) -> Cause | None:
    """Why these days, oldest first, ask for a step back; None when they do not.

    Pain of 6 or more above what was there before; or two sore days in a row, where a day whose pain is unknown
    separates nothing; or two early stops for pain within 7 days. Days already acted on say nothing.
    """
    high = [day for day in days if day.level > day.used and day.level == Level.STEP]
    if high:
        return Cause("pain_high", (high[-1],))
    sore: DayEvidence | None = None
    stopped: DayEvidence | None = None
    for day in days:
        if day.pain_stops > day.used_stops:
            if day.pain_stops - day.used_stops >= profile.early_stops:
                return Cause("stopped_early_twice", (day,))
            if stopped and (day.local_date - stopped.local_date).days < profile.early_stops_window_days:
                return Cause("stopped_early_twice", (stopped, day))
            stopped = day
        if day.level:
            if day.level > day.used:
                if sore:
                    return Cause("sore_twice", (sore, day))
                sore = day
        elif day.is_answered:
            sore = None
    return None


def sore_day(days: Sequence[DayEvidence], until: date = date.max) -> DayEvidence | None:
    """The day that holds the patient at the eased dosage: the latest answered one, if it is sore. `days` oldest first.

    Those after `until` say nothing. A day whose pain is unknown does not end an ease: silence is never the absence of
    pain.
    """
    for day in reversed(days):
        if day.local_date > until:
            continue
        if day.is_sore:
            return day
        if day.level == Level.NONE and day.is_answered:
            return None
    return None


@dataclass(frozen=True, slots=True)
class Run:
    """Good scheduled days in a row, newest first, and what ended the count: None when nothing did.

    `broken_by`: `discomfort`, `pain_unknown`, `incomplete` or `missed_day`.
    """

    days: tuple[DayEvidence, ...]
    broken_by: str | None

    def __len__(self) -> int:
        return len(self.days)


def good_run(
    days: Mapping[date, DayEvidence],
    *,
    rung: int,
    is_due: Callable[[date], bool],
    since: date,
    today: date,
    is_today_open: bool,
    enough: int,
    missed_days: int = 0,
) -> Run:
    """Count good scheduled days at a rung, newest first, until one breaks the run, at most `enough` of them.

    Only dates from `since` on count. A scheduled day that was missed, unknown, partial or sore breaks the run.
    Unscheduled days are skipped, unless they hurt. Today counts once practised; while it is open, what is still missing
    of it breaks nothing.
    `missed_days` missed one after the other break nothing either.
    """
    run: list[DayEvidence] = []
    missed = 0
    day = today
    while day >= since and len(run) < enough:
        evidence = days.get(day)
        is_open = is_today_open and day == today
        if evidence is None or not evidence.is_practised:
            missed += not is_open and is_due(day)
            if missed > missed_days:
                return Run(tuple(run), "missed_day")
        elif not evidence.is_clean:
            return Run(tuple(run), broken_by(evidence))
        elif is_due(day):
            missed = 0
            if rung in evidence.full_rungs:
                run.append(evidence)
            elif not is_open:
                return Run(tuple(run), "incomplete")
        day -= ONE_DAY
    return Run(tuple(run), None)


def broken_by(day: DayEvidence) -> str:
    """Why a practised day that is not clean breaks a run: `pain_unknown` or `discomfort`."""
    is_unknown_only = day.level == Level.NONE and not day.is_answered and not day.worst_pain
    return "pain_unknown" if is_unknown_only else "discomfort"


def sessions_of(days: Iterable[DayEvidence]) -> tuple[UUID, ...]:
    """The sessions behind these days, oldest day first."""
    oldest_first = sorted(days, key=lambda day: day.local_date)
    return tuple(dict.fromkeys(session for day in oldest_first for session in day.sessions))


def day_params(day: DayEvidence) -> tuple[tuple[str, str], ...]:
    """A sore day as parameters of a reason: its date, and the worst pain when it was answered."""
    pain = () if day.worst_pain is None else (("worst_pain", str(day.worst_pain)),)
    return ("local_date", day.local_date.isoformat()), *pain


def morning_params(day: DayEvidence) -> tuple[tuple[str, str], ...]:
    """A day that was sore only on the morning after it: its date, and how strong the pain was then."""
    return ("local_date", day.local_date.isoformat()), ("morning_pain", str(day.sore_morning))
