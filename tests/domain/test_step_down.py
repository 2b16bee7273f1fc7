"""A patient may step down at any time, never up past a stop; one wish is one step, whatever else the day brought."""

from dataclasses import dataclass, field

import pytest

from app.domain.decision import DecisionKind
from app.domain.facts import Fact
from app.domain.prescription import Prescription
from tests.domain.builders import (
    AUTOMATIC,
    asked,
    day,
    lived,
    make_prescription,
    make_version,
    order,
    practised,
    stands,
    stop,
    told,
)

THREE = make_prescription(make_version(start_rung=3, rungs=3))
ONE = make_prescription()


@dataclass(frozen=True)
class Case:
    """A story and its end."""

    name: str
    facts: list[Fact]
    until: int
    decisions: list[str]
    stands: str
    plan: Prescription = field(default=THREE)


CASES = [
    Case("one rung down at once, at full dosage", [asked(1)], 1, ["1 step_back 3>2 applied patient_request"],
         "2 active run 0/3"),
    Case("it is no failure: the way up is as long as before", [asked(1), *practised("0 0 0", rung=2, first=2)], 4,
         ["1 step_back 3>2 applied patient_request", "4 advance 2>3 offered pain_free_run_met"],
         "2 active offer_waiting 3/3"),
    Case("at the lowest rung half the repetitions", [asked(1)], 1, ["1 ease 1>1 applied patient_request"],
         "1 eased eased 0/3", ONE),
    Case("... until a practised day without soreness", [asked(1), *practised("0e", first=2)], 3,
         ["1 ease 1>1 applied patient_request", "2 restore 1>1 applied clean_day"], "1 active run 0/3", ONE),
    Case("the open offer goes: who asks down does not want up", [*practised("0 0 0"), asked(3)], 3,
         ["3 ease 1>1 applied patient_request"], "1 eased eased 0/3", ONE),
    Case("soreness at 8, the wish at 12: one step, and the clinic learns of the pain",
         [*practised("7", rung=3), asked(1, hour=12)], 1,
         ["1 step_back 3>2 applied pain_high", "1 hold 2>2 superseded patient_request"], "2 active run 0/5"),
    Case("... also when the phone names the rung it still showed",
         [*practised("7", rung=3), asked(1, to_rung=2, hour=12)], 1,
         ["1 step_back 3>2 applied pain_high", "1 hold 2>2 superseded patient_request"], "2 active run 0/5"),
    Case("... but who sees rung 2 already and asks again gets rung 1",
         [*practised("7", rung=3), asked(1, to_rung=1, hour=12)], 1,
         ["1 step_back 3>2 applied pain_high", "1 step_back 2>1 applied patient_request"],
         "1 active discomfort 0/3"),
    Case("the wish at 7, soreness at 8 on the easier rung: that leads down again",
         [asked(1, hour=7), *practised("7", rung=2)], 1,
         ["1 step_back 3>2 applied patient_request", "1 step_back 2>1 applied pain_high"], "1 active run 0/5"),
    Case("a wish that names a rung above where the patient is by now leads nowhere, never up",
         [order(DecisionKind.STEP_BACK, 1, to_rung=1), asked(2, to_rung=2)], 2,
         ["1 step_back 3>1 applied clinician_order", "2 hold 1>1 superseded patient_request"],
         "1 active missed_day 0/3"),
    Case("a stop stays: down is down, and still not to be done", [stop(1), asked(2)], 2,
         ["1 stop 3>3 applied symptom_emergency", "2 step_back 3>2 applied patient_request"], "2 stopped stopped 0/3"),
    Case("a climb that was to begin tomorrow does not", [*practised("0 0 0"), asked(3, hour=20)], 4,
         ["3 ease 1>1 applied patient_request"], "1 eased eased 0/3", make_prescription(AUTOMATIC)),
    Case("a clinician's word to go up tomorrow does not outlive it",
         [order(DecisionKind.ADVANCE, 1, effective=2, to_rung=3), asked(1, hour=20)], 2,
         ["1 step_back 2>1 applied patient_request"], "1 active missed_day 0/3",
         make_prescription(make_version(start_rung=2, rungs=3))),
    Case("... one that was given after it does",
         [order(DecisionKind.ADVANCE, 1, effective=2, to_rung=3, hour=21), asked(1, hour=20)], 2,
         ["1 step_back 2>1 applied patient_request", "1 advance 1>3 applied clinician_order"], "3 active top_rung 0/3",
         make_prescription(make_version(start_rung=2, rungs=3))),
    Case("two wishes of one day for the same rung are one step", [asked(1, to_rung=2), asked(1, to_rung=2, number=801)],
         1, ["1 step_back 3>2 applied patient_request", "1 hold 2>2 superseded patient_request"], "2 active run 0/3"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_course_is(case: Case) -> None:
    course = lived(case.plan, case.facts, until=day(case.until))
    assert told(course.decisions) == case.decisions
    assert stands(course) == case.stands
