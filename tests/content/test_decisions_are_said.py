"""What real courses decide is said in its own words, with the parameters that the course really gives."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid5

import pytest

from app.content import library
from app.content.texts import FALLBACK
from app.domain import course
from app.domain.decision import Actor, ActorKind, Answer, CarriedCondition, Decision, DecisionKind, Order, Stop
from app.domain.facts import Fact
from app.domain.prescription import AdvanceMode, Prescription, Rule, Rung, Version
from app.domain.session import PerformanceEvidence, PracticeDay, StoppedEarly

LIBRARY = library.load()
NAMESPACE = UUID("00000000-0000-4000-8000-000000000001")
FIRST = date(2026, 11, 1)
PATIENT = Actor(ActorKind.PATIENT, NAMESPACE)
CLINICIAN = Actor(ActorKind.CLINICIAN, NAMESPACE)


def prescribed(
    *, start_rung: int = 1, advance: AdvanceMode = AdvanceMode.ASK_PATIENT, rule: Rule | None = None
) -> Prescription:
    """The article's ladder for one patient, every day, exactly as the library proposes it."""
    ladder = LIBRARY.ladder("knees-to-chest")
    rungs = []
    for number, exercise_id in enumerate(ladder.exercise_ids, start=1):
        exercise = LIBRARY.exercise(exercise_id)
        avoid = tuple(caution.condition for caution in exercise.cautions if caution.action == "avoid")
        rungs.append(
            Rung(
                rung=number,
                exercise_id=exercise.id,
                exercise_version=exercise.version,
                regions=exercise.regions,
                required_sides=exercise.required_sides,
                dosage=exercise.dosage,
                avoid_conditions=avoid,
            )
        )
    version = Version(
        version=1,
        effective_on=FIRST,
        starts_on=FIRST,
        ends_on=None,
        ladder_id=ladder.id,
        rungs=tuple(rungs),
        start_rung=start_rung,
        max_rung=len(rungs),
        weekdays=frozenset(range(7)),
        every_n_days=None,
        due_per_day=1,
        offered_per_day=2,
        as_needed=False,
        usual_pain=None,
        rule=rule or Rule(profile=ladder.rule_profile, version=1, pain_free_days=ladder.rule_days),
        advance=advance,
    )
    return Prescription(id=NAMESPACE, patient_id=NAMESPACE, ladder_id=ladder.id, position=1, versions=(version,))


def practised(
    day: int, pain: int | None = 0, *, rung: int = 1, stopped: StoppedEarly | None = None, known: int | None = None
) -> PracticeDay:
    """A day of November on which all was done, with this worst pain, known on that day or on a later one."""
    local_date = FIRST.replace(day=day)
    performance = PerformanceEvidence(
        session_id=uuid5(NAMESPACE, f"{day}/{pain}"),
        started_at=datetime(2026, 11, day, 8, tzinfo=UTC),
        rung=rung,
        complete_full=True,
        complete_eased=True,
        pain_before=0,
        pain_during=pain,
        pain_after=pain,
        stopped_early=stopped,
        has_symptom=False,
        reps=15,
    )
    return PracticeDay(local_date, local_date if known is None else FIRST.replace(day=known), (performance,))


def order(kind: DecisionKind, day: int, clears: tuple[UUID, ...] = ()) -> Order:
    """A clinician's word given on a day of November, in force on the next day when it leads up."""
    given = FIRST.replace(day=day)
    later = given + timedelta(days=1) if kind is DecisionKind.ADVANCE else given
    return Order(
        uuid5(NAMESPACE, f"{kind}{day}"),
        kind,
        None,
        later,
        given,
        datetime(2026, 11, day, tzinfo=UTC),
        CLINICIAN,
        clears,
    )


def stop(symptom: str, day: int) -> Stop:
    """A symptom of the catalogue reported on a day of November."""
    known = LIBRARY.symptoms[symptom]
    on = FIRST.replace(day=day)
    return Stop(uuid5(NAMESPACE, symptom), symptom, known.symptom_class, known.regions, on, on)


def followed(facts: Iterable[Fact], until: int, prescription: Prescription | None = None) -> tuple[Decision, ...]:
    return course.follow(prescription or prescribed(), tuple(facts), until=FIRST.replace(day=until)).decisions


def offer_of(decisions: tuple[Decision, ...]) -> Decision:
    return next(one for one in decisions if one.reason.code == "pain_free_run_met")


