"""What does it do when a patient asks for the easier exercise?

It is theirs to ask at any time: one rung down at once, and at the lowest rung half the repetitions. Never up, whatever
the phone believed, and no stop is touched. It is one wish, not one more step: where soreness that came before it has
led down already, nothing more happens; where soreness comes after it, that leads down again.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from uuid import UUID, uuid5

from app.domain import orders, progression
from app.domain.decision import ActorKind, Decision, DecisionKind, DecisionState, Order
from app.domain.facts import Known
from app.domain.session import PracticeDay
from app.domain.walk import Walk, decide, drop_offer, move

ASKED = "patient_request"


def is_asked(order: Order) -> bool:
    """Is it the patient's own wish, and not a clinician's word?"""
    return order.by.kind is ActorKind.PATIENT


def asked_of(known: Known) -> list[Order]:
    """The patient's wishes that became known today, as they were made."""
    return orders.in_order([one for one in known.orders.values() if is_asked(one)])


def is_about(decision: Decision, order: Order) -> bool:
    """Is this decision what a wish led to, or the note that it led to nothing?"""
    return decision.id == _id_of(order, decision.kind, decision.from_rung, decision.to_rung)


def _id_of(order: Order, kind: DecisionKind, from_rung: int, to_rung: int) -> UUID:
    """Made from the wish and what came of it: a later report of the same day may make something else of the wish."""
    return uuid5(order.id, f"{kind}/{from_rung}/{to_rung}")


def is_outlived(order: Order, known: Known) -> bool:
    """Is a clinician's word to go up older than a wish of the same day to go down? The latest word counts."""
    is_later = any(is_asked(one) and one.recorded_at > order.recorded_at for one in known.orders.values())
    return order.kind is DecisionKind.ADVANCE and is_later


def sore_from(walk: Walk, new: Mapping[date, PracticeDay]) -> datetime | None:
    """The start of the latest session behind a step back that is due now, None when none is."""
    cause = progression.step_cause(walk.days(), walk.profile)
    days = [new[day.local_date] for day in cause.days if day.local_date in new] if cause else []
    return max((one.started_at for day in days for one in day.performances), default=None)


def step_down(walk: Walk, order: Order, from_rung: int, but: Collection[date] = ()) -> None:
    """Do what the patient asked for. `from_rung` is where they stood when they asked.

    `order.to_rung` is what the phone named, None when it named nothing. `but` are dates whose evidence is yet to be
    looked at.
    """
    rung = from_rung - 1 if order.to_rung is None else order.to_rung
    if walk.rung == 1 and rung < 1 and not walk.is_eased:
        _write(walk, order, DecisionKind.EASE, walk.rung, would_change_it="clean_day")
        walk.is_eased, walk.restore_on, walk.climb, walk.run_since = True, None, None, walk.tomorrow
        return
    rung = max(1, rung)
    if rung >= walk.rung:
        decide(
            walk,
            DecisionKind.HOLD,
            ASKED,
            state=DecisionState.SUPERSEDED,
            by=order.by,
            would_change_it=walk.profile.would_earn,
            id=_id_of(order, DecisionKind.HOLD, walk.rung, walk.rung),
        )
        return
    _write(walk, order, DecisionKind.STEP_BACK, rung, would_change_it=walk.profile.would_earn)
    move(walk, rung, walk.today, but)
    # As with an order: an earlier word to go up does not outlive it.
    walk.waiting_orders = [waiting for waiting in walk.waiting_orders if waiting.kind is DecisionKind.RESUME]


def _write(walk: Walk, order: Order, kind: DecisionKind, to_rung: int, *, would_change_it: str) -> None:
    decide(
        walk,
        kind,
        ASKED,
        to_rung=to_rung,
        effective_on=walk.today,
        by=order.by,
        would_change_it=would_change_it,
        supersedes=drop_offer(walk),
        id=_id_of(order, kind, walk.rung, to_rung),
    )
