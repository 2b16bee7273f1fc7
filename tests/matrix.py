"""One row for each operation: what it is sent, and what it answers to whom, in the world of tests/world.py."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any
from uuid import uuid4

import httpx

from app.api.policies import POLICIES, PUBLIC
from app.store.scope import Role
from tests.own_content import OWN_EXERCISE, OWN_LADDER
from tests.people import PASSWORD
from tests.world import ABSENT, ANY_VERSION, NOBODY, Json, Principal, Whose, World, canary, settings_of

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


def _same_check_in(world: World, by: Principal, _whose: Whose) -> Json:
    return world.check_ins.get(by.name, world.check_ins["paula"])


def _same_request(world: World, by: Principal, _whose: Whose) -> Json:
    return world.requests.get(by.name, world.requests["paula"])


def _same_batch(world: World, by: Principal, _whose: Whose) -> Json:
    name = by.name if by.name in world.patients else "paula"
    session = world.sessions[name] | {"session_id": world.patients[name].session_id}
    return {"sessions": [session], "check_ins": [world.check_ins[name] | LAST_DAY]}


AWAY: Json = {"first_day": "2026-01-08", "last_day": "2026-01-09", "reason": "holiday"}
NO_TEMPLATE = {"template_id": ABSENT}
NO_WEBHOOK = {"webhook_id": ABSENT}
LAST_DAY = {"date": "2026-01-08"}
"""The newest day that `make_world` lived, in the path of what is kept by its date."""


def _unknown_token() -> str:
    return f"spine.{uuid4().hex}"


ROWS: dict[str, Row] = {
    # public; who signs in with what fits nobody is a stranger every time, because failures are counted
    "get_server": Row(200),
    "search_exercises": Row(200),
    "get_exercise_figure": Row(200, path={"exercise_id": "single-knee-to-chest"}),
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
    "simulate_rule": Row(
        200, body=_always(prescription={"ladder_id": "knees-to-chest", "starts_on": "2026-01-08"}, to="2026-01-09")
    ),
    # reading
    "list_devices": Row(200),
    "get_me": Row(200),
    "get_my_routine": Row(200),
    "get_my_progress": Row(200),
    "get_my_handout": Row(200),
    "list_my_sessions": Row(200),
    "list_my_check_ins": Row(200),
    "get_my_check_in": Row(200, path=LAST_DAY),
    "list_my_requests": Row(200),
    "list_my_decisions": Row(200),
    "get_my_session": Row(200),
    "get_clinic": Row(200),
    "list_clinicians": Row(200),
    "list_patients": Row(200),
    "get_patient": Row(200),
    "get_patient_routine": Row(200),
    "get_patient_progress": Row(200),
    "get_patient_handout": Row(200),
    "get_patient_adherence": Row(200),
    "list_clinic_adherence": Row(200),
    "list_worklist": Row(200),
    "export_clinic_adherence": Row(200, query={"format": "ndjson"}),
    "list_patient_sessions": Row(200),
    "list_patient_check_ins": Row(200),
    "list_patient_requests": Row(200),
    "list_patient_decisions": Row(200),
    "list_prescriptions": Row(200),
    "get_prescription": Row(200),
    "get_prescription_cert": Row(200),
    "list_absences": Row(200),
    # writing; what a phone names is its own, whoever else has used the same name
    "put_my_session": Row(200, otherwise=201, body=_same_session),
    "answer_my_decision": Row(200, body=_always(answer="accept")),
    "update_me": Row(200, body=_always(language="de")),
    "withdraw_my_session": Row(200),
    "put_my_check_in": Row(200, path=LAST_DAY, body=_same_check_in),
    "withdraw_my_check_in": Row(200, path=LAST_DAY),
    "post_my_reports": Row(200, body=_same_batch),
    "put_my_request": Row(200, otherwise=201, body=_same_request),
    "answer_patient_request": Row(200, body=lambda _world, _by, whose: {"text": canary(whose.name)}),
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
    "list_webhooks": Row(200),
    "create_webhook": Row(201, body=_always(url="https://192.88.98.1/rung")),
    "get_webhook": Row(404, path=NO_WEBHOOK),
    "update_webhook": Row(404, path=NO_WEBHOOK, headers=ANY_VERSION, body=_always(status="disabled")),
    "remove_webhook": Row(404, path=NO_WEBHOOK),
    "rotate_webhook_secret": Row(404, path=NO_WEBHOOK, headers=ANY_VERSION),
    "try_webhook": Row(404, path=NO_WEBHOOK),
    "list_webhook_deliveries": Row(404, path=NO_WEBHOOK),
    "put_patient_session": Row(201, again=200, path={"session_id": str(uuid4())}, body=_told),
    "list_patient_devices": Row(200),
    "search_clinic_exercises": Row(200),
    "put_clinic_exercise": Row(
        412, path={"exercise_id": "own-bend"}, headers=ANY_VERSION, body=_always(**OWN_EXERCISE)
    ),
    "put_clinic_ladder": Row(412, path={"ladder_id": "own-bend"}, headers=ANY_VERSION, body=_always(**OWN_LADDER)),
    "retire_clinic_exercise": Row(404, path={"exercise_id": "own-other"}),
    "retire_clinic_ladder": Row(404, path={"ladder_id": "own-other"}),
    "get_clinic_exercise": Row(200, path={"exercise_id": "clamshell"}),
    "sign_off_exercise": Row(200, path={"exercise_id": "clamshell"}, body=_always(version=1)),
    "withdraw_exercise_sign_off": Row(204, path={"exercise_id": "clamshell"}),
    "hide_exercise": Row(204, path={"exercise_id": "clamshell"}),
    "show_exercise": Row(204, path={"exercise_id": "clamshell"}),
    "list_clinic_ladders": Row(200),
    "get_clinic_ladder": Row(200, path={"ladder_id": "clamshell"}),
    "sign_off_ladder": Row(200, path={"ladder_id": "clamshell"}, body=_always(version=1)),
    "withdraw_ladder_sign_off": Row(204, path={"ladder_id": "clamshell"}),
    "hide_ladder": Row(204, path={"ladder_id": "clamshell"}),
    "show_ladder": Row(204, path={"ladder_id": "clamshell"}),
    "list_plan_templates": Row(200),
    "create_plan_template": Row(201, body=_always(name="Back", items=[{"ladder_id": "knees-to-chest"}])),
    "get_plan_template": Row(404, path=NO_TEMPLATE),
    "update_plan_template": Row(404, path=NO_TEMPLATE, headers=ANY_VERSION, body=_always(name="Back")),
    "remove_plan_template": Row(404, path=NO_TEMPLATE),
    "apply_plan_template": Row(404, path=NO_TEMPLATE, body=_always(starts_on="2026-01-08")),
    "revoke_patient_device": Row(404, path={"sign_in_id": ABSENT}),
    "create_absence": Row(201, body=lambda _world, _by, whose: AWAY | {"note": canary(whose.name)}),
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
