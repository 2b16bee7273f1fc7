"""A simulated course is the course of a patient whose phone really sent the same, day by day and word for word."""

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.clock import MovableClock
from tests.people import SignedIn
from tests.phone import Phone, start_phone

Json = dict[str, Any]
FIRST = date(2026, 1, 5)
DAYS = 16
SHORT_OF_IT = 4


@dataclass
class Life:
    """A patient's life at UTC, lived through HTTP, and written down as a simulation takes it."""

    phone: Phone
    clock: MovableClock
    dice: random.Random
    days: list[Json] = field(default_factory=list)
    changes: list[Json] = field(default_factory=list)
    held_back: dict[date, list[tuple[str, Json]]] = field(default_factory=dict)
    to_withdraw: dict[date, list[str]] = field(default_factory=dict)
    evenings: list[Json] = field(default_factory=list)

    def go_to(self, day: date, hour: int, minute: int = 0) -> None:
        """The clock of that moment."""
        self.clock.move_to(datetime.combine(day, time(hour, minute), tzinfo=UTC))

    async def live(self, day: date) -> None:
        """One local date: what is late, the morning, an answer, practice, what is taken back, and the evening."""
        told: Json = {"date": day.isoformat(), "sessions": [], "acts": []}
        self.go_to(day, 5)
        if self.dice.random() < 0.1:
            change = self.dice.choice(
                ({"due_per_day": 2}, {"offered_per_day": 3}, {"start_rung": 2}, {"start_rung": 1})
            )
            assert (await self.phone.amend(**change)).status_code == 200
            self.changes.append({"on": day.isoformat(), **change})
        self.go_to(day, 5, 30)
        for session_id, body in self.held_back.pop(day, []):
            assert (await self.phone.put(session_id, body)).status_code == 201
        await self._morning(day, told)
        await self._answer(day, told)
        for _ in range(self.dice.choice((0, 1, 1, 1, 2))):
            await self._practise(day, told)
        self.go_to(day, 20)
        for session_id in self.to_withdraw.pop(day, []):
            assert (await self.phone.send("DELETE", f"/v1/me/sessions/{session_id}")).status_code == 200
        if self.dice.random() < 0.05:
            self.go_to(day, 21)
            asked = await self.phone.ask("step_down", prescription_id=self.phone.prescription_id)
            assert asked.status_code == 201
            told["acts"].append({"kind": "step_down", "is_after_practice": True})
        [progress] = (await self.phone.send("GET", "/v1/me/progress")).json()["items"]
        self.evenings.append({name: value for name, value in progress.items() if name != "prescription_id"})
        self.days.append(told)

    async def _morning(self, day: date, told: Json) -> None:
        if self.dice.random() < 0.6:
            self.go_to(day, 6)
            pain = self.dice.choice((0, 0, 0, 2, 3, None))
            assert (await self.phone.check_in(pain)).status_code == 201
            told["check_in"] = {"pain_now": pain}

    async def _answer(self, day: date, told: Json) -> None:
        self.go_to(day, 7)
        offers = (await self.phone.routine()).json()["offers"]
        if offers and self.dice.random() < 0.7:
            says = self.dice.choice(("accept", "accept", "decline"))
            assert (await self.phone.answer(offers[0]["decision_id"], says)).status_code == 200
            told["acts"].append({"kind": says})

    async def _practise(self, day: date, told: Json) -> None:
        place = len(told["sessions"]) + 1
        self.go_to(day, 7 + place)
        item = await self.phone.item()
        pains = {"pain_before": self.dice.choice((0, 0, 1, None)), "pain_after": self.dice.choice((0, None))}
        during = self.dice.choice((0, 0, 0, 0, 0, 0, 0, 1, 3, 4, 6, None))
        stopped = self.dice.choice((None,) * 9 + ("pain",))
        reps = None if self.dice.random() < 0.8 else SHORT_OF_IT
        performance = {
            "prescription_id": self.phone.prescription_id,
            "prescription_version": item["prescription_version"],
            "exercise_id": item["exercise_id"],
            "pain_during": during,
            "stopped_early": stopped,
            "sets": [{"side": side, "reps": reps or item["dosage"]["reps_min"]} for side in item["sides"]],
        }
        began = self.clock.now().isoformat()
        body = {"started_at": began, "time_zone": "UTC", **pains, "performances": [performance]}
        session_id = str(uuid4())
        written = {**pains, "pain_during": during, "stopped_early": stopped, "rung": item["rung"]}
        written["sets"] = performance["sets"]
        told["sessions"].append(written)
        known = day
        if self.dice.random() < 0.1:
            known = day + timedelta(days=self.dice.randint(1, 3))
            written["known_on"] = known.isoformat()
            self.held_back.setdefault(known, []).append((session_id, body))
        else:
            if reps is None:
                del written["sets"], written["rung"]
            assert (await self.phone.put(session_id, body)).status_code == 201
        if self.dice.random() < 0.1:
            withdrawn = known + timedelta(days=self.dice.randint(0, 2))
            written["withdrawn_on"] = withdrawn.isoformat()
            self.to_withdraw.setdefault(withdrawn, []).append(session_id)


