"""What orders, stops and answers do to a course, each as a short story."""

from dataclasses import replace

from app.domain.decision import DecisionKind
from app.domain.facts import Fact
from app.domain.prescription import AdvanceMode
from app.domain.standing import Status
from tests.domain.builders import (
    AUTOMATIC,
    PATIENT,
    answer,
    carried,
    day,
    lived,
    make_prescription,
    make_version,
    number_of,
    offer_of,
    order,
    practice,
    practised,
    stands,
    stop,
    told,
)

ASK = make_prescription()
AUTO = make_prescription(AUTOMATIC)
OFFERED_3 = "3 advance 1>2 offered pain_free_run_met"


def resume(known: int, clears: list[int]) -> Fact:
    return order(DecisionKind.RESUME, known, clears=clears)


def test_a_red_flag_of_day_8_uploaded_after_a_resume_of_day_10_stops_again() -> None:
    facts = [stop(9), resume(10, [500]), stop(12, happened=8, number=501)]
    course = lived(ASK, facts, until=day(12))
    assert told(course.decisions) == [
        "9 stop 1>1 applied symptom_emergency",
        "10 resume 1>1 applied clinician_order",
        "12 stop 1>1 applied symptom_emergency",
    ]
    assert [one.int for one in course.standing.open_stops] == [501]


def test_a_resume_clears_only_the_stops_it_names() -> None:
    course = lived(ASK, [stop(2), stop(2, number=501), resume(3, [500])], until=day(3))
    assert told(course.decisions)[-1] == "3 resume 1>1 blocked stop_open"
    assert course.standing.status is Status.STOPPED


def test_a_stop_and_the_resume_that_names_it_on_one_day() -> None:
    course = lived(ASK, [resume(2, [500]), stop(2)], until=day(2))
    assert told(course.decisions) == ["2 stop 1>1 applied symptom_emergency", "2 resume 1>1 applied clinician_order"]
    assert course.standing.status is Status.ACTIVE


def test_a_stop_of_another_region_does_not_stop_but_an_emergency_does() -> None:
    elsewhere = stop(2, kind="stop", region="shoulder")
    assert lived(ASK, [elsewhere], until=day(2)).standing.status is Status.ACTIVE
    assert lived(ASK, [stop(2, kind="stop")], until=day(2)).standing.status is Status.STOPPED
    assert lived(ASK, [stop(2, region="shoulder")], until=day(2)).standing.status is Status.STOPPED


def test_a_stop_known_before_the_prescription_began_is_there_when_it_begins() -> None:
    plan = make_prescription(make_version(effective=20, starts=20))
    assert lived(plan, [stop(5)], until=day(21)).standing.status is Status.STOPPED


def test_a_stop_during_the_last_day_still_holds_when_the_prescription_is_prolonged() -> None:
    plan = make_prescription(make_version(ends=3), make_version(number=2, effective=8))
    course = lived(plan, [stop(5)], until=day(8))
    assert course.standing.status is Status.STOPPED


def test_a_stop_order_is_cleared_only_by_its_name() -> None:
    halt = order(DecisionKind.STOP, 2, number=901)
    up = order(DecisionKind.ADVANCE, 3, effective=4, number=902)
    course = lived(ASK, [halt, up, resume(5, [901])], until=day(4))
    assert told(course.decisions) == ["2 stop 1>1 applied clinician_order", "3 advance 1>2 blocked stop_open"]
    assert lived(ASK, [halt, up, resume(5, [901])], until=day(5)).standing.status is Status.ACTIVE


def test_a_resume_starts_with_an_empty_run_at_the_clinicians_rung() -> None:
    plan = make_prescription(make_version(start_rung=2, rungs=3))
    facts = [*practised("0 0", rung=2), stop(3), order(DecisionKind.RESUME, 4, effective=5, to_rung=1, clears=[500])]
    course = lived(plan, [*facts, *practised("0 0", first=5)], until=day(6))
    assert stands(course) == "1 active run 2/3"


def test_pain_reported_while_stopped_does_not_hit_after_the_resume() -> None:
    plan = make_prescription(make_version(start_rung=2, rungs=3))
    course = lived(plan, [stop(1), practice(2, "7", rung=2), resume(3, [500])], until=day(3))
    assert stands(course) == "2 active run 0/3"


def test_a_pause_lasts_until_it_is_resumed() -> None:
    pause = order(DecisionKind.PAUSE, 2, number=901)
    paused = lived(ASK, [*practised("0 0 0 0"), pause], until=day(4))
    assert stands(paused) == "1 paused paused 3/3"
    assert lived(ASK, [pause, resume(5, [])], until=day(5)).standing.status is Status.ACTIVE


def test_a_hold_keeps_the_rung_until_another_order() -> None:
    hold = order(DecisionKind.HOLD, 2, number=901)
    facts = [hold, *practised("0 0 0 0")]
    assert stands(lived(ASK, facts, until=day(4))) == "1 held held 3/3"
    up = order(DecisionKind.ADVANCE, 4, effective=5, number=902)
    assert stands(lived(ASK, [*facts, up], until=day(5))) == "2 active top_rung 0/3"


