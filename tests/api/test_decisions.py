"""Offers and their answers, clinicians' orders, and what is told about both, through HTTP."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx

from tests import people
from tests.people import SignedIn
from tests.phone import Phone, make_patient, prescribe, start_phone


async def practise(phone: Phone, *pains: int | None) -> dict[str, Any]:
    """One session a day, going to sleep between them; the last answer."""
    found: dict[str, Any] = {}
    for number, pain in enumerate(pains):
        if number:
            phone.sleep()
        answer = await phone.practise(pain=pain)
        assert answer.status_code == 201, answer.text
        found = answer.json()
    return found


async def offered(phone: Phone) -> str:
    """Three pain-free days: the id of the offer."""
    [offer] = (await practise(phone, 0, 0, 0))["decisions"]
    assert (offer["state"], offer["effective_on"]) == ("offered", None)
    offer_id: str = offer["id"]
    return offer_id


async def listed(phone: Phone) -> list[tuple[str, str, str]]:
    items = (await phone.send("GET", "/v1/me/decisions")).json()["items"]
    return [(one["kind"], one["state"], one["reason"]["code"]) for one in items]


async def rung(phone: Phone) -> int:
    found: int = (await phone.item())["rung"]
    return found


# Who says yes


async def test_a_yes_before_practice_holds_at_once(phone: Phone) -> None:
    offer = await offered(phone)
    phone.sleep()
    routine = (await phone.routine()).json()
    assert [one["decision_id"] for one in routine["offers"]] == [offer]
    assert routine["offers"][0]["ask_if_unsure"]
    first = await phone.answer(offer, "accept")
    assert (first.status_code, first.json()["state"], first.json()["effective_on"]) == (200, "accepted", "2026-01-08")
    assert await rung(phone) == 2
    # Again, today and months later: the same.
    assert (await phone.answer(offer, "accept")).content == first.content
    phone.sleep(100)
    assert (await phone.answer(offer, "accept")).content == first.content
    gone = await phone.answer(offer, "decline")
    assert (gone.status_code, gone.json()["code"]) == (409, "offer_gone")


async def test_a_yes_after_practice_holds_from_the_next_day(phone: Phone) -> None:
    offer = await offered(phone)
    answer = (await phone.answer(offer, "accept")).json()
    assert (answer["state"], answer["effective_on"]) == ("accepted", "2026-01-08")
    assert await rung(phone) == 1
    week = (await phone.routine(days=3)).json()["days"]
    assert [day["items"][0]["rung"] for day in week] == [1, 2, 2]
    phone.sleep()
    assert await rung(phone) == 2


async def test_a_no_closes_the_offer_and_a_fresh_run_earns_another(phone: Phone) -> None:
    offer = await offered(phone)
    first = await phone.answer(offer, "decline")
    assert (first.status_code, first.json()["state"]) == (200, "declined")
    assert (await phone.answer(offer, "decline")).content == first.content
    late_yes = await phone.answer(offer, "accept")
    assert (late_yes.status_code, late_yes.json()["code"]) == (409, "offer_gone")
    assert (await phone.routine()).json()["offers"] == []
    phone.sleep()
    answers = [(await practise(phone, 0))["decisions"]]
    for _ in range(2):
        phone.sleep()
        answers.append((await practise(phone, 0))["decisions"])
    assert [len(one) for one in answers] == [0, 0, 1]
    assert answers[2][0]["id"] != offer


async def test_an_offer_that_a_later_day_took_back_is_gone(phone: Phone) -> None:
    offer = await offered(phone)
    phone.sleep()
    sore = (await practise(phone, 1))["decisions"]
    assert [(one["reason"]["code"], one["supersedes"]) for one in sore] == [("offer_superseded", offer)]
    assert (await phone.routine()).json()["offers"] == []
    before = await listed(phone)
    yes = await phone.answer(offer, "accept")
    assert (yes.status_code, yes.json()["code"], yes.json()["retry"]) == (409, "offer_gone", "never")
    assert await listed(phone) == before
    no = await phone.answer(offer, "decline")
    assert (no.status_code, no.json()["state"]) == (200, "superseded")
    assert (await phone.answer(offer, "decline")).content == no.content
    assert await rung(phone) == 1


async def test_a_yes_given_offline_is_a_yes_to_the_newer_offer_of_the_same_rung(phone: Phone) -> None:
    offer = await offered(phone)
    phone.sleep()
    await practise(phone, 1)
    phone.sleep()
    [newer] = (await practise(phone, 0, 0, 0))["decisions"]
    assert newer["id"] != offer
    first = await phone.answer(offer, "accept")
    assert (first.status_code, first.json()["state"]) == (200, "applied")
    assert (first.json()["kind"], first.json()["supersedes"]) == ("advance", newer["id"])
    for days in (0, 1, 40):
        phone.sleep(days)
        assert (await phone.answer(offer, "accept")).content == first.content
    # The offer that the yes became is not asked again.
    assert (await phone.answer(newer["id"], "accept")).json()["state"] == "accepted"
    assert await rung(phone) == 2


async def test_only_an_offer_can_be_answered(phone: Phone) -> None:
    [step] = (await practise(phone, 7))["decisions"]
    phone.sleep()
    for answer in ("accept", "decline"):
        refused = await phone.answer(step["id"], answer)
        assert (refused.status_code, refused.json()["code"]) == (409, "offer_gone")
        absent = await phone.answer(str(uuid4()), answer)
        assert (absent.status_code, absent.json()["code"]) == (404, "not_found")
    for body in ({"answer": "maybe"}, {"answer": True}, {}, {"answer": "accept", "answered_at": "now"}):
        answered = await phone.send("PUT", f"/v1/me/decisions/{step['id']}/answer", json=body)
        assert answered.status_code == 422, body
    assert len(await listed(phone)) == 1


async def test_another_patients_offer_is_not_there(phone: Phone) -> None:
    offer = await offered(phone)
    anna = await people.sign_in(phone.client)
    neighbour = await start_phone(anna, phone.client, phone.clock)
    refused = await neighbour.answer(offer, "accept")
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    assert [one["decision_id"] for one in (await phone.routine()).json()["offers"]] == [offer]


async def test_automatic_means_from_the_next_day_without_a_question(anna: SignedIn, phone: Phone) -> None:
    auto = await start_phone(anna, phone.client, phone.clock, advance="automatic")
    [advance] = (await practise(auto, 0, 0, 0))["decisions"]
    assert (advance["state"], advance["effective_on"]) == ("applied", "2026-01-08")
    assert (await auto.routine()).json()["offers"] == []
    week = (await auto.routine(days=2)).json()["days"]
    assert [day["items"][0]["rung"] for day in week] == [1, 2]
    assert (await auto.answer(advance["id"], "accept")).status_code == 409
    auto.sleep()
    assert await rung(auto) == 2


async def test_where_the_clinician_is_asked_the_patient_cannot_say_yes(anna: SignedIn, phone: Phone) -> None:
    asking = await start_phone(anna, phone.client, phone.clock, advance="ask_clinician")
    offer = await offered(asking)
    assert (await asking.routine()).json()["offers"] == []
    for answer in ("accept", "decline"):
        refused = await asking.answer(offer, answer)
        assert (refused.status_code, refused.json()["code"]) == (409, "offer_gone")
    asking.sleep()
    ordered = await asking.order("advance")
    assert (ordered.status_code, ordered.json()["effective_on"]) == (201, "2026-01-09")
    assert ordered.json()["supersedes"] == offer
    asking.sleep()
    assert await rung(asking) == 2


# Orders


async def test_up_holds_from_the_next_day_and_down_at_once(phone: Phone) -> None:
    up = await phone.order("advance")
    assert (up.status_code, up.json()["state"]) == (201, "applied")
    assert (up.json()["from_rung"], up.json()["to_rung"], up.json()["effective_on"]) == (1, 2, "2026-01-06")
    # An offline phone is told today what tomorrow brings.
    days = (await phone.routine(days=2)).json()["days"]
    assert [day["items"][0]["rung"] for day in days] == [1, 2]
    phone.sleep()
    answer = await phone.put(str(uuid4()), phone.session(exercise="double-knee-to-chest"))
    assert answer.json()["session"]["marks"] == []
    assert answer.json()["progress"][0]["rung"] == 2
    down = await phone.order("step_back")
    assert (down.status_code, down.json()["to_rung"], down.json()["effective_on"]) == (201, 1, "2026-01-06")
    assert await rung(phone) == 1


async def test_an_order_must_lead_where_it_says(phone: Phone) -> None:
    for kind, more, pointer in (
        ("step_back", {}, "/to_rung"),
        ("step_back", {"to_rung": 2}, "/to_rung"),
        ("advance", {"to_rung": 1}, "/to_rung"),
        ("advance", {"to_rung": 3}, "/to_rung"),
        ("advance", {"to_rung": 0}, "/to_rung"),
        ("ease", {}, "/kind"),
        ("restore", {}, "/kind"),
        ("dance", {}, "/kind"),
        ("hold", {"reason": ""}, "/reason"),
        ("hold", {"until": "2026-02-01"}, "/until"),
        ("hold", {"audience": "everyone"}, "/audience"),
        ("resume", {"clears": ["all"]}, "/clears/0"),
    ):
        refused = await phone.order(kind, **more)
        assert refused.status_code == 422, (kind, more, refused.text)
        assert [one["pointer"] for one in refused.json()["errors"]] == [pointer], (kind, more)
    assert await listed(phone) == []
    assert (await phone.item())["status"] == "active"


async def test_a_stop_never_waits(phone: Phone) -> None:
    """A rung beside a stop says nothing about when it holds."""
    stopped = await phone.order("stop", to_rung=2)
    assert (stopped.status_code, stopped.json()["effective_on"]) == (201, "2026-01-05")
    assert (await phone.item())["status"] == "stopped"
    routine = (await phone.routine(days=3)).json()
    assert [day["state"] for day in routine["days"]] == ["stopped"] * 3
    assert routine["safety"]["do_first"]
    up = await phone.order("advance")
    assert (up.status_code, up.json()["code"]) == (409, "stop_not_named")
    unnamed = await phone.order("resume")
    assert (unnamed.status_code, unnamed.json()["code"]) == (409, "stop_not_named")
    wrong = await phone.order("resume", clears=[str(uuid4())])
    assert (wrong.status_code, wrong.json()["code"]) == (409, "stop_not_named")
    prescription = await phone.prescription()
    assert (prescription["status"], prescription["open_stops"]) == ("stopped", [stopped.json()["id"]])
    resumed = await phone.order("resume", clears=prescription["open_stops"])
    assert (resumed.status_code, resumed.json()["effective_on"]) == (201, "2026-01-05")
    assert (await phone.item())["status"] == "active"
    assert (await phone.routine()).json()["safety"]["do_first"] is None


async def test_hold_keeps_the_rung_and_pause_the_patient(phone: Phone) -> None:
    assert (await phone.order("hold")).status_code == 201
    assert (await practise(phone, 0, 0, 0))["decisions"] == []
    item = await phone.item()
    assert (item["status"], item["progress"]["code"]) == ("held", "held")
    assert (await phone.order("pause")).status_code == 201
    assert (await phone.prescription())["status"] == "paused"
    routine = (await phone.routine(days=2)).json()
    assert [day["state"] for day in routine["days"]] == ["rest", "rest"]
    assert [slot["status"] for slot in routine["days"][1]["items"][0]["slots"]] == ["excused", "excused"]
    # A pause that was a mistake is taken back on the same day: the latest word counts.
    phone.clock.move_by(timedelta(minutes=1))
    assert (await phone.order("resume")).status_code == 201
    assert (await phone.item())["status"] == "active"
    phone.clock.move_by(timedelta(minutes=1))
    assert (await phone.order("pause")).status_code == 201
    assert (await phone.item())["status"] == "paused"
    phone.sleep(3)
    assert (await phone.order("resume")).status_code == 201
    item = await phone.item()
    assert (item["status"], item["progress"]["counted_days"]) == ("active", 0)


async def test_into_an_exercise_to_avoid_nobody_is_ordered(phone: Phone) -> None:
    """Stored with the patient as avoided for both rungs: holds the present one, forbids the next."""
    anna = await people.sign_in(phone.client)
    path = f"/v1/patients/{phone.patient_id}"
    added = {"cautions": [{"condition": "osteoporosis_or_vertebral_fracture", "action": "add"}]}
    changed = await anna.send("PATCH", path, json=added, headers={"If-Match": "*"})
    assert changed.status_code == 200, changed.text
    refused = await phone.order("advance")
    assert (refused.status_code, refused.json()["code"]) == (409, "needs_clearance")
    assert (await phone.item())["status"] == "held"


async def test_what_has_ended_takes_no_orders(phone: Phone) -> None:
    ended = await phone.amend(ends_on="2026-01-06")
    assert ended.status_code == 200, ended.text
    phone.sleep(2)
    for kind in ("stop", "resume", "advance", "hold"):
        refused = await phone.order(kind)
        assert (refused.status_code, refused.json()["code"]) == (409, "conflict"), kind
    assert (await phone.prescription())["status"] == "ended"


async def test_an_order_is_given_once_however_often_it_is_sent(phone: Phone) -> None:
    key = {"Idempotency-Key": "one-order"}
    anna = await people.sign_in(phone.client)
    path = f"/v1/patients/{phone.patient_id}/prescriptions/{phone.prescription_id}/decisions"
    body = {"kind": "hold", "reason": "wait"}
    answers = [await anna.post(path, body, headers=key) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    other = await anna.post(path, {"kind": "stop", "reason": "wait"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert len(await listed(phone)) == 1


async def test_orders_need_a_patient_a_prescription_and_a_clinician(phone: Phone, other: SignedIn) -> None:
    body = {"kind": "stop", "reason": "x"}
    paths = [
        f"/v1/patients/{phone.patient_id}/prescriptions/{uuid4()}/decisions",
        f"/v1/patients/{uuid4()}/prescriptions/{phone.prescription_id}/decisions",
    ]
    anna = await people.sign_in(phone.client)
    for path in paths:
        assert (await anna.post(path, body)).status_code == 404
    right = f"/v1/patients/{phone.patient_id}/prescriptions/{phone.prescription_id}/decisions"
    assert (await other.post(right, body)).status_code == 404
    assert (await phone.send("POST", right, json=body)).status_code == 403
    assert (await phone.client.post(right, json=body)).status_code == 401
    assert await listed(phone) == []


# What is told


async def test_pages_of_decisions_hold_each_once_newest_first(phone: Phone) -> None:
    for kind in ("hold", "pause", "resume", "stop", "hold"):
        assert (await phone.order(kind)).status_code == 201
        phone.clock.move_by(timedelta(minutes=1))
    anna = await people.sign_in(phone.client)
    for person, path in ((phone, "/v1/me/decisions"), (anna, f"/v1/patients/{phone.patient_id}/decisions")):
        found: list[str] = []
        address = f"{path}?limit=2"
        while address:
            page: httpx.Response = await person.send("GET", address)
            found += [one["kind"] for one in page.json()["items"]]
            address = page.headers.get("Link", "").partition(">")[0].removeprefix("<")
        assert found == ["hold", "stop", "resume", "pause", "hold"]


async def test_the_patient_is_told_in_their_language_and_the_clinic_in_its_own(phone: Phone) -> None:
    await practise(phone, 7)
    mine = await phone.send("GET", "/v1/me/decisions", headers={"Accept-Language": "de"})
    anna = await people.sign_in(phone.client)
    theirs = await anna.get(f"/v1/patients/{phone.patient_id}/decisions")
    [a], [b] = mine.json()["items"], theirs.json()["items"]
    assert (mine.headers["Content-Language"], theirs.headers["Content-Language"]) == ("de", "en")
    assert a["reason"]["code"] == b["reason"]["code"] == "sore_at_lowest_rung"
    assert a["reason"]["params"] == b["reason"]["params"]
    assert a["reason"]["text"] != b["reason"]["text"]


async def test_a_stop_that_was_cleared_before_does_not_stop_what_is_prescribed_after(phone: Phone) -> None:
    """A patient comes back: the old plan ended, its stop was cleared by name, and a new plan begins on the same day."""
    await phone.put(str(uuid4()), {**phone.session(), "symptoms": ["new_numbness_or_weakness"]})
    [stop] = (await phone.prescription())["open_stops"]
    anna = await people.sign_in(phone.client)
    assert (await phone.amend(ends_on="2026-01-05")).status_code == 200
    phone.sleep()
    anna = await people.sign_in(phone.client)
    path = f"/v1/patients/{phone.patient_id}/prescriptions"
    refused = await prescribe(anna, phone.patient_id, starts_on="2026-01-06")
    assert refused.status_code == 201, refused.text
    opened = refused.json()
    assert (opened["status"], opened["open_stops"]) == ("stopped", [stop])
    assert [one["code"] for one in opened["warnings"]].count("open_stop") == 1
    body = {"kind": "resume", "reason": "seen", "clears": [stop]}
    assert (await anna.post(f"{path}/{opened['id']}/decisions", body)).status_code == 201
    tag = (await anna.get(f"{path}/{opened['id']}")).headers["ETag"]
    end = {"ends_on": "2026-01-06", "reason": "another plan"}
    assert (await anna.send("PATCH", f"{path}/{opened['id']}", json=end, headers={"If-Match": tag})).status_code == 200
    phone.sleep()
    anna = await people.sign_in(phone.client)
    third = (await prescribe(anna, phone.patient_id, starts_on="2026-01-07")).json()
    assert (third["status"], third["open_stops"]) == ("active", [])
    phone.prescription_id = third["id"]
    answer = await phone.put(str(uuid4()), phone.session())
    assert (answer.json()["session"]["marks"], answer.json()["decisions"]) == ([], [])
    assert (await phone.item())["status"] == "active"


async def test_a_patient_without_a_prescription_has_no_decisions(anna: SignedIn) -> None:
    patient_id = await make_patient(anna)
    page = await anna.get(f"/v1/patients/{patient_id}/decisions")
    assert (page.status_code, page.json()) == (200, {"items": [], "next_cursor": None})
    assert (await anna.get(f"/v1/patients/{uuid4()}/decisions")).status_code == 404
