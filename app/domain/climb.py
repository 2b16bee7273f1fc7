"""How does an earned rung become the patient's: offered, accepted, declined, and taken back when the run falls apart?

A patient is offered the next rung, or the clinician is asked, or it simply comes, as the prescription says. A yes that
was given offline finds a newer offer of the same rung; a yes to an offer that is gone changes nothing.
"""

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from app.domain import progression
from app.domain.decision import ActorKind, Answer, Decision, DecisionKind, DecisionState
from app.domain.orders import conditions_against
from app.domain.prescription import AdvanceMode
from app.domain.progression import Run
from app.domain.rules import growth
from app.domain.rules.profiles import PROFILES
from app.domain.session import PerformanceEvidence
from app.domain.standing import Climb, Offer
from app.domain.walk import (
    ONE_DAY,
    Walk,
    can_grow,
    current_run,
    decide,
    decision_id,
    drop_offer,
    id_of,
    move,
    needed_days,
)

MET = frozenset(profile.met for profile in PROFILES.values())
"""The reasons of an earned rung: each profile says it in its own words."""
ACCEPTED = "offer_accepted"

WHO_SAYS_YES = {
    AdvanceMode.AUTOMATIC: ActorKind.RULE,
    AdvanceMode.ASK_PATIENT: ActorKind.PATIENT,
    AdvanceMode.ASK_CLINICIAN: ActorKind.CLINICIAN,
}


def may_climb(walk: Walk) -> bool:
    """Is there a next rung, and nothing that keeps the patient from earning it now?"""
    return walk.rung < walk.version.max_rung and may_do_more(walk)


def may_do_more(walk: Walk) -> bool:
    """Does nothing keep the patient from more than today?"""
    return not (
        walk.is_eased
        or walk.open_stops
        or walk.is_paused
        or walk.is_held
        or walk.is_caution_held
        or walk.version.as_needed
        or walk.climb
        or walk.waiting_orders
        or not walk.is_running
    )


def asks(walk: Walk) -> ActorKind:
    """Who must say yes: the rule alone, the patient, or, always after the second failure, the clinician."""
    if sum(walk.failures.values()) >= walk.profile.failures_until_clinician:
        return ActorKind.CLINICIAN
    return WHO_SAYS_YES[walk.version.advance]


def is_offer_to(decision: Decision, who: ActorKind) -> bool:
    """Did this decision, when it was made, offer the next rung to a patient or a clinician?"""
    return decision.reason.code in MET and ("asks", who.value) in decision.reason.params


def is_yes_to(decision: Decision, offer_id: UUID) -> bool:
    """Is this the advance that a yes to an offer became? It may have been another offer of the same rung by then."""
    cause = f"{ACCEPTED}/{offer_id}"
    return decision.reason.code == ACCEPTED and decision.id == id_of(
        decision.prescription_id, decision.decided_on, decision.kind, decision.from_rung, decision.to_rung, cause
    )


def counts(run: Run, needed: int) -> tuple[tuple[str, str], ...]:
    """How far a run came, as parameters of a reason."""
    return ("counted_days", str(len(run))), ("needed_days", str(needed))


def climb_from(walk: Walk, run: Run, decided: UUID, effective_on: date, *, to_rung: int, to_growth: int = 0) -> Climb:
    """An advance to a rung, or to more on the same rung, that rests on this run."""
    return Climb(
        decision_id=decided,
        from_rung=walk.rung,
        to_rung=to_rung,
        effective_on=effective_on,
        first_day=run.days[-1].local_date,
        last_day=run.days[0].local_date,
        since=walk.run_since,
        needed_days=len(run),
        from_growth=walk.growth,
        to_growth=to_growth,
    )


def start(walk: Walk, climb: Climb, but: Collection[date] = ()) -> None:
    """Put the patient on what was earned, and remember how, in case the run falls apart later.

    More of the same exercise begins a run of its own, and what spoke against the patient until then still does.
    """
    if climb.is_growth:
        walk.growth, walk.run_since, walk.climb = climb.to_growth, walk.today, None
    else:
        move(walk, climb.to_rung, walk.today, but)
    walk.earned = climb


def look_up(walk: Walk) -> None:
    """Do more, advance, offer the next rung, or say once that a condition blocks it, if today's run stands."""
    if walk.offer or not (may_do_more(walk) if can_grow(walk) else may_climb(walk)):
        return
    needed = needed_days(walk)
    run = current_run(walk, needed)
    if len(run) < needed:
        walk.is_block_told = False
        return
    if can_grow(walk):
        grow(walk, run, needed)
    else:
        reach(walk, run, needed)


