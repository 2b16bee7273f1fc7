"""A clinician decides about one prescription.

Up holds from the next day; down, pause and stop at once; a resume names the stops it clears.
"""

from datetime import datetime, timedelta
from uuid import UUID

from app.actions.follow_courses import follow_courses
from app.domain.decision import Actor, ActorKind, Decision, DecisionKind, Order
from app.domain.errors import Conflict, NeedsClearance, PatientDischarged, StopNotNamed, invalid
from app.store import course_facts, prescriptions, revisions
from app.store.keys import new_id
from app.store.transaction import Transaction
from app.values import dataclass

ORDERS = (
    DecisionKind.ADVANCE,
    DecisionKind.STEP_BACK,
    DecisionKind.HOLD,
    DecisionKind.PAUSE,
    DecisionKind.STOP,
    DecisionKind.RESUME,
)
"""What a clinician may order; the other kinds are the rule's own."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is ordered.

    `to_rung` None means one rung up or down, or the present one; `clears` names stops for a resume.
    """

    kind: DecisionKind
    to_rung: int | None
    clears: tuple[UUID, ...]
    text: str | None
    audience: str


def order_decision(tx: Transaction, patient_id: UUID, prescription_id: UUID, wanted: Wanted, now: datetime) -> Decision:
    """Give an order; the decision that it is. Raises Invalid, StopNotNamed, NeedsClearance, Conflict, NotFound."""
    patient = revisions.take(tx, patient_id)
    today = patient.today(now)
    if patient.status != "active":
        raise PatientDischarged("This patient was discharged.")
    one = prescriptions.one(tx, patient_id, prescription_id)
    highest = one.prescription.version_on(today).max_rung
    if wanted.kind not in ORDERS:
        raise invalid("/kind", "not_allowed", f"Orders are: {', '.join(ORDERS)}.")
    if wanted.to_rung is not None and wanted.to_rung > highest:
        raise invalid("/to_rung", "out_of_range", f"This prescription has rungs 1 to {highest}.")
    order = Order(
        id=new_id(now),
        kind=wanted.kind,
        to_rung=wanted.to_rung,
        effective_on=today + timedelta(days=1) if wanted.kind is DecisionKind.ADVANCE else today,
        known_on=today,
        recorded_at=now,
        by=Actor(ActorKind.CLINICIAN, tx.scope.clinician_id),
        clears=wanted.clears,
        text=wanted.text,
        audience=wanted.audience,
    )
    course_facts.add_order(tx, patient_id, prescription_id, order)
    followed = follow_courses(tx, patient, [one], today=today, now=now, has_new_facts=True)
    decision = next((d for d in followed.new_decisions if d.id == order.id), None)
    if decision is None:
        raise Conflict("The prescription has ended; prolong it or prescribe anew.")
    left_open = followed.courses[prescription_id].standing.open_stops if wanted.kind is DecisionKind.RESUME else ()
    if left_open or decision.reason.code == "stop_open":
        raise StopNotNamed("Open stops must be named in `clears`; nothing was changed.")
    if decision.reason.code == "needs_clearance":
        raise NeedsClearance("A condition of the patient speaks against that rung; nothing was changed.")
    rise = decision.to_rung - decision.from_rung
    if (wanted.kind is DecisionKind.ADVANCE and rise <= 0) or (wanted.kind is DecisionKind.STEP_BACK and rise >= 0):
        way = "up" if wanted.kind is DecisionKind.ADVANCE else "down"
        raise invalid(
            "/to_rung", "out_of_range", f"From rung {decision.from_rung} that is not {way}; nothing was changed."
        )
    return decision
