"""The ladders as a clinic sees them: the house's, with what the clinic says about each, and its own."""

from starlette.responses import Response

from app.actions.own.keep_definition import retire_definition
from app.api.deps import AcceptLanguage, CallerDep, HouseDep, IfMatch, routes
from app.api.own.keeping import IfNew, Shown, definition_as, private_headers, put_one, read_books, read_one
from app.api.problems import STAFF, responses
from app.api.shapes.exercises import LadderOut
from app.api.shapes.own_bodies import OwnLadderIn
from app.api.shapes.own_content import HOUSE, OWN, ClinicLadderOut, ClinicLadderPage, sign_off_out
from app.api.wire import Slug, json_response
from app.domain.errors import Conflict, NotFound, PreconditionFailed, PreconditionRequired
from app.domain.own.signing import EXERCISE, LADDER, OWN_PREFIX

router = routes("clinic_content")

PATH = "/clinic/ladders/{ladder_id}"


@router.get("/clinic/ladders", response_model=ClinicLadderPage, responses=responses(*STAFF))
async def list_clinic_ladders(caller: CallerDep, house: HouseDep, accept_language: AcceptLanguage = None) -> Response:
    """All ladders as the clinic sees them, its own included and without what it retired."""
    books, language = await house.db.read(caller, read_books, house, accept_language)
    library = books.library
    shown = [Shown(books, (LADDER, name), None, language) for name in library.ladders]
    items = [_out(one) for one in shown if one.what not in library.retired]
    return json_response(ClinicLadderPage(items=items, next_cursor=None), headers=private_headers(language))


@router.get(PATH, response_model=ClinicLadderOut, responses=responses(*STAFF, NotFound))
async def get_clinic_ladder(
    ladder_id: Slug, caller: CallerDep, house: HouseDep, accept_language: AcceptLanguage = None
) -> Response:
    """One ladder as the clinic sees it."""
    shown = await house.db.read(caller, read_one, house, (LADDER, ladder_id), accept_language)
    return json_response(_out(shown), headers=shown.headers)


@router.put(
    PATH,
    response_model=ClinicLadderOut,
    status_code=201,
    responses={
        200: {"model": ClinicLadderOut, "description": "It was changed, or the same was kept before"},
        **responses(*STAFF, Conflict, PreconditionFailed, PreconditionRequired),
    },
)
async def put_clinic_ladder(
    ladder_id: Slug,
    body: OwnLadderIn,
    caller: CallerDep,
    house: HouseDep,
    if_match: IfMatch = None,
    if_none_match: IfNew = None,
    accept_language: AcceptLanguage = None,
) -> Response:
    """Keep a ladder of the clinic's own, under an id that begins with `own-`. It is seen by this clinic alone.

    Its rungs are exercises of the house and of the clinic. Each change needs If-Match and makes another version, which
    nobody has signed; what was prescribed keeps its rungs until somebody changes it. The same body again changes
    nothing.
    """
    what, seen = (LADDER, ladder_id), (if_match, if_none_match)
    shown = await house.db.write(caller, put_one, house, what, body.to_body(), seen, accept_language, caller.now)
    return json_response(_out(shown), status=201 if shown.is_new else 200, headers=shown.headers)


@router.delete(PATH, status_code=204, response_class=Response, responses=responses(*STAFF, NotFound))
async def retire_clinic_ladder(ladder_id: Slug, caller: CallerDep, house: HouseDep) -> Response:
    """Give up a ladder of the clinic's own: nobody is prescribed it any more, and what runs goes on."""
    await house.db.write(caller, retire_definition, (LADDER, ladder_id), caller.now)
    return Response(status_code=204)


def _out(shown: Shown) -> ClinicLadderOut:
    library, what = shown.books.library, shown.what
    version, content_id = shown.version, what[1]
    ready = shown.books.shelf.ladders.get((content_id, shown.language))
    withheld = library.withheld_from(content_id) if content_id in library.ladders else ()
    return ClinicLadderOut(
        id=content_id,
        version=version,
        origin=OWN if content_id.startswith(OWN_PREFIX) else HOUSE,
        is_hidden=what in library.hidden,
        sign_off=sign_off_out(library, what, version),
        withheld_exercises=[name for kind, name in withheld if kind == EXERCISE],
        is_retired=what in library.retired,
        ladder=None if ready is None else LadderOut.model_validate_json(ready),
        definition=definition_as(OwnLadderIn, shown.kept),
        problem=library.unreadable.get(what),
    )
