"""The plan on paper: what a patient is to do, with drawings, ready to be printed; for the clinic and the patient."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from app.api.deps import CallerDep, House, HouseDep, routes, today_of
from app.api.problems import STAFF, responses
from app.api.shapes.handouts import Whose, Writer
from app.content.languages import wanted
from app.content.library import Library
from app.domain.errors import Busy, NotFound, PatientClosed, invalid
from app.printing.handout import printed
from app.queries.plan_today import Planned, plan_today
from app.store import clinics, patients
from app.store.clinics import Clinic
from app.store.transaction import Transaction
from app.values import dataclass

router = routes("routine")

PDF = "application/pdf"
THE_PAGES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The pages.", "content": {PDF: {"schema": {"type": "string", "format": "binary"}}}}
}

Paper = Annotated[Literal["a4", "letter"], Query(description="The size of the paper.")]
Language = Annotated[
    str | None,
    Query(max_length=10, pattern="^[a-z]{2,3}$", description="The language of the paper; else the patient's own."),
]
LargeType = Annotated[bool, Query(description="Letters half as large again, and pictures to go with them.")]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a hand-out is made of."""

    plan: tuple[Planned, ...]
    library: Library
    clinic: Clinic
    whose: Whose
    language: str


@router.get(
    "/patients/{patient_id}/handout.pdf",
    response_class=Response,
    responses={**responses(*STAFF, NotFound, Busy), **THE_PAGES},
)
async def get_patient_handout(
    patient_id: UUID,
    caller: CallerDep,
    house: HouseDep,
    paper: Paper = "a4",
    language: Language = None,
    large_type: LargeType = False,  # noqa: FBT002 - its name in the query says what is true
) -> Response:
    """The patient's plan as it stands today, to be printed: drawings, steps, amounts, when to stop, how to reach you.

    It carries the patient's display name and no other personal detail, and no code to sign in with.
    """
    _require_language(house, language)
    loaded = await house.db.read(caller, _load, patient_id, house, language, caller.now)
    return await _pages(loaded, house, paper, caller.now, is_large=large_type)


@router.get(
    "/me/handout.pdf", response_class=Response, responses={**responses(*STAFF, PatientClosed, Busy), **THE_PAGES}
)
async def get_my_handout(
    caller: CallerDep,
    house: HouseDep,
    paper: Paper = "a4",
    language: Language = None,
    large_type: LargeType = False,  # noqa: FBT002 - its name in the query says what is true
) -> Response:
    """The plan as it stands today, to be printed."""
    _require_language(house, language)
    loaded = await house.db.read(caller, _load_mine, house, language, caller.now)
    return await _pages(loaded, house, paper, caller.now, is_large=large_type)


def _require_language(house: House, language: str | None) -> None:
    if language is not None and language not in house.library.languages:
        raise invalid("query/language", "not_allowed", f"One of: {', '.join(house.library.languages)}.")


def _load_mine(tx: Transaction, house: House, language: str | None, now: datetime) -> Loaded:
    assert tx.scope.patient_id is not None
    return _load(tx, tx.scope.patient_id, house, language, now)


def _load(tx: Transaction, patient_id: UUID, house: House, language: str | None, now: datetime) -> Loaded:
    patient = patients.get(tx, patient_id)
    today = today_of(tx.scope, now) if tx.scope.is_patient else patient.today(now)
    link = f"{house.settings.public_url.rstrip('/')}/connect"
    return Loaded(
        plan=plan_today(tx, patient_id, patient.revision, today),
        library=house.books(tx).library,
        clinic=clinics.settings(tx),
        whose=Whose(patient.display_name, tx.scope.clinic, today, link),
        language=language or wanted(patient.language, house.library.languages),
    )


async def _pages(loaded: Loaded, house: House, paper: str, now: datetime, *, is_large: bool) -> Response:
    """Drawing and printing take long, so they are done beside the event loop, one hand-out at a time."""
    pdf = await house.printing.do(_printed, loaded, house, paper, now, is_large=is_large)
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Language": loaded.language,
        "Content-Disposition": 'inline; filename="handout.pdf"',
    }
    return Response(pdf, media_type=PDF, headers=headers)


def _printed(loaded: Loaded, house: House, paper: str, now: datetime, *, is_large: bool) -> bytes:
    writer = Writer(loaded.library, house.drawings, loaded.clinic, loaded.language)
    handout = writer.handout(loaded.plan, loaded.whose)
    return printed(handout, writer.drawn(loaded.plan, loaded.whose), paper=paper, is_large=is_large, at=now)
