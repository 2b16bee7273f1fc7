"""The first guard alone: inside one clinic, no function of the store reaches a patient who is not the caller's.

The functions are found by looking, and each is called with everything that belongs to Petra: as Paula, as Adam, who
only runs the clinic, as Ursula, who is in no care team, and as nobody. A new function is tried with the rest; one with
a parameter that is not known here fails.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from app import store
from app.clock import MovableClock
from app.config import Settings
from app.domain.course import follow
from app.domain.decision import Actor, ActorKind, Answer, DecisionKind, DecisionState, Order, Stop
from app.domain.errors import NotFound, Unavailable
from app.domain.own.signing import SignOff
from app.domain.webhook import DeliveryState, event_of_stop
from app.store import (
    check_ins,
    clinicians,
    clinics,
    decisions,
    patients,
    practice_days,
    prescriptions,
    requests,
    revisions,
    sessions,
    sign_ins,
)
from app.store.absences import StoredAbsence
from app.store.database import Database
from app.store.guard import UnguardedStatement
from app.store.patients import EDITABLE
from app.store.scope import Caller, Role
from app.store.sign_ins import Device
from app.store.standings import Followed
from app.store.transaction import Transaction
from tests import rows
from tests.databases import DatabaseUrls
from tests.world import World, canary, make_world

Function = Callable[..., Any]


def functions() -> dict[str, Function]:
    """Every public function of the store that asks a transaction: `sessions.current`."""
    found = {}
    for module in pkgutil.walk_packages(store.__path__, f"{store.__name__}."):
        for name, one in vars(importlib.import_module(module.name)).items():
            is_its_own = inspect.isfunction(one) and one.__module__ == module.name
            if is_its_own and not name.startswith("_") and "tx" in inspect.signature(one).parameters:
                found[f"{module.name.removeprefix(f'{store.__name__}.')}.{name}"] = one
    return found


FUNCTIONS = functions()
ADMIN = {"is_admin": True, "is_clinician": True}


class Undone(Exception):
    """Ends a transaction without a trace, carrying what the function answered."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer


def call(db: Database, caller: Caller, function: Function, arguments: Mapping[str, Any]) -> Any:
    """What a function answers to a caller; nothing that it does stays."""

    def once(tx: Transaction) -> None:
        raise Undone(function(tx, **arguments))

    try:
        db.write_here(caller, once)
    except Undone as undone:
        return undone.answer


def caller_of(world: World, name: str, clock: MovableClock) -> Caller:
    """The caller that a route would hand down for somebody, were every operation for everybody."""
    by = world.principals[name]
    return Caller(clock.now(), by.token, frozenset(Role), clinic=None if by.token else "spine")


