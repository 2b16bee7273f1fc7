"""Two clinics full of canaries, and one row for each operation: what it is sent, and what it answers to whom.

A canary is a word that stands in every text somebody wrote about one patient or one clinic. Whoever may not know the
patient must never be sent it, and no log line may hold it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import Any
from uuid import uuid4

import httpx

from app.api.policies import POLICIES, PUBLIC
from app.clock import MovableClock
from app.config import Settings
from app.store import clinicians
from app.store.database import Database
from app.store.keys import new_id
from app.store.scope import Caller, Role
from app.store.transaction import Transaction
from tests import people
from tests.people import PASSWORD, SignedIn, password_hash
from tests.phone import CONTACT, Phone, connect, prescribe

ABSENT = "0197f0c0-0000-7000-8000-0000000000ab"
ANY_VERSION = {"If-Match": "*"}
Json = dict[str, Any]
AWAY: Json = {"first_day": "2026-01-08", "last_day": "2026-01-09", "reason": "holiday"}


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
    for _ in range(3):
        clock.move_by(timedelta(days=1))
        for name, phone in phones.items():
            session_id, sessions[name] = str(uuid4()), phone.session(note=canary(name))
            answer = await phone.put(session_id, sessions[name])
            offers = [one["id"] for one in answer.json()["decisions"]]
            clinic = STAFF[TREATED_BY[name]][0]
            ids = (phone.patient_id, bare[name], phone.prescription_id, session_id, *offers)
            patients[name] = Whose(name, clinic, *ids)
    staff = {name: await people.sign_in(client, clinic, email) for name, (clinic, email) in STAFF.items()}
    return World(client, _principals(staff, phones), patients, phones, sessions, staff)


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


# What each operation is sent, and what it answers

Body = Callable[[World, Principal, Whose], Json]


@dataclass(frozen=True, slots=True)
class Row:
    """How an operation is called. `success` is for who may, on ids that are theirs; `otherwise` on any other ids.

    `again` is what it answers once somebody did it before. `path` says what stands in the path instead of an id that is
    somebody's, `patient` which of a patient's two ids is meant.
    """

    success: int
    otherwise: int = 404
    again: int | None = None
    body: Body | None = None
    query: Mapping[str, str] | None = None
    headers: Mapping[str, str] | None = None
    path: Mapping[str, str] | None = None
    patient: str = "patient_id"


def _always(**body: Any) -> Body:
    return lambda _world, _by, _whose: {name: value() if callable(value) else value for name, value in body.items()}


def _with_canary(**body: Any) -> Body:
    return lambda _world, _by, whose: body | {"reason": canary(whose.name)}


def _same_session(world: World, by: Principal, _whose: Whose) -> Json:
    return world.sessions.get(by.name, world.sessions["paula"])


def _told(world: World, _by: Principal, whose: Whose) -> Json:
    return world.sessions.get(whose.name, world.sessions["paula"]) | {"setting": "paper"}


def _unknown_token() -> str:
    return f"spine.{uuid4().hex}"


ROWS: dict[str, Row] = {
    # public; who signs in with what fits nobody is a stranger every time, because failures are counted
    "get_server": Row(200),
    "search_exercises": Row(200),
    "get_exercise": Row(200, path={"exercise_id": "single-knee-to-chest"}),
    "list_ladders": Row(200),
    "get_ladder": Row(200, path={"ladder_id": "knees-to-chest"}),
    "list_symptoms": Row(200),
    "list_conditions": Row(200),
    "list_auth_methods": Row(200, query={"clinic": "spine"}),
    "sign_in": Row(401, body=_always(clinic="spine", email=lambda: f"{uuid4().hex}@x.example", password=PASSWORD)),
    "change_password": Row(
        401,
        body=_always(
            clinic="spine", email=lambda: f"{uuid4().hex}@x.example", password=PASSWORD, new_password=f"new {PASSWORD}"
        ),
    ),
    "redeem_invitation": Row(
        401, body=_always(clinic="spine", code="2345-6789-ABCD", device=lambda: {"id": str(uuid4())})
    ),
    "refresh_tokens": Row(401, body=_always(refresh_token=_unknown_token)),
    "revoke_tokens": Row(204, body=_always(refresh_token=_unknown_token)),
    # reading
    "list_devices": Row(200),
    "get_me": Row(200),
    "get_my_routine": Row(200),
    "get_my_progress": Row(200),
    "list_my_sessions": Row(200),
    "list_my_decisions": Row(200),
    "get_my_session": Row(200),
    "get_clinic": Row(200),
    "list_clinicians": Row(200),
    "list_patients": Row(200),
    "get_patient": Row(200),
    "get_patient_routine": Row(200),
    "get_patient_progress": Row(200),
    "get_patient_adherence": Row(200),
    "list_clinic_adherence": Row(200),
    "list_worklist": Row(200),
    "export_clinic_adherence": Row(200, query={"format": "ndjson"}),
    "list_patient_sessions": Row(200),
    "list_patient_decisions": Row(200),
    "list_prescriptions": Row(200),
    "get_prescription": Row(200),
    "list_absences": Row(200),
    # writing; what a phone names is its own, whoever else has used the same name
    "put_my_session": Row(200, otherwise=201, body=_same_session),
    "answer_my_decision": Row(200, body=_always(answer="accept")),
    "update_me": Row(200, body=_always(language="de")),
    "withdraw_my_session": Row(200),
    "create_patient": Row(201, body=_always(display_name="New")),
    "update_patient": Row(200, headers=ANY_VERSION, body=_always(birth_year=1951)),
    "invite_patient": Row(201, body=_always(kind="reconnect")),
    "create_prescription": Row(
        201, again=409, patient="bare_id", body=_with_canary(ladder_id="knees-to-chest", starts_on="2026-01-08")
    ),
    "acknowledge_item": Row(200, body=_always(reasons=[ABSENT])),
    "update_prescription": Row(200, headers=ANY_VERSION, body=_with_canary(position=3)),
    "order_decision": Row(201, body=_with_canary(kind="pause")),
    "get_clinician": Row(404, path={"clinician_id": ABSENT}),
    "update_clinician": Row(404, path={"clinician_id": ABSENT}, headers=ANY_VERSION, body=_always(display_name="X")),
    "create_clinician": Row(201, body=_always(email=lambda: f"{uuid4().hex}@x.example", display_name="New")),
    "put_patient_session": Row(201, again=200, path={"session_id": str(uuid4())}, body=_told),
    "create_absence": Row(201, body=lambda _world, _by, whose: AWAY | {"note": canary(whose.name)}),
    "list_patient_devices": Row(200),
    "revoke_patient_device": Row(404, path={"sign_in_id": ABSENT}),
    "end_absence": Row(404, path={"absence_id": ABSENT}),
    "discharge_patient": Row(200, again=409, patient="bare_id", body=_always(reason="completed")),
    "replace_clinic": Row(200, headers=ANY_VERSION, body=lambda _world, by, _whose: settings_of(by.clinic)),
}


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation as the document has it."""

    name: str
    method: str
    path: str

    @property
    def ids(self) -> list[str]:
        """The names of the ids in its path that are somebody's."""
        constant = ROWS[self.name].path or {}
        parts = [part[1:-1] for part in self.path.split("/") if part.startswith("{")]
        return [part for part in parts if part not in constant]


