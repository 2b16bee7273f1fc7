"""The exercise library: definitions, ladders, symptoms and conditions. Public, the same for everybody, cacheable."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Query, Request
from pydantic import Field
from starlette.responses import Response

from app.api.deps import Cursor, House, HouseDep, IfNoneMatch, Limit, ReadIn, routes
from app.api.problems import responses
from app.api.shapes.exercises import ExerciseOut, ExercisePage, LadderOut, LadderPage, Sources
from app.api.shapes.search_page import (
    Page,
    Wishes,
    Words,
)
from app.api.shapes.shelf import Renderer
from app.api.wire import Codes, Out, Slug, bytes_response, decode_cursor, encode_cursor, etag, matches, next_link
from app.domain.errors import NotFound

router = routes("exercises")

PUBLIC_CACHE = "public, max-age=300, stale-while-revalidate=86400"
SYMPTOM_ORDER = {"emergency": 0, "stop": 1, "contact": 2}


class SymptomOut(Out):
    """What to ask, and what the answer does."""

    code: str
    symptom_class: Annotated[str, Codes("symptom_class"), Field(serialization_alias="class")]
    regions: list[Annotated[str, Codes("region")]]
    text: str
    advice: str
    sources: Sources


class SymptomPage(Out):
    """All symptoms, the most urgent first."""

    items: list[SymptomOut]
    next_cursor: str | None


class ConditionOut(Out):
    """A condition that a patient may carry."""

    code: str
    name: str
    sources: Sources


class ConditionPage(Out):
    """All conditions."""

    items: list[ConditionOut]
    next_cursor: str | None


@router.get("/exercises/{exercise_id}", response_model=ExerciseOut, responses=responses(NotFound))
async def get_exercise(
    exercise_id: Slug,
    house: HouseDep,
    language: ReadIn,
    version: Annotated[
        int | None, Query(ge=1, le=10_000, description="As it read then; the newest unless given.")
    ] = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """One exercise, whole: steps, cues, safety, modifications, cautions, dosage, sources.

    A prescription names the version that it was made from; patients are always shown the newest.
    """
    if version is None:
        return _public(house.shelf.exercises.get((exercise_id, language)), house, language, if_none_match)
    return _public(house.shelf.versions.get((exercise_id, version, language)), house, language, if_none_match)


@router.get("/exercises", response_model=ExercisePage, responses=responses())
async def search_exercises(
    request: Request,
    house: HouseDep,
    language: ReadIn,
    wishes: Wishes,
    q: Words = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Search the library, whatever the reader's language; `facets` say what each filter would leave.

    First what is called just so, then what has the words in its name, in another name, in its purpose; typing errors
    that were forgiven come last.
    """
    after = decode_cursor(cursor, (int,))
    start = max(after[0], 0) if after else 0
    body, next_cursor = _found(house, language, q or "", wishes, start, start + limit)
    tag = _tag(house, language)
    headers = _public_headers(tag, language)
    if matches(if_none_match, tag):
        return Response(status_code=304, headers=headers)
    return bytes_response(body, headers=headers | next_link(request.url, next_cursor))


def _found(house: House, language: str, query: str, wishes: Mapping[str, str], start: int, end: int) -> Page:
    """A page with the cursor of the next. The library never changes while it is served, so pages are kept."""
    pieces, asked = house.search_pieces[language], (query, tuple(wishes.items()), start, end)
    page = pieces.kept.get(asked)
    if page is None:
        facets = house.library.facets
        chosen = facets.chosen(wishes)
        found = house.library.index.find(query)
        let = facets.through_all(chosen)
        numbers = [number for number in found if let >> number & 1]
        next_cursor = encode_cursor(end) if len(numbers) > end else None
        page = pieces.page(numbers[start:end], facets.counted(found, chosen, wishes), next_cursor), next_cursor
        pieces.keep(asked, page)
    return page


@router.get("/ladders", response_model=LadderPage, responses=responses())
async def list_ladders(house: HouseDep, language: ReadIn, if_none_match: IfNoneMatch = None) -> Response:
    """All ladders, with the rule between their rungs."""
    renderer = Renderer(house.library, language)
    page = LadderPage(items=[renderer.ladder(one) for one in house.library.ladders.values()], next_cursor=None)
    return _public(page.model_dump_json().encode(), house, language, if_none_match)


@router.get("/ladders/{ladder_id}", response_model=LadderOut, responses=responses(NotFound))
async def get_ladder(ladder_id: Slug, house: HouseDep, language: ReadIn, if_none_match: IfNoneMatch = None) -> Response:
    """One ladder: exercises from easier to harder, and the rule between them."""
    return _public(house.shelf.ladders.get((ladder_id, language)), house, language, if_none_match)


@router.get("/symptoms", response_model=SymptomPage, responses=responses())
async def list_symptoms(house: HouseDep, language: ReadIn, if_none_match: IfNoneMatch = None) -> Response:
    """What a patient may report with a session, and what each answer does; the most urgent first."""
    renderer = Renderer(house.library, language)
    # Nobody's clinic is known here, so the advice names no number of one.
    anyone = {
        code: house.library.texts.render("anyone", code, {}, language) for code in house.library.texts.codes("anyone")
    }
    items = [
        SymptomOut(
            code=one.code,
            symptom_class=one.symptom_class,
            regions=list(one.regions),
            text=renderer.text(one.text),
            advice=house.library.texts.fill(renderer.text(one.advice), anyone, language),
            sources=list(one.sources),
        )
        for one in sorted(house.library.symptoms.values(), key=lambda s: SYMPTOM_ORDER[s.symptom_class])
    ]
    body = SymptomPage(items=items, next_cursor=None).model_dump_json(by_alias=True).encode()
    return _public(body, house, language, if_none_match)


@router.get("/conditions", response_model=ConditionPage, responses=responses())
async def list_conditions(house: HouseDep, language: ReadIn, if_none_match: IfNoneMatch = None) -> Response:
    """Conditions that a patient may carry and that exercises warn of."""
    renderer = Renderer(house.library, language)
    items = [
        ConditionOut(code=one.code, name=renderer.text(one.name), sources=list(one.sources))
        for one in house.library.conditions.values()
    ]
    return _public(
        ConditionPage(items=items, next_cursor=None).model_dump_json().encode(), house, language, if_none_match
    )


def _public(body: bytes | None, house: House, language: str, if_none_match: str | None) -> Response:
    """Public bytes that anybody may cache until the content or the build changes."""
    if body is None:
        raise NotFound("The library has nothing with this id.")
    tag = _tag(house, language)
    headers = _public_headers(tag, language)
    if matches(if_none_match, tag):
        return Response(status_code=304, headers=headers)
    return bytes_response(body, headers=headers)


def _tag(house: House, language: str) -> str:
    return etag(house.library.content_version, house.build, language)


def _public_headers(tag: str, language: str) -> dict[str, str]:
    return {"ETag": tag, "Cache-Control": PUBLIC_CACHE, "Content-Language": language, "Vary": "Accept-Language"}
