"""The exercises as a clinic sees them: the house's, with what the clinic says about each."""

from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from app.api.deps import AcceptLanguage, CallerDep, Cursor, House, HouseDep, Limit, language_of, routes
from app.api.problems import STAFF, responses
from app.api.shapes.books import Books
from app.api.shapes.exercises import ExerciseOut, ReviewOut
from app.api.shapes.own_content import (
    HOUSE,
    ClinicExerciseOut,
    ClinicExercisePage,
    ClinicExerciseSummaryOut,
    sign_off_out,
)
from app.api.shapes.search_page import (
    Equipment,
    Kind,
    NeedsFloor,
    OnLadder,
    Position,
    Region,
    Words,
    facets_out,
    wishes_of,
)
from app.api.shapes.shelf import Renderer
from app.api.wire import Slug, decode_cursor, encode_cursor, json_response, next_link
from app.content.library import Library
from app.domain.errors import NotFound
from app.domain.exercise import Exercise
from app.domain.own.signing import EXERCISE
from app.store.transaction import Transaction

router = routes("clinic_content")

Hidden = Annotated[
    bool | None, Query(description="`true` finds what the clinic hides, `false` all else; both unless given.")
]


@router.get("/clinic/exercises", response_model=ClinicExercisePage, responses=responses(*STAFF))
async def search_clinic_exercises(
    request: Request,
    caller: CallerDep,
    house: HouseDep,
    q: Words = None,
    region: Region = None,
    position: Position = None,
    equipment: Equipment = None,
    kind: Kind = None,
    ladder: OnLadder = None,
    needs_floor: NeedsFloor = None,
    hidden: Hidden = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    accept_language: AcceptLanguage = None,
) -> Response:
    """Search the library as the clinic sees it, as `GET /v1/exercises` searches the house's."""
    after = decode_cursor(cursor, (int,))
    wishes = wishes_of(
        region=region, position=position, equipment=equipment, kind=kind, ladder=ladder, needs_floor=needs_floor
    )
    books, language = await house.db.read(caller, _books, house, accept_language)
    library = books.library
    chosen = library.facets.chosen(wishes)
    exercises = tuple(library.exercises.values())
    found = [
        number
        for number in library.index.find(q or "")
        if hidden is None or hidden == ((EXERCISE, exercises[number].id) in library.hidden)
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
    return json_response(page, headers=_headers(language) | next_link(request.url, next_cursor))


@router.get("/clinic/exercises/{exercise_id}", response_model=ClinicExerciseOut, responses=responses(*STAFF, NotFound))
async def get_clinic_exercise(
    exercise_id: Slug, caller: CallerDep, house: HouseDep, accept_language: AcceptLanguage = None
) -> Response:
    """One exercise as the clinic sees it, and as its patients are shown it."""
    books, language = await house.db.read(caller, _books, house, accept_language)
    return json_response(_out(books, exercise_id, language), headers=_headers(language))


def _books(tx: Transaction, house: House, accept: str | None) -> tuple[Books, str]:
    return house.books(tx), language_of(accept, house.library, tx.scope.language)


def _headers(language: str) -> dict[str, str]:
    return {
        "Cache-Control": "private, no-cache",
        "Content-Language": language,
        "Vary": "Accept-Language, Authorization",
    }


def _summary(renderer: Renderer, one: Exercise) -> ClinicExerciseSummaryOut:
    shown = renderer.summary(one).model_dump()
    review = ReviewOut(status=one.review.status, by=one.review.by, on=one.review.on)
    is_hidden = (EXERCISE, one.id) in renderer.library.hidden
    return ClinicExerciseSummaryOut(**shown, origin=HOUSE, is_hidden=is_hidden, review=review)


def _out(books: Books, exercise_id: str, language: str) -> ClinicExerciseOut:
    library: Library = books.library
    one = library.exercise(exercise_id)
    what = (EXERCISE, exercise_id)
    return ClinicExerciseOut(
        id=one.id,
        version=one.version,
        origin=HOUSE,
        is_hidden=what in library.hidden,
        sign_off=sign_off_out(library, what, one.version),
        exercise=ExerciseOut.model_validate_json(books.shelf.exercises[exercise_id, language]),
    )
