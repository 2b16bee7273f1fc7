"""A rule against imagined days: the worked cases through the endpoint, what is refused, and that nothing is kept."""

import re
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from app.config import Settings
from tests.people import SignedIn
from tests.phone import Phone
from tests.rows import everything

Json = dict[str, Any]
FIRST = date(2026, 11, 2)
"""A Monday."""
WORD = re.compile(r"^(?:(\d+)>)?(\d+|\?)(?:/(\d+))?([px]*)$")
SHORT = [{"side": "left", "reps": 7}, {"side": "right", "reps": 7}]
BROKEN_BONE = "osteoporosis_or_vertebral_fracture"


def on(number: int) -> str:
    """The date of day 1, 2, 3, ..."""
    return (FIRST + timedelta(days=number - 1)).isoformat()


def session(word: str, **more: Any) -> Json:
    """`0` pain 0, `?` not answered, `1>3` 1 before and 3 during, `0/4` 4 after, `p` 7 of 10 reps, `x` ended."""
    found = WORD.match(word)
    assert found, word
    before, during, after, flags = found.groups()
    told: Json = {"pain_during": None if during == "?" else int(during)}
    told |= {name: int(pain) for name, pain in (("pain_before", before), ("pain_after", after)) if pain}
    return told | ({"sets": SHORT} if "p" in flags else {}) | ({"stopped_early": "pain"} if "x" in flags else {}) | more


def days(words: str, **more: Any) -> list[Json]:
    """Days in a row, one word each: `-` nothing, `0,2` two sessions."""
    return [
        {"date": on(number), "sessions": [session(one, **more) for one in word.split(",")]}
        for number, word in enumerate(words.split(), start=1)
        if word != "-"
    ]


def body(given: list[Json], *, until: int | None = None, **more: Any) -> Json:
    """The article's ladder from day 1; what is not a field of a simulation is one of the prescription."""
    whole: Json = {name: more.pop(name) for name in ("changes", "cautions", "absences") if name in more}
    plan = {"ladder_id": "knees-to-chest", "starts_on": on(1), **more}
    return {"prescription": plan, "days": given} | ({"to": on(until)} if until else {}) | whole


async def simulate(by: SignedIn | Phone, asked: Json, **more: Any) -> Json:
    """The course that the days take."""
    answer = await by.send("POST", "/v1/rules/simulate", json=asked, **more)
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


def told(course: Json) -> list[str]:
    """Every decision in one line: day, kind, rungs, how far it came, and why."""
    return [
        f"{(date.fromisoformat(one['decided_on']) - FIRST).days + 1} {one['kind']} {one['from_rung']}>{one['to_rung']}"
        f" {one['state']} {one['reason']['code']}"
        for day in course["days"]
        for one in day["decisions"]
    ]


def stands(course: Json) -> str:
    """Where it ends, in one line."""
    now = course["final"]["progress"]
    return f"{now['rung']} {now['status']} {now['code']} {now['counted_days']}/{now['needed_days']}"


def verdicts(course: Json) -> list[str]:
    """How each date was judged on the day it became known, in order."""
    return [one["verdict"] for day in course["days"] for one in day["judged"]]


ON_RUNG_2: Json = {"start_rung": 2}
AUTOMATIC: Json = {"advance": "automatic"}
MON_WED_FRI: Json = {"weekdays": ["mon", "wed", "fri"]}
CARRIED: Json = {"cautions": [{"condition": BROKEN_BONE, "cleared_on": on(2)}]}
LATE_PAIN = [*days("0 0"), {"date": on(3), "sessions": [session("0")]}]
LATE_PAIN[1]["sessions"].append(session("5", known_on=on(5)))
SORE_MORNING = [*days("0>0 0>0 0>0 0>0 0>0 0>0")]
SORE_MORNING[2]["check_in"] = {"pain_now": 3}
RED_FLAG = days("0 0 0")
RED_FLAG[2]["sessions"][0]["symptoms"] = ["saddle_numbness"]
ACCEPTED = [*days("0 0 0"), {"date": on(4), "acts": [{"kind": "accept"}], "sessions": [session("0")]}]
DECLINED = [*days("0 0 0"), {"date": on(4), "acts": [{"kind": "decline"}], "sessions": [session("0")]}]
OFFERED = "3 advance 1>2 offered pain_free_run_met"