async def everything_of_petra(world: World, db: Database, clock: MovableClock) -> dict[str, Any]:
    """A value for each parameter of the store's functions, all of them Petra's."""
    petra = world.patients["petra"]
    patient_id, prescription_id = UUID(petra.patient_id), UUID(petra.prescription_id)
    now, today = clock.now(), clock.now().date()
    path = f"/v1/patients/{petra.patient_id}/invitations"
    invitation = await world.send(world.principals["carla"], "POST", path, json={"kind": "reconnect"})
    secret = world.phones["petra"].refresh_token.partition(".")[2]
    token = call(db, caller_of(world, "anonymous", clock), sign_ins.refresh_token, {"secret": secret})
    by = Actor(ActorKind.PATIENT, patient_id)
    stop = Stop(uuid4(), "saddle_numbness", "emergency", (), today, today)
    adam, hooks = world.principals["adam"], "/v1/clinic/webhooks"
    hook = (await world.send(adam, "POST", hooks, json={"url": "https://x.example"})).json()["id"]
    tried = (await world.send(adam, "POST", f"{hooks}/{hook}/test")).json()
    webhook_id, delivery_id, event_id = UUID(hook), UUID(tried["id"]), UUID(tried["event_id"])

    often = {"name": "x", "items": [{"ladder_id": "knees-to-chest"}]}
    template = (await world.send(world.principals["carla"], "POST", "/v1/plan-templates", json=often)).json()["id"]

    def loaded(tx: Transaction) -> dict[str, Any]:
        [standings] = prescriptions.of_patient(tx, patient_id)
        course = follow(standings.prescription, (), until=standings.standing.through, since=standings.settled)
        known = practice_days.all_with_counts(tx, patient_id)
        found = decisions.all_of_patient(tx, patient_id)
        asked = requests.page(tx, patient_id, at_most=1, after=None)[0]
        return {
            "prescription": standings.prescription,
            "course": course,
            "watch": standings.watch,
            "followed": [Followed(standings, course, None, None)],
            "revisions": sessions.all_revisions(tx, patient_id)[:1],
            "session_ids": [sessions.all_revisions(tx, patient_id)[0].session.id],
            "revision": patients.get(tx, patient_id).revision,
            "check_ins.add.revisions": [replace(check_ins.all_revisions(tx, patient_id)[0], revision=9)],
            "requests.add.stored": replace(asked, request=replace(asked.request, id=uuid4())),
            "patient": revisions.take(tx, patient_id),
            "changed": known,
            "counted": known,
            "known": [one for one, _ in known],
            "found": found,
            "new": [one.decision for one in found],
        }

    stored: dict[str, Any] = call(db, caller_of(world, "carla", clock), loaded, {})
    return stored | {
        "patient_id": patient_id,
        "patient_ids": [patient_id],
        "prescription_id": prescription_id,
        "prescription_ids": [prescription_id],
        "session_id": UUID(petra.session_id),
        "decision_id": UUID(petra.decision_id),
        "request_id": UUID(petra.request_id),
        "requests.answer.by": uuid4(),
        "dropped": [],
        "revisions.checked_in.local_date": today + timedelta(days=1),
        "decisions.change_state.changed": [(UUID(petra.decision_id), DecisionState.SUPERSEDED)],
        "answer": Answer(UUID(petra.decision_id), True, today, today, now, by),
        "order": Order(uuid4(), DecisionKind.PAUSE, None, today, today, now, by),
        "stops": [stop],
        "token": token,
        "sign_in_id": token.sign_in_id,
        "secret": secret,
        "code": invitation.json()["code"],
        "device": Device("device-0001", None, None, None),
        "absences.add.stored": StoredAbsence(uuid4(), today, today, "other", canary("petra"), today, None),
        "status": "discharged",
        "patients.add_discharge.reason": "other",
        "clinicians.replace.values": dict.fromkeys(clinicians.EDITABLE, True) | {"status": "active"},
        "to": None,
        "clinician_ids": [uuid4()],
        "password_hash": "x",
        "old_hash": "x",
        "new_hash": "x",
        "good_until": now,
        "values": dict.fromkeys(EDITABLE, canary("petra")) | {"identifiers": []},
        "clinicians.add.values": {"email": "x@x.example", "display_name": "X", "password_hash": "x", **ADMIN},
        **dict.fromkeys(
            ("clinics.replace_settings.values", "clinics.add_settings.values"),
            dict.fromkeys(clinics.EDITABLE, "x") | {"defaults": {}, "who_sees_patients": "everyone"},
        ),
        **dict.fromkeys(("invitation_id", "caution_id", "absence_id", "clinician_id", "created_by"), uuid4()),
        "clinicians.get.clinician_id": UUID(world.staff["carla"].id),
        **dict.fromkeys(("now", "created_at", "expires_at"), now),
        **dict.fromkeys(("first", "known_after", "decided_after"), today - timedelta(days=10)),
        **dict.fromkeys(("last", "today", "on", "known_on", "newest_fact_on", "local_date"), today),
        **dict.fromkeys(("most", "at_most", "allowed", "seconds", "window_seconds", "expected_revision"), 100),
        **dict.fromkeys(("note", "reason", "search", "key", "operation", "text"), canary("petra")),
        **dict.fromkeys(("parent", "fingerprint"), b"0" * 32),
        "template_id": UUID(template),
        "plans.templates.add.template_id": uuid4(),
        "plans.templates.add.values": {"name": "x", "description": None, "items": []},
        "plans.templates.replace.values": {"name": "x", "description": None, "items": []},
        "what": ("exercise", "clamshell"),
        "sign_off_id": uuid4(),
        "number": 1,
        "version": 1,
        "body": {},
        "own.definitions.count.kind": "exercise",
        "signature": SignOff(1, "Carla Example", today),
        "webhook_id": webhook_id,
        "webhook_ids": [webhook_id],
        "event_ids": [event_id],
        "event_id": event_id,
        "delivery_id": delivery_id,
        "events": [event_of_stop(stop, patient_id=patient_id, clinic_id=uuid4(), clinic="spine", now=now)],
        "webhooks.endpoints.replace.values": {"url": "https://x.example", "description": None, "status": "active"},
        "url": "https://x.example",
        "description": None,
        "state": DeliveryState.WAITING,
        "attempts": [],
        **dict.fromkeys(("due_at", "delivered_at", "spread_at", "until", "again_at"), now),
        "statuses": ["active"],
        "seen": [(uuid4(), "pain_high")],
        "by": today,
        "before": today,
        "heard_by": now,
        "dates": [today],
        "request": {},
        "make": lambda: {"made": True},
        "after": None,
        "has_new_facts": True,
        "kind": "first",
        "how": "cleared",
        "because": "x",
        "condition": "pregnancy",
        "subject": "x",
        "email": "carla@spine.example",
        "device_id": "device-0001",
    }


