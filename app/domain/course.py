"""What course does a prescription take, given everything known?

One pass over local dates. Each date sees only what was known by its end, so a date that has passed never changes, and
the pass can be stopped after any date and taken up again. Evidence counts on its own date; its effect begins when it is
known: downward the same day, upward the next. This file refuses to know where facts are kept and how decisions are
worded.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from app.domain import climb, days, orders, progression, step_down
from app.domain.decision import (
    Actor,
    ActorKind,
    Answer,
    Decision,
    DecisionKind,
    DecisionState,
)
from app.domain.facts import Fact, Known, by_day
from app.domain.prescription import Prescription
from app.domain.progression import Cause, DayEvidence
from app.domain.rules.growth import is_room_changed
from app.domain.rules.profiles import needed_days, profile_of
from app.domain.session import PracticeDay
from app.domain.standing import DayLabel, Standing
from app.domain.walk import (
    ONE_DAY,
    Walk,
    asked_now,
    decide,
    drop_offer,
    forget_old,
    go_on,
    label,
    move,
    remember,
    stand,
)
from app.values import dataclass


@dataclass(frozen=True, slots=True)
class Course:
    """The course up to a local date that may still be practised.

    `standing` is where the patient is now, `settled` where they were at the end of the day before: what to store,
    because it never changes (None when the course was followed from a standing of the same date). `decisions` and
    `days` hold what arose after the standing it was followed from.
    """

    standing: Standing
    settled: Standing | None
    decisions: tuple[Decision, ...]
    days: tuple[DayLabel, ...]


def follow(prescription: Prescription, facts: Sequence[Fact], *, until: date, since: Standing | None = None) -> Course:
    """Follow a prescription up to the local date `until`, which may still be practised.

    `since` is an earlier standing of the same prescription: then facts known by its date are taken as followed already
    and may be left out; a condition that was cleared since must be given. The order of `facts` does not matter. Stops
    that were cleared before the prescription was made are not passed. Raises ValueError when `until` lies before
    `since`.
    """
    first = prescription.versions[0]
    begins = begins_on(prescription)
    if since is None:
        known = by_day(facts, None, until)
        start = min([begins, until, *known])
        walk = Walk(
            prescription=prescription,
            version=first,
            profile=profile_of(first.rule),
            today=start - ONE_DAY,
            rung=first.start_rung,
            highest_rung=first.start_rung,
            run_since=first.starts_on,
        )
    else:
        if until < since.through:
            raise ValueError(f"The course was already followed to {since.through}, which is after {until}.")
        if until == since.through:
            return Course(since, None, (), (since.day,))
        known = by_day(facts, since.through, until)
        walk = go_on(prescription, since)
    changes = {version.effective_on for version in prescription.versions}
    labels: list[DayLabel] = []
    settled = since
    while walk.today < until:
        if walk.today + ONE_DAY == until and (since is None or walk.today != since.through):
            settled = stand(walk)
        walk.today += ONE_DAY
        today = known.get(walk.today)
        if walk.today < begins and today is None and walk.today < until:
            continue
        live(walk, today, is_change=walk.today in changes)
        labels.append(label(walk))
    return Course(stand(walk, labels[-1]), settled, tuple(walk.decisions), tuple(labels))


def begins_on(prescription: Prescription) -> date:
    """The first local date of a prescription's course."""
    first = prescription.versions[0]
    return min(first.effective_on, first.starts_on)


def evidence_from(prescription: Prescription, standing: Standing) -> date:
    """The earliest local date of a practice day that can still matter to a course followed from this standing.

    Older evidence is inside the standing already, or it is too late to move a course.
    """
    return max(begins_on(prescription), standing.through + ONE_DAY - timedelta(days=days.LATE_DAYS))


