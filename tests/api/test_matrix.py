"""Every operation, by everybody, on everybody's ids: nobody reads, changes or finds out what is not theirs.

The operations come from the OpenAPI document, who may call them from the table of policies, what they are sent and what
they answer from the rows of tests/matrix.py. An operation without a row fails here.
"""

from collections import Counter, defaultdict
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from starlette.responses import Response

from app import main
from app.api.deps import CallerDep, routes
from app.api.policies import POLICIES
from app.config import Settings
from app.main import create_app
from tests import agreed, matrix, rows
from tests.databases import DatabaseUrls
from tests.matrix import ROWS, Call, calls
from tests.world import ABSENT, TREATED_BY, Principal, Whose, World, canary

APP = create_app(Settings.model_construct())
DOCUMENT: dict[str, Any] = APP.openapi()
REFUSED = {401, 403, 404}


def test_every_operation_has_a_row() -> None:
    assert sorted(one.name for one in matrix.operations(DOCUMENT)) == sorted(ROWS)


def test_the_policies_are_what_was_agreed() -> None:
    in_words = {name: agreed.MEANT[who] for who, names in agreed.AGREED.items() for name in names.split()}
    assert in_words == POLICIES


def stored(database: DatabaseUrls) -> dict[str, Any]:
    """Everything but failed attempts at signing in, which are counted."""
    found = rows.everything(database.owner_url)
    del found["attempts"]
    return found


