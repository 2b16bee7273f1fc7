"""What do symptoms and clinicians' orders do to a course?

A stop stays open until a resume names it; nothing else closes it: no retry, no other order, no change of the
prescription. An order is obeyed on the date that was fixed when it was given: up from the next day, down and stop at
once.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from app.domain import safety
from app.domain.decision import Decision, DecisionKind, DecisionState, Order, Stop
from app.domain.walk import Walk, decide, drop_offer, move


def in_order(orders: Sequence[Order]) -> list[Order]:
    """As they were recorded: the latest word counts."""
    return sorted(orders, key=lambda order: (order.recorded_at, order.id))


def concerns(walk: Walk, stop: Stop) -> bool:
    """Does a stop concern this prescription: an emergency always, any other by the regions of its rungs?"""
    if stop.symptom_class == safety.EMERGENCY or not stop.regions:
        return True
    return any(region in rung.regions for rung in walk.version.rungs for region in stop.regions)


def report_stop(walk: Walk, stop: Stop) -> None:
    """Stop the course because of a symptom, or remember the symptom in case the prescription comes to concern it."""
    if stop.id in walk.open_stops:
        return
    if not concerns(walk, stop):
        walk.stops_elsewhere.append(stop)
        return
    walk.open_stops.append(stop.id)
    walk.climb = None
    supersedes = drop_offer(walk)
    if walk.is_over:
        # An ended prescription asks for nothing that could be stopped; should it be prolonged, the stop is there.
        return
    decide(
        walk,
        DecisionKind.STOP,
        "symptom_emergency" if stop.symptom_class == safety.EMERGENCY else "symptom_stop",
        effective_on=walk.today,
        params=(("symptom", stop.symptom), ("local_date", stop.local_date.isoformat())),
        sessions=() if stop.session_id is None else (stop.session_id,),
        would_change_it="clinician_resumes",
        supersedes=supersedes,
        cause=str(stop.id),
    )


def report_stops(walk: Walk, stops: Sequence[Stop]) -> None:
    """Take in the stops that became known, in an order that does not depend on how they came."""
    for stop in sorted(stops, key=lambda stop: (stop.local_date, stop.id)):
        report_stop(walk, stop)


def recheck_stops_elsewhere(walk: Walk) -> None:
    """A changed prescription may come to concern a body region that a stop was reported for."""
    elsewhere, walk.stops_elsewhere = walk.stops_elsewhere, []
    report_stops(walk, elsewhere)


def rung_meant(walk: Walk, order: Order) -> int:
    """The rung an order leads to, within what is prescribed."""
    if order.kind in {DecisionKind.HOLD, DecisionKind.PAUSE, DecisionKind.STOP}:
        return walk.rung
    rung = order.to_rung
    if rung is None:
        rung = walk.rung + {DecisionKind.ADVANCE: 1, DecisionKind.STEP_BACK: -1}.get(order.kind, 0)
    return max(1, min(rung, walk.version.max_rung))


def conditions_against(walk: Walk, rung: int) -> list[str]:
    """The patient's uncleared conditions with which the exercise of a rung is to be avoided."""
    if not walk.uncleared or rung > len(walk.version.rungs):
        return []
    avoid = walk.version.rung_at(rung).avoid_conditions
    return sorted({condition for condition in walk.uncleared if condition in avoid})


def check_conditions(walk: Walk) -> None:
    """Hold the patient while the exercise of the present rung is to be avoided with a condition nobody has cleared."""
    if not (walk.uncleared or walk.is_caution_held):
        return
    conditions = conditions_against(walk, walk.rung)
    if conditions and not walk.is_caution_held:
        decide(
            walk,
            DecisionKind.HOLD,
            "needs_clearance",
            effective_on=walk.today,
            params=(("conditions", ",".join(conditions)),),
            would_change_it="clinician_clears",
            supersedes=drop_offer(walk),
        )
    walk.is_caution_held = bool(conditions)


def write_order(
    walk: Walk,
    order: Order,
    to_rung: int,
    *,
    code: str = "clinician_order",
    state: DecisionState = DecisionState.APPLIED,
    params: tuple[tuple[str, str], ...] = (),
) -> Decision:
    """An order's own decision; its id is the order's. An open offer is taken back by it, whatever it says."""
    is_blocked = state is DecisionState.BLOCKED
    return decide(
        walk,
        order.kind,
        code,
        to_rung=to_rung,
        effective_on=None if is_blocked else max(order.effective_on, walk.today),
        state=state,
        by=order.by,
        params=params,
        would_change_it="clinician_resumes" if order.kind in {DecisionKind.STOP, DecisionKind.PAUSE} else None,
        supersedes=None if is_blocked else drop_offer(walk),
        id=order.id,
    )