def live(walk: Walk, known: Known | None, *, is_change: bool) -> None:
    """Let one local date happen, in this order whatever the order of its facts.

    First what was due to begin today; then the prescription's change, orders and stops; then what the evidence says
    downward; then answers; and last, when nothing stricter was said, whether the next rung is earned.
    """
    walk.is_closed, walk.asked = False, {}
    if is_change:
        walk.version = walk.prescription.version_on(walk.today)
        walk.profile = profile_of(walk.version.rule)
    if known:
        take_conditions(walk, known)
        take_absences(walk, known)
    if walk.is_over:
        end(walk, known)
        return
    begin_what_is_due(walk)
    if is_change:
        change_prescription(walk)
    orders.obey_waiting(walk)
    walk.asked = asked_now(walk)
    answers: Sequence[Answer] = ()
    if known:
        if known.orders or known.stops:
            obey_and_stop(walk, known)
        new = weigh(walk, known.practice)
        answers = sorted(known.answers.values(), key=lambda one: (one.recorded_at, one.decision_id, one.accepted))
        answers = climb.hear_at_once(walk, answers, new)
        sore_at = lead_down(walk, known, new)
        later = [one for one in known.orders.values() if one.effective_on > walk.today]
        for order in orders.in_order([one for one in later if not step_down.is_outlived(one, known)]):
            orders.hear(walk, order, sore_at)
    orders.check_conditions(walk)
    climb.recheck_offer(walk)
    if known or is_change:
        answers = climb.hear(walk, answers)
        climb.look_up(walk)
        climb.note_unused(walk, climb.hear(walk, answers))
    forget_old(walk, days.LATE_DAYS)


def end(walk: Walk, known: Known | None) -> None:
    """After the last day nothing moves any more; only stops are kept, and closed when a resume names them."""
    walk.offer = walk.climb = walk.earned = walk.restore_on = None
    walk.waiting_orders.clear()
    walk.highest_rung, walk.was_eased = walk.rung, walk.is_eased
    if known:
        orders.report_stops(walk, list(known.stops.values()))
        for order in known.orders.values():
            orders.clear(walk, order)


def take_conditions(walk: Walk, known: Known) -> None:
    """Keep the list of conditions that nobody has cleared; one carried twice must be cleared twice."""
    for carried in known.cleared:
        if carried.condition in walk.uncleared:
            walk.uncleared.remove(carried.condition)
    if known.added:
        walk.uncleared = sorted([*walk.uncleared, *(carried.condition for carried in known.added)])


def take_absences(walk: Walk, known: Known) -> None:
    """Keep the days on which the patient is away, none of them before it became known; one that is ended is cut."""
    for one in known.ended:
        begins = max(one.first_day, one.known_on)
        if (begins, one.last_day) in walk.away:
            walk.away.remove((begins, one.last_day))
            walk.away.append((begins, min(one.last_day, walk.today - ONE_DAY)))
    if not (known.begun or known.ended):
        return
    begun = [(max(one.first_day, one.known_on), one.last_day) for one in known.begun]
    walk.away = sorted((begins, ends) for begins, ends in [*walk.away, *begun] if begins <= ends)


def begin_what_is_due(walk: Walk) -> None:
    """Begin what was decided for today: a higher rung, or the full dosage again."""
    if walk.climb and walk.climb.effective_on <= walk.today:
        due, conditions = walk.climb, orders.conditions_against(walk, walk.climb.to_rung)
        walk.climb = None
        if conditions:
            walk.is_block_told = True
            decide(
                walk,
                DecisionKind.GROW if due.is_growth else DecisionKind.ADVANCE,
                "needs_clearance",
                to_rung=due.to_rung,
                state=DecisionState.BLOCKED,
                params=(("conditions", ",".join(conditions)),),
                would_change_it="clinician_clears",
                supersedes=due.decision_id,
            )
        else:
            climb.start(walk, due)
    if walk.restore_on and walk.restore_on <= walk.today:
        walk.is_eased, walk.restore_on, walk.run_since = False, None, walk.today
    walk.highest_rung, walk.was_eased = walk.rung, walk.is_eased


