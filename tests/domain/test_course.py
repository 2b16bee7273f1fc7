"""Cases that a physiotherapist can check: what was practised, what the course decided, and where it stands."""

from dataclasses import dataclass, field, replace

import pytest

from app.domain.decision import DecisionKind
from app.domain.facts import Fact
from app.domain.prescription import AdvanceMode, Prescription
from app.domain.standing import Status
from tests.domain.builders import (
    AUTOMATIC,
    MON_WED_FRI,
    away,
    carried,
    day,
    lived,
    make_prescription,
    make_version,
    morning,
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


@dataclass(frozen=True)
class Case:
    """A story and its end."""

    name: str
    facts: list[Fact]
    until: int
    decisions: list[str]
    stands: str
    plan: Prescription = field(default=ASK)


CASES = [
    Case("T1 three pain-free days are offered the next rung", practised("0 0 0"), 3, [OFFERED_3],
         "1 active offer_waiting 3/3"),
    Case("T1 three pain-free days advance from day 4", practised("0 0 0"), 4,
         ["3 advance 1>2 applied pain_free_run_met"], "2 active run 0/3", AUTO),
    Case("T2 a missing answer is not zero", practised("0 0 ?"), 3, [], "1 active pain_unknown 0/3"),
    Case("T3 pain 1 restarts the run", practised("0 0 1"), 3, [], "1 active discomfort 0/3"),
    Case("T4 a missed day restarts the run", practised("0 - 0 0"), 4, [], "1 active run 2/3"),
    Case("an absence neither breaks a run nor counts for it", [*practised("0 0 - - 0"), away(3, 4)], 5,
         ["5 advance 1>2 offered pain_free_run_met"], "1 active offer_waiting 3/3"),
    Case("practice on an absence is not counted, and breaks nothing", [*practised("0 0 0 0"), away(3, 3)], 4,
         ["4 advance 1>2 offered pain_free_run_met"], "1 active offer_waiting 3/3"),
    Case("what hurts on an absence is heard", [*practised("0 0 7"), away(3, 3)], 3,
         ["3 ease 1>1 applied sore_at_lowest_rung"], "1 eased eased 0/3"),
    Case("an absence that is known later mends no missed day", [*practised("0 - 0 0"), away(2, 2, known=3)], 4, [],
         "1 active run 2/3"),
    Case("an absence that was ended excuses no more", [*practised("0 0 - - 0"), away(3, 9, ended=4)], 5, [],
         "1 active run 1/3"),
    Case("T5 two sessions, 0 and 2: not a pain-free day", practised("0 0 0,2"), 3, [], "1 active discomfort 0/3"),
    Case("T6 T7 a partial day does not count, and while it is open does not break", practised("0 0 0p"), 3, [],
         "1 active incomplete 2/3"),
    Case("T6 T7 a partial day breaks when it has ended", practised("0 0 0p 0 0"), 5, [], "1 active run 2/3"),
    Case("a second, partial session neither helps nor breaks", practised("0 0 0,0p"), 3, [OFFERED_3],
         "1 active offer_waiting 3/3"),
    Case("T8 pain 4 eases", practised("4"), 1, ["1 ease 1>1 applied sore_day"], "1 eased eased 0/3"),
    Case("T9 pain 4, then 3, at the lowest rung", practised("4 3"), 2,
         ["1 ease 1>1 applied sore_day", "2 ease 1>1 applied sore_at_lowest_rung"], "1 eased eased 0/3"),
    Case("T9 pain 4, then 3, on rung 2", practised("4 3", rung=2), 2,
         ["1 ease 2>2 applied sore_day", "2 step_back 2>1 applied sore_twice"], "1 active run 0/5",
         make_prescription(make_version(start_rung=2))),
    Case("T10 pain 7 on rung 2", practised("7", rung=2), 1, ["1 step_back 2>1 applied pain_high"],
         "1 active run 0/5", make_prescription(make_version(start_rung=2))),
    Case("T10 pain 7 at the lowest rung", practised("7"), 1, ["1 ease 1>1 applied sore_at_lowest_rung"],
         "1 eased eased 0/3"),
    Case("T10 pain 6 on rung 2", practised("6", rung=2), 1, ["1 step_back 2>1 applied pain_high"],
         "1 active run 0/5", make_prescription(make_version(start_rung=2))),
    Case("T9 and the next sore day is a first one again", practised("4 3 4", rung=3), 3,
         ["1 ease 3>3 applied sore_day", "2 step_back 3>2 applied sore_twice", "3 ease 2>2 applied sore_day"],
         "2 eased eased 0/5", make_prescription(make_version(start_rung=3, rungs=3))),
    Case("T9 at the lowest rung a third sore day is a first one again, and a fourth tells the clinic again",
         practised("4 3 4 5"), 4,
         ["1 ease 1>1 applied sore_day", "2 ease 1>1 applied sore_at_lowest_rung",
          "4 ease 1>1 applied sore_at_lowest_rung"], "1 eased eased 0/3"),
    Case("T11 pain 1 before and 3 during", practised("1>3"), 1, ["1 ease 1>1 applied sore_day"], "1 eased eased 0/3"),
    Case("T11 a rise of 2 that stays below 3", practised("0>2"), 1, ["1 ease 1>1 applied sore_day"],
         "1 eased eased 0/3"),
    Case("pain 3 before and 3 during: hold, not ease", practised("3>3"), 1, [], "1 active discomfort 0/3"),
    Case("pain 6 before and 6 during: hold, not a step back", practised("6>6"), 1, [], "1 active discomfort 0/3"),
    Case("pain 4 only afterwards eases", practised("0>0/4"), 1, ["1 ease 1>1 applied sore_day"], "1 eased eased 0/3"),
    Case("T12 next morning 3 against 0 before: the run begins anew, on the day after the calm one that ends the ease",
         [*practised("0>0 0>0"), morning(2, "0>0", 3), *practised("0>0 0>0 0>0 0>0", first=3)], 6,
         ["3 ease 1>1 applied sore_next_morning", "3 restore 1>1 applied clean_day",
          "6 advance 1>2 offered pain_free_run_met"], "1 active offer_waiting 3/3"),
    Case("T12 next morning 3 against 3 before: back where it was, so nothing happens",
         [*practised("3>0 3>0"), morning(2, "3>0", 3), *practised("3>0", first=3)], 3, [OFFERED_3],
         "1 active offer_waiting 3/3"),
    Case("next morning 1 against 0 before eases: not back to where it was, however little",
         [*practised("0>0"), morning(1, "0>0", 1)], 2, ["2 ease 1>1 applied sore_next_morning"], "1 eased eased 0/3"),
    Case("next morning 9 eases and steps nobody back: only pain during and after practice does",
         [*practised("0>0", rung=2), morning(1, "0>0", 9, rung=2)], 2, ["2 ease 2>2 applied sore_next_morning"],
         "2 eased eased 0/3", make_prescription(make_version(start_rung=2, rungs=3))),
    Case("the first known pain before of the day is what the morning is held against, not the second",
         [*practised("0>0,4>0"), morning(1, "0>0,4>0", 3)], 2, ["2 ease 1>1 applied sore_next_morning"],
         "1 eased eased 0/3"),
    Case("the first session's pain before was not answered: the second's is the first known",
         [*practised("0,4>0"), morning(1, "0,4>0", 3)], 2, [], "1 active run 1/3"),
    Case("pain before was never answered: a sore morning proves neither, so it eases nothing and counts for nothing",
         [*practised("0 0"), morning(2, "0", 3), *practised("0", first=3)], 3, [], "1 active run 1/3"),
    Case("pain before was never answered and the morning is free of pain: the day counts",
         [*practised("0 0"), morning(2, "0", 0), *practised("0", first=3)], 3, [OFFERED_3],
         "1 active offer_waiting 3/3"),
    Case("two sore mornings in a row are two sore days: one step back",
         [*practised("0>0 0>0", rung=2), morning(1, "0>0", 2, rung=2), morning(2, "0>0", 2, rung=2)], 3,
         ["2 ease 2>2 applied sore_next_morning", "2 restore 2>2 applied clean_day",
          "3 step_back 2>1 applied sore_twice"], "1 active run 0/5", make_prescription(make_version(start_rung=2))),
    Case("a day that was sore and its sore morning are one sore day",
         [*practised("0>4", rung=2), morning(1, "0>4", 4, rung=2)], 2, ["1 ease 2>2 applied sore_day"],
         "2 eased eased 0/3", make_prescription(make_version(start_rung=2))),
    Case("a sore morning after the climb takes it back at once, whatever was earned",
         [*practised("0>0 0>0 0>0"), morning(3, "0>0", 2)], 4,
         ["3 advance 1>2 applied pain_free_run_met", "4 step_back 2>1 applied advance_superseded"],
         "1 active run 0/3", AUTO),
    Case("a sore morning takes the offer back on that morning", [*practised("0>0 0>0 0>0"), morning(3, "0>0", 2)], 4,
         [OFFERED_3, "4 ease 1>1 applied sore_next_morning", "4 hold 1>1 applied offer_superseded"],
         "1 eased eased 0/3"),
    Case("a morning that is told days later breaks the run, and eases nobody whose newest day was calm",
         [*practised("0>0 0>0 0>0"), morning(1, "0>0", 3, known=3)], 3, [], "1 active run 2/3"),
    Case("a sore morning that was corrected: the ease ends from the next day",
         [*practised("0>0"), morning(1, "0>0", 3), practice(1, "0>0", known=3)], 4,
         ["2 ease 1>1 applied sore_next_morning", "3 restore 1>1 applied clean_day"], "1 active run 0/3"),
    Case("a symptom in a check-in: the day is not pain-free",
         [*practised("0 0"), replace(practice(3, "0"), has_symptom=True)], 3, [], "1 active discomfort 0/3"),
    Case("T13 a red flag stops whatever the run", [*practised("0 0 0"), stop(3)], 3,
         ["3 stop 1>1 applied symptom_emergency"], "1 stopped stopped 3/3"),
    Case("T15 a condition blocks the advance, and says so once", [carried(1), *practised("0 0 0 0 0")], 5,
         ["3 advance 1>2 blocked needs_clearance"], "1 active needs_clearance 3/3",
         make_prescription(make_version(avoid_at_2=("osteoporosis",)))),
    Case("T15 cleared on day 5, offered on day 5", [carried(1, cleared=5), *practised("0 0 0 0 0")], 5,
         ["3 advance 1>2 blocked needs_clearance", "5 advance 1>2 offered pain_free_run_met"],
         "1 active offer_waiting 3/3", make_prescription(make_version(avoid_at_2=("osteoporosis",)))),
    Case("a condition added later holds the present rung", [*practised("0 0"), carried(2)], 2,
         ["2 hold 1>1 applied needs_clearance"], "1 held needs_clearance 2/3",
         make_prescription(make_version(avoid_at_1=("osteoporosis",)))),
    Case("a condition that comes between the advance and its day keeps the patient below",
         [*practised("0 0 0"), carried(4)], 4,
         ["3 advance 1>2 applied pain_free_run_met", "4 advance 1>2 blocked needs_clearance"],
         "1 active needs_clearance 3/3",
         make_prescription(make_version(avoid_at_2=("osteoporosis",), advance=AdvanceMode.AUTOMATIC))),
    Case("T16 pain 5 on day 2, known after the advance, takes it back at once",
         [*practised("0 0 0"), practice(2, "5", known=5)], 5,
         ["3 advance 1>2 applied pain_free_run_met", "5 step_back 2>1 applied advance_superseded"],
         "1 active run 0/3", AUTO),
    Case("T16 ... and is only noted after a full run on the new rung",
         [*practised("0 0 0"), *practised("0 0 0", first=4, rung=2), practice(2, "5", known=6)], 6,
         ["3 advance 1>2 applied pain_free_run_met", "6 hold 2>2 applied advance_superseded_noted",
          "6 advance 2>3 applied pain_free_run_met"],
         "2 active advance_tomorrow 3/3", AUTO),
    Case("T16 ... and does nothing when it comes more than 30 days late",
         [*practised("0 0 0"), practice(2, "5", known=33)], 33, ["3 advance 1>2 applied pain_free_run_met"],
         "2 active missed_day 0/3", AUTO),
    Case("T16 exactly 30 days late still counts", [*practised("0 0 0"), practice(2, "5", known=32)], 32,
         ["3 advance 1>2 applied pain_free_run_met", "32 step_back 2>1 applied advance_superseded"],
         "1 active run 0/3", AUTO),
    Case("a run day that was only partial after all takes the advance back",
         [*practised("0 0 0"), practice(2, "0p", known=5)], 5,
         ["3 advance 1>2 applied pain_free_run_met", "5 step_back 2>1 applied advance_superseded"],
         "1 active run 0/3", AUTO),
    Case("pain 7 on the new rung, known with a broken run, is a step back of its own",
         [*practised("0 0 0"), practice(2, "5", known=5), practice(4, "7", rung=2, known=5)], 5,
         ["3 advance 1>2 applied pain_free_run_met", "5 step_back 2>1 applied pain_high"], "1 active run 0/5", AUTO),
    Case("T17 Monday, Wednesday, Friday", practised("0 - 0 - 0"), 5, ["5 advance 1>2 offered pain_free_run_met"],
         "1 active offer_waiting 3/3", make_prescription(make_version(weekdays=MON_WED_FRI))),
    Case("T17 a missed Wednesday", practised("0 - - - 0"), 5, [], "1 active run 1/3",
         make_prescription(make_version(weekdays=MON_WED_FRI))),
    Case("T17 a good Tuesday adds nothing", practised("0 0 0"), 3, [], "1 active run 2/3",
         make_prescription(make_version(weekdays=MON_WED_FRI))),
    Case("T17 a painful Tuesday breaks", practised("0 1 0 - 0"), 5, [], "1 active run 2/3",
         make_prescription(make_version(weekdays=MON_WED_FRI))),
    Case("every second day", practised("0 - 0 - 0"), 5, ["5 advance 1>2 offered pain_free_run_met"],
         "1 active offer_waiting 3/3", make_prescription(make_version(every_n_days=2))),
    Case("T18 a dose edit on day 2 keeps the run", practised("0 0 0"), 3, [OFFERED_3], "1 active offer_waiting 3/3",
         make_prescription(make_version(), make_version(number=2, effective=2, due_per_day=2))),
    Case("T18 a change that restarts on day 3 empties the run", practised("0 0 0"), 3,
         ["3 hold 1>1 applied prescription_changed"], "1 active run 1/3",
         make_prescription(make_version(), make_version(number=2, effective=3, restarts_run=True))),
    Case("days of both legs do not count for one leg", practised("0 0 0", rung=2), 3, [], "1 active incomplete 0/3"),
    Case("a clean day ends an ease from the next day", practised("4 0e"), 2,
         ["1 ease 1>1 applied sore_day", "2 restore 1>1 applied clean_day"], "1 eased eased 0/3"),
    Case("... and then the run begins", practised("4 0e 0 0 0"), 5,
         ["1 ease 1>1 applied sore_day", "2 restore 1>1 applied clean_day",
          "5 advance 1>2 offered pain_free_run_met"], "1 active offer_waiting 3/3"),
    Case("an unanswered day does not end an ease", practised("4 ?"), 2, ["1 ease 1>1 applied sore_day"],
         "1 eased eased 0/3"),
    Case("an unanswered day does not separate two sore days", practised("4 ? 3", rung=2), 3,
         ["1 ease 2>2 applied sore_day", "3 step_back 2>1 applied sore_twice"], "1 active run 0/5",
         make_prescription(make_version(start_rung=2))),
    Case("a clean day separates two sore days", practised("4 0 3", rung=2), 3,
         ["1 ease 2>2 applied sore_day", "2 restore 2>2 applied clean_day", "3 ease 2>2 applied sore_day"],
         "2 eased eased 0/3", make_prescription(make_version(start_rung=2))),
    Case("rest days do not separate two sore days", practised("4 - - 3", rung=2), 4,
         ["1 ease 2>2 applied sore_day", "4 step_back 2>1 applied sore_twice"], "1 active run 0/5",
         make_prescription(make_version(start_rung=2))),
    Case("two early stops for pain on one day", practised("1x,1x", rung=2), 1,
         ["1 step_back 2>1 applied stopped_early_twice"], "1 active run 0/5",
         make_prescription(make_version(start_rung=2))),
    Case("two early stops for pain six days apart", practised("1x 0 0 0p 0 0 1x", rung=2), 7,
         ["7 step_back 2>1 applied stopped_early_twice"], "1 active run 0/14",
         make_prescription(make_version(start_rung=2, pain_free_days=14))),
    Case("two early stops for pain seven days apart", practised("1x 0 0 0p 0 0 0p 1x", rung=2), 8, [],
         "2 active top_rung 0/3", make_prescription(make_version(start_rung=2))),
    Case("one sore day does not step back again and again", practised("7 0 0", rung=3), 3,
         ["1 step_back 3>2 applied pain_high"], "2 active incomplete 0/5",
         make_prescription(make_version(start_rung=3, rungs=3))),
    Case("the same sore day, sent again, does not step back again",
         [practice(1, "7", rung=3), practice(1, "7,0", rung=3, known=2), practice(1, "7", rung=3, known=3)], 3,
         ["1 step_back 3>2 applied pain_high"], "2 active missed_day 0/5",
         make_prescription(make_version(start_rung=3, rungs=3))),
    Case("a used-up sore day counts anew when it turns out worse",
         [*practised("4 4", rung=3), practice(2, "7", rung=3, known=3)], 3,
         ["1 ease 3>3 applied sore_day", "2 step_back 3>2 applied sore_twice", "3 step_back 2>1 applied pain_high"],
         "1 active run 0/5", make_prescription(make_version(start_rung=3, rungs=3))),
    Case("late pain steps back even from before an order to go up",
         [order(DecisionKind.ADVANCE, 2, effective=3), practice(1, "7", known=4)], 4,
         ["2 advance 1>2 applied clinician_order", "4 step_back 2>1 applied pain_high"], "1 active run 0/5"),
    Case("withdrawn pain: the run is counted anew, upward from the next day",
         [*practised("0 0 2"), practice(3, "0", known=4), practice(4, "0p")], 5,
         ["4 advance 1>2 applied pain_free_run_met"], "2 active run 0/3",
         make_prescription(make_version(advance=AdvanceMode.AUTOMATIC, rungs=3))),
    Case("a withdrawn sore day ends the ease from the next day", [*practised("4"), practice(1, "-", known=2)], 3,
         ["1 ease 1>1 applied sore_day", "2 restore 1>1 applied sore_report_changed"], "1 active run 0/3"),
    Case("a late batch of ten days advances from the day after the upload", practised("0 " * 10, known=11), 12,
         ["11 advance 1>2 applied pain_free_run_met"], "2 active run 0/3", AUTO),
    Case("one good answer does not empty the queue: a sore day among ten", practised("0 0 0 0 0 0 0 0 4 0", known=11),
         11, [], "1 active run 1/3", AUTO),
    Case("a missed day takes the offer back", practised("0 0 0"), 5,
         [OFFERED_3, "5 hold 1>1 applied offer_superseded"], "1 active missed_day 0/3"),
    Case("an open day does not", practised("0 0 0"), 4, [OFFERED_3], "1 active offer_waiting 3/3"),
    Case("a sore day takes the offer back", practised("0 0 0 4"), 4,
         [OFFERED_3, "4 ease 1>1 applied sore_day", "4 hold 1>1 applied offer_superseded"], "1 eased eased 0/3"),
    Case("second slot after a good first, with pain 7: the offer of that day never was",
         practised("0 0 0,7", rung=2), 3, ["3 step_back 2>1 applied pain_high"], "1 active run 0/5",
         make_prescription(make_version(start_rung=2, rungs=3))),
    Case("as needed never advances", practised("0 0 0 0"), 4, [], "1 active as_needed 0/3",
         make_prescription(make_version(as_needed=True))),
    Case("the highest rung prescribed", practised("0 0 0"), 3, [], "1 active top_rung 3/3",
         make_prescription(make_version(max_rung=1))),
    Case("after its last day nothing happens any more", [*practised("0 0 0"), practice(3, "7", known=5)], 6,
         [OFFERED_3], "1 ended ended 3/3", make_prescription(make_version(ends=3))),
    Case("not begun", [], 1, [], "1 upcoming not_started 0/3", make_prescription(make_version(starts=5))),
    Case("a paper plan carried over", practised("0 0 0", known=4), 4, ["4 advance 1>2 offered pain_free_run_met"],
         "1 active offer_waiting 3/3", make_prescription(make_version(effective=4))),
    Case("a failure costs two more days", [*practised("0 0 0"), *practised("7", first=4, rung=2),
         *practised("0 0 0 0", first=5)], 8,
         ["3 advance 1>2 applied pain_free_run_met", "4 step_back 2>1 applied pain_high"], "1 active run 4/5", AUTO),
    Case("... and five days earn it again", [*practised("0 0 0"), *practised("7", first=4, rung=2),
         *practised("0 0 0 0 0", first=5)], 9,
         ["3 advance 1>2 applied pain_free_run_met", "4 step_back 2>1 applied pain_high",
          "9 advance 1>2 applied pain_free_run_met"], "1 active advance_tomorrow 5/5", AUTO),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_course_is(case: Case) -> None:
    course = lived(case.plan, case.facts, until=day(case.until))
    assert told(course.decisions) == case.decisions
    assert stands(course) == case.stands


def test_after_the_second_failure_the_clinician_is_asked() -> None:
    facts = [
        *practised("0 0 0"),
        *practised("7", first=4, rung=2),
        *practised("0 0 0 0 0", first=5),
        *practised("7", first=10, rung=2),
        *practised("0 0 0 0 0 0 0", first=11),
    ]
    course = lived(AUTO, facts, until=day(17))
    assert told(course.decisions)[-1] == "17 advance 1>2 offered pain_free_run_met"
    assert course.standing.offer
    assert course.standing.offer.asks == "clinician"
    assert course.standing.failures == ((2, 2),)


def test_a_step_back_closes_the_day_and_the_run_begins_tomorrow() -> None:
    course = lived(AUTO, [*practised("0 0 0"), practice(4, "7", rung=2)], until=day(5))
    fourth = course.days[3]
    assert (fourth.rung, fourth.highest_rung, fourth.is_closed) == (1, 2, True)
    assert not course.days[4].is_closed


def test_an_eased_day_is_labelled_eased_until_it_ends() -> None:
    course = lived(ASK, practised("4 0e 0"), until=day(3))
    assert [label.is_eased for label in course.days] == [True, True, False]
    assert [label.status for label in course.days] == [Status.EASED, Status.EASED, Status.ACTIVE]