def obstacle(walk: Walk, order: Order, rung: int, sore_at: datetime | None) -> tuple[str, tuple[tuple[str, str], ...]]:
    """What forbids an order now, as a reason code with its parameters; an empty code when nothing does."""
    if order.kind is DecisionKind.RESUME:
        left = [stop for stop in walk.open_stops if stop not in order.clears]
        return ("stop_open", (("open_stops", str(len(left))),)) if left else ("", ())
    if rung <= walk.rung and order.kind is not DecisionKind.ADVANCE:
        return "", ()
    if walk.open_stops:
        return "stop_open", (("open_stops", str(len(walk.open_stops))),)
    conditions = conditions_against(walk, rung)
    if conditions:
        return "needs_clearance", (("conditions", ",".join(conditions)),)
    if sore_at is not None and order.recorded_at <= sore_at:
        # It was given before the soreness that has just led down: whoever gave it could not know.
        return "sore_since_order", ()
    return "", ()


def hear(walk: Walk, order: Order, sore_at: datetime | None = None) -> None:
    """Take in an order on the day it becomes known: obey it if it holds today, else keep it for its day.

    `sore_at` is the start of the latest session that led to a step back today.
    """
    rung = rung_meant(walk, order)
    if order.effective_on > walk.today:
        code, params = obstacle(walk, order, rung, sore_at) if order.kind is not DecisionKind.RESUME else ("", ())
        if code:
            write_order(walk, order, rung, code=code, state=DecisionState.BLOCKED, params=params)
            return
        write_order(walk, order, rung)
        # It leads to the rung that was said when it was given, whatever happens until its day.
        walk.waiting_orders.append(replace(order, to_rung=rung))
        return
    code, params = obstacle(walk, order, rung, sore_at)
    if code:
        clear(walk, order)
        write_order(walk, order, rung, code=code, state=DecisionState.BLOCKED, params=params)
        return
    write_order(walk, order, rung)
    obey(walk, order, rung)


def clear(walk: Walk, order: Order) -> None:
    """Close the stops that a resume names; other orders name none that count."""
    if order.kind is DecisionKind.RESUME:
        walk.open_stops = [stop for stop in walk.open_stops if stop not in order.clears]
        walk.stops_elsewhere = [stop for stop in walk.stops_elsewhere if stop.id not in order.clears]


def obey(walk: Walk, order: Order, rung: int) -> None:
    """Do what an order says, today."""
    match order.kind:
        case DecisionKind.STOP:
            walk.open_stops.append(order.id)
            walk.climb = None
        case DecisionKind.PAUSE:
            walk.is_paused = True
        case DecisionKind.HOLD:
            walk.is_held = True
        case DecisionKind.RESUME:
            clear(walk, order)
            walk.is_paused = walk.is_held = False
            move(walk, rung, walk.today)
        case DecisionKind.ADVANCE:
            walk.is_held = False
            move(walk, rung, walk.today)
        case _ if rung != walk.rung:
            move(walk, rung, walk.today)
        case _:
            pass
    # The latest word counts: an earlier order to go up tomorrow does not outlive an order that holds today.
    walk.waiting_orders = [waiting for waiting in walk.waiting_orders if waiting.kind is DecisionKind.RESUME]


def obey_waiting(walk: Walk) -> None:
    """Obey the orders whose day has come; one that something has come before is taken back."""
    if not walk.waiting_orders:
        return
    due = [order for order in walk.waiting_orders if order.effective_on <= walk.today]
    walk.waiting_orders = [order for order in walk.waiting_orders if order.effective_on > walk.today]
    for order in in_order(due):
        rung = rung_meant(walk, order)
        code, params = obstacle(walk, order, rung, None)
        if not code:
            obey(walk, order, rung)
            continue
        clear(walk, order)
        decide(
            walk,
            DecisionKind.HOLD,
            code,
            state=DecisionState.BLOCKED,
            params=params,
            would_change_it="clinician_resumes" if code == "stop_open" else "clinician_clears",
            supersedes=order.id,
            cause=str(order.id),
        )
