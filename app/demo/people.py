"""How do a clinician and a patient's phone speak to the server? Plain HTTP, and nothing that the contract does not say.

Each answer is compared with what was expected; the first that differs ends the demo. This file refuses to know the
story.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import httpx

from app.clock import Clock
from app.demo import made_up
from app.values import dataclass, field

UNAUTHORIZED = 401


class Differs(Exception):
    """The server did not answer what the demo expected of it."""


def require(is_so: bool, otherwise: str) -> None:  # noqa: FBT001 - the condition itself
    """Go on when it is so. Raises Differs with what was found otherwise."""
    if not is_so:
        raise Differs(otherwise)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and how the call reads."""

    call: str
    body: Any
    etag: str
    language: str


@dataclass(slots=True)
class Person:
    """Somebody who speaks through a client, with a token once they have one."""

    client: httpx.Client
    tokens: dict[str, Any] = field(default_factory=dict)

    def ask(
        self,
        method: str,
        path: str,
        *,
        expects: int = 200,
        json: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request and its answer. Raises Differs when the status is another one, or when nothing answers."""
        sent = dict(headers or {})
        if self.tokens:
            sent["Authorization"] = f"Bearer {self.tokens['access_token']}"
        try:
            response = self.client.request(method, f"/v1{path}", json=json, headers=sent)
        except httpx.HTTPError as error:
            raise Differs(f"{method} {path} was not answered ({type(error).__name__}).") from error
        if response.status_code == UNAUTHORIZED and response.json()["code"] == "token_expired" and self.tokens:
            self._refresh()
            return self.ask(method, path, expects=expects, json=json, headers=headers)
        call = f"{method} {readable(path)}"
        body = response.json() if response.content else None
        if response.status_code != expects:
            detail = f": {body['detail']}" if isinstance(body, dict) and "detail" in body else "."
            raise Differs(f"{call} answered {response.status_code} instead of {expects}{detail}")
        said_in = response.headers.get("Content-Language", "")
        return Answer(f"{call} {response.status_code}", body, response.headers.get("ETag", ""), said_in)

    def _refresh(self) -> None:
        """Days go by in the demo: exchange the refresh token, as any client does."""
        kept, self.tokens = self.tokens, {}
        self.tokens = self.ask("POST", "/auth/refresh", json={"refresh_token": kept["refresh_token"]}).body


def readable(path: str) -> str:
    """A path with `{id}` for each id, and without its query."""
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "{id}", path.partition("?")[0])


class Clinician(Person):
    """Anna, who is administrator and physiotherapist of the made-up clinic."""

    def sign_in(self) -> Answer:
        """With clinic, email and password; also when the last sign-in is long ago."""
        self.tokens = {}
        words = {"clinic": made_up.CLINIC, "email": made_up.EMAIL, "password": made_up.PASSWORD}
        answer = self.ask("POST", "/auth/sign-in", json=words)
        self.tokens = answer.body
        return answer

    def complete_clinic(self) -> Answer:
        """Set the contact and the emergency number, without which no patient may be invited."""
        found = self.ask("GET", "/clinic")
        body = {name: value for name, value in found.body.items() if name != "is_complete"}
        body |= {"contact": made_up.CONTACT, "emergency_number": made_up.EMERGENCY_NUMBER}
        return self.ask("PUT", "/clinic", json=body, headers={"If-Match": found.etag})

    def make_patient(self) -> Answer:
        """Paul, who speaks English, in the clinic's time zone."""
        return self.ask("POST", "/patients", expects=201, json={"display_name": made_up.PATIENT})

    def prescribe(self, patient_id: str, starts_on: str, **more: Any) -> Answer:  # noqa: ANN401 - JSON
        """The ladder of the article."""
        body = {"ladder_id": "knees-to-chest", "starts_on": starts_on, **more}
        return self.ask("POST", f"/patients/{patient_id}/prescriptions", expects=201, json=body)

    def invite(self, patient_id: str, kind: str = "first") -> Answer:
        """A code for the patient's phone."""
        return self.ask("POST", f"/patients/{patient_id}/invitations", expects=201, json={"kind": kind})


@dataclass(slots=True)
class Phone(Person):
    """Paul's phone. It makes its own ids and looks at its own clock."""

    clock: Clock = field(kw_only=True)
    device_id: str = field(default_factory=lambda: str(uuid4()))

    def now(self) -> datetime:
        """The phone's own clock, in its zone."""
        return self.clock.now().astimezone(ZoneInfo(made_up.TIME_ZONE))

    def redeem(self, code: str) -> Answer:
        """Become the patient's phone."""
        device = {"id": self.device_id, "name": "Paul's phone", "platform": "demo"}
        answer = self.ask("POST", "/auth/redeem", json={"clinic": made_up.CLINIC, "code": code, "device": device})
        self.tokens = answer.body
        return answer

    def routine(self, *, language: str = "en") -> Answer:
        """What to do today."""
        return self.ask("GET", "/me/routine", headers={"Accept-Language": language})

    def report(self, item: dict[str, Any], *, before: int, during: int, after: int) -> dict[str, Any]:
        """A session done just now as the item of the routine says, on every side that it names."""
        dosage = item["dosage"]
        one_set = {"reps": dosage["reps_min"], "hold_seconds": dosage["hold_seconds_max"]}
        return {
            "started_at": self.now().isoformat(),
            "time_zone": made_up.TIME_ZONE,
            "pain_before": before,
            "pain_after": after,
            "performances": [
                {
                    "prescription_id": item["prescription_id"],
                    "prescription_version": item["prescription_version"],
                    "exercise_id": item["exercise_id"],
                    "pain_during": during,
                    "sets": [{"side": side, **one_set} for side in item["sides"] for _ in range(dosage["sets"])],
                }
            ],
        }

    def send(self, session_id: UUID, report: dict[str, Any], *, expects: int = 201) -> Answer:
        """Hand a session over; the phone says what its clock shows while it sends."""
        headers = {"Sent-At": self.now().isoformat()}
        return self.ask("PUT", f"/me/sessions/{session_id}", expects=expects, json=report, headers=headers)

    def accept(self, decision_id: str) -> Answer:
        """Yes to an offer."""
        return self.ask("PUT", f"/me/decisions/{decision_id}/answer", json={"answer": "accept"})
