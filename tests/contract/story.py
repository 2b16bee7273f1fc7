"""The story behind the examples of the document: a clinic, a patient, a ladder, and six days of a phone.

`play` goes through it against a running application and keeps, for each operation, one request and its answer.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from app.clock import MovableClock
from tests.contract.own_story import clinics_content
from tests.contract.validation import DOTS_AND_PAGES, Contract
from tests.people import PASSWORD

Json = dict[str, Any]

DEVICE = {
    "id": "5e0c2b1f-6f0e-4c53-9d0a-1f7d3c9b8a10",
    "name": "My phone",
    "platform": "android",
    "app_version": "1.4.0",
}
REQUEST = {"request_id": "019b8d00-0000-7000-8000-000000000010"}
SHOWN_HEADERS = ("ETag", "Location", "Content-Language")
CLINIC: Json = {
    "name": "Spine Centre",
    "time_zone": "Europe/Berlin",
    "language": "en",
    "contact": {"phone": "+49 30 5550100", "email": "hello@spine.example", "hours": "Mon-Fri 8:00-17:00"},
    "emergency_number": "112",
    "defaults": {"advance": "ask_patient", "pain_free_days": 3},
    "who_sees_patients": "everyone",
}


@dataclass(slots=True)
class Player:
    """Sends the requests of the story and keeps the first of each operation that is to be shown.

    Answers of another status or kind that come later are kept beside it.
    """

    client: httpx.AsyncClient
    clock: MovableClock
    contract: Contract
    tokens: dict[str, str] = field(default_factory=dict)
    kept: dict[str, Json] = field(default_factory=dict)

    async def do(
        self,
        name: str,
        who: str = "",
        body: Json | None = None,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """One operation as somebody; a second passes."""
        self.clock.move_by(timedelta(seconds=1))
        method, template = next(
            (method, template)
            for template, operations in self.contract.document["paths"].items()
            for method, operation in operations.items()
            if operation["operationId"] == name
        )
        address = re.sub(r"\{(\w+)\}", lambda found: (path or {})[found[1]], template)
        sent = dict(headers or {}) | ({"Authorization": f"Bearer {self.tokens[who]}"} if who else {})
        more: Json = {} if body is None else {"json": body}
        answer = await self.client.request(method, address, params=dict(query or {}), headers=sent, **more)
        assert answer.is_success, f"{name}: {answer.status_code} {answer.text}"
        shown: Json = {"status": answer.status_code}
        shown["headers"] = {header: answer.headers[header] for header in SHOWN_HEADERS if header in answer.headers}
        if answer.content:
            media = answer.headers["content-type"].partition(";")[0]
            shown |= {} if media == "application/json" else {"media": media}
            if media not in DOTS_AND_PAGES:
                shown["body"] = answer.text if "media" in shown else answer.json()
        request = {"path": dict(path or {}), "query": dict(query or {}), "headers": dict(headers or {})}
        kept = {part: said for part, said in request.items() if said} | ({} if body is None else {"body": body})
        first = self.kept.setdefault(name, {**kept, "response": shown})
        told = [(one["status"], one.get("media")) for one in (first["response"], *first.get("also", []))]
        if answer.content and (shown["status"], shown.get("media")) not in told:
            first.setdefault("also", []).append(shown)
        return answer


async def play(player: Player) -> dict[str, Json]:
    """The whole story. The clinic `spine` exists, with Anna as its administrator and clinician."""
    patient_id, prescription_id = await _clinic(player)
    await _library(player)
    await _phone_connects(player, patient_id)
    session_id = await _three_days(player, prescription_id)
    await _what_the_phone_reads(player, session_id)
    await _what_the_clinic_does(player, patient_id, prescription_id)
    await _alarms(player)
    await _treatment_ends(player)
    await _end(player, prescription_id)
    return player.kept


async def _clinic(player: Player) -> tuple[str, str]:
    await player.do("get_server")
    await player.do("list_auth_methods", query={"clinic": "spine"})
    signing_in = {"clinic": "spine", "email": "anna@spine.example", "password": PASSWORD}
    player.tokens["anna"] = (await player.do("sign_in", body=signing_in)).json()["access_token"]
    tag = (await player.do("get_clinic", "anna")).headers["ETag"]
    await player.do("replace_clinic", "anna", CLINIC, headers={"If-Match": tag})
    await _staff(player)
    made = await player.do(
        "create_patient",
        "anna",
        {
            "display_name": "Pat Example",
            "birth_year": 1958,
            "phone": "+49 30 5550123",
            "identifiers": [{"system": "https://his.example/mrn", "value": "4711"}],
            "cautions": [{"condition": "spondylolisthesis"}],
        },
        headers={"Idempotency-Key": "create-patient-1"},
    )
    patient_id = made.json()["id"]
    prescribed = await player.do(
        "create_prescription",
        "anna",
        {"ladder_id": "knees-to-chest", "starts_on": "2026-01-05", "instruction": "Slowly, and on a mat."},
        path={"patient_id": patient_id},
        headers={"Idempotency-Key": "create-prescription-1"},
    )
    return patient_id, prescribed.json()["id"]


async def _staff(player: Player) -> None:
    new = {"email": "carla@spine.example", "display_name": "Carla Clinician", "roles": ["clinician"]}
    made = await player.do("create_clinician", "anna", new, headers={"Idempotency-Key": "create-clinician-1"})
    signing_in = {"clinic": "spine", "email": "carla@spine.example", "password": made.json()["first_password"]}
    await player.do("change_password", body=signing_in | {"new_password": f"{PASSWORD} of Carla"})
    await player.do("list_clinicians", "anna")
    of_carla = {"clinician_id": made.json()["id"]}
    tag = (await player.do("get_clinician", "anna", path=of_carla)).headers["ETag"]
    both = {"roles": ["clinician", "clinic_admin"]}
    await player.do("update_clinician", "anna", both, path=of_carla, headers={"If-Match": tag})


async def _library(player: Player) -> None:
    await player.do("search_exercises", query={"q": "knee hug", "needs_floor": "false"})
    await player.do("get_exercise", path={"exercise_id": "single-knee-to-chest"})
    await player.do("get_exercise_figure", path={"exercise_id": "single-knee-to-chest"}, query={"step": "4"})
    await player.do("list_ladders")
    await player.do("get_ladder", path={"ladder_id": "knees-to-chest"})
    await player.do("list_symptoms")
    await player.do("list_conditions")


async def _phone_connects(player: Player, patient_id: str) -> None:
    invited = await player.do("invite_patient", "anna", {"kind": "first"}, path={"patient_id": patient_id})
    invitation = invited.json()
    body = {"clinic": invitation["clinic"], "code": invitation["code"], "device": DEVICE}
    redeemed = (await player.do("redeem_invitation", body=body)).json()
    refreshed = (await player.do("refresh_tokens", body={"refresh_token": redeemed["refresh_token"]})).json()
    player.tokens |= {"phone": refreshed["access_token"], "refresh": refreshed["refresh_token"]}


def _on_the_phone(player: Player) -> datetime:
    return player.clock.now().astimezone(ZoneInfo("Europe/Berlin"))


def _session(player: Player, item: Json, **more: Any) -> Json:
    started = _on_the_phone(player)
    sets = [{"side": side, "reps": 12, "hold_seconds": 4} for side in item["sides"]]
    performance = {
        "prescription_id": item["prescription_id"],
        "prescription_version": item["prescription_version"],
        "exercise_id": item["exercise_id"],
        "pain_during": 0,
        "effort": 3,
        "sets": sets,
    }
    return {
        "started_at": started.isoformat(),
        "finished_at": (started + timedelta(minutes=12)).isoformat(),
        "time_zone": "Europe/Berlin",
        "pain_before": 1,
        "pain_after": 0,
        "performances": [performance | more],
    }


async def _three_days(player: Player, prescription_id: str) -> str:
    session_id = ""
    for day in range(3):
        routine = (await _fresh(player, "get_my_routine")).json()
        [item] = [one for one in routine["days"][0]["items"] if one["prescription_id"] == prescription_id]
        session_id = f"019b8d00-0000-7000-8000-00000000000{day}"
        # The last day is the one to show: the next rung is earned on it.
        player.kept.pop("put_my_session", None)
        sent = {"Sent-At": _on_the_phone(player).isoformat()}
        body, path = _session(player, item), {"session_id": session_id}
        await player.do("put_my_session", "phone", body, path=path, headers=sent)
        await player.do("put_my_session", "phone", body, path=path, headers=sent)  # the reply was lost
        if day < 2:
            player.clock.move_by(timedelta(days=1))
            await _refresh(player)
    return session_id


async def _refresh(player: Player) -> None:
    refreshed = (await player.do("refresh_tokens", body={"refresh_token": player.tokens["refresh"]})).json()
    player.tokens |= {"phone": refreshed["access_token"], "refresh": refreshed["refresh_token"]}
    signing_in = {"clinic": "spine", "email": "anna@spine.example", "password": PASSWORD}
    player.tokens["anna"] = (await player.do("sign_in", body=signing_in)).json()["access_token"]


async def _fresh(player: Player, name: str) -> httpx.Response:
    """The answer of now is the one to show, not an earlier one."""
    player.kept.pop(name, None)
    return await player.do(name, "phone")


async def _what_the_phone_reads(player: Player, session_id: str) -> None:
    routine = (await _fresh(player, "get_my_routine")).json()
    await player.do("get_me", "phone")
    await player.do("update_me", "phone", {"language": "en", "time_zone": "Europe/Berlin"})
    await player.do("get_my_session", "phone", path={"session_id": session_id})
    await player.do("list_my_sessions", "phone", query={"from": "2026-01-05", "to": "2026-01-07"})
    await player.do("get_my_progress", "phone")
    await player.do("get_my_handout", "phone", query={"large_type": "true"})
    morning: Json = {
        "pain_now": 0,
        "symptoms": [],
        "note": None,
        "answered_at": _on_the_phone(player).isoformat(),
        "time_zone": "Europe/Berlin",
    }
    today = {"date": "2026-01-07"}
    await player.do("put_my_check_in", "phone", morning, path=today)
    await player.do("put_my_check_in", "phone", morning, path=today)  # the reply was lost
    await player.do("get_my_check_in", "phone", path=today)
    wish: Json = {
        "kind": "call_me",
        "made_at": _on_the_phone(player).isoformat(),
        "time_zone": "Europe/Berlin",
        "note": "About the mat.",
    }
    await player.do("put_my_request", "phone", wish, path=REQUEST)
    await player.do("put_my_request", "phone", wish, path=REQUEST)  # the reply was lost
    kept = {"session_id": session_id} | player.kept["put_my_session"]["body"]
    batch = {"sessions": [kept, kept | {"pain_after": 2}], "check_ins": [today | morning]}
    await player.do("post_my_reports", "phone", batch)
    await player.do("list_my_requests", "phone")
    await player.do("list_my_check_ins", "phone", query={"from": "2026-01-05", "to": "2026-01-07"})
    await player.do("list_my_decisions", "phone")
    await player.do("list_devices", "phone")
    [offer] = routine["offers"]
    await player.do("answer_my_decision", "phone", {"answer": "accept"}, path={"decision_id": offer["decision_id"]})


async def _what_the_clinic_does(player: Player, patient_id: str, prescription_id: str) -> None:
    of_patient = {"patient_id": patient_id}
    both = {"patient_id": patient_id, "prescription_id": prescription_id}
    await player.do("list_patients", "anna")
    old = {"clinic": "spine", "device": DEVICE | {"id": "old-phone-0001", "name": "My old phone"}}
    invited = (await player.do("invite_patient", "anna", {"kind": "reconnect"}, path=of_patient)).json()
    await player.do("redeem_invitation", body=old | {"code": invited["code"]})
    found = (await player.do("list_patient_devices", "anna", path=of_patient)).json()
    [lost] = [one["sign_in_id"] for one in found["items"] if one["device_id"] == "old-phone-0001"]
    await player.do("revoke_patient_device", "anna", path=of_patient | {"sign_in_id": lost})
    tag = (await player.do("get_patient", "anna", path=of_patient)).headers["ETag"]
    change: Json = {"phone": "+49 30 5550124", "cautions": []}
    await player.do("update_patient", "anna", change, path=of_patient, headers={"If-Match": tag})
    await player.do("get_patient_routine", "anna", path=of_patient)
    window = {"from": "2026-01-05", "to": "2026-01-07"}
    await player.do("list_patient_sessions", "anna", path=of_patient, query=window)
    await player.do("list_patient_check_ins", "anna", path=of_patient, query=window)
    await player.do("list_patient_requests", "anna", path=of_patient)
    answer = {"text": "We call you this afternoon."}
    await player.do("answer_patient_request", "anna", answer, path=of_patient | REQUEST)
    await player.do("get_patient_progress", "anna", path=of_patient)
    await player.do("get_patient_handout", "anna", path=of_patient, query={"paper": "a4", "language": "de"})
    await player.do("list_patient_decisions", "anna", path=of_patient)
    await player.do("get_patient_adherence", "anna", path=of_patient, query=window)
    await player.do("list_clinic_adherence", "anna", query={**window, "sort": "ratio"})
    for form in ("csv", "ndjson"):
        await player.do("export_clinic_adherence", "anna", query={**window, "format": form})
    await player.do("list_prescriptions", "anna", path=of_patient)
    tag = (await player.do("get_prescription", "anna", path=both)).headers["ETag"]
    await player.do("get_prescription_cert", "anna", path=both)
    changed = {"due_per_day": 1, "offered_per_day": 3, "reason": "Asked for more often."}
    await player.do("update_prescription", "anna", changed, path=both, headers={"If-Match": tag})
    order = {"kind": "hold", "reason": "Please stay on this step until we have met."}
    await player.do("order_decision", "anna", order, path=both, headers={"Idempotency-Key": "order-1"})


async def _alarms(player: Player) -> None:
    new = {"url": "https://alarms.spine.example/rung", "description": "The pager of the practice"}
    made = await player.do("create_webhook", "anna", new, headers={"Idempotency-Key": "create-webhook-1"})
    path = {"webhook_id": made.json()["id"]}
    await player.do("list_webhooks", "anna")
    tag = (await player.do("get_webhook", "anna", path=path)).headers["ETag"]
    change = {"description": "The pager of the practice, ground floor"}
    tag = (await player.do("update_webhook", "anna", change, path=path, headers={"If-Match": tag})).headers["ETag"]
    await player.do("rotate_webhook_secret", "anna", path=path, headers={"If-Match": tag})
    await player.do("try_webhook", "anna", path=path)
    await player.do("list_webhook_deliveries", "anna", path=path)
    old = await player.do("create_webhook", "anna", new | {"description": "The old pager"})
    await player.do("remove_webhook", "anna", path={"webhook_id": old.json()["id"]})


async def _treatment_ends(player: Player) -> None:
    made = await player.do("create_patient", "anna", {"display_name": "Kim Example"})
    of_patient = {"patient_id": made.json()["id"]}
    holiday = {"first_day": "2026-01-08", "last_day": "2026-01-14", "reason": "holiday"}
    away = await player.do("create_absence", "anna", holiday, path=of_patient, headers={"Idempotency-Key": "away-1"})
    await player.do("list_absences", "anna", path=of_patient)
    prescribed = await player.do(
        "create_prescription", "anna", {"ladder_id": "knees-to-chest", "starts_on": "2026-01-05"}, path=of_patient
    )
    item: Json = {"sides": ["left", "right"], "exercise_id": "single-knee-to-chest"}
    item |= {"prescription_id": prescribed.json()["id"], "prescription_version": 1}
    told = _session(player, item) | {"setting": "clinic"}
    await _by_template(player)
    await clinics_content(player.do)
    in_clinic = of_patient | {"session_id": "019b8d00-0000-7000-8000-00000000000c"}
    for _ in range(2):
        await player.do("put_patient_session", "anna", told, path=in_clinic)
    await player.do("end_absence", "anna", path=of_patient | {"absence_id": away.json()["id"]})
    discharge = {"reason": "completed", "note": "All goals reached."}
    await player.do("discharge_patient", "anna", discharge, path=of_patient, headers={"Idempotency-Key": "end-1"})


async def _by_template(player: Player) -> None:
    """A plan that the clinic makes often: kept, changed, prescribed to somebody, and another one forgotten."""
    plan: Json = {"ladder_id": "knees-to-chest", "lasts_days": 42, "rungs": [{"rung": 1, "dosage": {"reps_min": 8}}]}
    often: Json = {"name": "Stiff low back", "description": "The first six weeks.", "items": [plan]}
    made = await player.do("create_plan_template", "anna", often, headers={"Idempotency-Key": "often-1"})
    path = {"template_id": made.json()["id"]}
    await player.do("list_plan_templates", "anna")
    tag = (await player.do("get_plan_template", "anna", path=path)).headers["ETag"]
    more = {"items": [plan, {"ladder_id": "pelvic-tilt", "starts_after_days": 14, "lasts_days": 28}]}
    await player.do("update_plan_template", "anna", more, path=path, headers={"If-Match": tag})
    lee = await player.do("create_patient", "anna", {"display_name": "Lee Example"})
    asked: Json = {"starts_on": "2026-01-07", "reason": "As agreed."}
    asked["changes"] = [{"item": 0, "prescription": {"due_per_day": 2}}]
    whose = path | {"patient_id": lee.json()["id"]}
    await player.do("apply_plan_template", "anna", asked, path=whose, headers={"Idempotency-Key": "apply-1"})
    old = await player.do("create_plan_template", "anna", often | {"name": "Not used any more"})
    await player.do("remove_plan_template", "anna", path={"template_id": old.json()["id"]})


async def _end(player: Player, prescription_id: str) -> None:
    player.clock.move_by(timedelta(minutes=10))
    routine = (await player.do("get_my_routine", "phone")).json()
    [item] = [one for one in routine["days"][0]["items"] if one["prescription_id"] == prescription_id]
    numb = {"session_id": "019b8d00-0000-7000-8000-000000000008"}
    stopping = _session(player, item, stopped_early="symptom") | {"symptoms": ["new_numbness_or_weakness"]}
    await player.do("put_my_session", "phone", stopping, path=numb)
    player.clock.move_by(timedelta(minutes=20))
    [waiting] = (await player.do("list_worklist", "anna")).json()["items"]
    seen = {"reasons": [one["id"] for one in waiting["reasons"]]}
    await player.do("acknowledge_item", "anna", seen, path={"item_id": waiting["id"]})
    by_mistake = {"session_id": "019b8d00-0000-7000-8000-000000000009"}
    await player.do("put_my_session", "phone", _session(player, item), path=by_mistake)
    await player.do("withdraw_my_session", "phone", path=by_mistake)
    await player.do("withdraw_my_check_in", "phone", path={"date": "2026-01-07"})
    await _what_if(player)
    await player.do("revoke_tokens", body={"refresh_token": player.tokens["refresh"]})


async def _what_if(player: Player) -> None:
    """A clinician asks where three calm days, a yes and a bad day would lead."""
    felt = [0, 0, 0, 6]
    days: list[Json] = [
        {"date": f"2026-02-0{day}", "sessions": [{"pain_before": 0, "pain_during": pain, "pain_after": 0}]}
        for day, pain in enumerate(felt, start=2)
    ]
    days[-1] |= {"check_in": {"pain_now": 0}, "acts": [{"kind": "accept"}]}
    asked = {"ladder_id": "knees-to-chest", "starts_on": "2026-02-02", "rule": {"pain_free_days": 3}}
    await player.do("simulate_rule", "anna", {"prescription": asked, "days": days})