def tables_that_differ(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Their names only: the rows would take minutes to be told apart in a report."""
    return [name for name, found in one.items() if other[name] != found]


def is_refusal(call: Call) -> bool:
    """Is it about somebody's rows, and not for this one? (Signing in with nonsense answers 401 to everybody.)"""
    return call.expected in REFUSED and call.expected != call.row.success


async def test_everybody_on_everybody(world: World, database: DatabaseUrls, capsys: pytest.CaptureFixture[str]) -> None:
    cells = list(calls(world, DOCUMENT))
    wrong, leaks = [], []
    answers: defaultdict[str, set[str]] = defaultdict(set)
    sent: Counter[tuple[str, str]] = Counter()
    before = stored(database)
    for call in filter(is_refusal, cells):
        answer = await call.send(world)
        assert answer.status_code < 500, call
        if answer.status_code != call.expected:
            wrong.append(f"{call}: {answer.status_code}, not {call.expected}")
        answers[alike(call)].add(said(answer))
        leaks += [f"{call}: {word}" for word in unknown_to(call.by, world) if word in everything_said(answer)]
    assert wrong == []
    assert tables_that_differ(stored(database), before) == [], "what was refused must change nothing"
    done: Counter[str] = Counter()
    for call in cells:
        if is_refusal(call):
            continue
        answer = await call.send(world)
        what = f"{call.operation.name} {[one.name for one in call.ids.values()]}"
        wanted = call.row.again if call.row.again and done[what] else call.expected
        done[what] += 1
        if answer.status_code != wanted:
            wrong.append(f"{call}: {answer.status_code}, not {wanted}: {answer.text}")
        heard = everything_said(answer)
        leaks += [f"{call}: {word}" for word in unknown_to(call.by, world) if word in heard]
        sent.update((call.by.name, name) for name in world.patients if canary(name) in heard)
    assert wrong == []
    assert leaks == []
    assert {key: found for key, found in answers.items() if len(found) > 1} == {}
    knowing = {
        (by.name, whose.name)
        for by in world.principals.values()
        for whose in world.patients.values()
        if by.knows(whose)
    }
    assert set(sent) == knowing, "whoever may know a patient was told the canary, nobody else"
    logged = "".join(capsys.readouterr())
    assert logged.count("operation=") == len(cells)
    assert [word for word in secrets(world) if word in logged] == []


def alike(call: Call) -> str:
    """Calls that must get the very same answer: where the first of two ids is theirs, it may tell about the second."""
    first = next(iter(call.ids.values()), None)
    known = first.name if first is not None and len(call.ids) > 1 and call.by.knows(first) else "not theirs"
    return f"{call.operation.name} by {call.by.name}, {known}"


def said(answer: httpx.Response) -> str:
    """The whole answer but for the id of the request."""
    body = answer.json()
    body.pop("request_id")
    return str((answer.status_code, sorted(body.items()), sorted(set(answer.headers.items()) - ids_of(answer))))


def ids_of(answer: httpx.Response) -> set[tuple[str, str]]:
    return {("x-request-id", answer.headers["x-request-id"])}


def everything_said(answer: httpx.Response) -> str:
    return f"{answer.headers} {answer.text}"


def unknown_to(by: Principal, world: World) -> list[str]:
    """Words and ids that nobody may tell this one."""
    found = [canary(clinic) for clinic in ("spine", "knee") if clinic != by.clinic]
    for whose in world.patients.values():
        if not by.knows(whose):
            found += [canary(whose.name), whose.patient_id, whose.bare_id, whose.prescription_id, whose.decision_id]
    return found


def secrets(world: World) -> list[str]:
    """What no log line may hold."""
    tokens = [one.token.partition(".")[2] for one in world.principals.values() if one.token]
    return ["canary-", *tokens, *(phone.refresh_token.partition(".")[2] for phone in world.phones.values())]


class TestIdsInBodies:
    """An id in a body that is another's is worth as much as one that nobody has."""

    async def test_a_session_under_anothers_prescription(self, world: World, database: DatabaseUrls) -> None:
        paula = world.principals["paula"]
        before = stored(database)
        answers = []
        for prescription_id in (*(world.patients[name].prescription_id for name in ("petra", "pedro")), ABSENT):
            body = world.sessions["paula"] | {"note": None}
            body["performances"] = [one | {"prescription_id": prescription_id} for one in body["performances"]]
            answer = await world.send(paula, "PUT", f"/v1/me/sessions/{uuid4()}", json=body)
            assert answer.status_code == 201, answer.text
            answers.append(answer.json()["session"] | {"id": None, "performances": None, "received_at": None})
        assert answers[0] == answers[1] == answers[2]
        assert answers[0]["marks"] == ["unknown_prescription"]
        assert tables_that_differ(rows_of_others(stored(database), world), rows_of_others(before, world)) == []

    async def test_a_resume_that_names_anothers_stop(self, world: World, database: DatabaseUrls) -> None:
        stops = {}
        for name, phone in world.phones.items():
            body = world.sessions[name] | {"symptoms": ["saddle_numbness"]}
            answer = await phone.put(str(uuid4()), body)
            assert answer.status_code == 201, answer.text
            by = world.principals[TREATED_BY[name]]
            shown = await world.send(by, "GET", prescription(world.patients[name]))
            [stops[name]] = shown.json()["open_stops"]
        before = stored(database)
        carla = world.principals["carla"]
        said_of = []
        for stop in (stops["petra"], stops["pedro"], ABSENT):
            order = {"kind": "resume", "clears": [stop], "reason": "better"}
            answer = await world.send(carla, "POST", f"{prescription(world.patients['paula'])}/decisions", json=order)
            assert answer.status_code == 409
            said_of.append({**answer.json(), "request_id": None})
        assert said_of[0] == said_of[1] == said_of[2]
        assert tables_that_differ(stored(database), before) == []
        order = {"kind": "resume", "clears": [stops["paula"]], "reason": "better"}
        answer = await world.send(carla, "POST", f"{prescription(world.patients['paula'])}/decisions", json=order)
        assert answer.status_code == 201, answer.text
        assert tables_that_differ(rows_of_others(stored(database), world), rows_of_others(before, world)) == []

    async def test_a_cursor_from_another_clinic(self, world: World) -> None:
        page = await world.send(world.principals["otto"], "GET", "/v1/patients", params={"limit": "1"})
        theirs = {"cursor": page.json()["next_cursor"]}
        answer = await world.send(world.principals["carla"], "GET", "/v1/patients", params=theirs)
        assert answer.status_code == 200
        assert [word for word in unknown_to(world.principals["carla"], world) if word in answer.text] == []


def prescription(whose: Whose) -> str:
    return f"/v1/patients/{whose.patient_id}/prescriptions/{whose.prescription_id}"


def rows_of_others(found: dict[str, Any], world: World) -> dict[str, Any]:
    """The rows that tell of Petra or Pedro."""
    ids = [world.patients[name].patient_id for name in ("petra", "pedro")]
    return {name: [row for row in rows if any(one in str(row) for one in ids)] for name, rows in found.items()}


class TestPhonesNameTheirSessions:
    """The id that a phone makes is its own: another's neither collides with it nor shows."""

    async def test_the_same_id_from_three_phones(self, world: World) -> None:
        session_id = str(uuid4())
        for name, phone in world.phones.items():
            made = await phone.put(session_id, world.sessions[name] | {"note": f"of {name}"})
            assert made.status_code == 201, made.text
        for name, phone in world.phones.items():
            shown = await phone.send("GET", f"/v1/me/sessions/{session_id}")
            assert (shown.json()["note"], shown.json()["revision"]) == (f"of {name}", 1)
        gone = await world.phones["petra"].send("DELETE", f"/v1/me/sessions/{session_id}")
        assert gone.json()["is_withdrawn"]
        for name in ("paula", "pedro"):
            shown = await world.phones[name].send("GET", f"/v1/me/sessions/{session_id}")
            assert not shown.json()["is_withdrawn"]


class TestSecrets:
    """What opens one clinic opens nothing in another."""

    async def test_a_token_under_another_clinics_name(self, world: World) -> None:
        for by in world.principals.values():
            if by.token:
                other = "knee" if by.clinic == "spine" else "spine"
                moved = Principal(by.name, other, f"{other}.{by.token.partition('.')[2]}", by.roles)
                nonsense = Principal(by.name, other, f"{other}.nonsense", by.roles)
                answers = [await world.send(one, "GET", "/v1/auth/devices") for one in (moved, nonsense)]
                assert said(answers[0]) == said(answers[1])
                assert answers[0].status_code == 401

    async def test_a_refresh_token_under_another_clinics_name(self, world: World) -> None:
        secret = world.phones["paula"].refresh_token.partition(".")[2]
        tries = [{"refresh_token": f"knee.{one}"} for one in (secret, "nonsense")]
        answers = [await world.client.post("/v1/auth/refresh", json=one) for one in tries]
        assert said(answers[0]) == said(answers[1])
        assert (await world.client.post("/v1/auth/revoke", json=tries[0])).status_code == 204
        assert (await world.phones["paula"].routine()).status_code == 200

    async def test_a_code_at_another_clinic(self, world: World) -> None:
        path = f"/v1/patients/{world.patients['paula'].patient_id}/invitations"
        made = (await world.send(world.principals["carla"], "POST", path, json={"kind": "reconnect"})).json()
        tries = [
            {"clinic": "knee", "code": code, "device": {"id": str(uuid4())}}
            for code in (made["code"], "2222-2222-2222")
        ]
        answers = [await world.client.post("/v1/auth/redeem", json=one) for one in tries]
        assert said(answers[0]) == said(answers[1])
        good = await world.client.post("/v1/auth/redeem", json=tries[0] | {"clinic": "spine"})
        assert good.status_code == 200


class TestPolicies:
    """No route without a policy, and no way around the table."""

    def test_a_route_without_a_policy_stops_the_start(self, monkeypatch: pytest.MonkeyPatch) -> None:
        router = routes("stray")

        @router.get("/stray")
        async def read_everything(caller: CallerDep) -> Response:
            """A route that somebody forgot."""
            return Response()

        monkeypatch.setattr(main, "ROUTERS", (*main.ROUTERS, router))
        with pytest.raises(RuntimeError, match=r"Routes without a policy in app/api/policies.py: read_everything"):
            create_app(Settings.model_construct())

    def test_a_policy_without_a_route_stops_the_start(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(POLICIES, "read_everything", POLICIES["get_me"])
        with pytest.raises(RuntimeError, match="Policies without a route: read_everything"):
            create_app(Settings.model_construct())

    def test_what_is_not_in_the_document_is_known(self) -> None:
        documented = {(one.name, one.path) for one in matrix.operations(DOCUMENT)}
        served = {(one.name, one.path) for one in iter_route_contexts(APP.routes)}
        assert {path for _, path in served - documented} == UNDOCUMENTED


UNDOCUMENTED = {
    "/healthz",
    "/readyz",
    "/metrics",
    "/problems/{code}",
    "/openapi.json",
    "/connect",
    "/connect{mangled:path}",
    "/docs",
    "/docs/start.js",
    "/docs/viewer.js",
    "/docs/viewer.css",
    "/docs/icon.png",
}
"""Pages without a policy: they tell nothing of any clinic. `/metrics` counts operations and statuses only."""