def operations(document: Json) -> list[Operation]:
    """Every operation of the document, in the order of the rows; those without a row come last."""
    found = [
        Operation(one["operationId"], method.upper(), path)
        for path, item in document["paths"].items()
        for method, one in item.items()
        if method in {"get", "put", "post", "patch", "delete", "head", "options", "trace"}
    ]
    places = {name: place for place, name in enumerate(ROWS)}
    return sorted(found, key=lambda one: places.get(one.name, len(places)))


def expected(operation: Operation, by: Principal, ids: Mapping[str, Whose]) -> int:
    """The status that the table of policies and the row ask for. `ids` says whose each id in the path is."""
    policy, row = POLICIES[operation.name], ROWS[operation.name]
    if policy != PUBLIC and Role.ANONYMOUS in by.roles:
        return 401
    if not policy & by.roles:
        return 403
    one_patient = len({whose.name for whose in ids.values()}) <= 1
    theirs = one_patient and all(by.knows(whose) for whose in ids.values())
    return row.success if theirs else row.otherwise


@dataclass(frozen=True, slots=True)
class Call:
    """One cell of the matrix: an operation, by somebody, with ids that are somebody's."""

    operation: Operation
    by: Principal
    ids: Mapping[str, Whose]

    def __str__(self) -> str:
        on = ", ".join(one.name for one in self.ids.values())
        return f"{self.operation.name} by {self.by.name} on {on or 'nothing'}"

    @property
    def row(self) -> Row:
        """The row of the operation."""
        return ROWS[self.operation.name]

    @property
    def expected(self) -> int:
        """The status that it must answer."""
        return expected(self.operation, self.by, self.ids)

    async def send(self, world: World, **instead: Any) -> httpx.Response:
        """Send it; `instead` replaces parts of the request."""
        path = self.operation.path
        for name, whose in self.ids.items():
            its = self.row.patient if name in {"patient_id", "item_id"} else name
            path = path.replace(f"{{{name}}}", getattr(whose, its))
        for name, value in (self.row.path or {}).items():
            path = path.replace(f"{{{name}}}", value)
        about = next(iter(self.ids.values()), NOBODY)
        request: Json = {"params": self.row.query, "headers": dict(self.row.headers or {})}
        if self.row.body is not None:
            request["json"] = self.row.body(world, self.by, about)
        if "content" in instead:
            request.pop("json", None)
        return await world.send(self.by, self.operation.method, path, **request | instead)


def calls(world: World, document: Json) -> Iterator[Call]:
    """Every operation by everybody on every combination of ids: own, another patient's, another clinic's, absent."""
    whose = [*world.patients.values(), NOBODY]
    for operation in operations(document):
        for by in world.principals.values():
            for combined in product(whose, repeat=len(operation.ids)):
                yield Call(operation, by, dict(zip(operation.ids, combined, strict=True)))
