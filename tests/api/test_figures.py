"""The drawn exercise over HTTP: moving, by step, for paper; whose side; cached for ever under its version."""

from xml.etree import ElementTree as ET

import httpx
import pytest

from app.content import figures, library

SINGLE = "/v1/exercises/single-knee-to-chest"
FIGURE = f"{SINGLE}/figure.svg"
SVG = "{http://www.w3.org/2000/svg}"


async def drawn(client: httpx.AsyncClient, path: str = FIGURE, **query: str) -> ET.Element:
    answer = await client.get(path, params=query or None)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "image/svg+xml"
    return ET.fromstring(answer.content)


async def test_every_address_of_an_exercise_answers_and_says_what_it_shows(client: httpx.AsyncClient) -> None:
    exercise = (await client.get(SINGLE)).json()
    figure = exercise["figure"]
    assert [one["step"] for one in figure["stills"]] == [one["number"] for one in exercise["steps"]]
    assert [one["alt"] for one in figure["stills"]] == [one["text"] for one in exercise["steps"]]
    for url in (figure["motion_url"], figure["strip_url"], *(one["url"] for one in figure["stills"])):
        answer = await client.get(url)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable")
        assert ET.fromstring(answer.content).findtext(f"{SVG}title") == exercise["name"]


async def test_an_exercise_without_a_figure_says_so(client: httpx.AsyncClient) -> None:
    missing = [name for name in library.load().exercises if name not in figures.load()]
    for name in missing[:1]:
        assert (await client.get(f"/v1/exercises/{name}")).json()["figure"] is None
    for name in [*missing[:1], "no-such-exercise"]:
        answer = await client.get(f"/v1/exercises/{name}/figure.svg")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_title_and_description_are_in_the_language_of_the_address(client: httpx.AsyncClient) -> None:
    german = (await client.get(SINGLE, headers={"Accept-Language": "de"})).json()
    picture = await drawn(client, german["figure"]["stills"][3]["url"])
    assert picture.findtext(f"{SVG}title") == german["name"]
    assert picture.findtext(f"{SVG}desc") == german["steps"][3]["text"]


async def test_pictures_differ_as_they_are_asked_for(client: httpx.AsyncClient) -> None:
    asked: list[dict[str, str]] = [
        {}, {"motion": "none"}, {"step": "1"}, {"step": "4"}, {"view": "strip"}, {"contrast": "high"},
        {"step": "4", "side": "right"}, {"step": "4", "side": "left"}, {"side": "right"}, {"side": "left"},
    ]  # fmt: skip
    found = [(await client.get(FIGURE, params=query)).content for query in asked]
    # One of the sides is the one that is drawn unasked, moving and at each step.
    assert len(set(found)) == len(asked) - 2
    moving, resting = (found[n].decode() for n in (0, 1))
    assert ("<animate" in moving, "<animate" in resting) == (True, False)
    assert "prefers-reduced-motion" in moving


@pytest.mark.parametrize(
    ("query", "pointer", "says"),
    [
        ({"step": "99"}, "query/step", "the steps 1 to 8"),
        ({"step": "0"}, "query/step", ""),
        ({"step": "first"}, "query/step", ""),
        ({"side": "both"}, "query/side", ""),
        ({"motion": "fast"}, "query/motion", ""),
        ({"view": "comic"}, "query/view", ""),
        ({"contrast": "low"}, "query/contrast", ""),
        ({"language": "fr"}, "query/language", "One of: en, de"),
        ({"language": "<script>"}, "query/language", ""),
    ],
)
async def test_what_nobody_can_draw(client: httpx.AsyncClient, query: dict[str, str], pointer: str, says: str) -> None:
    answer = await client.get(FIGURE, params=query)
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error["pointer"] == pointer
    assert says in error["detail"]


async def test_a_figure_whose_both_sides_work_has_no_side(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/exercises/double-knee-to-chest/figure.svg", params={"side": "left"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "query/side")


async def test_a_tag_spares_the_bytes_and_an_old_version_is_kept_for_minutes_only(client: httpx.AsyncClient) -> None:
    first = await client.get(FIGURE)
    again = await client.get(FIGURE, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = await client.get(FIGURE, params={"step": "2"}, headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200
    old = await client.get(FIGURE, params={"v": "0000000000"})
    assert (old.status_code, "immutable" in old.headers["Cache-Control"]) == (200, False)
