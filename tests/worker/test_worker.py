"""From a stop on a phone to a clinic's own machine: signed, tried again, and seen when it does not arrive."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from app.actions.webhooks.deliver import LEASE, take_up_deliveries
from app.clock import MovableClock
from app.domain.webhook import MOST_ATTEMPTS, WAITS
from app.posting.addresses import Gate
from app.posting.sender import Letter, Posted, Sender
from app.store.database import Database
from app.store.operating import backup
from app.store.scope import Caller, Role
from app.store.webhooks.outbox import Backlog
from app.worker import Worker, backlog, watch
from tests import people
from tests.application import names
from tests.databases import APP, DatabaseUrls, FreshDatabase
from tests.people import SignedIn
from tests.phone import Phone
from tests.receiver import receiving

PATH = "/v1/clinic/webhooks"
Json = dict[str, Any]
SECOND = timedelta(seconds=1)


async def register(admin: SignedIn, url: str) -> Json:
    answer = await admin.post(PATH, {"url": url})
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()
    return made


async def webhook(admin: SignedIn, made: Json) -> Json:
    found: Json = (await admin.get(f"{PATH}/{made['id']}")).json()
    return found


async def deliveries(admin: SignedIn, made: Json) -> list[Json]:
    found: list[Json] = (await admin.get(f"{PATH}/{made['id']}/deliveries")).json()["items"]
    return found


async def outcomes(admin: SignedIn, made: Json) -> list[list[str]]:
    return [[each["outcome"] for each in one["attempts"]] for one in await deliveries(admin, made)]


async def stop(phone: Phone) -> None:
    answer = await phone.practise(symptoms=["saddle_numbness"])
    assert answer.status_code == 201, answer.text


class TestDelivered:
    """A stop arrives once, signed, with nothing in it that tells of the person."""

    async def test_a_stop_is_signed_and_arrives_once(
        self, anna: SignedIn, phone: Phone, worker: Worker, clock: MovableClock
    ) -> None:
        async with receiving() as machine:
            made = await register(anna, machine.url())
            await stop(phone)
            assert await worker.go_round() == 1
            assert await worker.go_round() == 0
            [got] = machine.received
        told = got.checked(made["secret"])
        assert told["type"] == "patient.stopped"
        assert (told["data"]["patient_id"], told["data"]["class"]) == (phone.patient_id, "emergency")
        assert got.line == "POST /rung HTTP/1.1"
        assert got.headers["content-type"] == "application/json"
        assert got.headers["webhook-timestamp"] == str(int(clock.now().timestamp()))
        [one] = await deliveries(anna, made)
        assert (one["state"], one["event_id"], one["due_at"]) == ("delivered", got.id, None)
        assert [(each["number"], each["outcome"], each["http_status"]) for each in one["attempts"]] == [
            (1, "delivered", 204)
        ]
        assert (await webhook(anna, made))["delivered_at"] == "2026-01-05T09:00:00Z"
        assert phone.patient_id not in str(one)

    async def test_every_webhook_of_the_clinic_is_told_and_none_of_another(
        self, anna: SignedIn, phone: Phone, worker: Worker, database: DatabaseUrls, clock: MovableClock
    ) -> None:
        people.make_clinic(database.app_url, "knee", now=clock.now(), admin="o@knee.example")
        otto = await people.sign_in(phone.client, "knee", "o@knee.example")
        async with receiving() as one, receiving() as two, receiving() as of_knee:
            for machine in (one, two):
                await register(anna, machine.url())
            await register(otto, of_knee.url())
            await stop(phone)
            assert await worker.go_round() == 2
            assert (len(one.received), len(two.received), len(of_knee.received)) == (1, 1, 0)
            assert one.received[0].id == two.received[0].id

    async def test_a_test_goes_the_same_way(self, anna: SignedIn, worker: Worker) -> None:
        async with receiving() as machine:
            made = await register(anna, machine.url())
            await anna.send("POST", f"{PATH}/{made['id']}/test")
            await worker.go_round()
            [got] = machine.received
        assert got.checked(made["secret"])["type"] == "webhook.test"

    async def test_nobody_to_tell_is_no_backlog(self, phone: Phone, worker: Worker, clock: MovableClock) -> None:
        await stop(phone)
        assert (await backlog(worker.db, clock.now())).oldest_at is None
        assert await worker.go_round() == 0

    async def test_both_secrets_sign_until_the_overlap_ends(
        self, anna: SignedIn, worker: Worker, clock: MovableClock
    ) -> None:
        async with receiving() as machine:
            made = await register(anna, machine.url())
            path = f"{PATH}/{made['id']}"
            rotated = (await anna.send("POST", f"{path}/secret", headers={"If-Match": "*"})).json()
            await anna.send("POST", f"{path}/test")
            await worker.go_round()
            clock.move_by(timedelta(hours=24))
            again = await people.sign_in(anna.client)
            await again.send("POST", f"{path}/test")
            await worker.go_round()
            during, after = machine.received
        for secret in (made["secret"], rotated["secret"]):
            assert during.checked(secret)["type"] == "webhook.test"
        assert after.checked(rotated["secret"])["type"] == "webhook.test"
        assert " " not in after.headers["webhook-signature"]


class TestSeen:
    """An alarm that does not arrive is seen by somebody: at the clinic, and by the operator's monitoring."""

    async def test_without_a_worker_the_clinic_and_the_operator_learn_of_it(
        self, anna: SignedIn, phone: Phone, worker: Worker, clock: MovableClock
    ) -> None:
        async with receiving() as machine:
            await register(anna, machine.url())
            await stop(phone)
            assert (await anna.get("/v1/worklist")).json()["alarms_failing_since"] is None
            clock.move_by(timedelta(minutes=3))
            assert (await anna.get("/v1/worklist")).json()["alarms_failing_since"] == "2026-01-05T09:00:00Z"
            left = await backlog(worker.db, clock.now())
            assert (left.waiting, left.oldest_at) == (1, clock.now() - timedelta(minutes=3))
            await worker.go_round()
            assert (await anna.get("/v1/worklist")).json()["alarms_failing_since"] is None
            assert (await backlog(worker.db, clock.now())).oldest_at is None

    async def test_the_numbers_are_on_the_page_for_monitoring(
        self, anna: SignedIn, phone: Phone, app: FastAPI, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await register(anna, "http://127.0.0.1:9/nobody")
        await stop(phone)
        clock.move_by(timedelta(minutes=10))
        told = asyncio.Event()
        oldest: list[Backlog] = []

        def tell(found: Backlog) -> None:
            oldest.append(found)
            told.set()

        monkeypatch.setattr("app.worker.WATCH_SECONDS", 0.01)
        watching = asyncio.create_task(watch(app.state.house.db, clock.now, tell))
        async with asyncio.timeout(10):
            await told.wait()
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        assert oldest[0].waiting == 1
        page = (await phone.client.get("/metrics")).text
        assert "rung_outbox_oldest_seconds" in page
        assert "rung_webhooks_failing" in page


class TestTriedAgain:
    """What fails is tried again by the schedule, under the same id, and what never arrives is seen."""

    async def test_an_error_then_success(
        self, anna: SignedIn, phone: Phone, worker: Worker, clock: MovableClock
    ) -> None:
        async with receiving(500, 503, 200) as machine:
            made = await register(anna, machine.url())
            await stop(phone)
            await worker.go_round()
            failing = await webhook(anna, made)
            assert failing["failing_since"] == "2026-01-05T09:00:00Z"
            clock.move_by(4 * SECOND)
            assert await worker.go_round() == 0
            clock.move_by(2 * SECOND)
            assert await worker.go_round() == 1
            clock.move_by(timedelta(minutes=6))
            assert await worker.go_round() == 1
            assert len({one.id for one in machine.received}) == 1
            stamps = [int(one.headers["webhook-timestamp"]) for one in machine.received]
            assert len(set(stamps)) == 3
            assert len({one.body for one in machine.received}) == 1
        assert await outcomes(anna, made) == [["refused", "refused", "delivered"]]
        assert (await webhook(anna, made))["failing_since"] is None

    @pytest.mark.parametrize(
        ("answer", "outcome"),
        [
            (None, "timed_out"),
            (404, "refused"),
            ("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/elsewhere\r\n", "redirected"),
            ("nonsense\r\n", "unreachable"),
        ],
    )
    async def test_how_an_attempt_fails(
        self, anna: SignedIn, phone: Phone, worker: Worker, answer: Any, outcome: str
    ) -> None:
        async with receiving(answer) as machine:
            made = await register(anna, machine.url())
            await stop(phone)
            await worker.go_round()
            assert len(machine.received) == 1
        [one] = await deliveries(anna, made)
        assert (one["state"], [each["outcome"] for each in one["attempts"]]) == ("waiting", [outcome])

    async def test_nobody_listens(self, anna: SignedIn, phone: Phone, worker: Worker) -> None:
        async with receiving() as machine:
            made = await register(anna, machine.url())
        await stop(phone)
        await worker.go_round()
        assert await outcomes(anna, made) == [["unreachable"]]

    async def test_in_the_end_it_is_given_up_and_seen(
        self, anna: SignedIn, phone: Phone, worker: Worker, clock: MovableClock
    ) -> None:
        async with receiving(500) as machine:
            made = await register(anna, machine.url())
            await stop(phone)
            attempts = await worker.go_round()
            for wait in WAITS:
                clock.move_by(wait * 1.11)
                attempts += await worker.go_round()
            clock.move_by(timedelta(days=30))
            attempts += await worker.go_round()
            assert attempts == MOST_ATTEMPTS == len(machine.received)
        again = await people.sign_in(phone.client)
        [one] = await deliveries(again, made)
        assert (one["state"], one["due_at"], len(one["attempts"])) == ("given_up", None, MOST_ATTEMPTS)
        assert (await webhook(again, made))["failing_since"] == "2026-01-05T09:00:00Z"
        left = await backlog(worker.db, clock.now())
        assert (left.waiting, left.failing) == (0, 1)
        assert (await again.get("/v1/worklist")).json()["alarms_failing_since"] == "2026-01-05T09:00:00Z"

    async def test_what_every_worker_dies_with_is_given_up_as_well(
        self, anna: SignedIn, phone: Phone, worker: Worker, clock: MovableClock
    ) -> None:
        async with receiving() as machine:
            made = await register(anna, machine.url())
            await stop(phone)
            for number in range(1, MOST_ATTEMPTS + 1):
                caller = Caller(clock.now(), None, frozenset({Role.WORKER}), "spine", is_operator=True)
                taken = await worker.db.write(caller, take_up_deliveries, clock.now())
                assert [one.attempt_count for one in taken] == [number]  # and that was the last of this worker
                assert await worker.go_round() == 0
                clock.move_by(LEASE)
            assert await worker.go_round() == 0
            assert machine.received == []
        [one] = await deliveries(anna, made)
        assert (one["state"], one["attempts"], one["delivered_at"]) == ("given_up", [], None)
        assert (await webhook(anna, made))["failing_since"] is not None
        assert (await backlog(worker.db, clock.now())).waiting == 0

    async def test_gone_switches_off_what_nobody_listens_to(self, anna: SignedIn, phone: Phone, worker: Worker) -> None:
        async with receiving(410) as machine:
            made = await register(anna, machine.url())
            await stop(phone)
            await worker.go_round()
            assert (await webhook(anna, made))["status"] == "gone"
            assert [one["state"] for one in await deliveries(anna, made)] == ["given_up"]
            assert (await anna.send("POST", f"{PATH}/{made['id']}/test")).status_code == 409
            on = {"status": "active"}
            await anna.send("PATCH", f"{PATH}/{made['id']}", json=on, headers={"If-Match": "*"})
            machine.answers = [200]
            await anna.send("POST", f"{PATH}/{made['id']}/test")
            await worker.go_round()
        assert (await webhook(anna, made))["delivered_at"] is not None


class Dying(Sender):
    """What a worker sends with that is killed as soon as something was sent."""

    async def post(self, letter: Letter, now: datetime) -> Posted:
        """Post it, and die."""
        await super().post(letter, now)
        raise asyncio.CancelledError


class TestWorkers:
    """A worker that dies loses nothing, and two do not send the same."""

    async def test_killed_between_sending_and_writing_down(
        self, anna: SignedIn, phone: Phone, worker: Worker, clock: MovableClock
    ) -> None:
        """It is sent again once the lease has ended, under the same id."""
        async with receiving() as machine, Dying(Gate(names, is_loopback_allowed=True)) as dying:
            made = await register(anna, machine.url())
            await stop(phone)
            with pytest.raises(asyncio.CancelledError):
                await Worker(worker.db, dying, clock.now).go_round()
            assert await worker.go_round() == 0
            clock.move_by(LEASE)
            assert await worker.go_round() == 1
            first, second = machine.received
        assert first.id == second.id
        assert first.body == second.body
        [one] = await deliveries(anna, made)
        assert (one["state"], [each["number"] for each in one["attempts"]]) == ("delivered", [2])

    async def test_many_workers_share_what_is_due(
        self, anna: SignedIn, database: DatabaseUrls, clock: MovableClock
    ) -> None:
        """Each with a database of its own, as in processes of their own: nothing is sent twice, nothing is left."""
        others = [Database(database.app_url) for _ in range(4)]
        async with receiving() as machine, Sender(Gate(names, is_loopback_allowed=True)) as sender:
            made = await register(anna, machine.url())
            for _ in range(30):
                await anna.send("POST", f"{PATH}/{made['id']}/test")
            made_by = await asyncio.gather(*(Worker(db, sender, clock.now).go_round() for db in others))
            assert sum(made_by) == len(machine.received) == 30
            assert len({one.id for one in machine.received}) == 30
        for db in others:
            db.close()
        assert {one["state"] for one in await deliveries(anna, made)} == {"delivered"}

    async def test_what_one_has_taken_up_no_other_takes(
        self, anna: SignedIn, phone: Phone, worker: Worker, clock: MovableClock
    ) -> None:
        caller = Caller(clock.now(), None, frozenset({Role.WORKER}), "spine", is_operator=True)
        async with receiving() as machine:
            await register(anna, machine.url())
            await stop(phone)
            assert len(await worker.db.write(caller, take_up_deliveries, clock.now())) == 1
            assert await worker.db.write(caller, take_up_deliveries, clock.now()) == []

    async def test_it_works_by_itself_until_it_is_told_to_stop(
        self, anna: SignedIn, phone: Phone, worker: Worker
    ) -> None:
        worker.poll_seconds = 0.01
        async with receiving() as machine:
            await register(anna, machine.url())
            working = asyncio.create_task(worker.run())
            await stop(phone)
            async with asyncio.timeout(10):
                await machine.arrived.wait()
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
            assert len(machine.received) == 1

    async def test_a_restored_backup_sends_what_was_left_and_nothing_that_was_delivered(
        self,
        anna: SignedIn,
        worker: Worker,
        database: DatabaseUrls,
        fresh_database: FreshDatabase,
        tmp_path: Path,
        clock: MovableClock,
    ) -> None:
        async with receiving(204, 500) as machine:
            path = f"{PATH}/{(await register(anna, machine.url()))['id']}"
            for _ in range(2):
                await anna.send("POST", f"{path}/test")
                await worker.go_round()
            delivered, left = machine.received
            file, after = tmp_path / "all.rung", fresh_database(database.kind, is_migrated=False)
            await asyncio.to_thread(backup.write, database.app_url, file, build="test", now=clock.now())
            await asyncio.to_thread(backup.load, file, after.owner_url, app_role=APP)
            clock.move_by(timedelta(days=3))
            restored = Database(after.app_url)
            machine.answers = [204]
            async with Sender(Gate(names, is_loopback_allowed=True), timeout_seconds=3) as sender:
                assert await Worker(restored, sender, clock.now).go_round() == 1
            restored.close()
            assert [one.id for one in machine.received[2:]] == [left.id]
            assert left.id != delivered.id

    async def test_a_slow_clinic_holds_up_no_other(
        self, anna: SignedIn, phone: Phone, app: FastAPI, database: DatabaseUrls, clock: MovableClock
    ) -> None:
        people.make_clinic(database.app_url, "knee", now=clock.now(), admin="otto@knee.example")
        otto = await people.sign_in(phone.client, "knee", "otto@knee.example")
        gate = Gate(names, is_loopback_allowed=True)
        async with receiving(None) as silent, receiving() as quick, Sender(gate, timeout_seconds=60) as sender:
            of_knee = await register(otto, silent.url())
            await otto.send("POST", f"{PATH}/{of_knee['id']}/test")
            await register(anna, quick.url())
            await stop(phone)
            working = asyncio.create_task(Worker(app.state.house.db, sender, clock.now, poll_seconds=0.01).run())
            async with asyncio.timeout(10):
                await silent.arrived.wait()
                await quick.arrived.wait()
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
