"""A clinic's webhooks through HTTP: who may register what, and what a stop puts into the outbox, once or not at all."""

from typing import Any
from uuid import uuid4

import pytest

from app.api import worklist
from app.domain.errors import Unavailable
from app.store.tables import Base
from app.store.webhooks import outbox
from tests import rows
from tests.databases import DatabaseUrls
from tests.people import SignedIn
from tests.phone import Phone, start_phone

URL = "https://alarms.spine.example/rung"
PATH = "/v1/clinic/webhooks"
Json = dict[str, Any]


async def register(admin: SignedIn, url: str = URL, **body: Any) -> Json:
    """A new webhook, as the API answers."""
    answer = await admin.post(PATH, {"url": url, **body})
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


def stored(database: DatabaseUrls, table: str = "events") -> list[Json]:
    """The rows of a table, as they lie in the database."""
    names = Base.metadata.tables[table].columns.keys()
    return [dict(zip(names, row, strict=True)) for row in rows.everything(database.owner_url)[table]]


class TestRegistering:
    """An administrator registers a few addresses; the secret is shown once."""

    async def test_the_secret_is_shown_once(self, anna: SignedIn) -> None:
        made = await register(anna, description="The pager")
        assert made["secret"].startswith("whsec_")
        assert (made["status"], made["failing_since"], made["delivered_at"]) == ("active", None, None)
        read = await anna.get(f"{PATH}/{made['id']}")
        assert read.json() == made | {"secret": None}
        assert (await anna.get(PATH)).json()["items"] == [made | {"secret": None}]

    async def test_the_same_key_is_one_webhook_and_one_secret(self, anna: SignedIn) -> None:
        twice = [(await anna.post(PATH, {"url": URL}, headers={"Idempotency-Key": "pager"})).json() for _ in range(2)]
        assert twice[0] == twice[1]
        assert len((await anna.get(PATH)).json()["items"]) == 1

    async def test_five_are_enough(self, anna: SignedIn) -> None:
        last = [await register(anna) for _ in range(5)][-1]
        refused = await anna.post(PATH, {"url": URL})
        assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
        assert (await anna.send("DELETE", f"{PATH}/{last['id']}")).status_code == 204
        assert (await anna.post(PATH, {"url": URL})).status_code == 201

    @pytest.mark.parametrize(
        ("url", "code"),
        [
            ("http://alarms.spine.example/", "bad_format"),
            ("https://user:pass@alarms.spine.example/", "bad_format"),
            ("https://alarms.spine.example:22/", "bad_format"),
            ("https://127.0.0.1/", "unsafe_address"),
            ("https://[::ffff:10.0.0.1]/", "unsafe_address"),
            ("https://169.254.169.254/latest/meta-data", "unsafe_address"),
        ],
    )
    async def test_an_unsafe_address_is_refused_and_changed_into_none(
        self, anna: SignedIn, database: DatabaseUrls, url: str, code: str
    ) -> None:
        refused = await anna.post(PATH, {"url": url})
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, code)
        made = await register(anna)
        changed = await anna.send("PATCH", f"{PATH}/{made['id']}", json={"url": url}, headers={"If-Match": "*"})
        assert (changed.status_code, changed.json()["errors"][0]["pointer"]) == (422, "/url")
        assert [one["url"] for one in stored(database, "webhooks")] == [URL]

    async def test_changing_needs_what_was_read(self, anna: SignedIn) -> None:
        made = await register(anna)
        path, tag = f"{PATH}/{made['id']}", f'"webhook-{made["version"]}"'
        bare = await anna.send("PATCH", path, json={"description": "x"})
        assert bare.status_code == 428
        changed = await anna.send("PATCH", path, json={"description": "x"}, headers={"If-Match": tag})
        assert (changed.status_code, changed.json()["description"], changed.json()["url"]) == (200, "x", URL)
        stale = await anna.send("PATCH", path, json={"description": "y"}, headers={"If-Match": tag})
        assert stale.status_code == 412
        cleared = await anna.send("PATCH", path, json={"description": None}, headers={"If-Match": "*"})
        assert cleared.json()["description"] is None

    async def test_a_rotation_shows_the_new_secret_once_and_says_until_when_the_old_one_signs(
        self, anna: SignedIn
    ) -> None:
        made = await register(anna)
        headers = {"If-Match": f'"webhook-{made["version"]}"'}
        rotated = await anna.send("POST", f"{PATH}/{made['id']}/secret", headers=headers)
        assert rotated.status_code == 200, rotated.text
        assert rotated.json()["secret"] not in {None, made["secret"]}
        assert rotated.json()["old_secret_until"] == "2026-01-06T09:00:00Z"
        assert (await anna.send("POST", f"{PATH}/{made['id']}/secret", headers=headers)).status_code == 412

    async def test_a_removed_one_is_gone_and_its_secrets_are_forgotten(
        self, anna: SignedIn, database: DatabaseUrls
    ) -> None:
        made = await register(anna)
        path = f"{PATH}/{made['id']}"
        await anna.send("POST", f"{path}/secret", headers={"If-Match": "*"})
        assert (await anna.send("DELETE", path)).status_code == 204
        for method, where in (("GET", path), ("DELETE", path), ("POST", f"{path}/test"), ("GET", f"{path}/deliveries")):
            assert (await anna.send(method, where)).status_code == 404
        [row] = stored(database, "webhooks")
        assert (row["secret"], row["old_secret"], row["status"]) == ("", None, "removed")

    async def test_another_clinics_webhook_is_not_there(self, anna: SignedIn, other: SignedIn) -> None:
        made = await register(anna)
        path = f"{PATH}/{made['id']}"
        calls: list[tuple[str, str, Json]] = [
            ("GET", path, {}),
            ("PATCH", path, {"json": {"status": "disabled"}, "headers": {"If-Match": "*"}}),
            ("DELETE", path, {}),
            ("POST", f"{path}/secret", {"headers": {"If-Match": "*"}}),
            ("POST", f"{path}/test", {}),
            ("GET", f"{path}/deliveries", {}),
        ]
        for method, where, more in calls:
            assert (await other.send(method, where, **more)).status_code == 404, where
        assert (await other.get(PATH)).json()["items"] == []

    async def test_patients_and_strangers_learn_nothing(self, anna: SignedIn, phone: Phone) -> None:
        made = await register(anna)
        assert (await phone.send("GET", PATH)).status_code == 403
        assert (await phone.send("GET", f"{PATH}/{made['id']}")).status_code == 403
        assert (await phone.client.get(PATH)).status_code == 401


