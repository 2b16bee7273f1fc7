"""Two clinics full of canaries, with everybody who may send a request.

A canary is a word that stands in every text somebody wrote about one patient or one clinic. Whoever may not know the
patient must never be sent it, and no log line may hold it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from app.clock import MovableClock
from app.config import Settings
from app.store import clinicians
from app.store.database import Database
from app.store.keys import new_id
from app.store.scope import Caller, Role
from app.store.transaction import Transaction
from tests import people
from tests.people import SignedIn, password_hash
from tests.phone import CONTACT, Phone, connect, prescribe

ABSENT = "0197f0c0-0000-7000-8000-0000000000ab"
ANY_VERSION = {"If-Match": "*"}
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Whose:
    """A patient as ids in a request. `bare_id` is a neighbour in the same clinic, without any prescription."""

    name: str
    clinic: str
    patient_id: str = ABSENT
    bare_id: str = ABSENT
    prescription_id: str = ABSENT
    session_id: str = ABSENT
    decision_id: str = ABSENT
    request_id: str = ABSENT


NOBODY = Whose("nobody", "none")


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who sends requests: a patient, or staff who treat the patients of a clinic or only run it."""

    name: str
    clinic: str
    token: str | None
    roles: frozenset[Role]
    is_assigned: bool = True

    def knows(self, whose: Whose) -> bool:
        """May they know this patient?"""
        treats = self.is_assigned and Role.CLINICIAN in self.roles and whose.clinic == self.clinic
        return whose.name == self.name or treats


@dataclass(frozen=True, slots=True)
class World:
    """In clinic spine Anna runs and treats, Carla treats, Adam runs; their patients are Paula and Petra. Ursula is a
    clinician there, too, and in no care team: spine shows clinicians only whom they treat. In clinic knee, where all
    clinicians see all patients, Otto runs and treats; his patient is Pedro.
    """

    client: httpx.AsyncClient
    principals: Mapping[str, Principal]
    patients: Mapping[str, Whose]
    phones: Mapping[str, Phone]
    sessions: Mapping[str, Json]
    staff: Mapping[str, SignedIn]
    check_ins: Mapping[str, Json]
    requests: Mapping[str, Json]

    async def send(self, by: Principal, method: str, path: str, **request: Any) -> httpx.Response:
        """A request with the principal's token."""
        headers = request.pop("headers", {}) | ({"Authorization": f"Bearer {by.token}"} if by.token else {})
        return await self.client.request(method, path, headers=headers, **request)


def canary(name: str) -> str:
    """The word that stands in everything written about a patient or a clinic."""
    return f"canary-{name}"


async def make_world(client: httpx.AsyncClient, settings: Settings, clock: MovableClock) -> World:
    """Three days of it: every patient has practised and has an open offer, a condition, and texts in every place."""
    _make_clinics(settings, clock.now())
    staff = {name: await people.sign_in(client, clinic, email) for name, (clinic, email) in STAFF.items()}
    for admin, clinic in ((staff["adam"], "spine"), (staff["otto"], "knee")):
        answer = await admin.send("PUT", "/v1/clinic", json=settings_of(clinic), headers=ANY_VERSION)
        assert answer.status_code == 200, answer.text
    team = {"spine": [staff["anna"].id, staff["carla"].id], "knee": [staff["otto"].id]}
    teams = {name: team[STAFF[by][0]] for name, by in TREATED_BY.items()}
    phones = {name: await _start(name, staff[by], teams[name], client, clock) for name, by in TREATED_BY.items()}
    bare = {
        name: (await people.make_patient(staff[by], care_team=teams[name]))["id"] for name, by in TREATED_BY.items()
    }
    patients: dict[str, Whose] = {}
    sessions: dict[str, Json] = {}
    check_ins: dict[str, Json] = {}
    requests: dict[str, Json] = {}
    for _ in range(3):
        clock.move_by(timedelta(days=1))
        for name, phone in phones.items():
            session_id, sessions[name] = str(uuid4()), phone.session(note=canary(name))
            check_ins[name] = phone.morning(note=canary(name))
            told = await phone.check_in(note=canary(name))
            assert told.status_code == 201, told.text
            answer = await phone.put(session_id, sessions[name])
            offers = [one["id"] for one in answer.json()["decisions"]]
            clinic = STAFF[TREATED_BY[name]][0]
            request_id, requests[name] = str(uuid4()), phone.wish("call_me", note=canary(name))
            asked = await phone.send("PUT", f"/v1/me/requests/{request_id}", json=requests[name])
            assert asked.status_code == 201, asked.text
            ids = (phone.patient_id, bare[name], phone.prescription_id, session_id, *(offers or [ABSENT]), request_id)
            patients[name] = Whose(name, clinic, *ids)
    staff = {name: await people.sign_in(client, clinic, email) for name, (clinic, email) in STAFF.items()}
    return World(client, _principals(staff, phones), patients, phones, sessions, staff, check_ins, requests)


