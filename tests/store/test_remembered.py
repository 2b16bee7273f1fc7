"""What stands of patients is remembered up to a weight, the newest first, however many courses each has."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from app.store.prescriptions import TIMES_ITS_TEXT, Key, Remembered, Stand
from app.store.standings import Kept, Standings
from tests.domain import builders

CLINIC = UUID(int=1)
NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)


def stand(revision: int, courses: int) -> Stand:
    """Courses whose texts have 1,000 letters each."""
    prescription = builders.make_prescription()
    return revision, tuple(Standings(prescription, Kept("x" * 500), Kept("y" * 500), NOW) for _ in range(courses))


def test_the_oldest_leave_when_all_together_weigh_too_much() -> None:
    remembered = Remembered(most_bytes=int(6000 * TIMES_ITS_TEXT))
    patients: list[Key] = [(CLINIC, uuid4()) for _ in range(4)]
    for one in patients[:3]:
        remembered.keep(one, stand(1, courses=2))
    assert [remembered.get(one) is not None for one in patients] == [True, True, True, False]
    remembered.keep(patients[0], stand(2, courses=2))  # heard again, so the newest of all
    remembered.keep(patients[3], stand(1, courses=1))
    assert [remembered.get(one) is not None for one in patients] == [True, False, True, True]
    remembered.drop(patients[3])
    remembered.drop(patients[3])
    remembered.keep(patients[1], stand(1, courses=2))
    assert [remembered.get(one) is not None for one in patients] == [True, True, True, False]
    remembered.keep(patients[3], stand(1, courses=7))
    assert all(remembered.get(one) is None for one in patients)
