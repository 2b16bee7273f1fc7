"""A clinic's first day and a phone's first days, by somebody who has openapi.json and nothing else.

Nothing of Rung is imported here. Operations are found by their `operationId`, requests are the document's own examples
with the ids of this server put in, and each answer is validated against the document's schema.

    python tests/contract/phone_from_document.py openapi/openapi.json http://127.0.0.1:8000 spine EMAIL PASSWORD
"""

import json
import sys
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

Json = dict[str, Any]
DOCUMENT = "urn:document"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: httpx.Headers
    body: Any


@dataclass(slots=True)
class Reader:
    """Somebody who reads the document and does what it says, at an instant."""

    document: Json
    client: httpx.Client
    now: datetime
    token: str | None = None
    done: list[str] = field(default_factory=list)

    def operation(self, name: str) -> tuple[str, str, Json]:
        """Method, path and description of an operation."""
        for path, operations in self.document["paths"].items():
            for method, operation in operations.items():
                if operation["operationId"] == name:
                    return method, path, operation
        raise LookupError(f"The document has no operation {name}.")

    def example(self, name: str) -> Json:
        """The example of an operation's request body."""
        _, _, operation = self.operation(name)
        example: Json = json.loads(json.dumps(operation["requestBody"]["content"]["application/json"]["example"]))
        return example

    def call(self, name: str, body: Json | None = None, **parameters: Any) -> Answer:
        """One request as the document describes it; parameters are named as there, with `_` for `-`."""
        method, path, operation = self.operation(name)
        given = {name.replace("_", "-").lower(): str(value) for name, value in parameters.items()}
        headers: dict[str, str] = {}
        query: dict[str, str] = {}
        for parameter in operation.get("parameters", []):
            value = given.pop(parameter["name"].replace("_", "-").lower(), None)
            if value is None:
                if parameter["required"]:
                    raise LookupError(f"{name} needs {parameter['name']}.")
                continue
            if parameter["in"] == "path":
                path = path.replace(f"{{{parameter['name']}}}", value)
            else:
                (headers if parameter["in"] == "header" else query)[parameter["name"]] = value
        if given:
            raise LookupError(f"{name} has no parameter {', '.join(given)}.")
        if operation["security"] and self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        answer = self.client.request(method, path, params=query, headers=headers, json=body)
        self.done.append(f"{name} {answer.status_code}")
        return self._checked(name, method, operation, answer)

    def _checked(self, name: str, method: str, operation: Json, answer: httpx.Response) -> Answer:
        """The answer, after it was held against the document."""
        told = operation["responses"].get(str(answer.status_code))
        if told is None:
            raise AssertionError(f"{name}: {answer.status_code} is not documented: {answer.text}")
        if not answer.content:
            return Answer(answer.status_code, answer.headers, None)
        media = answer.headers["content-type"].partition(";")[0]
        body = answer.json()
        registry: Registry[Any] = Registry().with_resource(DOCUMENT, DRAFT202012.create_resource(self.document))
        schema = json.loads(json.dumps(told["content"][media]["schema"]).replace('"#/', f'"{DOCUMENT}#/'))
        wrong = [
            f"{one.json_path}: {one.message}"
            for one in Draft202012Validator(schema, registry=registry).iter_errors(body)
        ]
        if wrong:
            raise AssertionError(f"{name}: {method} answered what is not documented: {wrong[:5]}")
        if answer.status_code >= 400:
            raise AssertionError(f"{name}: {body['code']}: {body['detail']} {body['errors']}")
        return Answer(answer.status_code, answer.headers, body)


def set_up_clinic(clinic: Reader, short_name: str, email: str, password: str) -> tuple[str, Json]:
    """Sign in, fill in the settings, make a patient and prescribe. The patient's id and the invitation."""
    signing_in = clinic.example("sign_in") | {"clinic": short_name, "email": email, "password": password}
    signing_in.pop("device", None)
    clinic.token = clinic.call("sign_in", signing_in).body["access_token"]
    seen = clinic.call("get_clinic")
    settings = clinic.example("replace_clinic")
    settings.pop("short_name", None)
    complete = clinic.call("replace_clinic", settings, if_match=seen.headers["ETag"]).body
    assert complete["is_complete"]
    patient = clinic.call("create_patient", clinic.example("create_patient"), idempotency_key=uuid4()).body
    wish = clinic.example("create_prescription") | {"starts_on": some_days_ago(clinic.now)}
    assert wish["ladder_id"] in [one["id"] for one in clinic.call("list_ladders").body["items"]]
    again = uuid4()
    prescribed = clinic.call("create_prescription", wish, patient_id=patient["id"], idempotency_key=again).body
    same = clinic.call("create_prescription", wish, patient_id=patient["id"], idempotency_key=again).body
    assert same["id"] == prescribed["id"]
    invitation = clinic.call("invite_patient", clinic.example("invite_patient"), patient_id=patient["id"]).body
    return patient["id"], invitation


