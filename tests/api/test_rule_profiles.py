"""Other rules than the article's: chosen on a prescription, shown with where they come from, and heard by the phone."""

from typing import Any

import pytest

from tests.api.test_prescriptions import origins
from tests.people import SignedIn
from tests.phone import CONTACT, Phone, make_patient, prescribe

USUAL: dict[str, Any] = {"usual_pain": 3, "rule": {"profile": "no_worse_than_usual"}}


async def test_another_profile_counts_good_days(anna: SignedIn) -> None:
    patient_id = await make_patient(anna)
    made = (await prescribe(anna, patient_id, rule={"profile": "traffic_light", "good_days": 4})).json()
    assert made["rule"] == {"profile": "traffic_light", "version": 1, "pain_free_days": None, "good_days": 4}
    assert (origins(made)["profile"], origins(made)["good_days"]) == ("clinician", "clinician")
    assert "pain_free_days" not in origins(made)
    assert made["progress"]["text"].startswith("0 of 4 good days in a row.")


async def test_its_number_of_days_is_its_own_and_not_the_clinics(anna: SignedIn) -> None:
    tag = (await anna.get("/v1/clinic")).headers["ETag"]
    settings = CONTACT | {"defaults": {"advance": "ask_patient", "pain_free_days": 6}}
    assert (await anna.send("PUT", "/v1/clinic", json=settings, headers={"If-Match": tag})).status_code == 200
    patient_id = await make_patient(anna)
    made = (await prescribe(anna, patient_id, **USUAL)).json()
    assert made["rule"]["good_days"] == 3
    assert origins(made)["good_days"] == "product_default"


@pytest.mark.parametrize(
    ("wish", "pointer", "code"),
    [
        ({"rule": {"profile": "traffic_light", "pain_free_days": 3}}, "/rule/pain_free_days", "contradiction"),
        ({"rule": {"good_days": 3}}, "/rule/good_days", "contradiction"),
        ({"rule": {"profile": "pain_free_days", "good_days": 3}}, "/rule/good_days", "contradiction"),
        ({"rule": {"profile": "traffic_light", "good_days": 2}}, "/rule/good_days", "out_of_range"),
        ({"rule": {"profile": "traffic_light", "good_days": 15}}, "/rule/good_days", "out_of_range"),
        ({"rule": {"profile": "no_worse_than_usual"}}, "/usual_pain", "missing"),
        ({"rule": {"profile": "quota"}}, "/rungs", "missing"),
        ({"rule": {"profile": "hope"}}, "/rule/profile", "not_allowed"),
    ],
)
async def test_what_does_not_fit_together_is_refused(
    anna: SignedIn, wish: dict[str, Any], pointer: str, code: str
) -> None:
    patient_id = await make_patient(anna)
    refused = await prescribe(anna, patient_id, **wish)
    assert refused.status_code == 422, refused.text
    assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == [(pointer, code)]
    simulated = await anna.post("/v1/rules/simulate", json={"prescription": LADDER | wish})
    assert [one["pointer"] for one in simulated.json()["errors"]] == [f"/prescription{pointer}"]


LADDER = {"ladder_id": "knees-to-chest", "starts_on": "2026-01-05"}


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"usual_pain": 1}, "usual_pain_set"),
        ({"usual_pain": 3, "rule": {"profile": "traffic_light"}}, None),
        ({"usual_pain": 4, "rule": {"profile": "traffic_light"}}, "usual_pain_not_green"),
        ({"usual_pain": 8, "rule": {"profile": "no_worse_than_usual"}}, None),
    ],
)
async def test_usual_pain_that_the_rule_cannot_bear_is_warned_of(
    anna: SignedIn, wish: dict[str, Any], code: str | None
) -> None:
    made = (await prescribe(anna, await make_patient(anna), **wish)).json()
    warned = [one["code"] for one in made["warnings"] if one["code"].startswith("usual_pain")]
    assert warned == ([code] if code else [])


async def test_the_phone_hears_what_another_rule_bears(phone: Phone) -> None:
    assert (await phone.routine()).json()["rule_reactions"] == []
    assert (await phone.amend(**USUAL)).status_code == 200
    (own,) = (await phone.routine()).json()["rule_reactions"]
    assert own["prescription_id"] == phone.prescription_id
    assert [(one["pain_min"], one["pain_max"], one["do"]) for one in own["reactions"]] == [
        (0, 4, "go_on"), (5, 5, "ease"), (6, 10, "step_back"), (0, 3, "go_on"), (4, 10, "ease"),
    ]  # fmt: skip
    assert (await phone.amend(usual_pain=10)).status_code == 200
    (own,) = (await phone.routine()).json()["rule_reactions"]
    assert [(one["pain_min"], one["pain_max"], one["do"]) for one in own["reactions"]] == [
        (0, 10, "go_on"), (0, 10, "go_on"),
    ]  # fmt: skip


async def test_a_switch_restarts_the_run_and_old_decisions_keep_their_rule(phone: Phone) -> None:
    for pain in (0, 0, 0):
        await phone.practise(pain=pain)
        phone.sleep()
    assert (await phone.amend(rule={"profile": "traffic_light"})).status_code == 200
    for pain in (3, 2):
        await phone.practise(pain=pain)
        phone.sleep()
    answer = await phone.practise(pain=3)
    items = (await phone.send("GET", "/v1/me/decisions")).json()["items"]
    said = [(one["reason"]["code"], one["reason"]["rule"]) for one in items]
    assert said[0] == ("good_run_met", "traffic_light")
    assert ("pain_free_run_met", "pain_free_days") in said
    assert answer.json()["decisions"][0]["reason"]["text"].startswith("You had 3 good days in a row")


async def test_a_simulated_day_is_good_by_its_own_rule(anna: SignedIn) -> None:
    day = {"date": "2026-01-05", "sessions": [{"pain_before": 1, "pain_during": 3}]}
    wish = LADDER | {"rule": {"profile": "traffic_light"}}
    course = (await anna.post("/v1/rules/simulate", json={"prescription": wish, "days": [day]})).json()
    assert [one["verdict"] for one in course["days"][0]["judged"]] == ["good"]
    assert course["rule"]["good_days"] == 3


@pytest.mark.parametrize(
    ("wish", "weekdays", "origin"),
    [
        ({"ladder_id": "squat"}, ["mon", "thu"], "wall-squat-trial-2021"),
        ({"ladder_id": "squat", "start_rung": 2}, ["mon", "wed", "fri"], "product_default"),
        ({"ladder_id": "squat", "weekdays": ["sun", "mon"]}, ["mon", "sun"], "clinician"),
        ({"ladder_id": "squat", "every_n_days": 2}, None, "clinician"),
        ({}, ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "article"),
    ],
)
async def test_an_exercise_for_some_days_a_week_is_not_prescribed_for_every_day(
    anna: SignedIn, wish: dict[str, Any], weekdays: list[str] | None, origin: str
) -> None:
    made = (await prescribe(anna, await make_patient(anna), **wish)).json()
    assert (made["weekdays"], origins(made)["schedule"]) == (weekdays, origin)