CASES: dict[str, tuple[Json, list[str], str]] = {
    "T1 three pain-free days are offered the next rung": (
        body(days("0 0 0")), [OFFERED], "1 active offer_waiting 3/3"),
    "T1 and advance on day 4 where nobody is asked": (
        body(days("0 0 0"), until=4, **AUTOMATIC), ["3 advance 1>2 applied pain_free_run_met"],
        "2 active top_rung 0/3"),
    "T2 a missing answer is not zero": (body(days("0 0 ?")), [], "1 active pain_unknown 0/3"),
    "T3 pain 1 restarts the run": (body(days("0 0 1")), [], "1 active discomfort 0/3"),
    "T4 a missed day restarts the run": (body(days("0 - 0 0")), [], "1 active run 2/3"),
    "T5 two sessions, 0 and 2: not a pain-free day": (body(days("0 0 0,2")), [], "1 active discomfort 0/3"),
    "T6 12 left and 0 right is no complete day": (
        body([*days("0 0"), {"date": on(3), "sessions": [session("0", sets=[{"side": "left", "reps": 12}])]}],
             until=4), [], "1 active incomplete 0/3"),
    "T7 7 of 10 is short": (body(days("0 0 0p"), until=4), [], "1 active incomplete 0/3"),
    "T7 9 of 10 is complete": (
        body(days("0 0 0", sets=[{"side": "left", "reps": 9}, {"side": "right", "reps": 9}])), [OFFERED],
        "1 active offer_waiting 3/3"),
    "T8 pain 4 eases": (body(days("4")), ["1 ease 1>1 applied sore_day"], "1 eased eased 0/3"),
    "T9 pain 4, then 3, on rung 2": (
        body(days("4 3"), **ON_RUNG_2), ["1 ease 2>2 applied sore_day", "2 step_back 2>1 applied sore_twice"],
        "1 active run 0/5"),
    "T9 pain 4, then 3, at the lowest rung": (
        body(days("4 3")), ["1 ease 1>1 applied sore_day", "2 ease 1>1 applied sore_at_lowest_rung"],
        "1 eased eased 0/3"),
    "T10 pain 7 on rung 2": (
        body(days("7"), **ON_RUNG_2), ["1 step_back 2>1 applied pain_high"], "1 active run 0/5"),
    "T11 1 before and 3 during": (body(days("1>3")), ["1 ease 1>1 applied sore_day"], "1 eased eased 0/3"),
    "pain 3 before and 3 during: hold, not ease": (body(days("3>3")), [], "1 active discomfort 0/3"),
    "T12 next morning 3 against 0 before": (
        body(SORE_MORNING, until=6),
        ["3 ease 1>1 applied sore_next_morning", "3 restore 1>1 applied clean_day", OFFERED.replace("3", "6", 1)],
        "1 active offer_waiting 3/3"),
    "T13 a red flag stops whatever the run": (
        body(RED_FLAG), ["3 stop 1>1 applied symptom_emergency"], "1 stopped stopped 0/3"),
    "T15 a condition that is cleared on day 2 holds until then": (
        body(days("0 0 0 0"), **CARRIED),
        ["1 hold 1>1 applied needs_clearance", "3 advance 1>2 offered pain_free_run_met"],
        "1 active offer_waiting 3/3"),
    "T16 pain 5 on day 2, known on day 5, returns at once": (
        body(LATE_PAIN, until=5, **AUTOMATIC),
        ["3 advance 1>2 superseded pain_free_run_met", "5 step_back 2>1 applied advance_superseded"],
        "1 active run 0/3"),
    "T17 Monday, Wednesday, Friday": (
        body(days("0 - 0 - 0"), **MON_WED_FRI), [OFFERED.replace("3", "5", 1)], "1 active offer_waiting 3/3"),
    "T18 a dose edit on day 2 keeps the run": (
        body(days("0 0 0"), changes=[{"on": on(2), "due_per_day": 2}]), [OFFERED], "1 active offer_waiting 3/3"),
    "T18 a change of rung on day 2 restarts it": (
        body(days("0 0 0"), changes=[{"on": on(2), "start_rung": 2}]),
        ["2 advance 1>2 applied prescription_changed"], "2 active top_rung 2/3"),
    "an offer that is accepted holds at once when nothing was practised yet": (
        body(ACCEPTED), ["3 advance 1>2 accepted pain_free_run_met", "4 advance 1>2 applied offer_accepted"],
        "2 active top_rung 1/3"),
    "an offer that is declined": (
        body(DECLINED), ["3 advance 1>2 declined pain_free_run_met", "4 advance 1>2 declined offer_declined"],
        "1 active run 0/3"),
    "a late batch of ten days is offered on the day of the upload": (
        body(days("0 " * 10, known_on=on(11))), ["11 advance 1>2 offered pain_free_run_met"],
        "1 active offer_waiting 3/3"),
    "withdrawn pain counts no more, from the day it is withdrawn": (
        body([*days("0 0"), {"date": on(3), "sessions": [session("0"), session("2", withdrawn_on=on(4))]}], until=4),
        ["4 advance 1>2 offered pain_free_run_met"], "1 active offer_waiting 3/3"),
    "an absence breaks nothing": (
        body(days("0 0 - - 0"), absences=[{"first_day": on(3), "last_day": on(4)}]), [OFFERED.replace("3", "5", 1)],
        "1 active offer_waiting 3/3"),
    "what a clinician orders: up from the next day": (
        body([{"date": on(1), "acts": [{"kind": "advance"}]}], until=2), ["1 advance 1>2 applied clinician_order"],
        "2 active top_rung 0/3"),
    "a patient asks for less": (
        body([{"date": on(1), "acts": [{"kind": "step_down"}]}], **ON_RUNG_2),
        ["1 step_back 2>1 applied patient_request"], "1 active run 0/3"),
    "a yes that finds no offer changes nothing": (
        body([{"date": on(1), "acts": [{"kind": "accept"}]}]), ["1 hold 1>1 superseded offer_gone"],
        "1 active run 0/3"),
}  # fmt: skip


