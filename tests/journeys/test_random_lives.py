"""Lives made by chance, seeded: whatever was reported, corrected, ordered and answered in whatever order, it adds up.

After each step the routine of today is the same whether it is read from where the course stands or followed from its
beginning. At the end every report that is sent again gets the very answer that it got, and rebuilding finds nothing.
"""

import random
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from app.actions.rebuild_patient import Differences, rebuild_patient
from app.clock import MovableClock
from app.config import Settings
from app.content.library import Library
from app.store.database import Database
from app.store.scope import Caller, Role
from tests import people
from tests.people import SignedIn
from tests.phone import Phone, start_phone
from tests.second_ladder import EASIER, SECOND, two_ladders

STEPS = 60
ZONES = ("Europe/Berlin", "Pacific/Auckland", "Pacific/Honolulu", "GMT+01:00")
SYMPTOMS = ("night_pain", "new_numbness_or_weakness", "saddle_numbness")
CONDITION = "acute_disc_herniation_or_leg_symptoms"


@dataclass
class Life:
    """A patient, what they sent, and what they were answered. `bodies` holds what is current under each id."""

    phone: Phone
    chance: random.Random
    ladders: tuple[str, ...] = ()
    bodies: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: dict[str, bytes] = field(default_factory=dict)
    queue: list[dict[str, Any]] = field(default_factory=list)
    story: list[str] = field(default_factory=list)

    def session(self) -> dict[str, Any]:
        """What a patient may report of this moment."""
        one, two = "single-knee-to-chest", "double-knee-to-chest"
        if self.ladders:
            one = self.chance.choice([one, EASIER])
        body = self.phone.session(
            pain=self.chance.choice([0, 0, 0, 0, 0, None, 1, 2, 3, 5, 7]),
            reps=self.chance.choice([12, 12, 12, 10, 7, 4]),
            exercise=self.chance.choice([one, one, two]),
            pain_after=self.chance.choice([None, 0, 0, 4]),
        )
        if self.chance.random() < 0.06:
            body["symptoms"] = [self.chance.choice(SYMPTOMS)]
        if self.chance.random() < 0.1:
            body["performances"][0]["stopped_early"] = self.chance.choice(["pain", "time"])
        if self.chance.random() < 0.1:
            body["performances"] *= 2
        return body

    async def practise(self) -> None:
        await self.send(self.session())

    async def practise_as_told(self) -> None:
        items = (await self.phone.routine()).json()["days"][0]["items"]
        exercise = items[0]["exercise_id"] if items else None
        await self.send(self.phone.session(exercise=exercise))

    async def practise_offline(self) -> None:
        self.queue.append(self.session())

    async def upload(self) -> None:
        self.chance.shuffle(self.queue)
        if self.chance.random() < 0.6:
            await self.upload_at_once()
        while self.queue:
            await self.send(self.queue.pop())

    async def upload_at_once(self) -> None:
        """The queue in one batch, at times with mornings of these days; then each again, alone."""
        kept = {str(uuid4()): body for body in self.queue}
        self.queue.clear()
        days = sorted({body["started_at"][:10] for body in kept.values() if self.chance.random() < 0.4})
        zone = self.phone.zone
        check_ins = [
            {"date": on, "pain_now": self.chance.choice([0, 0, 3]), "answered_at": f"{on}T06:30:00Z", "time_zone": zone}
            for on in days
        ]
        sent = {"sessions": [{"session_id": key, **body} for key, body in kept.items()], "check_ins": check_ins}
        answer = await self.phone.send("POST", "/v1/me/reports/batch", json=sent)
        results = answer.json()["results"]
        assert {one["status"] for one in results[: len(kept)]} <= {"created", "quarantined"}, (self.story, answer.text)
        for one in results[: len(kept)]:
            again = await self.phone.put(one["id"], kept[one["id"]])
            assert again.status_code == 200, (self.story, again.text)
            assert again.json()["decisions"] == one["decisions"], self.story
            self.bodies[one["id"]], self.answers[one["id"]] = kept[one["id"]], again.content

    async def send(self, body: dict[str, Any]) -> None:
        session_id = str(uuid4())
        answer = await self.phone.put(session_id, body)
        assert answer.status_code == 201, (self.story, answer.text)
        self.bodies[session_id], self.answers[session_id] = body, answer.content

    async def correct(self) -> None:
        if self.bodies:
            session_id = self.chance.choice(list(self.bodies))
            body = {**self.session(), "started_at": self.bodies[session_id]["started_at"], "note": str(uuid4())}
            answer = await self.phone.put(session_id, body, headers={"If-Match": "*"})
            assert answer.status_code == 200, (self.story, answer.text)
            self.bodies[session_id], self.answers[session_id] = body, answer.content

    async def withdraw(self) -> None:
        if self.bodies:
            session_id = self.chance.choice(list(self.bodies))
            assert (await self.phone.send("DELETE", f"/v1/me/sessions/{session_id}")).status_code == 200
            self.answers[session_id] = (await self.phone.put(session_id, self.bodies[session_id])).content

    async def wake(self) -> None:
        """Tell how the morning is; what is told twice is corrected, or seldom taken back."""
        pain = self.chance.choice([0, 0, 0, 2, 5, None])
        symptoms = [self.chance.choice(SYMPTOMS)] if self.chance.random() < 0.05 else []
        days = [(self.phone.clock.now() - timedelta(days=n)).date().isoformat() for n in (0, 0, 1)]
        on = self.chance.choice(days)
        answered = f"{on}T{self.chance.choice(['06:30', '11:59', '15:00'])}:00+01:00"
        given = await self.phone.check_in(pain, on=on, symptoms=symptoms, answered_at=answered)
        if given.status_code == 409:
            more = {"note": str(uuid4()), "answered_at": answered}
            given = await self.phone.check_in(pain, on=on, headers={"If-Match": "*"}, **more)
            assert given.status_code == 200, (self.story, given.text)
        if self.chance.random() < 0.1:
            assert (await self.phone.send("DELETE", f"/v1/me/check-ins/{on}")).status_code == 200, self.story

    async def ask(self) -> None:
        """A wish for the easier exercise, sometimes with the rung that the phone shows or once showed."""
        rung = self.chance.choice([None, 1, 2])
        body = self.phone.wish("step_down", **({} if rung is None else {"rung": rung}))
        request_id = str(uuid4())
        given = await self.phone.send("PUT", f"/v1/me/requests/{request_id}", json=body)
        assert given.status_code == 201, (self.story, given.text)
        again = await self.phone.send("PUT", f"/v1/me/requests/{request_id}", json=body)
        assert (again.status_code, again.content) == (200, given.content), self.story

    async def answer(self) -> None:
        decisions = (await self.phone.send("GET", "/v1/me/decisions")).json()["items"]
        offers = [one["id"] for one in decisions if one["reason"]["code"] == "pain_free_run_met"]
        if offers:
            given = await self.phone.answer(self.chance.choice(offers[:3]), self.chance.choice(["accept", "decline"]))
            assert given.status_code in {200, 409}, (self.story, given.text)

    async def order(self) -> None:
        kind = self.chance.choice(["advance", "step_back", "hold", "pause", "stop", "resume", "resume", "resume"])
        clears = (await self.phone.prescription())["open_stops"] if kind == "resume" else []
        given = await self.phone.order(kind, clears=clears)
        assert given.status_code in {201, 409, 422}, (self.story, given.text)

    async def amend(self) -> None:
        change: dict[str, Any] = self.chance.choice(
            [
                {"due_per_day": 2},
                {"weekdays": ["mon", "wed", "fri", "sat"]},
                {"every_n_days": 2},
                {"every_n_days": 1},
                {"rungs": [{"rung": 1, "dosage": {"reps_min": self.chance.choice([5, 15])}}]},
                {"start_rung": self.chance.choice([1, 2])},
                {"advance": self.chance.choice(["automatic", "ask_patient", "ask_clinician"])},
            ]
        )
        given = await self.phone.amend(**change)
        assert given.status_code in {200, 409}, (self.story, given.text)

    async def change_ladder(self) -> None:
        """On a new day: an order that was given before a change of the same day is obeyed after it, on its rungs."""
        self.phone.clock.move_by(timedelta(days=1))
        given = await self.phone.amend(ladder_id=self.chance.choice(self.ladders), start_rung=1)
        assert given.status_code in {200, 409}, (self.story, given.text)

    async def change_condition(self) -> None:
        anna = await people.sign_in(self.phone.client)
        path = f"/v1/patients/{self.phone.patient_id}"
        carried = [one for one in (await anna.get(path)).json()["cautions"] if one["cleared_on"] is None]
        action = self.chance.choice(["clear", "remove"]) if carried else "add"
        body = {"cautions": [{"condition": CONDITION, "action": action, "note": "seen"}]}
        given = await anna.send("PATCH", path, json=body, headers={"If-Match": "*"})
        assert given.status_code == 200, (self.story, given.text)

    async def travel(self) -> None:
        self.phone.zone = "Europe/Berlin"
        zone = self.chance.choice(ZONES)
        if zone != "GMT+01:00":
            self.phone.zone = zone
            given = await self.phone.send("PATCH", "/v1/me", json={"time_zone": zone})
            assert given.status_code == 200, self.story

    async def sleep(self) -> None:
        self.phone.clock.move_by(timedelta(days=self.chance.choice([1, 1, 1, 1, 2, 5, 33]), minutes=7))

    async def a_few_hours_pass(self) -> None:
        self.phone.clock.move_by(timedelta(hours=5, minutes=3))

    async def step(self) -> None:
        """Something happens."""
        weights = {
            self.practise: 6,
            self.practise_as_told: 9,
            self.practise_offline: 7,
            self.upload: 3,
            self.correct: 3,
            self.withdraw: 2,
            self.wake: 6,
            self.answer: 4,
            self.ask: 2,
            self.order: 3,
            self.amend: 1,
            self.change_condition: 1,
            self.travel: 1,
            self.sleep: 12,
            self.a_few_hours_pass: 4,
        }
        if self.ladders:
            weights[self.change_ladder] = 3
        [act] = self.chance.choices(list(weights), list(weights.values()))
        self.story.append(act.__name__)
        await act()

    async def check_adherence(self) -> None:
        """What the clinic's list says of this patient by arithmetic is what following every day says."""
        anna = await people.sign_in(self.phone.client)
        last = self.phone.clock.now().date() + timedelta(days=self.chance.choice([-3, 0, 1, 2]))
        first = last - timedelta(days=self.chance.choice([0, 6, 27, 89]))
        window = {"from": first.isoformat(), "to": last.isoformat()}
        [row] = (await anna.get("/v1/adherence", params=window)).json()["items"]
        one = (await anna.get(f"/v1/patients/{self.phone.patient_id}/adherence", params=window)).json()
        shared = row.keys() & one.keys()
        assert len(shared) == 8
        assert {name: row[name] for name in shared} == {name: one[name] for name in shared}, (window, self.story)

    async def check(self) -> None:
        """Where the course stands is where it comes to when it is followed from its beginning."""
        stands = (await self.phone.routine(days=2)).json()
        before = {"from": (self.phone.clock.now() - timedelta(days=3)).date().isoformat(), "days": 8}
        whole = (await self.phone.routine(**before)).json()
        days = {day["date"]: day for day in whole["days"]}
        assert [days[day["date"]] for day in stands["days"]] == stands["days"], self.story
        assert (whole["offers"], whole["notices"]) == (stands["offers"], stands["notices"]), self.story