def test_an_order_to_go_up_given_before_a_sore_session_of_that_day_is_not_obeyed() -> None:
    plan = make_prescription(make_version(start_rung=2, rungs=3))
    up = order(DecisionKind.ADVANCE, 1, effective=2, to_rung=3, hour=6)
    course = lived(plan, [up, practice(1, "7", rung=2)], until=day(2))
    assert told(course.decisions) == ["1 step_back 2>1 applied pain_high", "1 advance 1>3 blocked sore_since_order"]
    knowing = order(DecisionKind.ADVANCE, 1, effective=2, to_rung=2, hour=20)
    assert lived(plan, [knowing, practice(1, "7", rung=2)], until=day(2)).standing.rung == 2


def test_an_order_down_holds_at_once_and_takes_the_offer_back() -> None:
    plan = make_prescription(make_version(start_rung=2, rungs=3))
    offer = offer_of(plan, practised("0 0 0", rung=2), 3)
    down = order(DecisionKind.STEP_BACK, 4)
    course = lived(plan, [*practised("0 0 0", rung=2), down], until=day(4))
    assert stands(course) == "1 active run 0/3"
    assert course.decisions[-1].supersedes == offer.id
    assert course.decisions[-1].id == down.id


def test_a_stop_between_an_order_and_its_day_comes_first() -> None:
    up = order(DecisionKind.ADVANCE, 2, effective=3)
    course = lived(ASK, [up, stop(2, number=501), resume(9, [501])], until=day(3))
    assert course.standing.rung == 1


def test_a_stop_of_another_region_counts_when_the_prescription_comes_to_concern_it() -> None:
    elsewhere = stop(2, kind="stop", region="shoulder")
    version = make_version(number=2, effective=4, restarts_run=True)
    shoulder = tuple(replace(rung, regions=("shoulder",)) for rung in version.rungs)
    changed = replace(version, rungs=shoulder)
    plan = make_prescription(make_version(), changed)
    assert lived(plan, [elsewhere], until=day(3)).standing.status is Status.ACTIVE
    assert lived(plan, [elsewhere], until=day(4)).standing.status is Status.STOPPED


def test_a_resume_for_tomorrow_does_not_outrun_a_stop_of_today() -> None:
    facts: list[Fact] = [stop(2), order(DecisionKind.RESUME, 3, effective=4, clears=[500]), stop(3, number=501)]
    course = lived(ASK, facts, until=day(4))
    assert told(course.decisions)[-1] == "4 hold 1>1 blocked stop_open"
    assert [one.int for one in course.standing.open_stops] == [501]


def test_a_stop_order_and_the_resume_that_names_it_on_one_day() -> None:
    halt = order(DecisionKind.STOP, 2, number=901, hour=9)
    again = order(DecisionKind.RESUME, 2, number=902, clears=[901], hour=10)
    assert lived(ASK, [halt, again], until=day(2)).standing.status is Status.ACTIVE


def test_a_condition_holds_for_as_long_as_it_is_not_cleared_and_says_so_once() -> None:
    plan = make_prescription(make_version(avoid_at_1=("osteoporosis",)))
    course = lived(plan, [carried(2, cleared=6), *practised("0 0 0 0 0 0")], until=day(6))
    assert told(course.decisions) == ["2 hold 1>1 applied needs_clearance", "6 advance 1>2 offered pain_free_run_met"]
    assert [label.status for label in course.days[1:5]] == [Status.HELD] * 4


def test_a_restart_forgets_failures_and_sore_days() -> None:
    again = make_version(number=2, effective=2, start_rung=2, rungs=3, restarts_run=True)
    plan = make_prescription(make_version(start_rung=3, rungs=3), again)
    course = lived(plan, practised("7", rung=3), until=day(2))
    assert stands(course) == "2 active run 0/3"
    assert course.standing.failures == ()


# Answers


def test_a_yes_before_practice_holds_at_once() -> None:
    facts = practised("0 0 0")
    yes = answer(offer_of(ASK, facts, 3), 4)
    course = lived(ASK, [*facts, yes, practice(4, "0", rung=2)], until=day(4))
    assert told(course.decisions) == [OFFERED_3, "4 advance 1>2 applied offer_accepted"]
    assert stands(course) == "2 active top_rung 1/3"


def test_a_yes_after_practice_holds_from_the_next_day() -> None:
    facts = practised("0 0 0")
    yes = answer(offer_of(ASK, facts, 3), 3, effective=4)
    assert stands(lived(ASK, [*facts, yes], until=day(3))) == "1 active advance_tomorrow 3/3"
    assert lived(ASK, [*facts, yes], until=day(3)).standing.next_rung == 2
    assert stands(lived(ASK, [*facts, yes], until=day(4))) == "2 active top_rung 0/3"