class TestTheWorkedCases:
    @pytest.mark.parametrize("name", CASES)
    async def test_through_the_endpoint(self, anna: SignedIn, name: str) -> None:
        asked, decided, stood = CASES[name]
        course = await simulate(anna, asked)
        assert told(course) == decided
        assert stands(course) == stood

    async def test_each_date_says_how_it_was_judged(self, anna: SignedIn) -> None:
        course = await simulate(anna, body(days("0 0p 1 ? 4 7 0")))
        assert verdicts(course) == [
            "pain_free", "incomplete", "discomfort", "pain_unknown", "sore", "very_sore", "incomplete"
        ]  # fmt: skip
        levels = [one["level"] for day in course["days"] for one in day["judged"]]
        assert levels == ["none"] * 4 + ["ease", "step", "none"]
        assert course["days"][4]["judged"][0]["text"] == "Pain above the pain before, by the profile enough to ease."

    async def test_a_morning_and_a_late_session_judge_the_day_they_are_about(self, anna: SignedIn) -> None:
        course = await simulate(anna, body(SORE_MORNING, until=6))
        assert [(one["local_date"], one["verdict"], one["morning_pain"]) for one in course["days"][2]["judged"]] == [
            (on(2), "sore_morning", 3), (on(3), "incomplete", None)
        ]  # fmt: skip
        late = await simulate(anna, body(LATE_PAIN, until=5, **AUTOMATIC))
        assert [(one["local_date"], one["verdict"]) for one in late["days"][4]["judged"]] == [(on(2), "sore")]
        [received] = late["days"][4]["received"]
        assert (received["local_date"], received["rung"]) == (on(2), 1)

    async def test_a_day_that_comes_too_late_moves_nothing(self, anna: SignedIn) -> None:
        course = await simulate(anna, body(days("7", known_on=on(32)), until=32))
        [judged] = course["days"][31]["judged"]
        assert (judged["verdict"], told(course)) == ("not_weighed", [])
        assert course["days"][31]["received"][0]["marks"] == ["too_late_for_progression"]

    async def test_the_day_says_what_the_patient_would_meet(self, anna: SignedIn) -> None:
        course = await simulate(anna, body(days("0 0 0 7"), until=5, **AUTOMATIC))
        seen = [(day["rung"], day["highest_rung"], day["is_closed"], day["due_slots"]) for day in course["days"]]
        assert seen == [(1, 1, False, 1)] * 3 + [(1, 2, True, 1), (1, 1, False, 1)]
        [step] = course["days"][3]["decisions"]
        assert (step["kind"], step["effective_on"], step["reason"]["sessions"]) == (
            "step_back", on(4), [course["days"][3]["received"][0]["id"]]
        )  # fmt: skip
        assert {one["name"]: one["value"] for one in step["reason"]["params"]}["needed_days"] == "5"

    async def test_a_resume_names_the_stops_that_the_first_answer_showed(self, anna: SignedIn) -> None:
        stopped = await simulate(anna, body(RED_FLAG))
        [stop] = stopped["final"]["open_stops"]
        resume = {"kind": "resume", "clears": [stop]}
        course = await simulate(anna, body([*RED_FLAG, {"date": on(5), "acts": [resume]}]))
        assert told(course)[-1] == "5 resume 1>1 applied clinician_order"
        assert (course["final"]["open_stops"], stands(course)) == ([], "1 active run 0/3")
        left = await simulate(anna, body([*RED_FLAG, {"date": on(5), "acts": [{"kind": "resume"}]}]))
        assert told(left)[-1] == "5 resume 1>1 blocked stop_open"
        assert left["final"]["open_stops"] == [stop]

    async def test_what_was_done_while_eased_is_what_was_asked(self, anna: SignedIn) -> None:
        course = await simulate(anna, body(days("4 0 0 0 0")))
        assert [one["is_complete"] for day in course["days"] for one in day["received"]] == [True, False] + [True] * 3
        assert told(course)[-1] == "5 advance 1>2 offered pain_free_run_met"