class TestTrying:
    """A test goes the way of an alarm, to one address only."""

    async def test_it_waits_for_the_worker(self, anna: SignedIn) -> None:
        made, _other = await register(anna), await register(anna)
        answer = await anna.send("POST", f"{PATH}/{made['id']}/test")
        assert answer.status_code == 201, answer.text
        shown = answer.json()
        assert (shown["event_type"], shown["state"], shown["attempts"]) == ("webhook.test", "waiting", [])
        assert (await anna.get(f"{PATH}/{made['id']}/deliveries")).json()["items"] == [shown]
        assert (await anna.get(f"{PATH}/{_other['id']}/deliveries")).json()["items"] == []

    async def test_one_that_is_switched_off_is_told_nothing(self, anna: SignedIn) -> None:
        made = await register(anna)
        path = f"{PATH}/{made['id']}"
        await anna.send("POST", f"{path}/test")
        await anna.send("PATCH", path, json={"status": "disabled"}, headers={"If-Match": "*"})
        [cancelled] = (await anna.get(f"{path}/deliveries")).json()["items"]
        assert (cancelled["state"], cancelled["due_at"]) == ("cancelled", None)
        assert (await anna.send("POST", f"{path}/test")).status_code == 409

    async def test_the_list_goes_on_page_by_page(self, anna: SignedIn) -> None:
        path = f"{PATH}/{(await register(anna))['id']}"
        made = [(await anna.send("POST", f"{path}/test")).json()["id"] for _ in range(5)]
        found: list[str] = []
        query: dict[str, str] | None = {"limit": "2"}
        while query:
            page = (await anna.get(f"{path}/deliveries", params=query)).json()
            found += [one["id"] for one in page["items"]]
            query = {"limit": "2", "cursor": page["next_cursor"]} if page["next_cursor"] else None
        assert sorted(found) == sorted(made)


