"""Another ladder for a running prescription: the run restarts, old days keep what they had, and it can be rebuilt."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.actions.rebuild_patient import Differences
from app.clock import MovableClock
from app.config import Settings
from app.content.library import Library
from tests import people
from tests.journeys.test_random_lives import differences
from tests.people import SignedIn
from tests.phone import Phone, prescribe
from tests.second_ladder import EASIER, SECOND, two_ladders

FIRST, BOTH = "single-knee-to-chest", "double-knee-to-chest"
NOTHING = Differences()


@pytest.fixture
def content(tmp_path: Path) -> Library:
    """Two ladders to move between."""
    return two_ladders(tmp_path)


async def practised(phone: Phone, days: int) -> None:
    """Some days without pain, all that was asked, and the night after each."""
    for _ in range(days):
        assert (await phone.practise()).status_code == 201
        phone.sleep()


async def moved(phone: Phone, **more: Any) -> httpx.Response:
    answer = await phone.amend(ladder_id=SECOND, **more)
    assert answer.status_code == 200, answer.text
    return answer


async def progress(phone: Phone) -> tuple[str, int, str, int]:
    [found] = (await phone.send("GET", "/v1/me/progress")).json()["items"]
    return found["exercise_id"], found["rung"], found["code"], found["counted_days"]


class TestAnotherLadder:
    async def test_it_restarts_the_run_at_the_rung_that_was_asked_for(self, phone: Phone) -> None:
        await practised(phone, 2)
        changed = (await moved(phone)).json()
        assert (changed["ladder_id"], changed["version"], changed["start_rung"]) == (SECOND, 2, 1)
        assert [rung["exercise_id"] for rung in changed["rungs"]] == [EASIER, BOTH]
        assert await progress(phone) == (EASIER, 1, "run", 0)
        [decision] = (await phone.send("GET", "/v1/me/decisions")).json()["items"]
        assert (decision["kind"], decision["from_rung"], decision["to_rung"]) == ("hold", 1, 1)
        assert decision["reason"]["code"] == "prescription_changed"
        phone.sleep()
        await practised(phone, 2)
        assert await progress(phone) == (EASIER, 1, "run", 2)
        await phone.practise()
        assert await progress(phone) == (EASIER, 1, "offer_waiting", 3)

    async def test_another_rung_of_it_can_be_asked_for(self, phone: Phone) -> None:
        await moved(phone, start_rung=2)
        assert await progress(phone) == (BOTH, 2, "top_rung", 0)

    async def test_what_was_said_of_the_old_rungs_is_gone(self, phone: Phone) -> None:
        wish = {"rungs": [{"rung": 1, "dosage": {"reps_min": 5}}], "max_rung": 1, "due_per_day": 2}
        assert (await phone.amend(**wish)).status_code == 200
        changed = (await moved(phone)).json()
        assert (changed["rungs"][0]["dosage"]["reps_min"], changed["max_rung"]) == (10, 2)
        assert changed["due_per_day"] == 2

    async def test_the_same_ladder_again_changes_nothing_of_the_course(self, phone: Phone) -> None:
        await practised(phone, 2)
        assert (await phone.amend(ladder_id="knees-to-chest", due_per_day=2)).status_code == 200
        assert await progress(phone) == (FIRST, 1, "run", 2)

    async def test_failures_and_an_offer_stay_with_the_old_ladder(self, phone: Phone) -> None:
        await practised(phone, 3)
        assert (await phone.routine()).json()["offers"]
        await moved(phone)
        assert (await phone.routine()).json()["offers"] == []
        assert await progress(phone) == (EASIER, 1, "run", 0)

    async def test_practice_of_the_old_ladder_on_that_day_counts_for_neither_run(self, phone: Phone) -> None:
        await phone.practise()
        await moved(phone)
        phone.sleep()
        await practised(phone, 1)
        assert await progress(phone) == (EASIER, 1, "run", 1)

    async def test_old_days_keep_the_exercise_they_had(self, phone: Phone) -> None:
        await practised(phone, 2)
        await moved(phone)
        await practised(phone, 1)
        days = (await phone.routine(**{"from": "2026-01-05", "days": 4})).json()["days"]
        assert [day["items"][0]["exercise_id"] for day in days] == [FIRST, FIRST, EASIER, EASIER]
        assert [day["items"][0]["prescription_version"] for day in days] == [1, 1, 2, 2]


class TestAPhoneThatHasNotHeard:
    async def test_its_old_exercise_is_kept_and_counts_for_no_run(self, phone: Phone) -> None:
        await moved(phone)
        phone.sleep()
        for version in (1, 2):
            body = phone.session(exercise=FIRST)
            body["performances"][0]["prescription_version"] = version
            answer = await phone.put(str(uuid4()), body)
            assert answer.json()["session"]["marks"] == ["other_ladder"]
            phone.sleep()
        assert (await progress(phone))[3] == 0
        found = await phone.send("GET", "/v1/me/sessions")
        assert len(found.json()["items"]) == 2

    async def test_what_hurts_is_heard(self, phone: Phone) -> None:
        await moved(phone)
        phone.sleep()
        answer = await phone.put(str(uuid4()), phone.session(exercise=FIRST, pain=4))
        assert [one["kind"] for one in answer.json()["decisions"]] == ["ease"]

    async def test_what_was_done_before_the_change_keeps_its_day(self, phone: Phone) -> None:
        late = phone.session(exercise=FIRST)
        phone.sleep()
        await moved(phone)
        answer = await phone.put(str(uuid4()), late)
        assert answer.json()["session"]["marks"] == []
        assert answer.json()["session"]["local_date"] == "2026-01-05"
        assert (await progress(phone))[3] == 0


class TestWhatIsRefused:
    async def test_a_ladder_that_another_prescription_has(self, phone: Phone) -> None:
        anna = await people.sign_in(phone.client)
        other = await prescribe(anna, phone.patient_id, ladder_id=SECOND)
        assert other.status_code == 201, other.text
        answer = await phone.amend(ladder_id=SECOND)
        assert (answer.status_code, answer.json()["code"]) == (409, "ladder_already_prescribed")
        assert (await phone.prescription())["version"] == 1

    async def test_the_old_ladder_is_free_again(self, phone: Phone) -> None:
        await moved(phone)
        anna = await people.sign_in(phone.client)
        assert (await prescribe(anna, phone.patient_id, ladder_id=SECOND)).status_code == 409
        assert (await prescribe(anna, phone.patient_id)).status_code == 201

    async def test_an_unknown_ladder(self, phone: Phone) -> None:
        answer = await phone.amend(ladder_id="to-the-moon")
        assert answer.status_code == 422
        assert [one["pointer"] for one in answer.json()["errors"]] == ["/ladder_id"]

    async def test_a_rung_that_it_does_not_have(self, phone: Phone) -> None:
        answer = await phone.amend(ladder_id=SECOND, start_rung=3)
        assert [one["pointer"] for one in answer.json()["errors"]] == ["/start_rung"]

    async def test_a_caution_that_nobody_has_cleared(self, phone: Phone) -> None:
        anna = await people.sign_in(phone.client)
        caution = {"cautions": [{"condition": "osteoporosis_or_vertebral_fracture", "action": "add"}]}
        path = f"/v1/patients/{phone.patient_id}"
        assert (await anna.send("PATCH", path, json=caution, headers={"If-Match": "*"})).status_code == 200
        answer = await phone.amend(ladder_id=SECOND)
        assert (answer.status_code, answer.json()["code"]) == (409, "needs_clearance")

    async def test_without_and_with_a_stale_if_match(self, phone: Phone) -> None:
        anna = await people.sign_in(phone.client)
        path = f"/v1/patients/{phone.patient_id}/prescriptions/{phone.prescription_id}"
        change = {"ladder_id": SECOND, "reason": "we have spoken"}
        assert (await anna.send("PATCH", path, json=change)).status_code == 428
        stale = (await anna.get(path)).headers["ETag"]
        assert (await phone.amend(due_per_day=2)).status_code == 200
        assert (await anna.send("PATCH", path, json=change, headers={"If-Match": stale})).status_code == 412

    async def test_a_stop_stays(self, phone: Phone) -> None:
        await phone.practise(symptoms=["saddle_numbness"])
        changed = (await moved(phone)).json()
        assert (changed["status"], len(changed["open_stops"])) == ("stopped", 1)


async def test_it_is_rebuilt_as_it_was(phone: Phone, settings: Settings, clock: MovableClock) -> None:
    await practised(phone, 3)
    await phone.practise()
    await moved(phone)
    late = phone.session(exercise=FIRST, pain=3)
    phone.sleep()
    await practised(phone, 2)
    await phone.put(str(uuid4()), late)
    await practised(phone, 4)
    assert (await phone.amend(ladder_id="knees-to-chest", start_rung=2)).status_code == 200
    await practised(phone, 1)
    assert differences(settings, clock, phone) == NOTHING


async def test_a_simulation_takes_the_same_change(anna: SignedIn) -> None:
    days = [{"date": f"2026-02-0{n}", "sessions": [{"pain_during": 0}]} for n in range(2, 8)]
    plan = {"ladder_id": "knees-to-chest", "starts_on": "2026-02-02"}
    asked = {"prescription": plan, "days": days, "changes": [{"on": "2026-02-04", "ladder_id": SECOND}]}
    course = (await anna.post("/v1/rules/simulate", asked)).json()
    assert [day["progress"]["exercise_id"] for day in course["days"]] == [FIRST] * 2 + [EASIER] * 4
    assert [day["progress"]["counted_days"] for day in course["days"]] == [1, 2, 0, 1, 2, 3]
