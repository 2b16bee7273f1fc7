"""Which symptoms stop, and that a retry never makes a second stop."""

from uuid import UUID

from app.domain.decision import Stop
from app.domain.exercise import Symptom
from app.domain.safety import stops_from, worst_first
from tests.domain.builders import day


def make_symptom(code: str, kind: str) -> Symptom:
    return Symptom(code, kind, ("low_back",), {"en": code}, {"en": "..."}, ("article",))


CATALOGUE = {
    "saddle_numbness": make_symptom("saddle_numbness", "emergency"),
    "leg_spreading": make_symptom("leg_spreading", "stop"),
    "fever": make_symptom("fever", "contact"),
}


REPORT = UUID(int=5)


def stops_of(*told: str, happened: int = 1, known: int = 1) -> tuple[Stop, ...]:
    return stops_from(REPORT, told, CATALOGUE, day(happened), day(known), session_id=REPORT)


def test_every_emergency_and_every_stop_symptom_is_one_stop() -> None:
    stops = stops_of("fever", "leg_spreading", "saddle_numbness", "no_such", happened=1, known=3)
    assert [(one.symptom, one.symptom_class) for one in stops] == [
        ("leg_spreading", "stop"),
        ("saddle_numbness", "emergency"),
    ]
    assert {(one.local_date, one.known_on, one.session_id) for one in stops} == {(day(1), day(3), UUID(int=5))}


def test_the_same_report_gives_the_same_stop_and_never_two() -> None:
    once = stops_of("leg_spreading", happened=1, known=1)
    again = stops_of("leg_spreading", "fever", "leg_spreading", happened=1, known=1)
    assert once == again
    (later,) = stops_of("leg_spreading", happened=1, known=9)
    assert later.id == once[0].id


def test_the_most_urgent_advice_comes_first() -> None:
    unknown = make_symptom("later", "some_later_class")
    mixed = [unknown, CATALOGUE["fever"], CATALOGUE["leg_spreading"], CATALOGUE["saddle_numbness"]]
    assert [one.code for one in worst_first(mixed)] == ["saddle_numbness", "leg_spreading", "fever", "later"]