def connect(phone: Reader, invitation: Json) -> None:
    """Redeem the code, and exchange the tokens once."""
    redeeming = phone.example("redeem_invitation") | {"clinic": invitation["clinic"], "code": invitation["code"]}
    redeeming["device"]["id"] = str(uuid4())
    redeemed = phone.call("redeem_invitation", redeeming).body
    refreshed = phone.call("refresh_tokens", {"refresh_token": redeemed["refresh_token"]}).body
    assert refreshed["principal"] == redeemed["principal"]
    phone.token = refreshed["access_token"]


def practise(phone: Reader, *, days_ago: int) -> Json:
    """Do what the routine asks for and report it, twice, as a phone does that lost the first reply."""
    routine = phone.call("get_my_routine").body
    item = routine["days"][0]["items"][0]
    started = phone.now - timedelta(days=days_ago, minutes=15)
    body = phone.example("put_my_session") | {
        "started_at": started.isoformat(),
        "finished_at": (started + timedelta(minutes=12)).isoformat(),
        "time_zone": routine["time_zone"],
    }
    [performance] = body["performances"]
    repetitions = {"reps": item["dosage"]["reps_max"], "hold_seconds": item["dosage"]["hold_seconds_max"]}
    performance |= {
        "prescription_id": item["prescription_id"],
        "prescription_version": item["prescription_version"],
        "exercise_id": item["exercise_id"],
        "sets": [{"side": side, **repetitions} for side in item["sides"] for _ in range(item["dosage"]["sets"])],
    }
    session_id = uuid4()
    first = phone.call("put_my_session", body, session_id=session_id, sent_at=phone.now.isoformat())
    again = phone.call("put_my_session", body, session_id=session_id)
    assert (first.status, again.status) == (201, 200)
    assert first.body == again.body
    answer: Json = first.body
    return answer


def answer_offers(phone: Reader) -> list[Json]:
    """Say yes to each offer of the routine; the decisions."""
    offers = phone.call("get_my_routine").body["offers"]
    said = {"answer": "accept"}
    return [phone.call("answer_my_decision", said, decision_id=offer["decision_id"]).body for offer in offers]


def some_days_ago(now: datetime) -> str:
    """When the plan began; it may lie up to 90 days back."""
    return (now - timedelta(days=3)).date().isoformat()


def play(document: Json, address: str, now: datetime, *, short_name: str, email: str, password: str) -> list[str]:
    """The whole story; what was called, in order."""
    with httpx.Client(base_url=address) as client:
        clinic, phone = Reader(document, client, now), Reader(document, client, now)
        patient_id, invitation = set_up_clinic(clinic, short_name, email, password)
        connect(phone, invitation)
        read_and_report(phone)
        adherence = clinic.call("get_patient_adherence", patient_id=patient_id).body
        assert adherence["done"] >= 1
        sessions = clinic.call("list_patient_sessions", patient_id=patient_id).body
        assert len(sessions["items"]) == 3
        return clinic.done + phone.done


def read_and_report(phone: Reader) -> None:
    """The phone's side: three days from the queue, then what came of them."""
    contract_version = phone.call("get_server").body["contract_version"]
    assert contract_version == phone.document["info"]["version"]
    fetched = phone.call("get_my_routine")
    unchanged = phone.call("get_my_routine", if_none_match=fetched.headers["ETag"])
    assert unchanged.status == 304
    for exercise in fetched.body["exercises"]:
        phone.call("get_exercise", exercise_id=exercise["id"])
    for days_ago in (2, 1, 0):
        practise(phone, days_ago=days_ago)
    phone.call("get_my_progress")
    decisions = phone.call("list_my_decisions").body["items"]
    answered = answer_offers(phone)
    assert {one["id"] for one in answered} <= {one["id"] for one in decisions}
    assert all(one["state"] == "accepted" and one["superseded_by"] for one in answered)
    assert phone.call("list_my_sessions", limit=1).body["next_cursor"] is not None


def main() -> None:
    """Play against a server that runs, with a clinic on it."""
    path, address, short_name, email, password = sys.argv[1:6]
    document = json.loads(Path(path).read_text(encoding="utf-8"))
    now = parsedate_to_datetime(httpx.head(address).headers["Date"])
    called = play(document, address, now, short_name=short_name, email=email, password=password)
    print(*called, sep="\n")  # noqa: T201 - a script prints


if __name__ == "__main__":
    main()