STAFF = {
    "anna": ("spine", "anna@spine.example"),
    "carla": ("spine", "carla@spine.example"),
    "adam": ("spine", "adam@spine.example"),
    "ursula": ("spine", "ursula@spine.example"),
    "otto": ("knee", "otto@knee.example"),
}
TREATED_BY = {"paula": "carla", "petra": "anna", "pedro": "otto"}


def settings_of(clinic: str) -> Json:
    """A clinic's settings, complete, with a canary."""
    seen = {"who_sees_patients": "care_team" if clinic == "spine" else "everyone"}
    return CONTACT | {"name": canary(clinic), "contact": CONTACT["contact"] | {"hours": canary(clinic)}} | seen


def _make_clinics(settings: Settings, now: datetime) -> None:
    people.make_clinic(settings.url, now=now)
    people.make_clinic(settings.url, "knee", now=now, admin="otto@knee.example")
    db = Database(settings.url)
    operator = Caller(now, None, frozenset({Role.OPERATOR}), "spine", is_operator=True)

    def add(tx: Transaction, name: str, *, is_admin: bool) -> None:
        person = {"email": STAFF[name][1], "display_name": name, "password_hash": password_hash()}
        clinicians.add(tx, new_id(now), {**person, "is_admin": is_admin, "is_clinician": not is_admin}, now)

    db.write_here(operator, add, "carla", is_admin=False)
    db.write_here(operator, add, "adam", is_admin=True)
    db.write_here(operator, add, "ursula", is_admin=False)
    db.close()


async def _start(name: str, by: SignedIn, team: list[str], client: httpx.AsyncClient, clock: MovableClock) -> Phone:
    word = canary(name)
    about = {"phone": "+49 30 1", "identifiers": [{"system": word, "value": word}], "birth_year": 1950}
    about |= {"care_team": team}
    patient_id = (await people.make_patient(by, word, **about))["id"]
    starts_on = clock.now().date().isoformat()
    made = await prescribe(by, patient_id, starts_on=starts_on, reason=word, instruction=word)
    assert made.status_code == 201, made.text
    cautions = [{"condition": "pregnancy", "action": "add", "note": word}]
    changed = await by.send("PATCH", f"/v1/patients/{patient_id}", json={"cautions": cautions}, headers=ANY_VERSION)
    assert changed.status_code == 200, changed.text
    tokens = await connect(by, client, patient_id)
    return Phone(client, clock, *tokens, patient_id, made.json()["id"])


def _principals(staff: Mapping[str, SignedIn], phones: Mapping[str, Phone]) -> dict[str, Principal]:
    admin, clinician = Role.CLINIC_ADMIN, Role.CLINICIAN
    roles = {"anna": {admin, clinician}, "carla": {clinician}, "adam": {admin}, "otto": {admin, clinician}}
    roles |= {"ursula": {clinician}}
    found = [Principal("anonymous", "none", None, frozenset({Role.ANONYMOUS}))]
    found += [
        Principal(name, STAFF[TREATED_BY[name]][0], phone.token, frozenset({Role.PATIENT}))
        for name, phone in phones.items()
    ]
    found += [
        Principal(name, STAFF[name][0], one.token, frozenset(roles[name]), is_assigned=name != "ursula")
        for name, one in staff.items()
    ]
    return {one.name: one for one in found}
