"""The same days again for another patient, with what the phone sent on each day in another order.

The same facts with the same days of receipt must end in the same course.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from hypothesis import event

from tests.journeys.life import Life
from tests.journeys.stage import Body, Sent, told
from tests.phone import Phone


class WithTwin(Life):
    """A life that somebody else lives again."""

    def a_twin_ends_in_the_same_place(self) -> None:
        """What the phone sent is given in another order, each on its own day of receipt, to another patient."""
        now, here, log = self.clock.now(), self.picture(), self.log
        if len(log) < 2:
            return
        self.clock.move_to(self.began_at)
        first = self.phone
        self.phone = self.stage.new_phone(self.wanted)
        chance = random.Random(len(log))
        try:
            for group in groups(log):
                for at, one in zip([one.at for one in group], reordered(group, chance), strict=True):
                    self.clock.move_to(at - timedelta(seconds=1))
                    if not self.repeat(one, first):
                        event("a person's word met another day")
                        return
            self.clock.move_to(now - timedelta(seconds=10))
            there = self.picture()
            assert there == here
            event("a twin was compared")
        finally:
            self.phone = first
            self.clock.move_to(now)

    def repeat(self, one: Sent, first: Phone) -> bool:
        """Do it again for the twin; False where what a person said has no place there any more."""
        body = None if one.body is None else dict(one.body)
        path = one.path
        if body is not None and "performances" in body:
            ids = {"prescription_id": self.phone.prescription_id}
            body["performances"] = [{**each, **ids} for each in body["performances"]]
        if body is not None and "prescription_id" in body:
            body["prescription_id"] = self.phone.prescription_id
        if body is not None and "clears" in body:
            body["clears"] = self.twin_stops(len(body["clears"]))
        if path.endswith("/answer"):
            offer = self.twin_offer(path.split("/")[-2])
            if offer is None:
                return False
            path = f"/v1/me/decisions/{offer}/answer"
        path = path.replace(first.prescription_id, self.phone.prescription_id)
        if one.is_clinics:
            self.clock.move_by(timedelta(seconds=1))
            answer = self.clinic(one.method, path, json=body)
        else:
            more: Body = {} if body is None else {"json": body}
            answer = self.call(one.method, path, headers=one.headers, **more)
        if answer.status_code != one.status:
            assert one.key is None, (one, answer.text)
            return False
        if one.key is not None:
            told = answer.json()
            told = told.get("session") or told.get("check_in") or told
            assert told["known_on"] == str(one.known_on), (one, told)
        return True

    def twin_stops(self, count: int) -> list[str]:
        plan = self.clinic("GET", f"/prescriptions/{self.phone.prescription_id}").json()
        return sorted(plan["open_stops"])[:count]

    def twin_offer(self, offer_id: str) -> str | None:
        meant = self.offers[offer_id]
        return next((one["id"] for one in self.decisions() if told(one) == meant), None)

    def picture(self) -> Any:
        """Where the patient stands and how they came there, without ids and words."""
        today = self.read("/v1/me/routine")
        [progress] = self.read("/v1/me/progress")["items"]
        first = self.diary.plan.starts_on
        last = min(date.fromisoformat(today["as_of"]), first + timedelta(days=360))
        window = {"from": str(first), "to": str(last)}
        adherence = self.clinic("GET", "/adherence", params=window).json()
        return {
            "as_of": today["as_of"],
            "progress": {name: progress[name] for name in ("rung", "status", "code", "counted_days", "needed_days")},
            "slots": [slot["status"] for item in today["days"][0]["items"] for slot in item["slots"]],
            "stops": len(self.clinic("GET", f"/prescriptions/{self.phone.prescription_id}").json()["open_stops"]),
            "decisions": sorted(told(one) for one in self.decisions() if one["state"] != "superseded"),
            "adherence": {name: adherence[name] for name in ("expected", "done", "partial", "excused", "days")},
        }


def groups(log: list[Sent]) -> Iterator[list[Sent]]:
    """What may change places: neighbours that the phone sent on one day of receipt. A person's word stays alone."""
    group: list[Sent] = []
    for one in log:
        if group and (one.key is None or group[-1].key is None or one.known_on != group[-1].known_on):
            yield group
            group = []
        group.append(one)
    if group:
        yield group


def reordered(group: list[Sent], chance: random.Random) -> list[Sent]:
    """In another order; versions of one report stay in theirs, and who brought the new day stays first."""
    order = [one.key for one in group[1:]]
    chance.shuffle(order)
    waiting: dict[str | None, list[Sent]] = {}
    for one in group[1:]:
        waiting.setdefault(one.key, []).append(one)
    return [group[0], *(waiting[key].pop(0) for key in order)]
