"""Domain values are kept as JSON and come back as they were, in the spelling that rows have had from the first."""

import json
from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import UTC, datetime, timedelta, timezone
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from app.domain.check_in import CheckIn
from app.domain.concerns import Concern
from app.domain.decision import Answer, Decision, Order, Reason, Stop
from app.domain.due_calendar import DueCalendar
from app.domain.evidence import Proof
from app.domain.exercise import Side
from app.domain.prescription import Version
from app.domain.progress import Outcome
from app.domain.request import Request
from app.domain.session import Performance, PerformanceEvidence, Session, Set, StoppedEarly
from app.domain.standing import Standing
from app.store import shapes
from app.store.check_ins import fingerprint as meaning_of_check_in
from app.store.requests import fingerprint as meaning_of_request
from app.store.sessions import fingerprint as meaning_of_session

KINDS: list[tuple[Any, shapes.Shape[Any]]] = [
    (Version, shapes.VERSION),
    (Standing, shapes.STANDING),
    (DueCalendar, shapes.DUE_CALENDAR),
    (tuple[Concern, ...], shapes.CONCERNS),
    (tuple[PerformanceEvidence, ...], shapes.PERFORMANCES),
    (Session, shapes.SESSION),
    (CheckIn, shapes.CHECK_IN),
    (Request, shapes.REQUEST),
    (tuple[Proof, ...], shapes.PROOFS),
    (Stop, shapes.STOP),
    (Order, shapes.ORDER),
    (Answer, shapes.ANSWER),
    (Reason, shapes.REASON),
    (Decision, shapes.DECISION),
    (Outcome, shapes.OUTCOME),
]
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-9))])
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=ZONES)  # noqa: DTZ001 - the bounds are naive
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
INTEGERS = st.integers(-(2**31), 2**31 - 1)


PLAIN: dict[Any, st.SearchStrategy[Any]] = {datetime: INSTANTS, str: TEXTS, int: INTEGERS}


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Any values of a type, with any values in their fields."""
    inner = get_args(kind)
    if kind in PLAIN:
        return PLAIN[kind]
    if get_origin(kind) is UnionType:
        return st.one_of(*(values(one) for one in inner))
    if get_origin(kind) is tuple:
        some = st.lists(values(inner[0]), max_size=3).map(tuple)
        return some if inner[-1] is ... else st.tuples(*(values(one) for one in inner))
    if get_origin(kind) is Mapping:
        return st.dictionaries(values(inner[0]), values(inner[1]), max_size=3)
    if isinstance(kind, type) and (is_dataclass(kind) or issubclass(kind, tuple)):
        return st.builds(kind, **{name: values(one) for name, one in get_type_hints(kind).items()})
    return st.from_type(kind)


@pytest.mark.parametrize(("kind", "shape"), [pytest.param(*one, id=str(one[0]).split(".")[-1]) for one in KINDS])
def test_what_is_kept_is_read_again(kind: Any, shape: shapes.Shape[Any]) -> None:
    as_pydantic_has_it: TypeAdapter[Any] = TypeAdapter(kind)

    @given(values(kind))
    def holds(value: Any) -> None:
        kept = shapes.text(value)
        assert kept == as_pydantic_has_it.dump_json(value).decode()
        assert shape.read(kept) == value
        assert shape.of(json.loads(kept)) == value
        assert shape.of(shapes.plain(value)) == value

    holds()


SESSION = Session(
    id=UUID(int=1),
    started_at=datetime(2026, 1, 5, 8, 30, tzinfo=timezone(timedelta(hours=1))),
    finished_at=None,
    time_zone="Europe/Berlin",
    time_precision="exact",
    pain_before=0,
    pain_after=None,
    symptoms=(),
    note="A little stiff, schön, in the morning.",
    performances=(
        Performance(
            prescription_id=UUID(int=2),
            prescription_version=None,
            exercise_id="single-knee-to-chest",
            pain_during=2,
            effort=None,
            stopped_early=StoppedEarly.PAIN,
            sets=(Set(Side.LEFT, 10, 5, None, None), Set(Side.RIGHT, 10, None, None, "2 kg")),
        ),
    ),
)
CHECK_IN = CheckIn(SESSION.started_at.date(), None, ("fever",), None, SESSION.started_at, "Europe/Berlin")
REQUEST = Request(
    UUID(int=3), "step_down", SESSION.started_at, "Europe/Berlin", UUID(int=2), None, None, None, None, None
)


def test_what_a_report_means_is_what_it_has_always_meant() -> None:
    """These stand in rows: with another hash, a phone that sends an old report again would hear of a conflict."""
    assert meaning_of_session(SESSION).hex() == "afe62a801ceda3d94a1af270c8794cf405c488bb31204dcc8267c40cf5c46252"
    assert meaning_of_check_in(CHECK_IN).hex() == "8be0b0a357832c21cc1811d33dba7a01b20b49712036b3c39d422c94b9a64f17"
    assert meaning_of_request(REQUEST).hex() == "7cd873b027c3308a5500a190763ef1238a987360d250d1fa0b035889c7258276"
