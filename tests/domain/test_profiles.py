"""The worked cases of the other rule profiles, over the same course: what they bear, and what they do when it hurts."""

from dataclasses import dataclass, replace

import pytest

from app.domain.adherence import is_done
from app.domain.decision import DecisionKind
from app.domain.facts import Fact
from app.domain.prescription import AdvanceMode, Prescription
from app.domain.rules import growth
from app.domain.rules.profiles import PROFILES
from tests.domain.builders import (
    MON_WED_FRI,
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

LIGHT = make_prescription(make_version(profile="traffic_light"))
LIGHT_2 = make_prescription(make_version(profile="traffic_light", start_rung=2))
MET_3 = "3 advance 1>2 offered good_run_met"


def usual(pain: int, start_rung: int = 1) -> Prescription:
    return make_prescription(make_version(profile="no_worse_than_usual", usual_pain=pain, start_rung=start_rung))


@dataclass(frozen=True)
class Case:
    """A story and its end."""

    name: str
    plan: Prescription
    facts: list[Fact]
    until: int
    decisions: list[str]
    stands: str


LIGHT_CASES = [
    Case("three green days are offered the next rung", LIGHT, practised("3 0 2"), 3, [MET_3],
         "1 active offer_waiting 3/3"),
    Case("T11 pain 1 before and 3 during stays green: a rise alone does not ease", LIGHT, practised("1>3 0>3 0>2"), 3,
         [MET_3], "1 active offer_waiting 3/3"),
    Case("pain 4 is amber and eases", LIGHT, practised("0 0 4"), 3, ["3 ease 1>1 applied sore_day"],
         "1 eased eased 0/3"),
    Case("pain 5 is amber still", LIGHT_2, practised("5", rung=2), 1, ["1 ease 2>2 applied sore_day"],
         "2 eased eased 0/3"),
    Case("pain 6 is red and steps back", LIGHT_2, practised("6", rung=2), 1, ["1 step_back 2>1 applied pain_high"],
         "1 active run 0/5"),
    Case("two amber days step back", LIGHT_2, practised("4 5", rung=2), 2,
         ["1 ease 2>2 applied sore_day", "2 step_back 2>1 applied sore_twice"], "1 active run 0/5"),
    Case("amber that was there before is no reason to ease, and no good day", LIGHT, practised("0 0 4>4"), 3, [],
         "1 active discomfort 0/3"),
    Case("amber only afterwards eases", LIGHT, practised("0>1/4"), 1, ["1 ease 1>1 applied sore_day"],
         "1 eased eased 0/3"),
    Case("a missing answer is not green", LIGHT, practised("0 0 ?"), 3, [], "1 active pain_unknown 0/3"),
    Case("an early stop for pain is no good day", LIGHT, practised("0 0 2x"), 3, [], "1 active discomfort 0/3"),
    Case("a partial green day does not count", LIGHT, practised("0 0 2p"), 3, [], "1 active incomplete 2/3"),
    Case("the next morning must be back to the pain before, green or not", LIGHT,
         [*practised("1>2 1>2"), morning(2, "1>2", 2), *practised("1>2", first=3)], 3,
         ["3 ease 1>1 applied sore_next_morning", "3 restore 1>1 applied clean_day"], "1 eased eased 1/3"),
    Case("a next morning as before practice is a good day's", LIGHT,
         [*practised("2>3 2>3"), morning(2, "2>3", 2), *practised("2>3", first=3)], 3, [MET_3],
         "1 active offer_waiting 3/3"),
    Case("a missed day restarts the run", LIGHT, practised("3 - 3 3"), 4, [], "1 active run 2/3"),
    Case("late amber in the run takes the advance back",
         make_prescription(make_version(profile="traffic_light", advance=AdvanceMode.AUTOMATIC)),
         [*practised("3 3 3"), practice(4, "3", rung=2), practice(2, "4", known=5)], 5,
         ["3 advance 1>2 applied good_run_met", "5 step_back 2>1 applied advance_superseded"], "1 active run 0/3"),
    Case("T13 a red flag stops, whatever the pain", LIGHT, [*practised("0 0"), practice(3, "0s"), stop(3)], 3,
         ["3 stop 1>1 applied symptom_emergency"], "1 stopped stopped 0/3"),
]  # fmt: skip

USUAL_CASES = [
    Case("usual pain 3: days with 3 and 4 are good", usual(3), practised("3>3 3>4 2>4"), 3, [MET_3],
         "1 active offer_waiting 3/3"),
    Case("usual pain 3: 5 is worse than usual and eases", usual(3), practised("3>3 3>5"), 2,
         ["2 ease 1>1 applied sore_day"], "1 eased eased 0/3"),
    Case("usual pain 0: 1 is as before, and 2 eases", usual(0), practised("0>1 0>1 0>2"), 3,
         ["3 ease 1>1 applied sore_day"], "1 eased eased 0/3"),
    Case("a worse day than usual is compared with the pain before", usual(3), practised("4>5 4>5 4>5"), 3, [MET_3],
         "1 active offer_waiting 3/3"),
    Case("pain before was not asked: usual pain is what is compared with", usual(3), practised("4 3 0"), 3, [MET_3],
         "1 active offer_waiting 3/3"),
    Case("in the red, 1 more than usual changes nothing and is no good day", usual(5), practised("5>5 5>5 5>6"), 3,
         [], "1 active discomfort 0/3"),
    Case("in the red, no more than usual is a good day", usual(6), practised("6>6 5>6 6>5"), 3, [MET_3],
         "1 active offer_waiting 3/3"),
    Case("in the red by a flare is no good day, however high the pain before", usual(3), practised("6>6 6>7"), 2, [],
         "1 active discomfort 0/3"),
    Case("6 or more, worse than usual, steps back", usual(4, 2), practised("4>6", rung=2), 1,
         ["1 step_back 2>1 applied pain_high"], "1 active run 0/5"),
    Case("two days worse than usual step back", usual(2, 2), practised("2>4 2>5", rung=2), 2,
         ["1 ease 2>2 applied sore_day", "2 step_back 2>1 applied sore_twice"], "1 active run 0/5"),
    Case("a next morning as usual is back, even above the pain before", usual(3),
         [*practised("1>3"), morning(1, "1>3", 3), *practised("3>3 3>3", first=2)], 3, [MET_3],
         "1 active offer_waiting 3/3"),
    Case("a next morning above usual eases and breaks the run", usual(3),
         [*practised("3>3"), morning(1, "3>3", 4), *practised("3>3", first=2)], 2,
         ["2 ease 1>1 applied sore_next_morning", "2 restore 1>1 applied clean_day"], "1 eased eased 1/3"),
    Case("a next morning above usual is comparable, although pain before was not asked", usual(3),
         [*practised("3"), morning(1, "3", 5)], 2, ["2 ease 1>1 applied sore_next_morning"], "1 eased eased 0/3"),
    Case("a missing answer is not as usual", usual(3), practised("3>3 3>3 3>?"), 3, [], "1 active pain_unknown 0/3"),
    Case("T13 a red flag stops, whatever the pain", usual(3), [*practised("3>3 3>3"), stop(3)], 3,
         ["3 stop 1>1 applied symptom_emergency"], "1 stopped stopped 2/3"),
]  # fmt: skip


STRONG = make_prescription(make_version(profile="strength", pain_free_days=2))
STRONG_AUTO = make_prescription(make_version(profile="strength", pain_free_days=2, advance=AdvanceMode.AUTOMATIC))
STRONG_2 = make_prescription(make_version(profile="strength", pain_free_days=2, start_rung=2))
STRONG_MWF = make_prescription(make_version(profile="strength", pain_free_days=2, weekdays=MON_WED_FRI))
GROWN_2 = "2 grow 1>1 applied growth_earned"
GROWN_4 = "4 grow 1>1 applied growth_earned"

STRONG_LOADED = make_prescription(make_version(profile="strength", pain_free_days=2, load_kg=(2, 2)))
STRONG_HEAVIER = make_prescription(
    make_version(profile="strength", pain_free_days=2, load_kg=(1, 2)),
)
GROWN_6 = "6 grow 1>1 applied load_earned"
REWRITTEN = make_prescription(
    make_version(profile="strength", pain_free_days=2),
    make_version(number=2, effective=4, profile="strength", pain_free_days=2, load_kg=(1, 2)),
)

STRENGTH_CASES = [
    Case("a load without a range stays, and the next rung is offered", STRONG_LOADED, practised("0 0 0 0 0 0"), 6,
         [GROWN_2, GROWN_4, "6 advance 1>2 offered good_run_met"], "1 active offer_waiting 2/2"),
    Case("after the repetitions the load grows, and the repetitions begin again", STRONG_HEAVIER,
         practised("0 0 0 0 0 0 0 0"), 8, [GROWN_2, GROWN_4, GROWN_6, "8 grow 1>1 applied growth_earned"],
         "1 active grow_tomorrow 2/2"),
    Case("a dosage that is written anew begins as it is written", REWRITTEN, practised("0 0 0 0"), 4, [GROWN_2],
         "1 active run 1/2"),
    Case("two days at the upper bound ask for more from tomorrow", STRONG, practised("0 0"), 2, [GROWN_2],
         "1 active grow_tomorrow 2/2"),
    Case("10 to 15 repetitions grow twice, then the next rung is offered", STRONG, practised("0 0 0 0 0 0"), 6,
         [GROWN_2, GROWN_4, "6 advance 1>2 offered good_run_met"], "1 active offer_waiting 2/2"),
    Case("the next rung begins with its own first dosage", STRONG_AUTO, practised("0 0 0 0 0 0"), 7,
         [GROWN_2, GROWN_4, "6 advance 1>2 applied good_run_met"], "2 active run 0/2"),
    Case("pain of 3 is green, and an effort that is not told hinders nothing", STRONG, practised("3 0>3"), 2,
         [GROWN_2], "1 active grow_tomorrow 2/2"),
    Case("complete is not yet the upper bound", STRONG, practised("0m 0m 0m"), 3, [], "1 active incomplete 0/2"),
    Case("an effort of 8 does not count", STRONG, practised("0 0h"), 2, [], "1 active incomplete 1/2"),
    Case("and breaks the run when the day has ended", STRONG, practised("0 0h 0"), 3, [], "1 active run 1/2"),
    Case("T17 rest days are skipped", STRONG_MWF, practised("0 - 0"), 3, ["3 grow 1>1 applied growth_earned"],
         "1 active grow_tomorrow 2/2"),
    Case("a missed day breaks nothing: two practised days in a row", STRONG, practised("0 - - 0"), 4, [GROWN_4],
         "1 active grow_tomorrow 2/2"),
    Case("three missed days in a row do", STRONG, practised("0 - - - 0"), 5, [], "1 active run 1/2"),
    Case("amber eases, and the run begins anew", STRONG, practised("0 4"), 2, ["2 ease 1>1 applied sore_day"],
         "1 eased eased 0/2"),
    Case("red steps back", STRONG_2, practised("6", rung=2), 1, ["1 step_back 2>1 applied pain_high"],
         "1 active run 0/2"),
    Case("red at the lowest rung eases, and what grew begins anew", STRONG, practised("0 0 7 0e 0"), 5,
         [GROWN_2, "3 ease 1>1 applied sore_at_lowest_rung", "4 restore 1>1 applied clean_day"],
         "1 active run 1/2"),
    Case("late amber in the run takes the growth back", STRONG, [*practised("0 0 0"), practice(1, "4", known=3)], 3,
         [GROWN_2, "3 hold 1>1 applied growth_superseded"], "1 active run 1/2"),
    Case("late amber after a full run since then is only noted", STRONG,
         [*practised("0 0 0 0"), practice(1, "4", known=4)], 4,
         [GROWN_2, "4 hold 1>1 applied advance_superseded_noted", GROWN_4], "1 active grow_tomorrow 2/2"),
    Case("a hold lets nothing grow", STRONG, [*practised("0 0"), order(DecisionKind.HOLD, 1)], 2,
         ["1 hold 1>1 applied clinician_order"], "1 held held 2/2"),
    Case("T13 a red flag stops, whatever was earned", STRONG, [*practised("0 0s"), stop(2)], 2,
         ["2 stop 1>1 applied symptom_emergency"], "1 stopped stopped 0/2"),
]  # fmt: skip


QUOTA = make_prescription(make_version(profile="quota"))
QUOTA_2 = make_prescription(make_version(profile="quota", start_rung=2))
RAISED_3 = "3 grow 1>1 applied quota_raised"

QUOTA_CASES = [
    Case("three days with the quota done raise it", QUOTA, practised("0 0 0"), 3, [RAISED_3],
         "1 active grow_tomorrow 3/3"),
    Case("whatever the pain, known or not", QUOTA, practised("0>7 ? 2>4/9"), 3, [RAISED_3],
         "1 active grow_tomorrow 3/3"),
    Case("two early stops for pain step nobody back", QUOTA_2, practised("3x 3x", rung=2), 2, [], "2 active run 2/3"),
    Case("a sore morning eases nothing", QUOTA, [*practised("0>0"), morning(1, "0>0", 8)], 2, [], "1 active run 1/3"),
    Case("short of the quota does not count", QUOTA, practised("0 0 0e"), 3, [], "1 active incomplete 2/3"),
    Case("a missed day breaks nothing, three in a row do", QUOTA, practised("0 - - 0 - - - 0"), 8, [],
         "1 active run 1/3"),
    Case("10 to 15 begin with 7: after 8 steps the next rung is offered", QUOTA, practised(" ".join(["7"] * 27)), 27,
         [*(f"{3 * step} grow 1>1 applied quota_raised" for step in range(1, 9)),
          "27 advance 1>2 offered quota_run_met"], "1 active offer_waiting 3/3"),
    Case("a symptom is heard", QUOTA, practised("0 0 0s"), 3, [], "1 active discomfort 0/3"),
    Case("T13 a red flag stops, whatever the plan says", QUOTA, [*practised("0 0 0"), stop(3)], 3,
         ["3 stop 1>1 applied symptom_emergency"], "1 stopped stopped 3/3"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("0", "10-12"),
        ("0 0 -", "12-14"),
        ("0 0 0 0 -", "14-15"),
        ("0 0 4 -", "6-7"),
        ("0 0 0 4 -", "6-7"),
        ("0 0 7 -", "5-6"),
        ("0 0 7 0e -", "10-12"),
    ],
)
def test_the_dosage_that_is_asked_for(words: str, asked: str) -> None:
    course = lived(STRONG, practised(words), until=day(len(words.split())))
    now = course.standing
    dosage = growth.in_force(STRONG.latest, now.rung, now.growth, is_eased=now.is_eased)
    assert f"{dosage.reps_min}-{dosage.reps_max}" == asked


def test_adherence_judges_by_the_dosage_in_force_that_day() -> None:
    """10 repetitions are complete of 10, and of 12 (0.8), and not of 14."""
    facts = practised("0 0 0 0 0m")
    course = lived(STRONG, facts, until=day(5))
    (short,) = practice(5, "0m").performances
    assert [is_done(label, short) for label in course.days] == [True, True, True, True, False]
    (enough,) = practice(5, "0").performances
    assert is_done(course.days[4], enough)


@pytest.mark.parametrize(
    "case", [*LIGHT_CASES, *USUAL_CASES, *STRENGTH_CASES, *QUOTA_CASES], ids=lambda case: case.name
)
def test_worked_cases(case: Case) -> None:
    course = lived(case.plan, case.facts, until=day(case.until))
    assert told(course.decisions) == case.decisions
    assert stands(course) == case.stands


def test_the_same_days_by_the_articles_rule() -> None:
    """What the other profiles bear, the article's rule does not."""
    course = lived(make_prescription(), practised("1>3 0>3"), until=day(2))
    assert told(course.decisions) == [
        "1 ease 1>1 applied sore_day",
        "2 ease 1>1 applied sore_at_lowest_rung",
    ]


def test_a_decision_replays_under_its_own_rule() -> None:
    """A switch of the profile restarts the run; what was decided before it stays, with the rule that said so."""
    article = make_version()
    light = replace(
        make_version(number=2, effective=3, profile="traffic_light"), rule=make_version(profile="traffic_light").rule,
        restarts_run=True,
    )  # fmt: skip
    plan = make_prescription(article, light)
    course = lived(plan, practised("0>3 0 0>3 0>3 0>3"), until=day(5))
    assert [(line, one.reason.rule) for line, one in zip(told(course.decisions), course.decisions, strict=True)] == [
        ("1 ease 1>1 applied sore_day", "pain_free_days"),
        ("2 restore 1>1 applied clean_day", "pain_free_days"),
        ("3 hold 1>1 applied prescription_changed", None),
        ("5 advance 1>2 offered good_run_met", "traffic_light"),
    ]


def test_only_the_cautious_profiles_can_be_a_default() -> None:
    assert {name for (name, _), profile in PROFILES.items() if profile.must_be_chosen} == {
        "no_worse_than_usual",
        "quota",
    }