def grow(walk: Walk, run: Run, needed: int) -> None:
    """More of the same exercise from tomorrow: it lies inside what was prescribed, so nobody is asked."""
    to_growth = walk.growth + 1
    before = growth.in_force(walk.version, walk.rung, walk.growth, is_eased=False)
    dosage = growth.in_force(walk.version, walk.rung, to_growth, is_eased=False)
    params = [*counts(run, needed), ("reps_min", str(dosage.reps_min)), ("reps_max", str(dosage.reps_max))]
    is_heavier = dosage.load_grams_min != before.load_grams_min
    if is_heavier:
        params.append(("load_kg", growth.kilograms(dosage.load_grams_min)))
    decision = decide(
        walk,
        DecisionKind.GROW,
        "load_earned" if is_heavier else walk.profile.grew,
        effective_on=walk.tomorrow,
        params=tuple(params),
        days=run.days,
        would_change_it="sore_day",
    )
    walk.climb = climb_from(walk, run, decision.id, walk.tomorrow, to_rung=walk.rung, to_growth=to_growth)


def reach(walk: Walk, run: Run, needed: int) -> None:
    """The run stands: what the prescription says happens."""
    to_rung = walk.rung + 1
    conditions = conditions_against(walk, to_rung)
    if conditions:
        if not walk.is_block_told:
            walk.is_block_told = True
            decide(
                walk,
                DecisionKind.ADVANCE,
                "needs_clearance",
                to_rung=to_rung,
                state=DecisionState.BLOCKED,
                params=(("conditions", ",".join(conditions)), *counts(run, needed)),
                days=run.days,
                would_change_it="clinician_clears",
            )
        return
    walk.is_block_told = False
    who = asks(walk)
    is_rule = who is ActorKind.RULE
    decision = decide(
        walk,
        DecisionKind.ADVANCE,
        walk.profile.met,
        to_rung=to_rung,
        effective_on=walk.tomorrow if is_rule else None,
        state=DecisionState.APPLIED if is_rule else DecisionState.OFFERED,
        params=(*counts(run, needed), ("asks", who.value)),
        days=run.days,
        would_change_it="sore_day" if is_rule else "answer",
    )
    if is_rule:
        walk.climb = climb_from(walk, run, decision.id, walk.tomorrow, to_rung=to_rung)
    else:
        walk.offer = Offer(decision.id, walk.rung, to_rung, walk.today, who)


def recheck_offer(walk: Walk) -> None:
    """Take an open offer back when its run does not stand any more."""
    if walk.offer is None:
        return
    needed = needed_days(walk)
    run = current_run(walk, needed)
    conditions = conditions_against(walk, walk.offer.to_rung)
    if may_climb(walk) and not conditions and len(run) >= needed:
        return
    because = "needs_clearance" if conditions or walk.is_caution_held else run.broken_by or "prescription_changed"
    decide(
        walk,
        DecisionKind.HOLD,
        "offer_superseded",
        effective_on=walk.today,
        params=(("because", because), *counts(run, needed)),
        would_change_it="clinician_clears" if because == "needs_clearance" else walk.profile.would_earn,
        supersedes=drop_offer(walk),
    )


def is_meant(walk: Walk, answer: Answer) -> bool:
    """Does an answer mean the open offer, and come from someone who may give it?"""
    offer = walk.offer
    if offer is None or (offer.asks is ActorKind.CLINICIAN and answer.by.kind is not ActorKind.CLINICIAN):
        return False
    if answer.decision_id == offer.decision_id:
        return True
    return answer.accepted and any(
        past.decision_id == answer.decision_id and past.to_rung == offer.to_rung for past in walk.past_offers
    )


def accept(walk: Walk, answer: Answer, run: Run, but: Collection[date] = ()) -> None:
    """Write a yes down and begin the next rung, today or tomorrow as it was fixed when it was given."""
    effective_on = max(answer.effective_on, walk.today)
    decision = decide(
        walk,
        DecisionKind.ADVANCE,
        ACCEPTED,
        to_rung=walk.rung + 1,
        effective_on=effective_on,
        by=answer.by,
        params=counts(run, len(run)),
        days=run.days,
        would_change_it="sore_day",
        supersedes=drop_offer(walk),
        cause=str(answer.decision_id),
    )
    climb = climb_from(walk, run, decision.id, effective_on, to_rung=walk.rung + 1)
    if effective_on <= walk.today:
        start(walk, climb, but)
    else:
        walk.climb = climb


def decline(walk: Walk, answer: Answer) -> None:
    """Write a no down: the offer closes, and only days after this one count toward another."""
    decide(
        walk,
        DecisionKind.ADVANCE,
        "offer_declined",
        to_rung=walk.rung + 1,
        state=DecisionState.DECLINED,
        by=answer.by,
        would_change_it=walk.profile.would_earn,
        supersedes=drop_offer(walk),
        cause=str(answer.decision_id),
    )
    walk.run_since = walk.tomorrow