class TestWhoAndHow:
    async def test_patients_and_clinicians_read_their_own_words(self, phone: Phone, anna: SignedIn) -> None:
        asked = body(days("0 0 0"))
        clinic, patient = await simulate(anna, asked), await simulate(phone, asked)
        german = await simulate(phone, asked, headers={"Accept-Language": "de"})
        words = [one["days"][2]["decisions"][0]["reason"]["text"] for one in (clinic, patient, german)]
        assert words[0].startswith("3 of 3 scheduled days in a row")
        assert words[1].startswith("You did this without pain on 3 days")
        assert words[2].startswith("Sie haben das an 3 Tagen")
        assert told(clinic) == told(patient) == told(german)

    async def test_nobody_else(self, client: httpx.AsyncClient) -> None:
        answer = await client.post("/v1/rules/simulate", json=body(days("0")))
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")

    async def test_defaults_are_those_of_the_clinic(self, phone: Phone, anna: SignedIn) -> None:
        clinic = await anna.get("/v1/clinic")
        settings = {name: value for name, value in clinic.json().items() if name != "is_complete"}
        settings |= {"defaults": {"advance": "automatic", "pain_free_days": 4}}
        changed = await anna.send("PUT", "/v1/clinic", json=settings, headers={"If-Match": clinic.headers["ETag"]})
        assert changed.status_code == 200, changed.text
        course = await simulate(phone, body(days("0 0 0 0")))
        assert (course["rule"]["pain_free_days"], course["advance"]) == (4, "automatic")
        assert told(course) == ["4 advance 1>2 applied pain_free_run_met"]

    async def test_nothing_is_kept(self, phone: Phone, settings: Settings) -> None:
        before = everything(settings.owner_url)
        assert told(await simulate(phone, body(RED_FLAG)))
        assert everything(settings.owner_url) == before

    async def test_the_same_body_gives_the_same_answer(self, anna: SignedIn) -> None:
        asked = body(RED_FLAG, **CARRIED)
        assert await simulate(anna, asked) == await simulate(anna, asked)

    async def test_a_window_without_any_day_is_lived(self, anna: SignedIn) -> None:
        course = await simulate(anna, body([], until=3))
        assert [day["date"] for day in course["days"]] == [on(1), on(2), on(3)]
        assert (course["from"], course["to"], stands(course)) == (on(1), on(3), "1 active missed_day 0/3")


