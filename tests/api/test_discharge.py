"""How treatments and prescriptions end: completed, ended, made by mistake; what the phone hears, and the way back."""

from uuid import UUID, uuid4

import httpx
import pytest

from app.actions.rebuild_patient import rebuild_patient
from app.config import Settings
from app.store.database import Database
from app.store.scope import Caller, Role
from tests import people
from tests.people import SignedIn
from tests.phone import Phone, prescribe


async def discharge(by: SignedIn, patient_id: str, reason: str = "completed") -> httpx.Response:
    return await by.post(f"/v1/patients/{patient_id}/discharge", {"reason": reason, "note": "All goals reached."})


async def take_back(by: SignedIn, patient_id: str) -> httpx.Response:
    path = f"/v1/patients/{patient_id}"
    tag = (await by.get(path)).headers["ETag"]
    return await by.send("PATCH", path, json={"status": "active"}, headers={"If-Match": tag})


class TestDischarge:
    """The phone hears 410 and keeps its queue; nothing new begins; the clinic may take the patient back."""

    @pytest.mark.parametrize(("reason", "status"), [("completed", "completed"), ("moved_away", "ended")])
    async def test_prescriptions_close_with_it(self, phone: Phone, anna: SignedIn, reason: str, status: str) -> None:
        answer = await discharge(anna, phone.patient_id, reason)
        assert answer.status_code == 200
        got = answer.json()
        assert got["status"] == "discharged"
        assert got["discharge"] == {"reason": reason, "note": "All goals reached.", "discharged_on": "2026-01-05"}
        assert (await phone.prescription())["status"] == status
        listed = await anna.get("/v1/patients", params={"status": "discharged"})
        assert [one["id"] for one in listed.json()["items"]] == [phone.patient_id]
        assert (await discharge(anna, phone.patient_id)).json()["code"] == "patient_discharged"

    async def test_the_phone_hears_410_and_sends_its_queue_when_it_is_back(self, phone: Phone, anna: SignedIn) -> None:
        kept = {str(uuid4()): phone.session()}
        await discharge(anna, phone.patient_id)
        for answer in (
            await phone.routine(),
            *[await phone.put(session_id, body) for session_id, body in kept.items()],
            await phone.send("GET", "/v1/me"),
        ):
            assert (answer.status_code, answer.json()["code"]) == (410, "patient_closed")
        refreshed = await phone.client.post("/v1/auth/refresh", json={"refresh_token": phone.refresh_token})
        assert refreshed.status_code == 410
        assert (await take_back(anna, phone.patient_id)).json()["status"] == "active"
        for session_id, body in kept.items():
            assert (await phone.put(session_id, body)).status_code == 201
        assert (await phone.routine()).json()["days"][0]["state"] == "ended"
        assert (await prescribe(anna, phone.patient_id, starts_on="2026-01-05")).status_code == 201
        assert (await phone.routine()).json()["days"][0]["state"] == "exercise"

    async def test_nothing_new_begins(self, phone: Phone, anna: SignedIn) -> None:
        await discharge(anna, phone.patient_id)
        path = f"/v1/patients/{phone.patient_id}"
        absence = {"first_day": "2026-01-05", "last_day": "2026-01-06", "reason": "other"}
        answers = [
            await prescribe(anna, phone.patient_id),
            await anna.post(f"{path}/invitations", {"kind": "reconnect"}),
            await anna.post(f"{path}/absences", absence),
            await phone.order("hold"),
            await phone.amend(due_per_day=2),
        ]
        assert [answer.json()["code"] for answer in answers] == ["patient_discharged"] * 5

    async def test_an_open_code_stops_working(self, phone: Phone, anna: SignedIn) -> None:
        invitation = await people.invite(anna, phone.patient_id, "reconnect")
        await discharge(anna, phone.patient_id)
        assert (await people.redeem(anna.client, invitation)).json()["code"] == "code_invalid"
        await take_back(anna, phone.patient_id)
        assert (await people.redeem(anna.client, invitation)).json()["code"] == "code_invalid"


class TestClosing:
    """A prescription is closed at once; what was due today is excused unless it was done."""

    @pytest.mark.parametrize("status", ["completed", "ended"])
    async def test_closed_and_open_again(self, phone: Phone, status: str) -> None:
        closed = await phone.amend(status=status)
        assert (closed.status_code, closed.json()["status"]) == (200, status)
        assert (await phone.routine()).json()["days"][0]["state"] == "ended"
        assert (await phone.amend(status=status)).status_code == 409
        assert (await phone.amend(position=3)).json()["status"] == status
        phone.sleep(2)
        anna = await people.sign_in(phone.client)
        window = {"from": "2026-01-05", "to": "2026-01-07"}
        found = (await anna.get(f"/v1/patients/{phone.patient_id}/adherence", params=window)).json()
        assert (found["expected"], found["excused"]) == (0, 1)
        [row] = (await anna.get("/v1/adherence", params=window)).json()["items"]
        assert (row["expected"], row["excused"]) == (0, 1)
        assert (await phone.amend(ends_on=None)).json()["status"] == "active"
        assert (await phone.routine()).json()["days"][0]["state"] == "exercise"

    async def test_another_of_the_ladder_may_follow_at_once_and_keeps_the_first_closed(
        self, phone: Phone, anna: SignedIn
    ) -> None:
        await phone.amend(status="completed")
        assert (await prescribe(anna, phone.patient_id)).status_code == 201
        assert (await phone.amend(ends_on=None)).json()["code"] == "ladder_already_prescribed"

    async def test_closing_comes_alone(self, phone: Phone) -> None:
        refused = await phone.amend(status="ended", due_per_day=2)
        assert refused.json()["errors"][0]["code"] == "contradiction"


class TestVoid:
    """One that was made by mistake counts for nothing, and what was reported stays on record."""

    async def test_it_counts_for_nothing(self, phone: Phone, anna: SignedIn, settings: Settings) -> None:
        session_id = str(uuid4())
        body = phone.session(pain=8)
        await phone.put(session_id, body)
        made_void = await phone.amend(status="void")
        assert (made_void.status_code, made_void.json()["status"]) == (200, "void")
        assert (await phone.amend(ends_on=None)).status_code == 409
        routine = (await phone.routine()).json()
        assert (routine["days"][0]["items"], routine["notices"]) == ([], [])
        assert (await phone.send("GET", f"/v1/me/sessions/{session_id}")).status_code == 200
        listed = (await anna.get(f"/v1/patients/{phone.patient_id}/prescriptions")).json()["items"]
        assert [one["status"] for one in listed] == ["void"]
        found = (await anna.get(f"/v1/patients/{phone.patient_id}/adherence")).json()
        assert (found["expected"], found["done"], found["excused"]) == (0, 0, 0)
        corrected = await phone.put(session_id, phone.session(pain=0), headers={"If-Match": '"1"'})
        assert corrected.json()["session"]["marks"] == ["unknown_prescription"]
        assert (await prescribe(anna, phone.patient_id)).status_code == 201
        assert (await phone.send("DELETE", f"/v1/me/sessions/{session_id}")).status_code == 200
        db = Database(settings.url)
        caller = Caller(phone.clock.now(), anna.token, frozenset(Role))
        assert not db.read_here(caller, rebuild_patient, UUID(phone.patient_id), writes=False)
        db.close()
