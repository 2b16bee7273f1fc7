"""What must hold for every history, whatever was practised, sent late, ordered, answered or reported."""

import os
import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from uuid import uuid5

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from app.domain import days, progression, schedule
from app.domain.course import Course, evidence_from, follow
from app.domain.decision import ActorKind, Answer, DecisionKind, DecisionState, Order, Stop
from app.domain.facts import Fact
from app.domain.prescription import AdvanceMode, Prescription
from app.domain.rules import growth
from app.domain.rules.profiles import PROFILES, profile_of
from app.domain.session import PracticeDay
from app.domain.standing import DayLabel, Standing, Status
from tests.domain.builders import (
    CLINICIAN,
    EVERY_DAY,
    MON_WED_FRI,
    PATIENT,
    asked,
    at,
    away,
    carried,
    day,
    make_prescription,
    make_version,
    order,
    practice,
    stop,
)

LAST = 36
ONE_DAY = timedelta(days=1)
STANDING = TypeAdapter(Standing)
RULES = ["pain_free_days", *(name for name, _ in PROFILES)]
"""The article's rule a little more often than each of the others."""
WORDS = "0 0 0 0 0>0 0>0 0>0 0,0 0p 0e 0m 0m 1 ? 4 3>3 2>3 2>3 2h 0,4 7 1x 1x,1x 0s -".split()

# A history of 36 days says more than many examples do; before a release many more are run.
modest = settings(max_examples=int(os.environ.get("RUNG_TEST_HISTORIES", "50")), deadline=None)


@dataclass(frozen=True)
class History:
    """A prescription and everything that ever became known about it."""

    plan: Prescription
    facts: tuple[Fact, ...]


@st.composite
def plans(draw: st.DrawFn) -> Prescription:
    advance = draw(st.sampled_from(AdvanceMode))
    profile, other_profile = draw(st.sampled_from(RULES)), draw(st.sampled_from(RULES))
    usual_pain = draw(st.integers(0, 6))
    weekdays = draw(st.sampled_from([EVERY_DAY, EVERY_DAY, MON_WED_FRI]))
    every_n_days = draw(st.sampled_from([None, None, None, 2]))
    first = make_version(
        advance=advance, weekdays=weekdays, every_n_days=every_n_days, rungs=4, start_rung=draw(st.integers(1, 3)),
        ends=draw(st.sampled_from([None, None, 30])), avoid_at_2=("osteoporosis",),
        profile=profile, usual_pain=usual_pain,
    )  # fmt: skip
    second = make_version(
        number=2, effective=draw(st.integers(2, LAST)), rungs=4, start_rung=draw(st.integers(1, 3)), advance=advance,
        restarts_run=profile != other_profile or draw(st.booleans()), pain_free_days=draw(st.sampled_from([3, 4])),
        profile=other_profile, usual_pain=usual_pain,
    )  # fmt: skip
    closed_on = draw(st.integers(2, LAST))
    third = replace(
        make_version(number=3, effective=closed_on, ends=closed_on, rungs=4, advance=advance, profile=other_profile),
        closed_as=draw(st.sampled_from(["completed", "ended"])),
    )
    chosen = [first, *([second] if draw(st.booleans()) else []), *([third] if draw(st.booleans()) else [])]
    return make_prescription(*(replace(one, version=number) for number, one in enumerate(chosen, start=1)))


@st.composite
def practices(draw: st.DrawFn) -> list[Fact]:
    # Long good stretches first, so that rungs are climbed; then single days said otherwise, on time or late.
    rung = draw(st.integers(1, 2))
    good = draw(st.integers(0, 12))
    made: list[Fact] = [practice(number, "0", rung=rung) for number in range(1, good + 1)]
    for _ in range(draw(st.integers(0, 25))):
        number = draw(st.integers(1, LAST))
        late = draw(st.sampled_from([0, 0, 0, 0, 1, 3, 8, 31]))
        one = practice(number, draw(st.sampled_from(WORDS)), rung=draw(st.integers(1, 3)), known=number + late)
        if draw(st.booleans()):
            one = replace(one, next_morning=draw(st.sampled_from([None, 0, 2, 7])), has_symptom=draw(st.booleans()))
        made.append(one)
    by_receipt = {(fact.local_date, fact.known_on): fact for fact in made if isinstance(fact, PracticeDay)}
    return list(by_receipt.values())


