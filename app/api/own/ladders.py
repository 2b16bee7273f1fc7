"""The ladders as a clinic sees them: the house's, with what the clinic says about each."""

from starlette.responses import Response

from app.api.deps import AcceptLanguage, CallerDep, House, HouseDep, language_of, routes
from app.api.problems import STAFF, responses
from app.api.shapes.books import Books
from app.api.shapes.exercises import LadderOut
from app.api.shapes.own_content import HOUSE, ClinicLadderOut, ClinicLadderPage, sign_off_out
from app.api.wire import Slug, json_response
from app.domain.errors import NotFound
from app.domain.own.signing import EXERCISE, LADDER
from app.store.transaction import Transaction

router = routes("clinic_content")


@router.get("/clinic/ladders", response_model=ClinicLadderPage, responses=responses(*STAFF))
async def list_clinic_ladders(caller: CallerDep, house: HouseDep, accept_language: AcceptLanguage = None) -> Response:
    """All ladders as the clinic sees them."""
    books, language = await house.db.read(caller, _books, house, accept_language)
    items = [_out(books, ladder_id, language) for ladder_id in books.library.ladders]
    return json_response(ClinicLadderPage(items=items, next_cursor=None), headers=_headers(language))


@router.get("/clinic/ladders/{ladder_id}", response_model=ClinicLadderOut, responses=responses(*STAFF, NotFound))
async def get_clinic_ladder(
    ladder_id: Slug, caller: CallerDep, house: HouseDep, accept_language: AcceptLanguage = None
) -> Response:
    """One ladder as the clinic sees it."""
    books, language = await house.db.read(caller, _books, house, accept_language)
    return json_response(_out(books, ladder_id, language), headers=_headers(language))


def _books(tx: Transaction, house: House, accept: str | None) -> tuple[Books, str]:
    return house.books(tx), language_of(accept, house.library, tx.scope.language)


def _headers(language: str) -> dict[str, str]:
    return {
        "Cache-Control": "private, no-cache",
        "Content-Language": language,
        "Vary": "Accept-Language, Authorization",
    }


def _out(books: Books, ladder_id: str, language: str) -> ClinicLadderOut:
    library = books.library
    one = library.ladder(ladder_id)
    what = (LADDER, ladder_id)
    return ClinicLadderOut(
        id=one.id,
        version=one.version,
        origin=HOUSE,
        is_hidden=what in library.hidden,
        sign_off=sign_off_out(library, what, one.version),
        hidden_exercises=[name for kind, name in library.withheld_from(ladder_id) if kind == EXERCISE],
        ladder=LadderOut.model_validate_json(books.shelf.ladders[ladder_id, language]),
    )