class TestOutbox:
    """A stop is in the outbox when it is stored, and never otherwise."""

    async def test_a_stop_is_one_event_without_a_word_about_the_patient(
        self, phone: Phone, database: DatabaseUrls
    ) -> None:
        answer = await phone.practise(symptoms=["saddle_numbness"], note="I am frightened")
        assert answer.status_code == 201, answer.text
        [event] = stored(database)
        data = event["body"]["data"]
        assert event["body"]["type"] == "patient.stopped"
        assert event["body"]["timestamp"] == "2026-01-05T09:00:00+00:00"
        assert sorted(data) == [
            *("class", "clinic", "clinic_id", "happened_on", "known_on", "patient_id", "stop_id", "worklist")
        ]
        assert (data["clinic"], data["patient_id"], data["class"]) == ("spine", phone.patient_id, "emergency")
        assert any(route.path == data["worklist"] for route in worklist.router.routes)  # type: ignore[attr-defined]
        for word in ("Paula", "Patient", "saddle", "frightened", "+49"):
            assert word not in str(event["body"])

    async def test_an_ordinary_session_and_one_to_ask_about_are_none(
        self, phone: Phone, database: DatabaseUrls
    ) -> None:
        await phone.practise(pain=7)
        assert stored(database) == []

    async def test_retries_and_corrections_make_no_other_and_take_none_back(
        self, phone: Phone, database: DatabaseUrls
    ) -> None:
        session_id, body = str(uuid4()), phone.session(symptoms=["saddle_numbness"])
        made = await phone.put(session_id, body)
        assert (await phone.put(session_id, body)).status_code == 200
        [event] = stored(database)
        tag = {"If-Match": made.headers["ETag"]}
        corrected = await phone.put(session_id, body | {"pain_after": 1}, headers=tag)
        assert corrected.status_code == 200, corrected.text
        calm = await phone.put(session_id, body | {"symptoms": []}, headers={"If-Match": "*"})
        assert calm.status_code == 200, calm.text
        assert (await phone.send("DELETE", f"/v1/me/sessions/{session_id}")).status_code == 200
        assert stored(database) == [event]

    async def test_a_symptom_that_a_correction_adds_is_another(self, phone: Phone, database: DatabaseUrls) -> None:
        session_id, body = str(uuid4()), phone.session(symptoms=["saddle_numbness"])
        await phone.put(session_id, body)
        both = body | {"symptoms": ["saddle_numbness", "new_numbness_or_weakness"]}
        assert (await phone.put(session_id, both, headers={"If-Match": "*"})).status_code == 200
        assert sorted(one["body"]["data"]["class"] for one in stored(database)) == ["emergency", "stop"]

    async def test_a_check_in_and_a_late_batch_are_told_as_well(self, phone: Phone, database: DatabaseUrls) -> None:
        assert (await phone.check_in(symptoms=["saddle_numbness"])).status_code == 201
        late = phone.session(symptoms=["saddle_numbness"]) | {"started_at": "2025-12-20T08:00:00+01:00"}
        batch = {"sessions": [late | {"session_id": str(uuid4())}], "check_ins": []}
        assert (await phone.send("POST", "/v1/me/reports/batch", json=batch)).status_code == 200
        told = [one["body"]["data"] for one in stored(database)]
        assert sorted(one["happened_on"] for one in told) == ["2025-12-20", "2026-01-05"]
        assert {one["known_on"] for one in told} == {"2026-01-05"}

    async def test_what_a_clinician_told_from_paper_is_told_as_well(
        self, phone: Phone, anna: SignedIn, database: DatabaseUrls
    ) -> None:
        body = phone.session(symptoms=["saddle_numbness"]) | {"setting": "paper"}
        answer = await anna.send("PUT", f"/v1/patients/{phone.patient_id}/sessions/{uuid4()}", json=body)
        assert answer.status_code == 201, answer.text
        assert len(stored(database)) == 1

    async def test_two_phones_that_use_one_id_are_two_events(
        self, phone: Phone, anna: SignedIn, database: DatabaseUrls
    ) -> None:
        second = await start_phone(anna, phone.client, phone.clock)
        session_id = str(uuid4())
        for one in (phone, second):
            assert (await one.put(session_id, one.session(symptoms=["saddle_numbness"]))).status_code == 201
        assert len({one["id"] for one in stored(database)}) == len(stored(database)) == 2

    async def test_what_was_undone_is_told_to_nobody(
        self, phone: Phone, database: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The event is written before the session's own row, so a transaction that fails there had an event in it."""
        added = []
        real = outbox.add

        def hears(*args: Any, **kwargs: Any) -> None:
            real(*args, **kwargs)
            added.append(args[1])

        def fails(*_args: Any, **_kwargs: Any) -> None:
            raise Unavailable("The disk is full.")

        monkeypatch.setattr("app.actions.take_in_report.outbox.add", hears)
        monkeypatch.setattr("app.actions.record_session.sessions.add", fails)
        answer = await phone.put(str(uuid4()), phone.session(symptoms=["saddle_numbness"]))
        assert answer.status_code == 503
        assert len(added) == 1
        assert stored(database) == []