@st.composite
def orders(draw: st.DrawFn, clearing: tuple[int, ...]) -> Order:
    kind = draw(st.sampled_from(["advance", "step_back", "hold", "pause", "stop", "resume", "resume", "resume"]))
    known = draw(st.integers(1, LAST))
    return order(
        DecisionKind(kind),
        known,
        to_rung=draw(st.sampled_from([None, 1, 2, 3])),
        effective=known + (1 if kind == "advance" else draw(st.integers(0, 1)) if kind == "resume" else 0),
        clears=draw(st.lists(st.sampled_from(clearing), max_size=3, unique=True)) if clearing else (),
        number=draw(st.integers(900, 990)),
        hour=draw(st.integers(0, 23)),
    )


@st.composite
def wishes(draw: st.DrawFn) -> Order:
    return asked(
        draw(st.integers(1, LAST)),
        to_rung=draw(st.sampled_from([None, 0, 1, 2])),
        number=draw(st.integers(800, 890)),
        hour=draw(st.integers(0, 23)),
    )


@st.composite
def answers(draw: st.DrawFn, plan: Prescription) -> Answer:
    offered = draw(st.integers(3, 20))
    rung = draw(st.integers(1, 2))
    met = profile_of(plan.versions[0].rule).met
    known = offered + draw(st.integers(0, 4))
    offer_id = uuid5(plan.id, f"{day(offered)}/advance/{rung}/{rung + 1}/{met}/")
    effective = day(known + draw(st.integers(0, 1)))
    by = draw(st.sampled_from([PATIENT, CLINICIAN]))
    return Answer(offer_id, draw(st.sampled_from([True, True, False])), effective, day(known), at(known), by)


@st.composite
def histories(draw: st.DrawFn, *, with_orders: bool = True) -> History:
    plan = draw(plans())
    facts: list[Fact] = draw(practices())
    if with_orders:
        reported = draw(st.lists(st.tuples(st.integers(1, LAST), st.integers(0, 4)), max_size=3))
        stops = [stop(seen + late, happened=seen, number=500 + n) for n, (seen, late) in enumerate(reported)]
        facts += stops
        given_wishes: list[Order] = draw(st.lists(wishes(), max_size=3, unique_by=lambda o: o.id))
        facts += given_wishes
        given_orders = draw(st.lists(orders(tuple(one.id.int for one in stops)), max_size=4, unique_by=lambda o: o.id))
        facts += given_orders
        conditions = st.tuples(st.integers(1, LAST), st.sampled_from([None, 1, 5]))
        for known, lasts in draw(st.lists(conditions, max_size=2)):
            facts.append(carried(known, None if lasts is None else known + lasts))
        leaves = st.tuples(
            st.integers(1, LAST), st.integers(-3, 6), st.integers(0, 9), st.sampled_from([None, 0, 2, 7])
        )
        for known, begins, lasts, back in draw(st.lists(leaves, max_size=3, unique_by=lambda one: one[0])):
            first = known + begins
            ended = None if back is None else known + back
            facts.append(away(first, max(first + lasts, known), known=known, ended=ended))
    given_answers: list[Answer] = draw(
        st.lists(answers(plan), max_size=4, unique_by=lambda a: (a.decision_id, a.accepted))
    )
    facts += given_answers
    return History(plan, tuple(facts))


def whole(history: History, until: int = LAST) -> Course:
    return follow(history.plan, history.facts, until=day(until))


def may_end_later(fact: Fact) -> bool:
    """A condition that was cleared and an absence that was ended are heard of twice, so they are always given whole."""
    return bool(getattr(fact, "cleared_on", None) or getattr(fact, "ended_on", None))