def line(decision: Json, busy: set[str]) -> Json:
    """A decision without its ids.

    On a busy day several sessions became known: what the first of them led to is told as it was known then, while a
    simulation follows each day once, at its end. Of such days the words are not compared.
    """
    reason = decision["reason"]
    if decision["decided_on"] in busy:
        reason = reason | {"params": [], "text": None, "sessions": []}
    params = [one for one in reason["params"] if one["name"] != "answered"]
    parts = ("kind", "from_rung", "to_rung", "decided_on", "effective_on", "state")
    return {name: decision[name] for name in parts} | {
        "by": decision["decided_by"]["kind"],
        "why": (reason["code"], params, reason["text"], reason["would_change_it"], len(reason["sessions"])),
    }


def holds(decision: Json) -> bool:
    """Not one that a later report of its own day undid: a course that is followed once a day never had it."""
    is_undone = decision["state"] == "superseded" and decision["superseded_by"] is None
    return not is_undone or decision["reason"]["code"] in {"offer_gone", "patient_request"}


@pytest.mark.parametrize("seed", range(4))
async def test_the_simulated_course_is_the_lived_one(
    anna: SignedIn, client: httpx.AsyncClient, clock: MovableClock, seed: int
) -> None:
    dice = random.Random(seed)
    clock.move_to(datetime.combine(FIRST, time(4), tzinfo=UTC))
    advance = dice.choice(("ask_patient", "automatic"))
    phone = await start_phone(anna, client, clock, "UTC", advance=advance)
    life = Life(phone, clock, dice)
    for number in range(DAYS):
        await life.live(FIRST + timedelta(days=number))
    last = (FIRST + timedelta(days=DAYS - 1)).isoformat()
    for day in life.days:
        day["sessions"] = [_within(one, last) for one in day["sessions"] if one.get("known_on", "") <= last]
    plan = {"ladder_id": "knees-to-chest", "starts_on": FIRST.isoformat(), "advance": advance}
    asked = {"prescription": plan, "to": last, "days": life.days, "changes": life.changes}
    answer = await phone.send("POST", "/v1/rules/simulate", json=asked)
    assert answer.status_code == 200, answer.text
    course = answer.json()
    lived = [{name: day["progress"][name] for name in life.evenings[0]} for day in course["days"]]
    assert lived == life.evenings, asked
    real = (await phone.send("GET", "/v1/me/decisions", params={"limit": 200})).json()["items"]
    busy = {day["date"] for day in course["days"] if len(day["received"]) > 1}
    imagined = [line(one, busy) for day in course["days"] for one in day["decisions"]]
    assert sorted(imagined, key=repr) == sorted((line(one, busy) for one in real if holds(one)), key=repr), asked
    assert len(imagined) > len([one for one in imagined if one["why"][2] is None])


def _within(session: Json, last: str) -> Json:
    """A session whose withdrawal lies after the last day is not withdrawn yet."""
    if session.get("withdrawn_on", "") > last:
        return {name: value for name, value in session.items() if name != "withdrawn_on"}
    return session
