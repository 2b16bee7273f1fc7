"""Which symptoms stop, and that a retry never makes a second stop."""

from datetime import UTC, datetime
from uuid import UUID

from app.domain.exercise import Symptom
from app.domain.safety import stops_from, worst_first
from app.domain.session import Session
from tests.domain.builders import day


def make_symptom(code: str, kind: str) -> Symptom:
    return Symptom(code, kind, ("low_back",), {"en": code}, {"en": "..."}, ("article",))


CATALOGUE = {
    "saddle_numbness": make_symptom("saddle_numbness", "emergency"),
    "leg_spreading": make_symptom("leg_spreading", "stop"),
    "fever": make_symptom("fever", "contact"),
}


def make_session(*symptoms: str) -> Session:
    started = datetime(2026, 11, 2, 8, tzinfo=UTC)
    return Session(UUID(int=5), started, None, "Europe/Berlin", "exact", 0, 0, symptoms, None, ())


def test_every_emergency_and_every_stop_symptom_is_one_stop() -> None:
    stops = stops_from(make_session("fever", "leg_spreading", "saddle_numbness", "no_such"), CATALOGUE, day(1), day(3))
    assert [(one.symptom, one.symptom_class) for one in stops] == [
        ("leg_spreading", "stop"),
        ("saddle_numbness", "emergency"),
    ]
    assert {(one.local_date, one.known_on, one.session_id) for one in stops} == {(day(1), day(3), UUID(int=5))}


def test_the_same_report_gives_the_same_stop_and_never_two() -> None:
    once = stops_from(make_session("leg_spreading"), CATALOGUE, day(1), day(1))
    again = stops_from(make_session("leg_spreading", "fever", "leg_spreading"), CATALOGUE, day(1), day(1))
    assert once == again
    (later,) = stops_from(make_session("leg_spreading"), CATALOGUE, day(1), day(9))
    assert later.id == once[0].id


def test_the_most_urgent_advice_comes_first() -> None:
    unknown = make_symptom("later", "some_later_class")
    mixed = [unknown, CATALOGUE["fever"], CATALOGUE["leg_spreading"], CATALOGUE["saddle_numbness"]]
    assert [one.code for one in worst_first(mixed)] == ["saddle_numbness", "leg_spreading", "fever", "later"]
