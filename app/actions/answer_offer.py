"""A patient or a clinician says yes or no to an offered advance."""

from datetime import datetime, timedelta
from uuid import UUID

from app.actions.follow_courses import follow_courses
from app.domain import climb
from app.domain.decision import Actor, ActorKind, Answer, Decision, DecisionState
from app.domain.errors import OfferGone
from app.store import course_facts, decisions, practice_days, practice_quarters, prescriptions, revisions
from app.store.decisions import StoredDecision
from app.store.transaction import Transaction


def answer_offer(
    tx: Transaction, patient_id: UUID, decision_id: UUID, *, is_accepted: bool, now: datetime
) -> StoredDecision:
    """Answer an offer; the decision as it stands then. The same answer again gives the same.

    A yes takes effect at once when nothing was practised yet today, else on the next local day. A no to an offer that
    is gone is kept and changes nothing. Raises OfferGone for a yes that finds no offer, NotFound for no such decision.
    """
    patient = revisions.take(tx, patient_id)
    today = patient.today(now)
    [found] = decisions.with_outcome(tx, patient_id, [decisions.one(tx, patient_id, decision_id)])
    if not climb.is_offer_to(found.decision, ActorKind.PATIENT):
        raise OfferGone("This decision offers nothing that a patient may answer.")
    wanted = DecisionState.ACCEPTED if is_accepted else DecisionState.DECLINED
    if found.decision.state is wanted:
        return found
    before = _accepted_as(tx, patient_id, found.decision) if is_accepted else None
    if before is not None:
        return before
    if found.decision.state not in {DecisionState.OFFERED, DecisionState.SUPERSEDED}:
        raise OfferGone("This decision is not an open offer.")
    one = prescriptions.one(tx, patient_id, found.decision.prescription_id)
    known = practice_days.known_since(tx, patient_id, [one.prescription.id], one.closed(today).through, (today,))
    has_practised = any(stored.day.local_date == today and stored.day.performances for stored in known)
    answer = Answer(
        decision_id=decision_id,
        accepted=is_accepted,
        effective_on=today + timedelta(days=1) if has_practised else today,
        known_on=today,
        recorded_at=now,
        by=Actor(ActorKind.PATIENT, tx.scope.patient_id)
        if tx.scope.is_patient
        else Actor(ActorKind.CLINICIAN, tx.scope.clinician_id),
    )
    course_facts.add_answer(tx, patient_id, one.prescription.id, answer)
    followed = follow_courses(tx, patient, [one], today=today, now=now, practice=known, has_new_facts=True)
    practice_quarters.refresh(tx, patient_id, followed.recounted)
    [answered] = decisions.with_outcome(tx, patient_id, [decisions.one(tx, patient_id, decision_id)])
    if is_accepted and answered.decision.state is not DecisionState.ACCEPTED:
        newer = _accepted_as(tx, patient_id, found.decision)
        if newer is None:
            raise OfferGone("A later day changed the picture; fetch the routine again.")
        return newer
    return answered


def _accepted_as(tx: Transaction, patient_id: UUID, offer: Decision) -> StoredDecision | None:
    """The advance that a yes to this offer became: it may have counted as a yes to a newer offer of the same rung."""
    since = decisions.since(tx, patient_id, offer.decided_on - timedelta(days=1))
    later = decisions.with_outcome(tx, patient_id, [one for one in since if climb.is_yes_to(one.decision, offer.id)])
    return next((one for one in later if one.decision.state is DecisionState.APPLIED), None)