def known_by(fact: Fact, last: date) -> bool:
    return fact.known_on <= last


@given(histories(), st.integers(0, 10_000))
@modest
def test_the_order_of_facts_does_not_matter(history: History, seed: int) -> None:
    shuffled = list(history.facts)
    random.Random(seed).shuffle(shuffled)
    assert follow(history.plan, shuffled + shuffled[:3], until=day(LAST)) == whole(history)


@given(histories(), st.integers(0, LAST - 1))
@modest
def test_a_course_taken_up_again_from_a_stored_standing_goes_on_as_if_it_had_not_been_left(
    history: History, cut: int
) -> None:
    complete = whole(history)
    earlier = whole(history, cut).standing
    stored = STANDING.validate_json(STANDING.dump_json(earlier))
    assert stored == earlier
    since = evidence_from(history.plan, stored)
    given_facts = [
        fact
        for fact in history.facts
        if not isinstance(fact, PracticeDay) or fact.local_date >= since or fact.known_on > stored.through
    ]
    assert_same_from(cut, complete, follow(history.plan, given_facts, until=day(LAST), since=stored))
    new_only = [fact for fact in history.facts if may_end_later(fact) or not known_by(fact, day(cut))]
    assert_same_from(cut, complete, follow(history.plan, new_only, until=day(LAST), since=stored))


def assert_same_from(cut: int, complete: Course, resumed: Course) -> None:
    assert resumed.standing == complete.standing
    assert resumed.settled == complete.settled
    assert resumed.decisions == tuple(d for d in complete.decisions if d.decided_on > day(cut))
    assert resumed.days == tuple(label for label in complete.days if label.local_date > day(cut))


@given(histories(), st.integers(1, LAST))
@modest
def test_settled_is_the_standing_of_the_day_before(history: History, until: int) -> None:
    assert whole(history, until).settled == whole(history, until - 1).standing


@given(histories(), st.integers(1, LAST - 1), st.integers(1, 20))
@modest
def test_a_standing_of_today_is_carried_forward_when_nothing_new_is_known(history: History, cut: int, on: int) -> None:
    known = [fact for fact in history.facts if known_by(fact, day(cut)) and not may_end_later(fact)]
    now = follow(history.plan, known, until=day(cut)).standing
    later = follow(history.plan, known, until=day(cut + on))
    assert_same_from(cut, later, follow(history.plan, (), until=day(cut + on), since=now))


@given(histories(), st.integers(1, LAST), st.sampled_from(WORDS), st.integers(1, 3), st.integers(0, 8))
@modest
def test_days_before_a_fact_is_known_keep_their_label(
    history: History, number: int, words: str, rung: int, late: int
) -> None:
    extra = practice(number, words, rung=rung, known=number + late)
    if any(
        isinstance(f, PracticeDay) and (f.local_date, f.known_on) == (day(number), extra.known_on)
        for f in history.facts
    ):
        return
    before = day(number + late)

    def labels(course: Course) -> list[DayLabel]:
        return [label for label in course.days if label.local_date < before]

    more = follow(history.plan, [*history.facts, extra], until=day(LAST))
    assert labels(more) == labels(whole(history))
    earlier = [d for d in whole(history).decisions if d.decided_on < before]
    assert [d for d in more.decisions if d.decided_on < before] == earlier


@given(histories(with_orders=False))
@modest
def test_at_most_one_rung_a_day(history: History) -> None:
    plan = make_prescription(history.plan.versions[0])
    course = follow(plan, history.facts, until=day(LAST))
    rungs = [history.plan.versions[0].start_rung, *(label.rung for label in course.days)]
    assert all(abs(after - before) <= 1 for before, after in pairwise(rungs))


