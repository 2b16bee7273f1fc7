"""Builders of clinics and people, through the doors that production uses: the command's action, then HTTP."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any

import httpx
from argon2 import PasswordHasher

from app.actions.create_clinic import create_clinic
from app.store.operating.founding import found_clinic

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody with a token, speaking through a client: `await anna.get("/v1/patients")`."""

    client: httpx.AsyncClient
    token: str
    refresh_token: str
    id: str

    async def send(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Any request, with the token."""
        headers = {"Authorization": f"Bearer {self.token}", **request.pop("headers", {})}
        return await self.client.request(method, path, headers=headers, **request)

    async def get(self, path: str, **request: Any) -> httpx.Response:
        """GET with the token."""
        return await self.send("GET", path, **request)

    async def post(self, path: str, json: Any = None, **request: Any) -> httpx.Response:
        """POST with the token."""
        return await self.send("POST", path, json=json, **request)


@cache
def password_hash() -> str:
    """A hash of `PASSWORD` that is quick to compare: a hash says itself how much work it is, and thousands sign in."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def make_clinic(url: str, short_name: str = "spine", *, now: datetime, admin: str = "anna@spine.example") -> None:
    """A clinic in Berlin with one person, who is administrator and clinician and has the password `PASSWORD`."""
    fill = partial(
        create_clinic,
        name=f"Clinic {short_name}",
        time_zone="Europe/Berlin",
        language="en",
        admin_name="Anna Admin",
        admin_email=admin,
        password_hash=password_hash(),
        now=now,
    )
    found_clinic(url, short_name, fill, now)


async def sign_in(client: httpx.AsyncClient, clinic: str = "spine", email: str = "anna@spine.example") -> SignedIn:
    """A member of staff, signed in."""
    answer = await client.post("/v1/auth/sign-in", json={"clinic": clinic, "email": email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return _signed_in(client, answer.json())


async def complete_clinic(admin: SignedIn) -> None:
    """Set the clinic's contact and emergency number, so that it may invite."""
    found = await admin.get("/v1/clinic")
    body = {name: value for name, value in found.json().items() if name != "is_complete"}
    body |= {"contact": {"phone": "+49 30 1234", "email": None, "hours": "Mon-Fri 8-17"}, "emergency_number": "112"}
    answer = await admin.send("PUT", "/v1/clinic", json=body, headers={"If-Match": found.headers["ETag"]})
    assert answer.status_code == 200, answer.text


async def make_patient(clinician: SignedIn, name: str = "Paula Patient", **body: Any) -> dict[str, Any]:
    """A patient of the clinician's clinic, as the API answers."""
    answer = await clinician.post("/v1/patients", {"display_name": name, **body})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def invite(clinician: SignedIn, patient_id: str, kind: str = "first") -> dict[str, Any]:
    """A fresh invitation, as the API answers."""
    answer = await clinician.post(f"/v1/patients/{patient_id}/invitations", {"kind": kind})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def redeem(client: httpx.AsyncClient, invitation: dict[str, Any], device: str = "device-0001") -> httpx.Response:
    """What a phone does with an invitation."""
    body = {"clinic": invitation["clinic"], "code": invitation["code"], "device": {"id": device}}
    return await client.post("/v1/auth/redeem", json=body)


async def connect(clinician: SignedIn, patient_id: str, device: str = "device-0001") -> SignedIn:
    """The patient's phone, connected. The clinic must be complete."""
    answer = await redeem(clinician.client, await invite(clinician, patient_id), device)
    assert answer.status_code == 200, answer.text
    return _signed_in(clinician.client, answer.json())


def _signed_in(client: httpx.AsyncClient, tokens: dict[str, Any]) -> SignedIn:
    return SignedIn(client, tokens["access_token"], tokens["refresh_token"], tokens["principal"]["id"])
