"""What may happen in a life: everything that a patient, a phone that is often offline, and a clinician can do.

Each rule is one step. It sends what it must, tells the diary, and holds the answer against it; what must be so after
each step and at the end is in `test_any_life.py`.
"""

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests import people
from tests.journeys import diary
from tests.journeys.diary import Diary, Plan
from tests.journeys.stage import Body, Sent, Stage, told

ZONES = ["Europe/Berlin", "Europe/Berlin", "Pacific/Auckland", "Pacific/Honolulu", "America/Santiago", "GMT+01:00"]


@st.composite
def practices(draw: st.DrawFn) -> Body:
    """What a patient may tell of one session, most of it good."""
    return {
        "pain": draw(st.sampled_from([0, 0, 0, 0, 0, None, 1, 2, 3, 5, 7])),
        "reps": draw(st.sampled_from([12, 12, 12, 8, 7, 4])),
        "exercise": draw(st.sampled_from(["as told", "as told", *diary.LADDER])),
        "pain_before": draw(st.sampled_from([0, 0, 0, None, 2, 3])),
        "pain_after": draw(st.sampled_from([None, None, 0, 0, 1, 4])),
        "stopped_early": draw(st.sampled_from([None, None, None, None, "pain", "time"])),
        "is_in_utc": draw(st.sampled_from([False, False, True])),
        "hours_ago": draw(st.sampled_from([0, 0, 0, 3, 26])),
    }


GOOD = {"pain": 0, "reps": 12, "exercise": "as told", "pain_before": 0, "pain_after": 0, "stopped_early": None}


