"""Numbers and texts at their limits, and fields from the future: refused with the field's name, or kept and marked."""

import json
from typing import Any
from uuid import uuid4

import httpx

from tests.phone import Phone
from tests.reports import performance, slots, stored

# Numbers and texts


async def test_repetitions_that_nobody_does_are_kept_and_do_not_count_upward(phone: Phone) -> None:
    answers = [await stored(phone, phone.session(reps=reps)) for reps in (1_000_000, 2_147_483_647)]
    assert [one["session"]["marks"] for one in answers] == [["implausible"], ["implausible"]]
    assert [one["progress"][0]["counted_days"] for one in answers] == [0, 0]


def broken(session: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Bodies that cannot be understood, each with the pointer of its fault."""

    def of_set(**change: Any) -> dict[str, Any]:
        return performance(session, sets=[{"side": "left", "reps": 12, **change}])

    one = session["performances"][0]
    no_counts: list[Any] = [2**31, -1, True, "3", 3.5, [], float("nan"), float("inf"), 10**400]
    no_pains: list[Any] = [11, -1, "0", True, 0.5]
    return [
        *(("/performances/0/sets/0/reps", of_set(reps=bad)) for bad in no_counts),
        ("/performances/0/sets/0/hold_seconds", of_set(hold_seconds=-1)),
        ("/performances/0/sets/0/side", of_set(side="up")),
        ("/performances/0/sets/0/load", of_set(load="x" * 81)),
        ("/performances/0/sets/0/load", of_set(load=5)),
        *(("/performances/0/pain_during", performance(session, pain_during=bad)) for bad in no_pains),
        ("/performances/0/effort", performance(session, effort=11)),
        ("/performances/0/stopped_early", performance(session, stopped_early="boredom")),
        ("/performances/0/prescription_id", performance(session, prescription_id="mine")),
        ("/performances/0/exercise_id", performance(session, exercise_id="")),
        ("/performances/0/exercise_id", performance(session, exercise_id="a\x00b")),
        ("/performances/0/sets", performance(session, sets=[{"side": "left"}] * 101)),
        ("/performances/0/sets", performance(session, sets="none")),
        ("/performances", {**session, "performances": [one] * 51}),
        ("/performances", {**session, "performances": None}),
        ("/performances", {**session, "performances": {}}),
        ("/pain_before", {**session, "pain_before": "1"}),
        ("/symptoms", {**session, "symptoms": ["x"] * 51}),
        ("/symptoms/0", {**session, "symptoms": [5]}),
        ("/note", {**session, "note": "\U0001f9b5" * 2001}),
        ("/note", {**session, "note": "a\x00b"}),
        ("/note", {**session, "note": "\ud800"}),
        ("/note", {**session, "note": 5}),
        ("/time_zone", {**session, "time_zone": "x" * 201}),
        ("/time_zone", {**session, "time_zone": None}),
        ("/started_at", {**session, "started_at": "2026-01-05T10:00:00"}),
        ("/started_at", {**session, "started_at": "2026-01-05"}),
        ("/started_at", {**session, "started_at": "1999-12-31T23:59:59Z"}),
        ("/started_at", {**session, "started_at": "2101-01-01T00:00:00Z"}),
        ("/started_at", {**session, "started_at": "9999-12-31T23:59:59-23:59"}),
        ("/started_at", {**session, "started_at": 1767603600}),
        ("/started_at", {**session, "started_at": "1767603600"}),
        ("/started_at", {**session, "started_at": "2026-02-30T10:00:00Z"}),
        ("/started_at", {name: value for name, value in session.items() if name != "started_at"}),
        ("/finished_at", {**session, "finished_at": "soon"}),
    ]


async def test_what_cannot_be_understood_names_its_field_and_stores_nothing(phone: Phone) -> None:
    for pointer, body in broken(phone.session()):
        content = json.dumps(body).encode()
        answer = await phone.send(
            "PUT", f"/v1/me/sessions/{uuid4()}", content=content, headers={"Content-Type": "application/json"}
        )
        shown = (pointer, content[:300], answer.text)
        assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json"), shown
        assert [one["pointer"] for one in answer.json()["errors"]] == [pointer], shown
    assert (await phone.send("GET", "/v1/me/sessions")).json()["items"] == []


async def test_texts_and_counts_at_their_limits_are_kept(phone: Phone) -> None:
    one = phone.session()["performances"][0]
    for change in (
        {"note": "\U0001f9b5" * 2000},
        {"note": "\u202e\u05e9\u05dc\u202c \u200d\u0301"},
        {"note": ""},
        {"performances": [one] * 50},
        {"performances": [{**one, "sets": []}]},
        {"performances": [{**one, "sets": [{"side": "left"}] * 100}]},
        {"symptoms": ["x"] * 50},
        {"started_at": "2000-01-01T00:00:00+14:00", "time_zone": "Pacific/Pago_Pago"},
        {"started_at": "2100-12-31T23:59:59-12:00", "time_zone": "Pacific/Kiritimati"},
        {"finished_at": "2000-01-01T00:00:00Z"},
    ):
        body = {**phone.session(), **change}
        answer = await stored(phone, body)
        for name in set(change) - {"performances", "symptoms", "started_at", "finished_at"}:
            assert answer["session"][name] == body[name]


async def test_a_side_that_is_missing_is_not_done_by_the_other(phone: Phone) -> None:
    lefts = [{"side": "left", "reps": 12}, {"side": "left", "reps": 12}]
    answer = await stored(phone, performance(phone.session(), sets=lefts))
    assert (answer["progress"][0]["counted_days"], await slots(phone)) == (0, ["open", "open"])
    in_parts = [{"side": side, "reps": reps} for side in ("left", "right") for reps in (3, 5)]
    answer = await stored(phone, performance(phone.session(), sets=in_parts))
    assert (answer["progress"][0]["counted_days"], await slots(phone)) == (1, ["done", "open"])


async def test_the_same_exercise_twice_in_one_session_is_done_twice(phone: Phone) -> None:
    body = phone.session()
    answer = await stored(phone, {**body, "performances": body["performances"] * 2})
    assert (answer["progress"][0]["counted_days"], await slots(phone)) == (1, ["done", "done"])


# Fields from the future


async def test_unknown_fields_are_kept_aside_and_named_at_every_level(phone: Phone) -> None:
    body = phone.session()
    body |= {"mood": {"code": 3}, "a/b~c": 1, "performances": [{**body["performances"][0], "tempo": "slow"}]}
    body["performances"][0]["sets"] = [{**one, "angle": 45.5} for one in body["performances"][0]["sets"]]
    answer = await stored(phone, body)
    assert answer["session"]["marks"] == ["unknown_fields"]
    assert answer["session"]["unknown_fields"] == [
        "/a~1b~0c",
        "/mood",
        "/performances/0/sets/0/angle",
        "/performances/0/sets/1/angle",
        "/performances/0/tempo",
    ]
    assert await slots(phone) == ["done", "open"]


HOSTILE = [
    b'"x": "\\u0000"',
    b'"x": "\\ud800"',
    b'"x": {"\\u0000": 1}',
    b'"x": {"\\udfff": [NaN]}',
    b'"x": NaN',
    b'"x": [Infinity, -Infinity, 1e999]',
    b'"x": ' + b"9" * 4000,
    b'"x": 1e-400',
    b'"x": "' + b"a" * 500_000 + b'"',
    b'"x": ' + b"[" * 90 + b"]" * 90,
    b'"x": ' + b"[" * 900 + b"]" * 900,
    b'"x": ' + b'{"a":' * 900 + b"1" + b"}" * 900,
    b'"' + b"k" * 10_000 + b'": 1',
    b'"": 1',
    b'"\\u0000": 1',
    b'"\\ud800": 1',
    b'"\\ud800\\u0000": 1, "\\udc00": 2',
    b'"x": "\xf0\x9f\xa6\xb5"',
    b'"model_extra": 1, "model_fields": 2, "__class__": 3, "__dict__": 4, "to_domain": 5',
    b'"x": 1, "x": 2',
    b", ".join(b'"k%d": %d' % (n, n) for n in range(3000)),
]


async def test_no_unknown_field_breaks_a_report(phone: Phone) -> None:
    plain = phone.session()
    for hostile in HOSTILE:
        for body in (
            json.dumps(plain).encode()[:-1] + b", " + hostile + b"}",
            json.dumps(plain).encode().replace(b'"exercise_id"', hostile + b', "exercise_id"', 1),
            json.dumps(plain).encode().replace(b'"side"', hostile + b', "side"', 1),
        ):
            session_id = uuid4()
            put = {"content": body, "headers": {"Content-Type": "application/json"}}
            answer = await phone.send("PUT", f"/v1/me/sessions/{session_id}", **put)
            # Nesting deeper than the parser goes and names that are no text may be refused; nothing breaks.
            depth = hostile.count(b"[") + hostile.count(b"{")
            expected = {422} if hostile.startswith(b'"\\ud800') else {201, 400} if depth > 100 else {201}
            assert answer.status_code in expected, (hostile[:80], answer.status_code, answer.text[:300])
            if answer.status_code == 201:
                assert "unknown_fields" in answer.json()["session"]["marks"], hostile[:80]
                again = await phone.send("PUT", f"/v1/me/sessions/{session_id}", **put)
                assert (again.status_code, again.content) == (200, answer.content), hostile[:80]


async def test_a_body_that_is_no_report_is_refused(phone: Phone) -> None:
    async def send(content: bytes, kind: str = "application/json") -> httpx.Response:
        headers = {"Content-Type": kind}
        return await phone.send("PUT", f"/v1/me/sessions/{uuid4()}", content=content, headers=headers)

    for content, status in (
        (b"", 422),
        (b"{", 400),
        (b"[]", 422),
        (b"null", 422),
        (b'"x"', 422),
        (b"\xff\xfe{}", 400),
        (b'{"note": "\xff"}', 400),
        (b"[" * 100_000, 400),
        (b"9" * 5000, 400),
    ):
        answer = await send(content)
        assert answer.status_code == status, (content[:40], answer.text)
        assert answer.headers["Content-Type"] == "application/problem+json"
    whole = json.dumps(phone.session()).encode().ljust(1024 * 1024)
    assert (await send(whole)).status_code == 201
