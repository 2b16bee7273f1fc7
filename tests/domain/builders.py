"""Prescriptions and days written as a clinician would write them on paper: `practised("0 0 - 4")`.

Days are numbered from Monday 2 November 2026. One word is one local date: `0` pain 0 at full dosage, `?` pain not
answered, `-` nothing practised, `0,2` two sessions, `1>3` pain 1 before and 3 during, `0/4` pain 4 after. Behind it:
`p` partial, `e` enough only for the eased dosage, `m` complete and no more (else 15 repetitions), `h` hard (effort 8),
`x` ended early for pain, `s` with a symptom.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from pydantic import TypeAdapter

from app.domain.course import Course, follow
from app.domain.decision import Absence, Actor, ActorKind, Answer, CarriedCondition, Decision, DecisionKind, Order, Stop
from app.domain.dosage import Dosage
from app.domain.exercise import Side
from app.domain.facts import Fact
from app.domain.prescription import AdvanceMode, Prescription, Rule, Rung, Version
from app.domain.session import PerformanceEvidence, PracticeDay, StoppedEarly
from app.domain.standing import Standing

FIRST = date(2026, 11, 2)
EVERY_DAY = frozenset(range(7))
MON_WED_FRI = frozenset({0, 2, 4})
STANDING = TypeAdapter(Standing)
CLINICIAN = Actor(ActorKind.CLINICIAN, UUID(int=77))
PATIENT = Actor(ActorKind.PATIENT, UUID(int=78))
WORD = re.compile(r"^(?:(\d+)>)?(\d+|\?)(?:/(\d+))?([pexsmh]*)$")


FEWER = {"p": 2, "e": 5, "m": 10}
"""Repetitions of a side where they are not all that the dosage of 10 to 15 holds."""


def day(number: int) -> date:
    """The date of day 1, 2, 3, ..."""
    return FIRST + timedelta(days=number - 1)


def at(number: int, hour: int = 8) -> datetime:
    return datetime.combine(day(number), time(hour), tzinfo=UTC)


def make_dosage(reps_min: int = 10, due_per_day: int = 1) -> Dosage:
    return Dosage(1, reps_min, 15, 3, 5, None, None, None, due_per_day, 2, 7, more_as_needed=True)


def make_rung(number: int, avoid: tuple[str, ...] = (), load_kg: tuple[int, int] | None = None) -> Rung:
    dosage = make_dosage()
    if load_kg:
        dosage = replace(dosage, load_grams_min=load_kg[0] * 1000, load_grams_max=load_kg[1] * 1000)
    sides = (Side.LEFT, Side.RIGHT) if number == 1 else (Side.BOTH,)
    return Rung(number, f"exercise-{number}", 1, ("low_back",), sides, dosage, avoid_conditions=avoid)


def make_version(
    *,
    number: int = 1,
    effective: int = 1,
    starts: int = 1,
    ends: int | None = None,
    start_rung: int = 1,
    rungs: int = 2,
    max_rung: int | None = None,
    weekdays: frozenset[int] | None = EVERY_DAY,
    every_n_days: int | None = None,
    pain_free_days: int = 3,
    advance: AdvanceMode = AdvanceMode.ASK_PATIENT,
    as_needed: bool = False,
    restarts_run: bool = False,
    avoid_at_2: tuple[str, ...] = (),
    avoid_at_1: tuple[str, ...] = (),
    due_per_day: int = 1,
    profile: str = "pain_free_days",
    usual_pain: int | None = None,
    load_kg: tuple[int, int] | None = None,
) -> Version:
    days = pain_free_days
    avoid = {1: avoid_at_1, 2: avoid_at_2}
    return Version(
        version=number,
        effective_on=day(effective),
        starts_on=day(starts),
        ends_on=None if ends is None else day(ends),
        ladder_id="knees-to-chest",
        rungs=tuple(make_rung(rung, avoid.get(rung, ()), load_kg) for rung in range(1, rungs + 1)),
        start_rung=start_rung,
        max_rung=max_rung or rungs,
        weekdays=None if every_n_days else weekdays,
        every_n_days=every_n_days,
        due_per_day=due_per_day,
        offered_per_day=2,
        as_needed=as_needed,
        usual_pain=usual_pain,
        rule=Rule("pain_free_days", 1, pain_free_days) if profile == "pain_free_days" else Rule(profile, 1, None, days),
        advance=advance,
        restarts_run=restarts_run,
    )


def make_prescription(*versions: Version) -> Prescription:
    return Prescription(UUID(int=1), UUID(int=2), "knees-to-chest", 1, versions or (make_version(),))


AUTOMATIC = make_version(advance=AdvanceMode.AUTOMATIC, rungs=3)


def performance(word: str, number: int, slot: int, rung: int) -> PerformanceEvidence:
    found = WORD.match(word)
    assert found, word
    before, during, after, flags = found.groups()
    is_short = "p" in flags or "e" in flags
    return PerformanceEvidence(
        session_id=UUID(int=1000 * number + slot),
        started_at=at(number, 8 + slot),
        rung=rung,
        complete_full=not is_short,
        complete_eased="p" not in flags,
        pain_before=None if before is None else int(before),
        pain_during=None if during == "?" else int(during),
        pain_after=None if after is None else int(after),
        stopped_early=StoppedEarly.PAIN if "x" in flags else None,
        has_symptom="s" in flags,
        reps=next((reps for flag, reps in FEWER.items() if flag in flags), 15),
        effort=8 if "h" in flags else None,
    )


def practice(number: int, words: str, *, rung: int = 1, known: int | None = None) -> PracticeDay:
    """One local date; `words` are its sessions, `-` withdraws all of them."""
    performances = (
        [] if words == "-" else [performance(w, number, slot, rung) for slot, w in enumerate(words.split(","))]
    )
    return PracticeDay(day(number), day(known or number), tuple(performances))


def morning(number: int, words: str, pain: int, *, rung: int = 1, known: int | None = None) -> PracticeDay:
    """A local date with what the next morning's check-in told; known on that morning, unless told otherwise."""
    return replace(practice(number, words, rung=rung, known=known or number + 1), next_morning=pain)