def hear_at_once(walk: Walk, answers: Sequence[Answer], new: Collection[date]) -> Sequence[Answer]:
    """Let a yes that holds from today begin before today's practice is looked at; give back the answers not used.

    Such a yes was given when nothing had been practised yet today, so whatever was practised today came after it.
    """
    is_yes = any(answer.accepted and answer.effective_on <= walk.today for answer in answers)
    if not is_yes or not may_climb(walk) or can_grow(walk):
        return answers
    needed = needed_days(walk)
    run = current_run(walk, needed, today=walk.today - ONE_DAY, is_today_open=False)
    if len(run) < needed:
        return answers
    would_be = decision_id(walk, DecisionKind.ADVANCE, walk.rung, walk.rung + 1, f"{walk.profile.met}/")
    if walk.offer is None and any(answer.decision_id == would_be for answer in answers):
        # The offer itself was made today, of days that came in late.
        reach(walk, run, needed)
    left = []
    for answer in answers:
        if answer.accepted and answer.effective_on <= walk.today and is_meant(walk, answer):
            accept(walk, answer, run, but=new)
        else:
            left.append(answer)
    return left


def hear(walk: Walk, answers: Sequence[Answer]) -> Sequence[Answer]:
    """Take in answers to the open offer; give back those that mean another one, or none."""
    left = []
    for answer in answers:
        if not is_meant(walk, answer):
            left.append(answer)
        elif answer.accepted:
            accept(walk, answer, current_run(walk, needed_days(walk)))
        else:
            decline(walk, answer)
    return left


def note_unused(walk: Walk, answers: Sequence[Answer]) -> None:
    """Write down that an answer found no offer: it is a patient's act, and it changes nothing."""
    for answer in answers:
        decide(
            walk,
            DecisionKind.HOLD,
            "offer_gone",
            state=DecisionState.SUPERSEDED,
            by=answer.by,
            params=(("answered", str(answer.decision_id)), ("accepted", "yes" if answer.accepted else "no")),
            would_change_it=walk.profile.would_earn,
            cause=f"{answer.decision_id}/{answer.accepted}",
        )


def growth_on(walk: Walk, day: date) -> int:
    """How often the dosage of the patient's rung had grown on a date that can still count upward."""
    earned = walk.earned
    return walk.growth if earned is None or day >= earned.effective_on else earned.from_growth


def is_full(walk: Walk, day: date, performance: PerformanceEvidence) -> bool:
    """Does a performance of a date reach what counts upward, by the dosage in force on it?"""
    rungs = walk.prescription.version_on(day).rungs
    if walk.profile.reps_step is None or performance.rung > len(rungs):
        return performance.complete_full
    dosage = growth.grown(rungs[performance.rung - 1].dosage, walk.profile, growth_on(walk, day))
    return growth.is_full(performance, dosage, walk.profile)


def is_run_broken(walk: Walk, new: Collection[date]) -> bool:
    """Has something just become known that breaks the run behind the present rung?"""
    earned = walk.earned
    if earned is None or not any(earned.first_day <= day <= earned.last_day for day in new):
        return False
    run = progression.good_run(
        walk.recent,
        rung=earned.from_rung,
        is_due=walk.is_due,
        since=earned.since,
        today=earned.last_day,
        is_today_open=False,
        enough=earned.needed_days,
        missed_days=walk.profile.missed_days,
    )
    return len(run) < earned.needed_days


def take_back(walk: Walk, new: Collection[date]) -> None:
    """Return to the rung before an advance whose run fell apart, or only note it when a new run has been done since."""
    earned = walk.earned
    if earned is None:
        return
    late = [
        walk.recent[day] for day in sorted(new) if day in walk.recent and earned.first_day <= day <= earned.last_day
    ]
    run = current_run(walk, earned.needed_days)
    is_made_good = len(run) >= earned.needed_days
    stays = is_made_good or earned.is_growth
    back = "growth_superseded" if earned.is_growth else "advance_superseded"
    decide(
        walk,
        DecisionKind.HOLD if stays else DecisionKind.STEP_BACK,
        "advance_superseded_noted" if is_made_good else back,
        to_rung=walk.rung if stays else earned.from_rung,
        effective_on=walk.today,
        params=(("local_date", late[0].local_date.isoformat()),) if late else (),
        days=late,
        would_change_it=walk.profile.would_earn,
        supersedes=earned.decision_id,
    )
    drop_offer(walk)
    if is_made_good:
        walk.earned = None
        for evidence in late:
            walk.recent[evidence.local_date] = progression.use_up(evidence)
    elif earned.is_growth:
        walk.growth, walk.run_since, walk.earned = earned.from_growth, walk.today, None
    else:
        move(walk, earned.from_rung, walk.today)
        walk.growth = earned.from_growth