def change_prescription(walk: Walk) -> None:
    """Begin a new version: one that restarts puts the patient on its first rung, any other keeps rung and run.

    What had grown begins anew when the dosage of the rung was written anew.
    """
    version = walk.version
    begun = [one.ladder_id for one in walk.prescription.versions if one.effective_on == walk.today]
    is_other_ladder = {walk.prescription.version_on(walk.today - ONE_DAY).ladder_id, *begun} != {version.ladder_id}
    rung = min(walk.rung, version.max_rung)
    is_restart = version is not walk.prescription.versions[0] and any(
        one.restarts_run and one.effective_on == walk.today == version.effective_on
        for one in walk.prescription.versions
    )
    if is_restart:
        rung = version.start_rung
        walk.failures.clear()
    if is_restart or rung != walk.rung:
        is_same = rung == walk.rung or is_other_ladder
        kind = DecisionKind.ADVANCE if rung > walk.rung else DecisionKind.STEP_BACK
        decide(
            walk,
            DecisionKind.HOLD if is_same else kind,
            "prescription_changed",
            to_rung=rung,
            effective_on=walk.today,
            by=Actor(ActorKind.CLINICIAN),
            params=(("version", str(version.version)),),
            would_change_it=walk.profile.would_earn,
            supersedes=drop_offer(walk),
        )
        # Another ladder is neither up nor down, and what is practised today may have been the old one's.
        move(walk, rung, walk.tomorrow if is_other_ladder else walk.today)
    elif walk.growth and is_room_changed(walk.prescription.version_on(walk.today - ONE_DAY), version, rung):
        # A dosage that a clinician writes begins as it is written.
        walk.growth, walk.earned, walk.climb, walk.run_since = 0, None, None, walk.today
    orders.recheck_stops_elsewhere(walk)


def obey_and_stop(walk: Walk, known: Known) -> None:
    """Orders as they were given, then stops; a stop that a resume of the same day names was there before it."""
    left = dict(known.stops)
    given = [one for one in known.orders.values() if not step_down.is_asked(one)]
    for order in orders.in_order([one for one in given if one.effective_on <= walk.today]):
        if order.kind is DecisionKind.RESUME:
            orders.report_stops(walk, [left.pop(stop) for stop in order.clears if stop in left])
        orders.hear(walk, order)
    orders.report_stops(walk, list(left.values()))


def weigh(walk: Walk, practice: Mapping[date, PracticeDay]) -> dict[date, PracticeDay]:
    """Take in what became known of practised days; give back those that are not too late to move the course.

    What is reported before a prescription begins is no evidence about it.
    """
    if not walk.is_running:
        return {}
    new = {day: fact for day, fact in practice.items() if not days.is_late(day, walk.today)}
    for day in sorted(new):
        usual, is_full = walk.version.usual_pain, partial(climb.is_full, walk, day)
        remember(walk, progression.weigh(new[day], walk.profile, walk.recent.get(day), usual, is_full))
    return new


def lead_down(walk: Walk, known: Known, new: Mapping[date, PracticeDay]) -> datetime | None:
    """What leads down today: new evidence, and what the patient asked for, each after what came before it."""
    asked = step_down.asked_of(known) if known.orders else []
    sore_from = step_down.sore_from(walk, new) if asked else None
    before = [one for one in asked if sore_from and one.recorded_at < sore_from]
    for order in before:
        step_down.step_down(walk, order, walk.rung, but=new)
    stood_on = walk.rung
    sore_at = look_down(walk, new)
    for order in asked[len(before) :]:
        step_down.step_down(walk, order, stood_on)
    return sore_at


