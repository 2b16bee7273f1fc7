"""Rules: what course would a prescription take against given days? Nothing is stored, and no patient is read."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from app.actions.prescribe import defaults_of, version_of
from app.api.deps import AcceptLanguage, CallerDep, House, HouseDep, language_of, routes
from app.api.problems import responses
from app.api.shapes.courses import Teller
from app.api.shapes.prescriptions import PrescriptionIn, rule_out, rung_out
from app.api.shapes.simulations import SimulationIn, SimulationOut, days_out, problems_of, rung_problems
from app.content.library import Library
from app.domain.errors import DeviceRevoked, Invalid, PatientClosed, TokenExpired, Unauthorized
from app.domain.prescribing import Defaults, renewed
from app.domain.prescription import Prescription, Version
from app.domain.simulation import simulate
from app.store.transaction import Transaction

router = routes("rules")

NOBODY = UUID("7a3c1e52-0000-8000-8000-000000000000")
"""The patient of every simulation, and the name of its prescription: the same body gives the same ids."""


@router.post(
    "/rules/simulate",
    response_model=SimulationOut,
    responses=responses(Unauthorized, TokenExpired, DeviceRevoked, PatientClosed),
)
async def simulate_rule(
    body: SimulationIn, caller: CallerDep, house: HouseDep, accept_language: AcceptLanguage = None
) -> Response:
    """Play a prescription against imagined days and explain its course, by the same rule that moves patients.

    Nothing is stored and nobody's record is read; defaults are those of the caller's clinic. Whatever an act asks for
    that cannot be is answered as a decision, as it is in a real course: an order that is `blocked`, an answer that
    finds no offer. The same body gives the same ids, so that a resume can name stops that an earlier answer showed.
    """
    defaults, library, teller = await house.db.read_at_once(caller, _settled, house, accept_language)
    # A year of days is a tenth of a second of arithmetic: not on the event loop, and in no transaction.
    content = await run_in_threadpool(_simulated, body, library, defaults, teller)
    headers = {
        "Content-Language": teller.language, "Vary": "Accept-Language, Authorization", "Cache-Control": "no-store"
    }  # fmt: skip
    return Response(content, headers=headers, media_type="application/json")


def _settled(tx: Transaction, house: House, accept: str | None) -> tuple[Defaults, Library, Teller]:
    """The clinic's defaults, the books and the words. A patient asks the house's: a phone lists no clinic's content."""
    library = house.library if tx.scope.is_patient else house.books(tx).library
    audience = "patient" if tx.scope.is_patient else "clinician"
    return defaults_of(tx), library, Teller(library.texts, language_of(accept, library, tx.scope.language), audience)


def _simulated(body: SimulationIn, library: Library, defaults: Defaults, teller: Teller) -> bytes:
    first, last = body.window()
    wrong = tuple(problems_of(body, first, last, library))
    if wrong:
        raise Invalid("These days cannot be played.", errors=wrong)
    prescription = _prescription(body, library, defaults, first)
    wrong = tuple(rung_problems(body, prescription))
    if wrong:
        raise Invalid("These days cannot be played.", errors=wrong)
    lived = simulate(prescription, body.given(), body.carried(first), library.symptoms, first=first, last=last)
    days = days_out(lived, prescription, teller)
    version = prescription.version_on(last)
    shown = SimulationOut(
        first=first,
        last=last,
        prescription_id=prescription.id,
        ladder_id=version.ladder_id,
        rule=rule_out(version.rule),
        advance=version.advance.value,
        max_rung=version.max_rung,
        rungs=[rung_out(rung, library, teller.language) for rung in version.rungs],
        days=days,
        final=days[-1],
    )
    return shown.__pydantic_serializer__.to_json(shown, by_alias=True)


def _prescription(body: SimulationIn, library: Library, defaults: Defaults, first: date) -> Prescription:
    """The prescription with all its versions, the later changes of one date in the order of the list."""

    def made(asked: PrescriptionIn, number: int, effective_on: date) -> Callable[[], Version]:
        return lambda: version_of(asked.to_wish(), library, defaults, number=number, effective_on=effective_on)

    asked = body.prescription
    versions = [_below("/prescription", made(asked, 1, first))]
    changes = sorted(enumerate(body.changes), key=lambda each: (each[1].on, each[0]))
    for number, (index, change) in enumerate(changes, start=2):
        asked = change.merged_into(asked.model_dump(mode="json"))
        version = _below(f"/changes/{index}", made(asked, number, change.on))
        versions.append(renewed(versions[-1], version))
    return Prescription(NOBODY, NOBODY, versions[0].ladder_id, 1, tuple(versions))


def _below(pointer: str, make: Callable[[], Version]) -> Version:
    """What it makes; what is wrong with it is named below the pointer."""
    try:
        return make()
    except Invalid as refused:
        errors = tuple(replace(one, pointer=f"{pointer}{one.pointer}") for one in refused.errors)
        raise Invalid(refused.detail, errors=errors) from refused
