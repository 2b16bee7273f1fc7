"""What no client of ours would send: each gets the same refusal on both databases, as a problem, and stores nothing."""

from collections.abc import AsyncIterator

import pytest

from tests.people import SignedIn

JSON = "application/json"


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"", JSON, 422, "invalid"),
        (b"{", JSON, 400, "malformed_json"),
        (b"{'display_name': 'P'}", JSON, 400, "malformed_json"),
        (b'{"display_name": "P", "birth_year": NaN}', JSON, {400, 422}, None),
        (b'{"display_name": "P", "birth_year": Infinity}', JSON, {400, 422}, None),
        (b'{"display_name": "P", "birth_year": 1e400}', JSON, {400, 422}, None),
        (b'{"display_name": "P", "birth_year": ' + b"9" * 5000 + b"}", JSON, {400, 422}, None),
        (b'{"display_name": "\\ud800"}', JSON, {400, 422}, None),
        (b'{"display_name": "\\u0000"}', JSON, 422, "invalid"),
        (b'{"display_name": "\xff\xfe"}', JSON, 400, "malformed_json"),
        (b"[" * 100_000, JSON, 400, "malformed_json"),
        (b'{"display_name": ' + b"[" * 500 + b"]" * 500 + b"}", JSON, {400, 422}, None),
        (b"[]", JSON, 422, "invalid"),
        (b"null", JSON, 422, "invalid"),
        (b'"P"', JSON, 422, "invalid"),
        (b'{"display_name": "P", "a/b~c\\ud800": 1}', JSON, {400, 422}, None),
        (b'{"display_name": "' + b"x" * (1024 * 1024) + b'"}', JSON, 413, "body_too_large"),
        (b"display_name=P", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        (b'{"display_name": "P"}', "text/plain", 415, "unsupported_media_type"),
        (b"<patient/>", "application/xml", 415, "unsupported_media_type"),
    ],
)
async def test_it_is_refused_as_a_problem(
    anna: SignedIn, body: bytes, content_type: str, status: int | set[int], code: str | None
) -> None:
    answer = await anna.send("POST", "/v1/patients", content=body, headers={"Content-Type": content_type})
    assert answer.status_code in (status if isinstance(status, set) else {status}), answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["request_id"]) == (answer.status_code, answer.headers["X-Request-Id"])
    if code is not None:
        assert problem["code"] == code
    assert (await anna.get("/v1/patients")).json()["items"] == []


async def test_a_streamed_body_without_length_is_cut_off_at_the_limit(anna: SignedIn) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(64):
            yield b'{"x": "' + b"y" * 64 * 1024

    answer = await anna.send("POST", "/v1/patients", content=endless(), headers={"Content-Type": JSON})
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_unknown_paths_and_methods_are_problems_too(anna: SignedIn) -> None:
    absent = await anna.get("/v1/nothing-here")
    assert (absent.status_code, absent.json()["code"]) == (404, "not_found")
    wrong = await anna.send("DELETE", "/v1/patients")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
    assert "GET" in wrong.headers["Allow"]
    bad_id = await anna.get("/v1/patients/not-a-uuid")
    assert bad_id.status_code == 422