def look_down(walk: Walk, new: Mapping[date, PracticeDay]) -> datetime | None:
    """Step back, ease or restore, as new evidence says; gives the start of the latest session that led down."""
    if not new or walk.open_stops or walk.is_paused or not walk.is_running:
        return None
    cause = progression.step_cause(walk.days(), walk.profile)
    taken_back = None
    if walk.earned and climb.is_run_broken(walk, new):
        # Soreness on the rung that was reached is a step back of its own; else the rung was never earned.
        if cause and cause.days[-1].local_date >= walk.earned.effective_on:
            taken_back = walk.earned
        else:
            rung = walk.rung
            climb.take_back(walk, new)
            if walk.rung != rung:
                return max((one.started_at for fact in new.values() for one in fact.performances), default=None)
            cause = progression.step_cause(walk.days(), walk.profile)
    if cause:
        step_back(walk, cause, None if taken_back is None else taken_back.decision_id)
        sore = [new[day.local_date] for day in cause.days if day.local_date in new]
        return max((one.started_at for fact in sore for one in fact.performances), default=None)
    ease_or_restore(walk, new)
    return None


def step_back(walk: Walk, cause: Cause, supersedes: UUID | None) -> None:
    """One rung down at once, and today's open slots closed; at the lowest rung ease and suggest contact instead."""
    params = progression.day_params(cause.days[-1])
    since = walk.tomorrow
    walk.is_closed = True
    if walk.rung == 1:
        decide(
            walk,
            DecisionKind.EASE,
            "sore_at_lowest_rung",
            effective_on=walk.today,
            params=(("because", cause.code), *params),
            days=cause.days,
            would_change_it="clean_day",
            supersedes=supersedes or drop_offer(walk),
        )
        walk.is_eased, walk.restore_on = True, None
        if walk.growth:
            # What grew did not hold: it begins anew, and there is no step left that late reports could take back.
            walk.growth, walk.earned, walk.run_since = 0, None, since
        for day in walk.days():
            remember(walk, progression.answered_by_ease(day, is_cause=day is cause.days[-1]))
        return
    walk.failures[walk.rung] = walk.failures.get(walk.rung, 0) + 1
    needed = needed_days(walk.version.rule, walk.failures[walk.rung])
    decide(
        walk,
        DecisionKind.STEP_BACK,
        cause.code,
        to_rung=walk.rung - 1,
        effective_on=walk.today,
        params=(*params, ("needed_days", str(needed))),
        days=cause.days,
        would_change_it=walk.profile.would_earn,
        supersedes=supersedes or drop_offer(walk),
    )
    drop_offer(walk)
    move(walk, walk.rung - 1, since)


def ease_or_restore(walk: Walk, new: Mapping[date, PracticeDay]) -> None:
    """Go easy from now on when the latest answered day is sore; when it is not, full dosage from tomorrow.

    A morning comes before the practice of its date: a sore one eases even when today's practice is known as well, which
    was done at the eased dosage then, and ends the ease tomorrow.
    """
    weighed = walk.days()
    woke = progression.sore_day(weighed, walk.today - ONE_DAY)
    if woke and woke.sore_morning is not None and woke.local_date in new:
        ease(walk, woke)
    sore = progression.sore_day(weighed)
    if sore:
        ease(walk, sore)
    elif walk.is_eased:
        clean = [walk.recent[day] for day in sorted(new) if walk.recent[day].is_answered]
        decide(
            walk,
            DecisionKind.RESTORE,
            "clean_day" if clean else "sore_report_changed",
            effective_on=walk.tomorrow,
            params=(("local_date", clean[-1].local_date.isoformat()),) if clean else (),
            days=clean[-1:],
            would_change_it="sore_day",
        )
        walk.restore_on = walk.tomorrow


def ease(walk: Walk, sore: DayEvidence) -> None:
    """Half the repetitions because of a sore day, unless it is so already."""
    if walk.is_eased:
        return
    is_morning = sore.sore_morning is not None
    decide(
        walk,
        DecisionKind.EASE,
        "sore_next_morning" if is_morning else "sore_day",
        effective_on=walk.today,
        params=progression.morning_params(sore) if is_morning else progression.day_params(sore),
        days=(sore,),
        would_change_it="clean_day",
    )
    walk.is_eased = True