def arguments_of(name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    wanted = [one for one in inspect.signature(FUNCTIONS[name]).parameters if one != "tx"]
    return {one: values[f"{name}.{one}"] if f"{name}.{one}" in values else values[one] for one in wanted}


@pytest.fixture
async def world(client: httpx.AsyncClient, settings: Settings, clock: MovableClock) -> World:
    return await make_world(client, settings, clock)


@pytest.fixture
def db(settings: Settings) -> Iterator[Database]:
    made = Database(settings.url)
    yield made
    made.close()


SIGNING_IN = {
    "attempts.note_failure",
    "attempts.wait_seconds",
    "clinicians.credentials",
    "remembered_answers.remember",
    "sign_ins.add_token",
    "sign_ins.devices",
    "sign_ins.open_sign_in",
    "sign_ins.revoke",
    "sign_ins.supersede_others",
}
WEBHOOKS = {
    *(f"webhooks.endpoints.{name}" for name in ("add", "all_of_clinic", "count", "active", "get", "locked")),
    *(f"webhooks.endpoints.{name}" for name in ("note_failure", "note_gone", "note_success", "remove", "replace")),
    "webhooks.endpoints.rotate",
    *(f"webhooks.outbox.{name}" for name in ("bodies", "end_waiting", "held", "is_anything_due")),
    *(f"webhooks.outbox.{name}" for name in ("backlog", "note", "one", "page", "spread", "take_up")),
}
"""What belongs to a clinic and tells of no patient; which roles may ask is in the table of policies."""
TEMPLATES = {f"plans.templates.{name}" for name in "add all_of_clinic count get locked remove replace".split()}
OWN = {
    *(f"own.marks.{name}" for name in ("hidden", "hide", "show", "sign", "withdraw")),
    *(f"own.definitions.{name}" for name in ("add", "body_of_version", "count", "newest", "retire")),
    *("own.revision.grow", "own.revision.take"),
}
OF_CLINIC = WEBHOOKS | TEMPLATES | OWN
CLINIC = {"clinics.add_settings", "clinics.replace_settings", "clinics.settings"}
STAFF = {
    *("clinicians.add", "clinicians.all_of_clinic", "clinicians.change_password", "clinicians.get"),
    *("clinicians.is_taken", "clinicians.locked", "clinicians.replace", "clinicians.set_first_password"),
    "clinicians.sign_out",
}
BY_INVITATION_OR_TOKEN = {
    "invitations.add",
    "invitations.by_code",
    "invitations.redeem",
    "invitations.withdraw_open",
    "patients.add",
    "patients.replace",
    "patients.set_status",
    "revisions.checked_in",
    "revisions.reached",
    "revisions.take",
    "revisions.take_heard",
    "sign_ins.devices_of_patient",
    "sign_ins.note_connected",
    "sign_ins.refresh_token",
    "sign_ins.revoke_of_patient",
    "webhooks.outbox.add",
}
OPEN = {f"own.definitions.{name}" for name in ("body_of_version", "count", "newest")} | {
    "own.marks.hidden",
    "own.revision.take",
}
"""What a patient's exercises are made of: it tells of no patient, and no route hands it out as it is."""

ANSWERS: dict[str, set[str]] = {
    "paula": {"clinics.settings", "sign_ins.devices", *OPEN},
    "adam": (SIGNING_IN - {"sign_ins.open_sign_in"}) | CLINIC | STAFF | OF_CLINIC | {"clinicians.pass_patients"},
    "ursula": (SIGNING_IN - {"sign_ins.open_sign_in"}) | CLINIC | STAFF | OF_CLINIC | {"patients.add"},
    "anonymous": (SIGNING_IN - {"sign_ins.devices"}) | CLINIC | STAFF | OF_CLINIC | BY_INVITATION_OR_TOKEN,
}
"""The functions that answer at all; the others refuse. What an operation calls is another matter."""


TELLS = {"invitations.by_code", "sign_ins.refresh_token", "revisions.take", "revisions.take_heard"}
"""What names a patient to somebody who is not signed in yet: the code or the token that they hold."""


@pytest.mark.parametrize("who", ANSWERS)
async def test_no_function_reaches_another_patient(
    world: World, db: Database, clock: MovableClock, database: DatabaseUrls, who: str
) -> None:
    values = await everything_of_petra(world, db, clock)
    before = rows.everything(database.owner_url)
    answered, told = set(), set()
    for name, function in FUNCTIONS.items():
        try:
            answer = call(db, caller_of(world, who, clock), function, arguments_of(name, values))
        except (NotFound, UnguardedStatement):
            continue
        except Unavailable:
            answer = "the database refused it"
        if answer not in ([], {}):
            answered.add(name)
        told |= {name for word in about_petra(world) if word in repr(answer)}
    assert answered == ANSWERS[who]
    assert told == (TELLS if who == "anonymous" else set())
    after = rows.everything(database.owner_url)
    assert [name for name, found in after.items() if found != before[name]] == []


async def test_a_clinician_is_answered(world: World, db: Database, clock: MovableClock) -> None:
    """So the functions above were asked in earnest: the same questions tell a clinician about Petra."""
    values = await everything_of_petra(world, db, clock)
    refused, told = set(), set()
    for name, function in FUNCTIONS.items():
        try:
            answer = call(db, caller_of(world, "carla", clock), function, arguments_of(name, values))
        except (NotFound, UnguardedStatement):
            refused.add(name)
        except Unavailable:
            continue  # it would have written what is there already
        else:
            told |= {name for word in about_petra(world) if word in repr(answer)}
    assert refused == {
        "absences.one",
        "clinicians.pass_patients",
        *TELLS - {"revisions.take", "revisions.take_heard"},
        "invitations.redeem",
    }
    assert told >= {
        "decisions.one",
        "decisions.page",
        "patients.cautions_of",
        "patients.get",
        "patients.page",
        "practice_days.current_between",
        "check_ins.window",
        "prescriptions.of_patient",
        "prescriptions.one",
        "requests.page",
        "requests.waiting",
        "sessions.current",
        "sessions.window",
    }


def about_petra(world: World) -> list[str]:
    petra = world.patients["petra"]
    return [canary("petra"), petra.patient_id, petra.prescription_id, petra.session_id, petra.decision_id]
