"""A phone for tests: it makes ids, keeps a clock, and speaks HTTP as one patient."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx

from app.clock import MovableClock
from tests import people
from tests.people import SignedIn

A_MOMENT = timedelta(milliseconds=1)
CONTACT: dict[str, Any] = {
    "name": "Spine Centre",
    "time_zone": "Europe/Berlin",
    "language": "en",
    "contact": {"phone": "+49 30 5550100", "email": None, "hours": "Mon-Fri 8-17"},
    "emergency_number": "112",
    "defaults": {"advance": "ask_patient", "pain_free_days": 3},
    "who_sees_patients": "everyone",
}


@dataclass
class Phone:
    """One patient's phone. `prescription_id` is the knees-to-chest one."""

    client: httpx.AsyncClient
    clock: MovableClock
    token: str
    refresh_token: str
    patient_id: str
    prescription_id: str
    zone: str = "Europe/Berlin"

    async def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        """A request as this patient; an access token that has expired is exchanged first, as any phone does."""
        more_headers = more.pop("headers", {})
        headers = {"Authorization": f"Bearer {self.token}", **more_headers}
        answer = await self.client.request(method, path, headers=headers, **more)
        if answer.status_code == 401 and answer.json()["code"] == "token_expired":
            await self.refresh()
            headers = {"Authorization": f"Bearer {self.token}", **more_headers}
            answer = await self.client.request(method, path, headers=headers, **more)
        return answer

    async def refresh(self) -> None:
        """Exchange the refresh token."""
        answer = await self.client.post("/v1/auth/refresh", json={"refresh_token": self.refresh_token})
        assert answer.status_code == 200, answer.text
        self.token, self.refresh_token = answer.json()["access_token"], answer.json()["refresh_token"]

    async def routine(self, **query: Any) -> httpx.Response:
        """Today's routine."""
        return await self.send("GET", "/v1/me/routine", params=query)

    async def item(self) -> dict[str, Any]:
        """The first item of today's routine."""
        found: dict[str, Any] = (await self.routine()).json()["days"][0]["items"][0]
        return found

    def session(
        self, *, pain: int | None = 0, reps: int = 12, exercise: str | None = None, **more: Any
    ) -> dict[str, Any]:
        """A session that began now, with both legs one after the other unless told otherwise."""
        exercise = exercise or "single-knee-to-chest"
        sides = ("both",) if exercise == "double-knee-to-chest" else ("left", "right")
        performance = {
            "prescription_id": self.prescription_id,
            "prescription_version": 1,
            "exercise_id": exercise,
            "pain_during": pain,
            "sets": [{"side": side, "reps": reps, "hold_seconds": 4} for side in sides],
        }
        started = self.clock.now().astimezone(ZoneInfo(self.zone))
        return {
            "started_at": started.isoformat(),
            "time_zone": self.zone,
            "pain_before": 0,
            "performances": [performance],
            **more,
        }

    async def practise(self, *, pain: int | None = 0, reps: int = 12, **more: Any) -> httpx.Response:
        """Do what the routine says today and report it."""
        exercise = (await self.item())["exercise_id"]
        return await self.put(str(uuid4()), self.session(pain=pain, reps=reps, exercise=exercise, **more))

    async def put(self, session_id: str, body: dict[str, Any], **more: Any) -> httpx.Response:
        """Report a session under an id."""
        return await self.send("PUT", f"/v1/me/sessions/{session_id}", json=body, **more)

    def morning(self, pain: int | None = 0, **more: Any) -> dict[str, Any]:
        """A check-in answered now."""
        answered = self.clock.now().astimezone(ZoneInfo(self.zone))
        return {"pain_now": pain, "answered_at": answered.isoformat(), "time_zone": self.zone, **more}

    async def check_in(
        self, pain: int | None = 0, *, on: str | None = None, headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        """Report how the patient is now, under today's date or the date `on`."""
        day = on or self.clock.now().astimezone(ZoneInfo(self.zone)).date().isoformat()
        body = self.morning(pain, **more)
        return await self.send("PUT", f"/v1/me/check-ins/{day}", json=body, headers=headers or {})

    async def ask(self, kind: str, *, request_id: str | None = None, **more: Any) -> httpx.Response:
        """Ask for something, a moment after what came before it."""
        self.clock.move_by(A_MOMENT)
        return await self.send("PUT", f"/v1/me/requests/{request_id or uuid4()}", json=self.wish(kind, **more))

    def wish(self, kind: str, **more: Any) -> dict[str, Any]:
        """A request made now."""
        made = self.clock.now().astimezone(ZoneInfo(self.zone))
        return {"kind": kind, "made_at": made.isoformat(), "time_zone": self.zone, **more}

    async def answer(self, decision_id: str, answer: str) -> httpx.Response:
        """Accept or decline an offer, a moment after it was made."""
        self.clock.move_by(A_MOMENT)
        return await self.send("PUT", f"/v1/me/decisions/{decision_id}/answer", json={"answer": answer})

    async def order(self, kind: str, **more: Any) -> httpx.Response:
        """What a clinician of this patient orders, signed in anew because their token is an hour old.

        Each order comes a moment after the one before: of two at one instant nobody could say which is the newer.
        """
        self.clock.move_by(A_MOMENT)
        anna = await people.sign_in(self.client)
        path = f"/v1/patients/{self.patient_id}/prescriptions/{self.prescription_id}/decisions"
        return await anna.post(path, {"kind": kind, "reason": "we have spoken", **more})

    async def amend(self, **change: Any) -> httpx.Response:
        """What a clinician changes of the prescription."""
        anna = await people.sign_in(self.client)
        path = f"/v1/patients/{self.patient_id}/prescriptions/{self.prescription_id}"
        tag = (await anna.get(path)).headers["ETag"]
        return await anna.send("PATCH", path, json={"reason": "we have spoken", **change}, headers={"If-Match": tag})

    async def prescription(self) -> dict[str, Any]:
        """The prescription as the clinic sees it."""
        anna = await people.sign_in(self.client)
        path = f"/v1/patients/{self.patient_id}/prescriptions/{self.prescription_id}"
        found: dict[str, Any] = (await anna.get(path)).json()
        return found

    def sleep(self, days: int = 1) -> None:
        """Go on at the same hour some days later."""
        self.clock.move_by(timedelta(days=days))


async def make_patient(clinician: SignedIn, **more: Any) -> str:
    """A patient of the clinician's clinic; the id."""
    body = {"display_name": "Pat Example", **more}
    answer = await clinician.send("POST", "/v1/patients", json=body)
    assert answer.status_code == 201, answer.text
    made: str = answer.json()["id"]
    return made


async def prescribe(clinician: SignedIn, patient_id: str, **more: Any) -> httpx.Response:
    """Prescribe the knees-to-chest ladder from today on."""
    body = {"ladder_id": "knees-to-chest", "starts_on": "2026-01-05", **more}
    return await clinician.send("POST", f"/v1/patients/{patient_id}/prescriptions", json=body)


async def start_phone(
    clinician: SignedIn,
    client: httpx.AsyncClient,
    clock: MovableClock,
    time_zone: str = "Europe/Berlin",
    **prescription: Any,
) -> Phone:
    """A complete clinic, a patient with the ladder prescribed, and the connected phone."""
    clinic = await clinician.get("/v1/clinic")
    if not clinic.json()["is_complete"]:
        await clinician.send("PUT", "/v1/clinic", json=CONTACT, headers={"If-Match": clinic.headers["ETag"]})
    patient_id = await make_patient(clinician, time_zone=time_zone)
    made = await prescribe(clinician, patient_id, **{"starts_on": clock.now().date().isoformat(), **prescription})
    assert made.status_code == 201, made.text
    token, refresh_token = await connect(clinician, client, patient_id)
    return Phone(client, clock, token, refresh_token, patient_id, made.json()["id"], time_zone)


async def connect(clinician: SignedIn, client: httpx.AsyncClient, patient_id: str) -> tuple[str, str]:
    """Invite the patient and redeem the code on a new phone; its access and refresh tokens."""
    invitation = await clinician.send("POST", f"/v1/patients/{patient_id}/invitations", json={"kind": "first"})
    assert invitation.status_code == 201, invitation.text
    body = {"clinic": invitation.json()["clinic"], "code": invitation.json()["code"], "device": {"id": str(uuid4())}}
    redeemed = await client.post("/v1/auth/redeem", json=body)
    assert redeemed.status_code == 200, redeemed.text
    return redeemed.json()["access_token"], redeemed.json()["refresh_token"]