def _with(**more: Any) -> Json:
    return body(days("0 0 0")) | more


MANY = [{"date": (FIRST + timedelta(days=n)).isoformat()} for n in range(401)]
REFUSED: dict[str, tuple[Json, str, str]] = {
    "from after to": (_with(**{"from": on(5), "to": on(1)}), "/from", "upside_down"),
    "a hundred years": (_with(**{"from": "2000-01-01", "to": "2099-12-31"}), "/to", "window_too_long"),
    "a hundred years between two days": (_with(days=[{"date": "2090-01-01"}]), "/days", "window_too_long"),
    "401 days": (_with(days=MANY), "/days", "too_long"),
    "13 sessions on a day": (_with(days=[{"date": on(1), "sessions": [{}] * 13}]), "/days/0/sessions", "too_long"),
    "too many sessions together": (
        _with(days=[one | {"sessions": [{}] * 12} for one in MANY[:100]]), "/days", "too_long"),
    "a date twice": (_with(days=[{"date": on(1)}, {"date": on(1)}]), "/days/1/date", "duplicate"),
    "a day before the window": (_with(**{"from": on(2)}), "/prescription/starts_on", "out_of_range"),
    "a day after the window": (_with(to=on(2)), "/days/2/date", "out_of_range"),
    "known before it happened": (
        _with(days=[{"date": on(2), "sessions": [{"known_on": on(1)}]}]), "/days/0/sessions/0/known_on", "upside_down"),
    "withdrawn before it was known": (
        _with(days=[{"date": on(1), "sessions": [{"known_on": on(3), "withdrawn_on": on(2)}]}]),
        "/days/0/sessions/0/withdrawn_on", "upside_down"),
    "an unknown ladder": (body(days("0"), ladder_id="to-the-moon"), "/prescription/ladder_id", "not_allowed"),
    "an unknown profile": (
        body(days("0"), rule={"profile": "no-pain-no-gain"}), "/prescription/rule/profile", "not_allowed"),
    "a rung that the ladder does not have": (body(days("0", rung=3)), "/days/0/sessions/0/rung", "out_of_range"),
    "a start above the ladder": (body(days("0"), start_rung=3), "/prescription/start_rung", "out_of_range"),
    "an unknown symptom": (
        body(days("0", symptoms=["itchy_elbow"])), "/days/0/sessions/0/symptoms/0", "unknown_symptom"),
    "an unknown condition": (
        body(days("0"), cautions=[{"condition": "bad_mood"}]), "/cautions/0/condition", "unknown_condition"),
    "a change that cannot be": (
        body(days("0"), changes=[{"on": on(1), "max_rung": 9}]), "/changes/0/max_rung", "out_of_range"),
    "pain 11": (body(days("11")), "/days/0/sessions/0/pain_during", "out_of_range"),
    "two days of a run": (
        body(days("0"), rule={"pain_free_days": 2}), "/prescription/rule/pain_free_days", "out_of_range"),
    "an unknown act": (
        body([{"date": on(1), "acts": [{"kind": "restore"}]}]), "/days/0/acts/0/kind", "not_allowed"),
    "an unknown field": (_with(dayz=[]), "/dayz", "unknown_field"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
async def test_what_cannot_be_imagined_is_named(anna: SignedIn, name: str) -> None:
    asked, pointer, code = REFUSED[name]
    answer = await anna.post("/v1/rules/simulate", asked)
    assert answer.status_code == 422, answer.text
    assert (pointer, code) in {(one["pointer"], one["code"]) for one in answer.json()["errors"]}, answer.text
