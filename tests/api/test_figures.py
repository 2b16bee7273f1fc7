"""The drawn exercise over HTTP: moving, by step, for paper; as dots; whose side; cached for ever under its version."""

import asyncio
import struct
from dataclasses import replace
from xml.etree import ElementTree as ET

import httpx
import pytest
from fastapi import FastAPI

from app.api.deps import House
from app.api.shapes.drawings import MOST_WAITING, WIDTHS, Wanted
from app.content import figures, library
from app.domain.exercise import Side
from app.drawing import scene, svg

SINGLE = "/v1/exercises/single-knee-to-chest"
FIGURE = f"{SINGLE}/figure.svg"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def house(app: FastAPI) -> House:
    """What every request shares, the pictures among it."""
    found: House = app.state.house
    return found


def size_of(png: bytes) -> tuple[int, int]:
    """Width and height in dots."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


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
        ({"format": "jpg"}, "query/format", ""),
        ({"format": "png"}, "query/format", "A PNG cannot move"),
        ({"format": "png", "side": "left"}, "query/format", "A PNG cannot move"),
        ({"width": "720"}, "query/width", "An SVG has any width"),
        ({"width": "720", "step": "1"}, "query/width", "An SVG has any width"),
        ({"width": "100000", "step": "1", "format": "png"}, "query/width", "One of: 360, 720, 1080"),
        ({"width": "wide", "step": "1", "format": "png"}, "query/width", ""),
        ({"step": "3", "view": "strip"}, "query/step", "A strip shows all steps"),
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


async def test_every_address_of_dots_answers(client: httpx.AsyncClient) -> None:
    figure = (await client.get(SINGLE)).json()["figure"]
    for url in (figure["still_png_url"], figure["stills"][0]["png_url"], figure["stills"][7]["png_url"]):
        answer = await client.get(url)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/png")
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert size_of(answer.content) == (720, 540)
    strip = await client.get(figure["strip_png_url"])
    assert size_of(strip.content) == (720 * 7, 540)


@pytest.mark.parametrize("width", WIDTHS)
async def test_a_still_as_dots_has_the_width_that_was_asked_for(client: httpx.AsyncClient, width: int) -> None:
    answer = await client.get(FIGURE, params={"step": "4", "format": "png", "width": width})
    assert size_of(answer.content) == (width, width * 3 // 4)


async def test_dots_differ_as_they_are_asked_for(client: httpx.AsyncClient) -> None:
    asked = [
        {"step": "1"}, {"step": "4"}, {"step": "4", "side": "left"}, {"step": "4", "side": "right"},
        {"step": "4", "contrast": "high"}, {"view": "strip"},
    ]  # fmt: skip
    answers = [await client.get(FIGURE, params={"format": "png", "width": "360"} | one) for one in asked]
    # One of the sides is the one that is drawn unasked.
    assert len({answer.content for answer in answers}) == len(asked) - 1
    assert len({answer.headers["ETag"] for answer in answers}) == len(asked)
    again = await client.get(
        FIGURE,
        params={"format": "png", "width": "360", "step": "1"},
        headers={"If-None-Match": answers[0].headers["ETag"]},
    )
    assert (again.status_code, again.content) == (304, b"")


async def test_a_picture_is_drawn_once_for_all_languages(client: httpx.AsyncClient, house: House) -> None:
    english = await client.get(FIGURE, params={"step": "4"})
    drawn = house.drawings.kept.get(Wanted("single-knee-to-chest", 4))
    german = await client.get(FIGURE, params={"step": "4", "language": "de"})
    assert drawn is not None
    assert house.drawings.kept.get(Wanted("single-knee-to-chest", 4)) is drawn
    assert english.content != german.content
    exercise = library.load().exercises["single-knee-to-chest"]
    words = svg.Words(exercise.name["de"], exercise.steps[3].text["de"])
    found = scene.scene(figures.load()["single-knee-to-chest"])
    assert german.text == svg.still(found, 4, words)


async def test_pictures_that_nobody_asks_for_are_forgotten(client: httpx.AsyncClient, house: House) -> None:
    house.drawings.kept.most_bytes = 30_000
    first = await client.get(FIGURE, params={"step": "1"})
    for step in range(2, 7):
        await client.get(FIGURE, params={"step": step})
        assert house.drawings.kept.held_bytes <= 30_000
    assert house.drawings.kept.get(Wanted("single-knee-to-chest", 1)) is None
    assert (await client.get(FIGURE, params={"step": "1"})).content == first.content


async def test_one_drawing_at_a_time_and_others_are_answered_meanwhile(client: httpx.AsyncClient, house: House) -> None:
    """Some hundred milliseconds of arithmetic hold nobody up; a line without end forms nowhere."""
    names = sorted(house.drawings.drawn)[: MOST_WAITING + 3]
    asked = [asyncio.create_task(client.get(f"/v1/exercises/{name}/figure.svg?step=1")) for name in names]
    while house.drawings.desk.waiting < MOST_WAITING:  # noqa: ASYNC110 - the desk tells nobody
        await asyncio.sleep(0)
    assert (await client.get("/v1/server")).status_code == 200
    assert house.drawings.desk.waiting > 0
    answers = await asyncio.gather(*asked)
    sent_away = [answer for answer in answers if answer.status_code != 200]
    assert len(sent_away) == len(names) - MOST_WAITING
    for answer in sent_away:
        assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (503, "busy", "5")


async def test_an_old_version_of_other_steps_has_no_figure(house: House) -> None:
    exercise = library.load().exercises["single-knee-to-chest"]
    drawings = house.drawings
    assert drawings.figure(replace(exercise, version=0), "en") == drawings.figure(exercise, "en")
    fewer = replace(exercise, version=0, steps=exercise.steps[:-1])
    other = replace(exercise, version=0, steps=(replace(exercise.steps[0], text={"en": "Sit."}), *exercise.steps[1:]))
    assert drawings.figure(fewer, "en") is None
    assert drawings.figure(other, "en") is None


async def test_the_shortest_way_to_ask_finds_what_a_longer_one_made(client: httpx.AsyncClient, house: House) -> None:
    await client.get(FIGURE, params={"motion": "none", "side": "right"})
    drawn_side = house.drawings.side("single-knee-to-chest")
    assert drawn_side is Side.RIGHT
    key = svg.key_step(figures.load()["single-knee-to-chest"]).number
    assert house.drawings.kept.get(Wanted("single-knee-to-chest", key)) is not None
