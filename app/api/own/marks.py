"""A clinic's signatures under exercises and ladders, and what it hides."""

from collections.abc import Callable
from datetime import datetime

from starlette.responses import Response

from app.actions.own import mark_content
from app.api.deps import CallerDep, House, HouseDep, routes
from app.api.problems import STAFF, responses
from app.api.shapes.own_content import SignOffIn, SignOffOut
from app.api.wire import Slug, json_response
from app.content.library import Library
from app.domain.errors import Conflict, NotFound
from app.domain.own.signing import EXERCISE, LADDER, REVIEWED, ContentKey
from app.store.transaction import Transaction

router = routes("clinic_content")

OF_EXERCISE = "/clinic/exercises/{exercise_id}"
OF_LADDER = "/clinic/ladders/{ladder_id}"

Change = Callable[[Transaction, Library, ContentKey], None]


@router.put(f"{OF_EXERCISE}/review", response_model=SignOffOut, responses=responses(*STAFF, NotFound, Conflict))
async def sign_off_exercise(exercise_id: Slug, body: SignOffIn, caller: CallerDep, house: HouseDep) -> Response:
    """Sign an exercise, with the caller's name and today's date. Patients are shown both.

    The signature is for this version: when the exercise changes it is outdated.
    """
    return await _signed((EXERCISE, exercise_id), body, caller, house)


@router.delete(f"{OF_EXERCISE}/review", status_code=204, response_class=Response, responses=responses(*STAFF, NotFound))
async def withdraw_exercise_sign_off(exercise_id: Slug, caller: CallerDep, house: HouseDep) -> Response:
    """Take back what the clinic signed of an exercise. That it was signed stays on record."""
    return await _changed((EXERCISE, exercise_id), caller, house, _withdraw_on(caller.now))


@router.put(f"{OF_EXERCISE}/hidden", status_code=204, response_class=Response, responses=responses(*STAFF, NotFound))
async def hide_exercise(exercise_id: Slug, caller: CallerDep, house: HouseDep) -> Response:
    """Prescribe no ladder with this exercise any more. What runs goes on, with the warning `withheld_content`."""
    return await _changed((EXERCISE, exercise_id), caller, house, _hide_on(caller.now))


@router.delete(f"{OF_EXERCISE}/hidden", status_code=204, response_class=Response, responses=responses(*STAFF, NotFound))
async def show_exercise(exercise_id: Slug, caller: CallerDep, house: HouseDep) -> Response:
    """Let it be prescribed again."""
    return await _changed((EXERCISE, exercise_id), caller, house, mark_content.show)


@router.put(f"{OF_LADDER}/review", response_model=SignOffOut, responses=responses(*STAFF, NotFound, Conflict))
async def sign_off_ladder(ladder_id: Slug, body: SignOffIn, caller: CallerDep, house: HouseDep) -> Response:
    """Sign a ladder: the order of its exercises and the rule between them. Its exercises are signed one by one."""
    return await _signed((LADDER, ladder_id), body, caller, house)


@router.delete(f"{OF_LADDER}/review", status_code=204, response_class=Response, responses=responses(*STAFF, NotFound))
async def withdraw_ladder_sign_off(ladder_id: Slug, caller: CallerDep, house: HouseDep) -> Response:
    """Take back what the clinic signed of a ladder. That it was signed stays on record."""
    return await _changed((LADDER, ladder_id), caller, house, _withdraw_on(caller.now))


@router.put(f"{OF_LADDER}/hidden", status_code=204, response_class=Response, responses=responses(*STAFF, NotFound))
async def hide_ladder(ladder_id: Slug, caller: CallerDep, house: HouseDep) -> Response:
    """Prescribe this ladder to nobody any more. What runs goes on, with the warning `withheld_content`."""
    return await _changed((LADDER, ladder_id), caller, house, _hide_on(caller.now))


@router.delete(f"{OF_LADDER}/hidden", status_code=204, response_class=Response, responses=responses(*STAFF, NotFound))
async def show_ladder(ladder_id: Slug, caller: CallerDep, house: HouseDep) -> Response:
    """Let it be prescribed again."""
    return await _changed((LADDER, ladder_id), caller, house, mark_content.show)


def _withdraw_on(now: datetime) -> Change:
    return lambda tx, library, what: mark_content.withdraw_sign_off(tx, library, what, now)


def _hide_on(now: datetime) -> Change:
    return lambda tx, library, what: mark_content.hide(tx, library, what, now)


async def _signed(what: ContentKey, body: SignOffIn, caller: CallerDep, house: House) -> Response:
    def sign(tx: Transaction) -> SignOffOut:
        made = mark_content.sign_off(tx, house.books(tx).library, what, body.version, body.note, caller.now)
        on = made.on.isoformat()
        return SignOffOut(status=REVIEWED, version=made.version, by=made.by, on=on, note=made.note)

    return json_response(await house.db.write(caller, sign))


async def _changed(what: ContentKey, caller: CallerDep, house: House, change: Change) -> Response:
    await house.db.write(caller, lambda tx: change(tx, house.books(tx).library, what))
    return Response(status_code=204)