def answered(*, accepted: bool, day: int = 3, facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
    on = FIRST.replace(day=day)
    offer = offer_of(followed(facts, 3)).id
    return (
        *facts,
        Answer(offer, accepted, on + timedelta(days=1), on, datetime(2026, 11, day, 9, tzinfo=UTC), PATIENT),
    )


CLEAN = (practised(1), practised(2), practised(3))
ACCEPTED = answered(accepted=True, facts=CLEAN)
TRAFFIC_LIGHT = Rule("traffic_light", 1, good_days=3)
QUOTA = Rule("quota", 1, good_days=3)
STRENGTH = Rule("strength", 1, good_days=2)
BOTH = prescribed(start_rung=2)

CASES: dict[str, tuple[tuple[Fact, ...], Prescription]] = {
    "pain_free_run_met": (CLEAN, prescribed()),
    "good_run_met": (tuple(practised(day, 3) for day in (1, 2, 3)), prescribed(rule=TRAFFIC_LIGHT)),
    "growth_earned": ((practised(1, 3), practised(2, 3)), prescribed(rule=STRENGTH)),
    "quota_raised": (tuple(practised(day, 8) for day in (1, 2, 3)), prescribed(rule=QUOTA)),
    "quota_run_met": (tuple(practised(day, 8) for day in range(1, 28)), prescribed(rule=QUOTA)),
    "growth_superseded": (
        (practised(1), practised(2), practised(3), practised(1, 4, known=3)),
        prescribed(rule=STRENGTH),
    ),
    "offer_accepted": (ACCEPTED, prescribed()),
    "offer_declined": (answered(accepted=False, facts=CLEAN), prescribed()),
    "offer_gone": (answered(accepted=False, day=6, facts=CLEAN), prescribed()),
    "offer_superseded": ((*CLEAN, practised(4, 1)), prescribed()),
    "advance_superseded": ((*ACCEPTED, practised(2, 2, known=5)), prescribed()),
    "pain_high": ((practised(1, 7, rung=2),), BOTH),
    "sore_twice": ((practised(1, 4, rung=2), practised(2, 3, rung=2)), BOTH),
    "stopped_early_twice": (
        (practised(1, 1, rung=2, stopped=StoppedEarly.PAIN), practised(3, 1, rung=2, stopped=StoppedEarly.PAIN)),
        BOTH,
    ),
    "sore_at_lowest_rung": ((practised(1, 7),), prescribed()),
    "sore_day": ((practised(1, 4),), prescribed()),
    "sore_next_morning": ((practised(1), replace(practised(1, known=2), next_morning=3)), prescribed()),
    "clean_day": ((practised(1, 4), practised(2)), prescribed()),
    "sore_report_changed": ((practised(1, 4), PracticeDay(FIRST, FIRST.replace(day=2), ())), prescribed()),
    "symptom_emergency": ((stop("saddle_numbness", 2),), prescribed()),
    "symptom_stop": ((stop("leg_symptoms_spreading_down", 2),), prescribed()),
    "stop_open": ((stop("saddle_numbness", 2), order(DecisionKind.RESUME, 3)), prescribed()),
    "needs_clearance": (
        (*CLEAN, CarriedCondition("osteoporosis_or_vertebral_fracture", FIRST.replace(day=2))),
        prescribed(),
    ),
    "clinician_order": ((order(DecisionKind.PAUSE, 2),), prescribed()),
}
"""A course for each reason, by the code it must end in."""


@pytest.mark.parametrize("code", CASES)
@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("audience", ["patient", "clinician"])
def test_a_real_decision_is_said_in_its_own_words(code: str, language: str, audience: str) -> None:
    facts, prescription = CASES[code]
    # A quota rises step by step before the next rung is earned.
    decisions = followed(facts, 28 if code == "quota_run_met" else 8, prescription)
    assert code in {decision.reason.code for decision in decisions}
    for decision in decisions:
        reason = decision.reason
        params = dict(reason.params)
        said = LIBRARY.texts.render("reason", reason.code, params, language, audience)
        assert said != LIBRARY.texts.render("reason", FALLBACK, {}, language, audience)
        assert "{" not in said
        assert set(params) <= set(LIBRARY.texts.params["reason"][reason.code])
        if reason.would_change_it is not None:
            changed = LIBRARY.texts.render("would_change_it", reason.would_change_it, params, language, audience)
            assert changed != LIBRARY.texts.render("would_change_it", FALLBACK, {}, language, audience)


def test_the_patient_reads_the_article() -> None:
    """Three days of one leg without pain: likely time for the next step, as advice."""
    offer = offer_of(followed(CLEAN, 3))
    said = LIBRARY.texts.render("reason", offer.reason.code, dict(offer.reason.params))
    assert said == "You did this without pain on 3 days in a row. It is likely time for the next step."
