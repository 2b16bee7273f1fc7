"""Searching the library through HTTP: filters, facets whose counts come true, pages, languages and refusals."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest

from app.api.shapes.exercises import ExercisePage
from app.content import library
from app.content.facets import facets_of
from app.content.library import Library
from app.content.search import index_of

URL = "/v1/exercises"
BASES: dict[str, dict[str, str]] = {
    "nothing": {},
    "a word": {"q": "stretch"},
    "a region": {"region": "hip"},
    "a chair at hand": {"equipment": "chair"},
    "a chair and a band at hand": {"equipment": "chair,band", "kind": "strength"},
    "no equipment": {"equipment": "none", "position": "standing"},
    "no floor": {"needs_floor": "false", "q": "bruecke"},
    "a ladder": {"ladder": "bridges", "region": "hip"},
    "nothing fits": {"region": "neck", "kind": "strength"},
}


@pytest.fixture
def content() -> Library:
    """Seven exercises: the two knees-to-chest and five made up."""
    known = library.load()
    single = known.exercise("single-knee-to-chest")
    standing = replace(single.start_position, code="standing")
    bridge = replace(single, kind="strength", regions=("hip", "thigh"), needs_floor=True)
    made_up = [
        replace(bridge, id="bridge", name={"en": "Bridge", "de": "Brücke"}),
        replace(bridge, id="bridge-band", name={"en": "Bridge with a band", "de": "Brücke"}, equipment=("band",)),
        replace(single, id="chair-stretch", regions=("hip",), equipment=("chair",), start_position=standing),
        replace(single, id="band-and-chair", equipment=("band", "chair"), kind="strength", needs_floor=False),
        replace(single, id="neck", regions=("neck",), start_position=standing),
    ]
    pair = known.ladder("knees-to-chest")
    exercises = {one.id: one for one in [*map(known.exercise, sorted(pair.exercise_ids)), *made_up]}
    lone = [replace(pair, id=f"only-{one.id}", exercise_ids=(one.id,)) for one in made_up[2:]]
    bridges = replace(
        pair, id="bridges", name={"en": "Bridges", "de": "Brücken"}, exercise_ids=("bridge", "bridge-band")
    )
    ladders = {one.id: one for one in (pair, bridges, *lone)}
    return replace(
        known,
        exercises=exercises,
        versions={(one.id, one.version): one for one in exercises.values()},
        ladders=ladders,
        index=index_of(exercises.values(), known.vocabulary),
        facets=facets_of(exercises.values(), ladders.values(), known.vocabulary),
    )


async def search(client: httpx.AsyncClient, language: str = "en", **query: Any) -> dict[str, Any]:
    answer = await client.get(URL, params=query, headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    assert ExercisePage.model_validate(found).model_dump(mode="json") == found
    return found


async def ids(client: httpx.AsyncClient, **query: Any) -> set[str]:
    return {one["id"] for one in (await search(client, **query, limit=200))["items"]}


def facets(found: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    return {one["name"]: {value["code"]: value["count"] for value in one["values"]} for one in found["facets"]}


FOUND: dict[str, tuple[dict[str, str], set[str]]] = {
    "a region": ({"region": "hip"}, {"bridge", "bridge-band", "chair-stretch"}),
    "a position": ({"position": "standing"}, {"chair-stretch", "neck"}),
    "a kind": ({"kind": "strength"}, {"bridge", "bridge-band", "band-and-chair"}),
    "a ladder": ({"ladder": "bridges"}, {"bridge", "bridge-band"}),
    "the floor": ({"needs_floor": "true"}, {"bridge", "bridge-band"}),
    "nothing at hand": ({"equipment": "none", "region": "hip"}, {"bridge"}),
    "a chair at hand": ({"equipment": "chair", "region": "hip"}, {"bridge", "chair-stretch"}),
    "a chair and a band at hand": (
        {"equipment": "band,chair", "kind": "strength"},
        {"bridge", "bridge-band", "band-and-chair"},
    ),
    "several filters": ({"kind": "strength", "needs_floor": "false"}, {"band-and-chair"}),
    "words and a filter": ({"q": "bridge", "equipment": "none"}, {"bridge"}),
    "words of another language": ({"q": "brücke"}, {"bridge", "bridge-band"}),
    "nothing": ({"region": "neck", "kind": "strength"}, set()),
}


@pytest.mark.parametrize(("query", "expected"), FOUND.values(), ids=FOUND)
async def test_filters(client: httpx.AsyncClient, query: dict[str, str], expected: set[str]) -> None:
    assert await ids(client, **query) == expected


@pytest.mark.parametrize("base", BASES.values(), ids=BASES)
async def test_each_count_comes_true_when_its_choice_is_made(
    client: httpx.AsyncClient, content: Library, base: dict[str, str]
) -> None:
    needs = {one.id: one.equipment for one in content.exercises.values()}
    counted = facets(await search(client, **base))
    assert list(counted) == ["region", "position", "equipment", "kind", "ladder", "needs_floor"]
    for name, choices in counted.items():
        for code in content.facets.through[name]:
            left = await ids(client, **base | {name: code})
            without_need = name == "equipment" and not any(code in needs[one] for one in left)
            assert code in choices or without_need or not left, (name, code)
            assert choices.get(code, len(left)) == len(left), (name, code)
            assert choices.get(code) != 0 or base.get(name) == code


async def test_what_would_leave_nothing_is_left_out(client: httpx.AsyncClient) -> None:
    counted = facets(await search(client, region="hip"))
    assert counted["region"] == {"neck": 1, "low_back": 3, "hip": 3, "thigh": 2}
    assert counted["kind"] == {"stretch": 1, "strength": 2}
    assert counted["equipment"] == {"none": 1, "band": 2, "chair": 2}
    assert counted["ladder"] == {"bridges": 2, "only-chair-stretch": 1}
    assert facets(await search(client, region="neck", kind="strength"))["kind"] == {"stretch": 1, "strength": 0}


@pytest.mark.parametrize(
    "path", ["exercises", "exercises/bridge", "ladders", "ladders/knees-to-chest", "symptoms", "conditions"]
)
async def test_a_language_asked_for_by_name_goes_before_the_header(client: httpx.AsyncClient, path: str) -> None:
    by_header = await client.get(f"/v1/{path}", headers={"Accept-Language": "de"})
    by_name = await client.get(f"/v1/{path}", params={"language": "de"}, headers={"Accept-Language": "en"})
    assert by_name.status_code == by_header.status_code
    assert by_name.content == by_header.content
    if by_name.status_code == 200:
        assert (by_name.headers["Content-Language"], by_name.headers["ETag"]) == ("de", by_header.headers["ETag"])
    unknown = await client.get(f"/v1/{path}", params={"language": "tlh"})
    assert unknown.status_code == 422
    assert unknown.json()["errors"][0] == {
        "pointer": "query/language",
        "code": "not_allowed",
        "detail": "One of: en, de.",
    }


async def test_labels_are_in_the_readers_language(client: httpx.AsyncClient) -> None:
    found = await search(client, "de", q="bridge")
    assert [one["name"] for one in found["items"]] == ["Brücke", "Brücke"]
    labels = {(one["name"], value["code"]): value["label"] for one in found["facets"] for value in one["values"]}
    assert labels["region", "hip"] == "Hüfte"
    assert labels["equipment", "none"] == "Ohne Hilfsmittel"
    assert labels["equipment", "band"] == "Übungsband"
    assert labels["ladder", "bridges"] == "Brücken"
    assert labels["kind", "strength"] == "Kraft"
    assert labels["needs_floor", "true"] == "Auf dem Boden"


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
async def test_pages_are_the_whole_in_pieces(client: httpx.AsyncClient, limit: int) -> None:
    query = {"q": "knie", "region": "low_back"}
    whole = await search(client, **query)
    assert {one["id"] for one in whole["items"]} == {"double-knee-to-chest", "single-knee-to-chest", "band-and-chair"}
    pages, url = [], httpx.URL(URL, params={**query, "limit": limit})
    while True:
        answer = await client.get(url)
        pages.append(answer.json())
        if "next" not in answer.links:
            break
        url = httpx.URL(answer.links["next"]["url"])
    assert [one for page in pages for one in page["items"]] == whole["items"]
    assert all(page["facets"] == whole["facets"] for page in pages)
    assert pages[-1]["next_cursor"] is None


REFUSED: dict[str, tuple[dict[str, str], set[str]]] = {
    "a region": ({"region": "tail"}, {"query/region"}),
    "a position": ({"position": "flying"}, {"query/position"}),
    "a kind": ({"kind": "magic"}, {"query/kind"}),
    "a ladder": ({"ladder": "nowhere"}, {"query/ladder"}),
    "a thing": ({"equipment": "chair,horse"}, {"query/equipment"}),
    "two of them": ({"region": "tail", "kind": "magic"}, {"query/region", "query/kind"}),
    "no list": ({"equipment": "chair,"}, {"query/equipment"}),
    "no boolean": ({"needs_floor": "perhaps"}, {"query/needs_floor"}),
    "no cursor": ({"cursor": "x"}, {"query/cursor"}),
    "a number with a code's name": ({"region": "1"}, {"query/region"}),
}


@pytest.mark.parametrize(("query", "fields"), REFUSED.values(), ids=REFUSED)
async def test_unknown_codes_are_refused(client: httpx.AsyncClient, query: dict[str, str], fields: set[str]) -> None:
    answer = await client.get(URL, params=query)
    assert answer.status_code == 422
    assert {one["pointer"] for one in answer.json()["errors"]} == fields


async def test_a_refusal_says_what_is_known(client: httpx.AsyncClient) -> None:
    [error] = (await client.get(URL, params={"kind": "magic"})).json()["errors"]
    assert error["code"] == "not_allowed"
    assert "strength" in error["detail"]


async def test_what_has_not_changed_is_not_sent_again(client: httpx.AsyncClient) -> None:
    first = await client.get(URL, params={"q": "knee"})
    again = await client.get(URL, params={"q": "knee"}, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = await client.get(URL, params={"kind": "magic"}, headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 422