def differences(settings: Settings, clock: MovableClock, phone: Phone) -> Differences:
    db = Database(settings.url)
    operator = Caller(clock.now(), None, frozenset({Role.OPERATOR}), "spine", is_operator=True)
    try:
        return db.write_here(operator, rebuild_patient, UUID(phone.patient_id), writes=False)
    finally:
        db.close()


async def live(
    anna: SignedIn,
    client: httpx.AsyncClient,
    clock: MovableClock,
    settings: Settings,
    seed: int,
    ladders: tuple[str, ...] = (),
) -> None:
    chance = random.Random(seed)
    advance = chance.choice(["automatic", "ask_patient", "ask_clinician"])
    life = Life(await start_phone(anna, client, clock, advance=advance), chance, ladders)
    for _ in range(STEPS):
        await life.step()
        await life.check()
        await life.check_adherence()
    for session_id, body in life.bodies.items():
        again = await life.phone.put(session_id, body)
        assert (again.status_code, again.content) == (200, life.answers[session_id]), life.story
    assert differences(settings, clock, life.phone) == Differences(), life.story


@pytest.mark.parametrize("seed", [1])
async def test_a_life_adds_up(
    anna: SignedIn, client: httpx.AsyncClient, clock: MovableClock, settings: Settings, seed: int
) -> None:
    await live(anna, client, clock, settings, seed)


@pytest.mark.check
@pytest.mark.parametrize("seed", range(100, 115))
async def test_many_lives_add_up(
    anna: SignedIn, client: httpx.AsyncClient, clock: MovableClock, settings: Settings, seed: int
) -> None:
    await live(anna, client, clock, settings, seed)


class TestTwoLadders:
    """Lives in which the clinic moves the patient from one ladder to another."""

    @pytest.fixture
    def content(self, tmp_path: Path) -> Library:
        """Two ladders to move between."""
        return two_ladders(tmp_path)

    @pytest.mark.check
    @pytest.mark.parametrize("seed", range(300, 308))
    async def test_they_add_up(
        self, anna: SignedIn, client: httpx.AsyncClient, clock: MovableClock, settings: Settings, seed: int
    ) -> None:
        await live(anna, client, clock, settings, seed, ("knees-to-chest", SECOND))