def practised(words: str, *, first: int = 1, rung: int = 1, known: int | None = None) -> list[Fact]:
    """Days in a row; all known on their own date, or all on the date `known`."""
    return [
        practice(number, word, rung=rung, known=known)
        for number, word in enumerate(words.split(), start=first)
        if word != "-"
    ]


def stop(
    known: int, *, happened: int | None = None, kind: str = "emergency", region: str = "low_back", number: int = 500
) -> Stop:
    return Stop(UUID(int=number), "saddle_numbness", kind, (region,), day(happened or known), day(known))


def order(
    kind: DecisionKind,
    known: int,
    *,
    to_rung: int | None = None,
    effective: int | None = None,
    clears: Sequence[int] = (),
    number: int = 900,
    hour: int = 12,
) -> Order:
    return Order(
        UUID(int=number),
        kind,
        to_rung,
        day(effective or known),
        day(known),
        at(known, hour),
        CLINICIAN,
        clears=tuple(UUID(int=one) for one in clears),
    )


def asked(known: int, *, to_rung: int | None = None, number: int = 800, hour: int = 12) -> Order:
    """A patient asks for the easier exercise; `to_rung` is one below the rung that the phone showed."""
    kind = DecisionKind.STEP_BACK
    return Order(UUID(int=number), kind, to_rung, day(known), day(known), at(known, hour), PATIENT)


def answer(offer: Decision, known: int, *, yes: bool = True, effective: int | None = None, hour: int = 7) -> Answer:
    by = PATIENT if ("asks", "patient") in offer.reason.params else CLINICIAN
    return Answer(offer.id, yes, day(effective or known), day(known), at(known, hour), by)


def carried(known: int, cleared: int | None = None, condition: str = "osteoporosis") -> CarriedCondition:
    return CarriedCondition(condition, day(known), None if cleared is None else day(cleared))


def away(first: int, last: int, *, known: int = 1, ended: int | None = None) -> Absence:
    return Absence(day(first), day(last), day(known), None if ended is None else day(ended))


def lived(prescription: Prescription, facts: Sequence[Fact], *, until: date) -> Course:
    """The course followed at once, after proving that living it day by day from stored standings gives the same."""
    whole = follow(prescription, facts, until=until)
    standing: Standing | None = None
    decisions: list[Decision] = []
    for label in whole.days:
        today = follow(prescription, facts, until=label.local_date, since=standing)
        standing = STANDING.validate_json(STANDING.dump_json(today.standing))
        decisions += today.decisions
        assert today.days[-1] == label
    assert standing == whole.standing
    assert tuple(decisions) == whole.decisions
    return whole


def number_of(local_date: date) -> int:
    return (local_date - FIRST).days + 1


def told(decisions: Sequence[Decision]) -> list[str]:
    """Decisions in one line each: day, kind, rungs, state and reason."""
    return [
        f"{number_of(d.decided_on)} {d.kind} {d.from_rung}>{d.to_rung} {d.state} {d.reason.code}" for d in decisions
    ]


def stands(course: Course) -> str:
    """Where a course stands, in one line: rung, status, progress and the days counted of those needed."""
    now = course.standing
    return f"{now.rung} {now.status} {now.progress} {now.counted_days}/{now.needed_days}"


def offer_of(prescription: Prescription, facts: Sequence[Fact], until: int) -> Decision:
    """The offer that is open on a day."""
    course = follow(prescription, facts, until=day(until))
    assert course.standing.offer, told(course.decisions)
    return next(d for d in course.decisions if d.id == course.standing.offer.decision_id)


def on_rung(two: PracticeDay, rung: int) -> PracticeDay:
    return replace(two, performances=tuple(replace(one, rung=rung) for one in two.performances))