class Life(RuleBasedStateMachine):
    """A patient, a phone that is often offline, and a clinician."""

    stage: Stage

    def __init__(self) -> None:
        super().__init__()
        self.clock = self.stage.clock
        self.skew = timedelta()
        self.made = 0
        self.queue: list[tuple[str, Body]] = []
        self.bodies: dict[str, Body] = {}
        self.answers: dict[str, bytes] = {}
        self.withdrawn: set[str] = set()
        self.open_stops: set[str] = set()
        self.stops_expected = 0
        self.seen: set[str] = set()
        self.log: list[Sent] = []
        self.offers: dict[str, tuple[Any, ...]] = {}
        self.exercise = "single-knee-to-chest"

    # What everything is made of

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        """A request of the phone, whose clock may be wrong; a second passes."""
        self.clock.move_by(timedelta(seconds=1))
        headers = {"Sent-At": (self.clock.now() + self.skew).isoformat(), **more.pop("headers", {})}
        answer = self.stage.do(self.phone.send(method, path, headers=headers, **more))
        assert answer.status_code < 500, answer.text
        return answer

    def clinic(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self.stage.do(self.stage.ask(method, f"/v1/patients/{self.phone.patient_id}{path}", **more))

    def new_id(self) -> str:
        self.made += 1
        return str(UUID(int=self.made))

    def body(self, told: Body, symptoms: tuple[str, ...] = ()) -> Body:
        """What the phone writes down now, by its own clock."""
        began = self.clock.now() + self.skew - timedelta(hours=told.get("hours_ago", 0))
        zone = UTC if told.get("is_in_utc") or self.zone == "GMT+01:00" else ZoneInfo(self.zone)
        exercise = self.exercise if told["exercise"] == "as told" else told["exercise"]
        done = {
            "prescription_id": self.phone.prescription_id,
            "prescription_version": 1,
            "exercise_id": exercise,
            "pain_during": told["pain"],
            "stopped_early": told["stopped_early"],
            "sets": [{"side": side, "reps": told["reps"]} for side in diary.LADDER[exercise]],
        }
        return {
            "started_at": began.astimezone(zone).isoformat(),
            "time_zone": self.zone,
            "pain_before": told["pain_before"],
            "pain_after": told["pain_after"],
            "symptoms": list(symptoms),
            "performances": [done],
        }

    def send(self, session_id: str, body: Body, *, is_heard: bool = True) -> None:
        """Report a session, for the first time or again; the diary knows which."""
        is_new = session_id not in self.diary.sessions
        answer = self.call("PUT", f"/v1/me/sessions/{session_id}", json=body)
        if not is_new:
            assert answer.status_code == 200, answer.text
            assert self.answers.setdefault(session_id, answer.content) == answer.content
            return
        assert answer.status_code == 201, answer.text
        self.hear(session_id, body, answer)
        if not is_heard:
            del self.answers[session_id]

    def hear(self, session_id: str, body: Body, answer: httpx.Response, headers: dict[str, str] | None = None) -> None:
        page = self.diary.hear_session(session_id, body, self.clock.now(), self.phone_zone)
        stored = answer.json()["session"]
        assert (stored["local_date"], stored["known_on"]) == (str(page.day), str(page.known_on))
        assert ("quarantined" in stored["marks"]) == (page.body is None)
        self.bodies[session_id], self.answers[session_id] = body, answer.content
        self.withdrawn.discard(session_id)
        self.stops_expected += self.diary.new_stops(session_id, body["symptoms"])
        self.remember(f"/v1/me/sessions/{session_id}", "PUT", answer, body, headers)

    def remember(
        self, path: str, method: str, answer: httpx.Response, body: Body | None = None, headers: Any = None
    ) -> None:
        """Something that the phone sent, and that could have come sooner or later on this day.

        What lies in the future is no such thing: whether it is believed depends on the instant of its receipt.
        """
        at = self.clock.now()
        about = body or self.bodies.get(path.rsplit("/", 1)[-1], {})
        began = datetime.fromisoformat(about["started_at"]) if "started_at" in about else at
        key = None if began - at > timedelta(hours=12) else path
        self.log.append(Sent(at, self.diary.reached, key, method, path, body, headers or {}, status=answer.status_code))

    def word(self, answer: httpx.Response, method: str, path: str, body: Body, *, is_clinics: bool) -> None:
        """A person's word: an order, an answer, another zone. It has its place in time."""
        if answer.status_code < 400:
            self.diary.reached = self.diary.today(self.clock.now(), self.phone_zone)
        sent = Sent(self.clock.now(), self.diary.reached, None, method, path, body, {}, is_clinics, answer.status_code)
        self.log.append(sent)

    def read(self, path: str, **query: Any) -> Any:
        answer = self.call("GET", path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    # What may happen

    @initialize(
        advance=st.sampled_from(["ask_patient", "ask_patient", "automatic", "ask_clinician"]),
        weekdays=st.sampled_from([None, None, None, "mon wed fri", "tue thu sat sun"]),
        every_n_days=st.sampled_from([1, 1, 2]),
        start=st.sampled_from(["2026-01-05T09:00", "2026-03-23T06:00", "2026-10-19T20:30", "2026-04-01T12:00"]),
    )
    def begin(self, advance: str, weekdays: str | None, every_n_days: int, start: str) -> None:
        self.clock.move_to(datetime.fromisoformat(f"{start}+00:00"))
        wanted: Body = {"advance": advance}
        wanted |= {"weekdays": weekdays.split()} if weekdays else {"every_n_days": every_n_days}
        self.zone = self.phone_zone = "Europe/Berlin"
        self.phone = self.stage.new_phone(wanted)
        self.wanted, self.began_at = wanted, self.clock.now()
        names = "mon tue wed thu fri sat sun".split()
        days = frozenset(names.index(one) for one in weekdays.split()) if weekdays else None
        self.diary = Diary(Plan(self.clock.now().date(), days, every_n_days))

    @rule(days=st.integers(1, 4))
    def practise_as_told(self, days: int) -> None:
        for _ in range(days):
            self.clock.move_by(timedelta(days=1))
            self.exercise = self.read("/v1/me/progress")["items"][0]["exercise_id"]
            self.send(self.new_id(), self.body(GOOD))

    @rule(told=practices())
    def practise(self, told: Body) -> None:
        self.send(self.new_id(), self.body(told))

    @rule(told=practices(), count=st.integers(1, 3))
    def practise_offline(self, told: Body, count: int) -> None:
        for _ in range(count):
            self.queue.append((self.new_id(), self.body(told)))
            self.clock.move_by(timedelta(hours=8))

    @rule(told=practices())
    def lose_the_reply(self, told: Body) -> None:
        session_id, body = self.new_id(), self.body(told)
        self.send(session_id, body, is_heard=False)
        self.queue.append((session_id, body))

    @precondition(lambda self: self.queue)
    @rule(chance=st.randoms(use_true_random=False), twice=st.booleans())
    def sync(self, chance: random.Random, twice: bool) -> None:
        queue = self.queue * (2 if twice else 1)
        self.queue = []
        chance.shuffle(queue)
        for session_id, body in queue:
            self.send(session_id, body)

    @precondition(lambda self: self.answers)
    @rule(data=st.data(), respell=st.booleans())
    def send_again(self, data: st.DataObject, respell: bool) -> None:
        session_id = data.draw(st.sampled_from(list(self.answers)))
        body = dict(self.bodies[session_id])
        if respell:
            body["started_at"] = body["started_at"].replace("+00:00", "Z")
        self.send(session_id, body)

    @precondition(lambda self: self.answers)
    @rule(data=st.data())
    def send_something_else(self, data: st.DataObject) -> None:
        session_id = data.draw(st.sampled_from(list(self.answers)))
        body = {**self.bodies[session_id], "note": "another day"}
        answer = self.call("PUT", f"/v1/me/sessions/{session_id}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "session_differs")

    @precondition(lambda self: self.answers)
    @rule(data=st.data(), told=practices(), moves=st.sampled_from([0, 0, 0, -1]))
    def correct(self, data: st.DataObject, told: Body, moves: int) -> None:
        session_id = data.draw(st.sampled_from(list(self.answers)))
        before = self.bodies[session_id]
        began = datetime.fromisoformat(before["started_at"]) + timedelta(days=moves)
        body = {**self.body(told), "started_at": began.isoformat(), "time_zone": before["time_zone"]}
        body["note"] = f"corrected at {self.clock.now()}"
        headers = {"If-Match": "*"}
        answer = self.call("PUT", f"/v1/me/sessions/{session_id}", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        self.hear(session_id, body, answer, headers)

    @precondition(lambda self: self.answers)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        session_id = data.draw(st.sampled_from(list(self.answers)))
        path = f"/v1/me/sessions/{session_id}"
        answer = self.call("DELETE", path)
        assert answer.status_code == 200, answer.text
        pages = self.diary.sessions[session_id]
        if session_id not in self.withdrawn:
            self.withdrawn.add(session_id)
            self.diary.take_back(pages, self.clock.now(), self.phone_zone)
            self.remember(path, "DELETE", answer)
        self.answers[session_id] = self.call("PUT", path, json=self.bodies[session_id]).content

    @rule(
        pain=st.sampled_from([0, 0, 0, 1, 4, None]),
        days_ago=st.sampled_from([0, 0, 0, 1]),
        hour=st.sampled_from([6, 6, 11, 15]),
    )
    def wake(self, pain: int | None, days_ago: int, hour: int) -> None:
        self.tell_morning(pain, days_ago, hour, ())

    def tell_morning(self, pain: int | None, days_ago: int, hour: int, symptoms: tuple[str, ...]) -> None:
        zone = UTC if self.zone == "GMT+01:00" else ZoneInfo(self.zone)
        told = (self.clock.now() - timedelta(days=days_ago)).astimezone(zone).replace(hour=hour)
        body: Body = {"pain_now": pain, "symptoms": list(symptoms), "answered_at": told.isoformat()}
        body["time_zone"] = str(zone)
        path = f"/v1/me/check-ins/{told.date()}"
        pages = self.diary.mornings.get(told.date())
        headers = {}
        if pages:
            answer = self.call("PUT", path, json={**body, "note": "differs"})
            assert (answer.status_code, answer.json()["code"]) == (409, "check_in_differs"), answer.text
            headers = {"If-Match": "*"}
            body["note"] = f"corrected at {self.clock.now()}"
        answer = self.call("PUT", path, json=body, headers=headers)
        assert answer.status_code == (200 if pages else 201), answer.text
        page = self.diary.hear_morning(told.date(), body, self.clock.now(), self.phone_zone)
        assert answer.json()["check_in"]["known_on"] == str(page.known_on)
        self.stops_expected += self.diary.new_stops(told.date(), symptoms)
        self.remember(path, "PUT", answer, body, headers)
        again = self.call("PUT", path, json=body)
        assert (again.status_code, again.content) == (200, answer.content)

    @precondition(lambda self: self.diary.mornings)
    @rule(data=st.data())
    def take_a_morning_back(self, data: st.DataObject) -> None:
        day = data.draw(st.sampled_from(sorted(self.diary.mornings)))
        answer = self.call("DELETE", f"/v1/me/check-ins/{day}")
        assert answer.status_code == 200, answer.text
        pages = self.diary.mornings[day]
        if pages[-1].body is not None:
            self.diary.take_back(pages, self.clock.now(), self.phone_zone)
            self.remember(f"/v1/me/check-ins/{day}", "DELETE", answer)

    @rule(
        symptom=st.sampled_from(["new_numbness_or_weakness", "saddle_numbness", "night_pain"]),
        told=practices(),
        is_morning=st.booleans(),
    )
    def report_a_red_flag(self, symptom: str, told: Body, is_morning: bool) -> None:
        if is_morning:
            self.tell_morning(0, 0, 6, (symptom,))
        else:
            self.send(self.new_id(), self.body(told, (symptom,)))

    @rule(kind=st.sampled_from(["advance", "step_back", "hold", "pause", "stop"]), rung=st.sampled_from([None, 1, 2]))
    def order(self, kind: str, rung: int | None) -> None:
        self.give(kind, to_rung=rung)

    def give(self, kind: str, **more: Any) -> httpx.Response:
        self.clock.move_by(timedelta(seconds=1))
        path = f"/prescriptions/{self.phone.prescription_id}/decisions"
        body = {"kind": kind, "reason": "we have spoken", **more}
        answer = self.clinic("POST", path, json=body)
        assert answer.status_code in {201, 409, 422}, answer.text
        if answer.status_code == 201 and kind == "stop":
            self.open_stops.add(answer.json()["id"])
        self.word(answer, "POST", path, body, is_clinics=True)
        return answer

    @rule(names=st.sampled_from(["all", "all", "all", "none", "one"]), rung=st.sampled_from([None, 1, 2]))
    def resume(self, names: str, rung: int | None) -> None:
        stops = self.clinic("GET", f"/prescriptions/{self.phone.prescription_id}").json()["open_stops"]
        named = {"all": stops, "none": [], "one": stops[:1]}[names]
        answer = self.give("resume", clears=named, to_rung=rung)
        if set(named) == self.open_stops:
            assert answer.status_code == 201, answer.text
            self.open_stops = set()
        else:
            assert answer.json()["code"] == "stop_not_named"

    @rule(rung=st.sampled_from([None, 1, 2]))
    def ask_for_the_easier_one(self, rung: int | None) -> None:
        body = self.phone.wish("step_down") | {"prescription_id": self.phone.prescription_id}
        body |= {} if rung is None else {"rung": rung}
        path = f"/v1/me/requests/{self.new_id()}"
        answer = self.call("PUT", path, json=body)
        assert answer.status_code == 201, answer.text
        again = self.call("PUT", path, json=body)
        assert (again.status_code, again.content) == (200, answer.content)
        made_on = diary.local_date(body["made_at"], body["time_zone"])
        self.diary.reached = max(self.diary.reached, made_on)
        self.word(answer, "PUT", path, body, is_clinics=False)

    @rule(data=st.data(), yes=st.booleans())
    def answer_an_offer(self, data: st.DataObject, yes: bool) -> None:
        offers = [one for one in self.decisions() if one["reason"]["code"] == "pain_free_run_met"]
        if offers:
            offer = data.draw(st.sampled_from(offers[:3]))
            path = f"/v1/me/decisions/{offer['id']}/answer"
            self.offers[offer["id"]] = told(offer)
            body = {"answer": "accept" if yes else "decline"}
            answer = self.call("PUT", path, json=body)
            assert answer.status_code in {200, 409}, answer.text
            self.word(answer, "PUT", path, body, is_clinics=False)

    @rule(zone=st.sampled_from(ZONES), tells=st.booleans())
    def travel(self, zone: str, tells: bool) -> None:
        self.zone = zone
        if tells and zone != "GMT+01:00":
            body = {"time_zone": zone}
            answer = self.call("PATCH", "/v1/me", json=body)
            assert answer.status_code == 200, answer.text
            self.diary.reached = self.diary.today(self.clock.now(), self.phone_zone)
            self.phone_zone = zone
            self.log.append(Sent(self.clock.now(), self.diary.reached, None, "PATCH", "/v1/me", body))

    @rule(hours=st.sampled_from([-48, -25, -5, 0, 0, 5, 23, 25, 48]))
    def set_the_phones_clock(self, hours: int) -> None:
        self.skew = timedelta(hours=hours)

    @rule()
    def reinstall(self) -> None:
        invitation = self.clinic("POST", "/invitations", json={"kind": "reconnect"})
        assert invitation.status_code == 201, invitation.text
        redeemed = self.stage.do(people.redeem(self.stage.client, invitation.json(), f"device-{self.new_id()}"))
        assert redeemed.status_code == 200, redeemed.text
        new = redeemed.json()
        assert new["principal"]["id"] == self.phone.patient_id
        self.phone.token, self.phone.refresh_token = new["access_token"], new["refresh_token"]
        self.queue = []

    @rule(hours=st.sampled_from([1, 7, 13]))
    def hours_pass(self, hours: int) -> None:
        self.clock.move_by(timedelta(hours=hours, minutes=7))

    @rule(days=st.sampled_from([1, 1, 1, 2, 3, 8, 33, 60]))
    def days_pass(self, days: int) -> None:
        self.clock.move_by(timedelta(days=days))

    def decisions(self) -> list[Body]:
        page = self.read("/v1/me/decisions", limit=200)
        assert page["next_cursor"] is None
        found: list[Body] = page["items"]
        return found