def test_pain_on_the_new_rung_after_a_yes_of_the_same_morning_is_a_failure_of_that_rung() -> None:
    plan = make_prescription(make_version(rungs=3, start_rung=2))
    facts = practised("0 0 0", rung=2)
    yes = answer(offer_of(plan, facts, 3), 4)
    course = lived(plan, [*facts, yes, practice(4, "7", rung=3)], until=day(4))
    assert told(course.decisions)[1:] == [
        "4 advance 2>3 applied offer_accepted",
        "4 step_back 3>2 applied pain_high",
    ]
    assert course.standing.failures == ((3, 1),)


def test_a_yes_at_once_to_an_offer_made_of_a_late_batch() -> None:
    facts = practised("0 0 0", known=4)
    yes = answer(offer_of(ASK, facts, 4), 4)
    course = lived(ASK, [*facts, yes, practice(4, "0", rung=2)], until=day(4))
    assert told(course.decisions) == ["4 advance 1>2 offered pain_free_run_met", "4 advance 1>2 applied offer_accepted"]
    assert course.standing.rung == 2


def test_a_no_closes_the_offer_and_a_new_one_needs_a_fresh_run() -> None:
    facts = practised("0 0 0 0 0 0")
    no = answer(offer_of(ASK, facts, 3), 3, yes=False)
    assert stands(lived(ASK, [*facts, no], until=day(5))) == "1 active run 2/3"
    course = lived(ASK, [*facts, no], until=day(6))
    assert told(course.decisions) == [
        OFFERED_3,
        "3 advance 1>2 declined offer_declined",
        "6 advance 1>2 offered pain_free_run_met",
    ]


def test_an_offer_declined_while_offline_that_is_gone_changes_nothing() -> None:
    facts = practised("0 0 0 - 0")
    no = answer(offer_of(ASK, facts, 3), 6, yes=False)
    course = lived(ASK, [*facts, no], until=day(6))
    assert told(course.decisions)[-1] == "6 hold 1>1 superseded offer_gone"
    assert stands(course) == "1 active run 1/3"


def test_a_late_yes_to_an_older_offer_of_the_same_rung_accepts_the_newer_one() -> None:
    facts = practised("0 0 0 - 0 0 0")
    older = offer_of(ASK, facts, 3)
    course = lived(ASK, [*facts, answer(older, 8)], until=day(8))
    assert told(course.decisions)[-1] == "8 advance 1>2 applied offer_accepted"


def test_a_patients_yes_to_the_clinicians_offer_changes_nothing() -> None:
    plan = make_prescription(make_version(advance=AdvanceMode.ASK_CLINICIAN))
    facts = practised("0 0 0")
    offer = offer_of(plan, facts, 3)
    right = answer(offer, 4)
    by_patient = replace(right, by=PATIENT)
    course = lived(plan, [*facts, by_patient], until=day(4))
    assert told(course.decisions)[-1] == "4 hold 1>1 superseded offer_gone"
    assert course.standing.offer
    assert lived(plan, [*facts, right], until=day(4)).standing.rung == 2


def test_upward_holds_from_the_next_day_and_downward_at_once() -> None:
    facts = [*practised("0 0 0"), practice(4, "4", rung=2), practice(5, "0e", rung=2), practice(6, "7", rung=2)]
    course = lived(AUTO, facts, until=day(6))
    assert [
        (d.kind, number_of(d.effective_on or d.decided_on) - number_of(d.decided_on)) for d in course.decisions
    ] == [
        ("advance", 1),
        ("ease", 0),
        ("restore", 1),
        ("step_back", 0),
    ]


def test_a_travellers_day_is_not_looked_at_before_it_begins() -> None:
    ahead = practice(3, "0", known=2)
    assert stands(lived(ASK, [*practised("0 0"), ahead], until=day(2))) == "1 active run 2/3"
    assert stands(lived(ASK, [*practised("0 0"), ahead], until=day(3))) == "1 active offer_waiting 3/3"


def test_an_advance_that_was_earned_long_ago_is_not_taken_back() -> None:
    facts = [*practised("0 0 0"), practice(3, "7", known=40)]
    assert lived(AUTO, facts, until=day(40)).standing.rung == 2


def test_an_ease_waits_for_practice_however_long_that_takes() -> None:
    assert lived(ASK, practised("4"), until=day(80)).standing.is_eased
    assert lived(ASK, [*practised("4"), practice(70, "?")], until=day(80)).standing.is_eased
    assert not lived(ASK, [*practised("4"), practice(70, "0")], until=day(71)).standing.is_eased


def test_a_decision_names_the_sessions_and_the_rule_it_used() -> None:
    offer = offer_of(ASK, practised("0 0 0"), 3)
    assert [one.int for one in offer.reason.sessions] == [1000, 2000, 3000]
    assert (offer.reason.rule, offer.reason.rule_version) == ("pain_free_days", 1)
    assert number_of(offer.decided_on) == 3
