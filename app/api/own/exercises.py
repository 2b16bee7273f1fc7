"""The exercises as a clinic sees them: the house's, with what the clinic says about each, and its own."""

from typing import Annotated, Literal

from fastapi import Query, Request
from starlette.responses import Response

from app.actions.own.keep_definition import retire_definition
from app.api.deps import AcceptLanguage, CallerDep, Cursor, HouseDep, IfMatch, Limit, routes
from app.api.own.keeping import IfNew, Shown, definition_as, private_headers, put_one, read_books, read_one
from app.api.problems import STAFF, responses
from app.api.shapes.exercises import ExerciseOut, ReviewOut
from app.api.shapes.own_bodies import OwnExerciseIn
from app.api.shapes.own_content import (
    HOUSE,
    OWN,
    ClinicExerciseOut,
    ClinicExercisePage,
    ClinicExerciseSummaryOut,
    sign_off_out,
)
from app.api.shapes.search_page import (
    Wishes,
    Words,
    facets_out,
)
from app.api.shapes.shelf import Renderer
from app.api.wire import Codes, Slug, decode_cursor, encode_cursor, json_response, next_link
from app.content.library import Library
from app.domain.errors import Conflict, NotFound, PreconditionFailed, PreconditionRequired
from app.domain.exercise import Exercise
from app.domain.own.signing import EXERCISE, OWN_PREFIX

router = routes("clinic_content")

Hidden = Annotated[
    bool | None, Query(description="`true` finds what the clinic hides, `false` all else; both unless given.")
]

FromWhom = Annotated[
    Literal["house", "own"] | None,
    Codes("content_origin"),
    Query(description="Whose content it is; both unless given."),
]
PATH = "/clinic/exercises/{exercise_id}"


@router.get("/clinic/exercises", response_model=ClinicExercisePage, responses=responses(*STAFF))
async def search_clinic_exercises(
    request: Request,
    caller: CallerDep,
    house: HouseDep,
    wishes: Wishes,
    q: Words = None,
    origin: FromWhom = None,
    hidden: Hidden = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    accept_language: AcceptLanguage = None,
) -> Response:
    """Search the house's exercises and the clinic's own, as `GET /v1/exercises` searches the house's alone.

    What the clinic has retired is not found; by its id it is still shown.
    """
    after = decode_cursor(cursor, (int,))
    books, language = await house.db.read(caller, read_books, house, accept_language)
    library = books.library
    chosen = library.facets.chosen(wishes)
    exercises = tuple(library.exercises.values())
    found = [
        number for number in library.index.find(q or "") if _is_wanted(library, exercises[number].id, origin, hidden)
    ]
    let = library.facets.through_all(chosen)
    numbers = [number for number in found if let >> number & 1]
    start = max(after[0], 0) if after else 0
    end = start + limit
    next_cursor = encode_cursor(end) if len(numbers) > end else None
    renderer = Renderer(library, language)
    page = ClinicExercisePage(
        items=[_summary(renderer, exercises[number]) for number in numbers[start:end]],
        next_cursor=next_cursor,
        facets=facets_out(renderer, library.facets.counted(found, chosen, wishes)),
    )
    return json_response(page, headers=private_headers(language) | next_link(request.url, next_cursor))


@router.get(PATH, response_model=ClinicExerciseOut, responses=responses(*STAFF, NotFound))
async def get_clinic_exercise(
    exercise_id: Slug, caller: CallerDep, house: HouseDep, accept_language: AcceptLanguage = None
) -> Response:
    """One exercise as the clinic sees it, and as its patients are shown it."""
    shown = await house.db.read(caller, read_one, house, (EXERCISE, exercise_id), accept_language)
    return json_response(_out(shown), headers=shown.headers)


@router.put(
    PATH,
    response_model=ClinicExerciseOut,
    status_code=201,
    responses={
        200: {"model": ClinicExerciseOut, "description": "It was changed, or the same was kept before"},
        **responses(*STAFF, Conflict, PreconditionFailed, PreconditionRequired),
    },
)
async def put_clinic_exercise(
    exercise_id: Slug,
    body: OwnExerciseIn,
    caller: CallerDep,
    house: HouseDep,
    if_match: IfMatch = None,
    if_none_match: IfNew = None,
    accept_language: AcceptLanguage = None,
) -> Response:
    """Keep an exercise of the clinic's own, under an id that begins with `own-`. It is seen by this clinic alone.

    The fields are those of the house's files, and what the house would refuse of itself is refused here. Each change
    needs If-Match and makes another version, which nobody has signed; what was prescribed keeps the version that it
    pinned. The same body again changes nothing. Put it on a ladder to prescribe it.
    """
    what, seen = (EXERCISE, exercise_id), (if_match, if_none_match)
    shown = await house.db.write(caller, put_one, house, what, body.to_body(), seen, accept_language, caller.now)
    return json_response(_out(shown), status=201 if shown.is_new else 200, headers=shown.headers)


@router.delete(PATH, status_code=204, response_class=Response, responses=responses(*STAFF, NotFound))
async def retire_clinic_exercise(exercise_id: Slug, caller: CallerDep, house: HouseDep) -> Response:
    """Give up an exercise of the clinic's own: nobody is prescribed it any more, and what runs goes on."""
    await house.db.write(caller, retire_definition, (EXERCISE, exercise_id), caller.now)
    return Response(status_code=204)


def _is_wanted(library: Library, exercise_id: str, origin: str | None, hidden: bool | None) -> bool:  # noqa: FBT001 - as the query has it
    what = (EXERCISE, exercise_id)
    if what in library.retired:
        return False
    is_origin = origin in {None, _origin(exercise_id)}
    return is_origin and (hidden is None or hidden == (what in library.hidden))


def _origin(exercise_id: str) -> str:
    return OWN if exercise_id.startswith(OWN_PREFIX) else HOUSE


def _summary(renderer: Renderer, one: Exercise) -> ClinicExerciseSummaryOut:
    shown = renderer.summary(one).model_dump()
    review = ReviewOut(status=one.review.status, by=one.review.by, on=one.review.on)
    is_hidden = (EXERCISE, one.id) in renderer.library.hidden
    return ClinicExerciseSummaryOut(**shown, origin=_origin(one.id), is_hidden=is_hidden, review=review)


def _out(shown: Shown) -> ClinicExerciseOut:
    library, what = shown.books.library, shown.what
    version, content_id = shown.version, what[1]
    ready = shown.books.shelf.exercises.get((content_id, shown.language))
    return ClinicExerciseOut(
        id=content_id,
        version=version,
        origin=_origin(content_id),
        is_hidden=what in library.hidden,
        sign_off=sign_off_out(library, what, version),
        is_retired=what in library.retired,
        exercise=None if ready is None else ExerciseOut.model_validate_json(ready),
        definition=definition_as(OwnExerciseIn, shown.kept),
        problem=library.unreadable.get(what),
    )