@given(histories())
@modest
def test_a_stop_is_cleared_by_nothing_but_a_resume_that_names_it(history: History) -> None:
    stops = {fact.id: fact for fact in history.facts if isinstance(fact, Stop)}
    named: dict[object, date] = {}
    for fact in history.facts:
        if isinstance(fact, Order) and fact.kind is DecisionKind.RESUME:
            for one in fact.clears:
                if one in stops and stops[one].known_on <= fact.effective_on:
                    named[one] = min(named.get(one, date.max), fact.effective_on)
    for label in whole(history).days:
        still_open = [
            one for one, fact in stops.items() if fact.known_on <= label.local_date < named.get(one, date.max)
        ]
        if still_open:
            assert label.status in {Status.STOPPED, Status.ENDED, Status.COMPLETED}


@given(histories())
@modest
def test_no_advance_of_the_rule_without_a_run_that_stands(history: History) -> None:
    for decision in whole(history).decisions:
        if decision.kind not in {DecisionKind.ADVANCE, DecisionKind.GROW} or decision.by.kind is not ActorKind.RULE:
            continue
        if decision.state is DecisionState.BLOCKED and decision.supersedes:
            continue
        snapshots = {}
        practised = [
            fact for fact in history.facts if isinstance(fact, PracticeDay) and fact.known_on <= decision.decided_on
        ]
        for fact in sorted(practised, key=lambda fact: fact.known_on):
            if not days.is_late(fact.local_date, fact.known_on):
                snapshots[fact.local_date] = fact
        needed = int(dict(decision.reason.params)["needed_days"])
        in_force = history.plan.version_on(decision.decided_on)
        profile, usual = profile_of(in_force.rule), in_force.usual_pain
        assert decision.reason.rule == in_force.rule.profile
        assert needed >= profile.min_days
        looked_at = decision.decided_on
        counted = missed = 0
        while counted < needed:
            is_due = schedule.is_due(history.plan.version_on(looked_at), looked_at)
            evidence = snapshots.get(looked_at)
            if evidence and evidence.performances:
                assert progression.is_clean(evidence, profile, usual)
            if is_due and evidence and progression.is_good(evidence, decision.from_rung, profile, usual):
                counted, missed = counted + 1, 0
            elif is_due and (evidence is None or not evidence.performances):
                missed += looked_at != decision.decided_on
            else:
                assert not is_due or looked_at == decision.decided_on
            assert missed <= profile.missed_days
            looked_at -= ONE_DAY


@given(histories())
@modest
def test_an_eased_or_stopped_day_never_ends_higher_than_it_began(history: History) -> None:
    labels = whole(history).days
    changed = {version.effective_on for version in history.plan.versions}
    ordered = {fact.effective_on for fact in history.facts if isinstance(fact, Order)}
    for before, after in pairwise(labels):
        if before.status is Status.STOPPED and after.local_date not in changed | ordered:
            assert after.rung <= before.rung


@given(histories())
@modest
def test_a_dosage_grows_by_one_step_a_day_and_stays_inside_what_was_prescribed(history: History) -> None:
    labels = whole(history).days
    for before, after in pairwise(labels):
        version = history.plan.version_on(after.local_date)
        assert after.growth <= before.growth + 1
        dosage = version.rung_at(after.rung).dosage
        asked = growth.in_force(version, after.rung, after.growth, is_eased=False)
        assert growth.start_of(dosage, profile_of(version.rule)) <= asked.reps_min <= asked.reps_max <= dosage.reps_max
        if after.rung != before.rung:
            assert after.growth == 0 or after.rung < before.rung


@given(histories())
@modest
def test_every_decision_has_an_id_of_its_own(history: History) -> None:
    ids = [decision.id for decision in whole(history).decisions]
    assert len(ids) == len(set(ids))


@given(histories(), st.integers(1, LAST), st.sampled_from([None, 0, 1, 2]), st.integers(0, 23))
@modest
def test_what_a_patient_asks_for_never_leads_up_on_its_day(
    history: History, number: int, to_rung: int | None, hour: int
) -> None:
    wish = asked(number, to_rung=to_rung, number=899, hour=hour)
    without = whole(history, number).standing
    with_it = follow(history.plan, [*history.facts, wish], until=day(number)).standing
    assert with_it.rung <= without.rung
    assert with_it.open_stops == without.open_stops
