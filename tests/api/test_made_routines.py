"""What was put into words of a routine is remembered under its ETag, up to a weight, and never for somebody else."""

from uuid import UUID, uuid4

from app.api.shapes.made_routines import MadeRoutine, MadeRoutines
from tests.people import SignedIn
from tests.phone import Phone

CLINIC = UUID(int=1)


def made(size: int) -> MadeRoutine:
    return MadeRoutine(b"{" + b" " * (size - 2) + b"}", ("single-knee-to-chest",), has_stop=False)


def test_the_oldest_leave_when_all_together_weigh_too_much() -> None:
    kept = MadeRoutines(most_bytes=3 * made(5000).weight_bytes)
    patients = [uuid4() for _ in range(5)]
    for one in patients:
        kept.keep((CLINIC, one, '"1"'), made(5000))
        kept.keep((CLINIC, one, '"1"'), made(5000))
    assert [kept.get((CLINIC, one, '"1"')) is not None for one in patients] == [False, False, True, True, True]
    assert kept.get((CLINIC, patients[-1], '"2"')) is None
    kept.keep((CLINIC, patients[0], '"1"'), made(1_000_000))
    assert all(kept.get((CLINIC, one, '"1"')) is None for one in patients)


async def test_asked_again_it_is_the_same_and_another_day_is_another(phone: Phone) -> None:
    first = await phone.routine()
    again = await phone.routine()
    assert (again.content, again.headers["etag"]) == (first.content, first.headers["etag"])
    german = await phone.send("GET", "/v1/me/routine", headers={"Accept-Language": "de"})
    assert german.json()["safety"] != first.json()["safety"]
    phone.sleep()
    assert (await phone.routine()).json()["as_of"] != first.json()["as_of"]


async def test_what_is_remembered_is_shown_to_the_own_clinic_only(
    phone: Phone, anna: SignedIn, other: SignedIn
) -> None:
    routine = await phone.routine()
    path = f"/v1/patients/{phone.patient_id}/routine"
    assert (await anna.get(path)).content == routine.content
    assert (await other.get(path)).status_code == 404
