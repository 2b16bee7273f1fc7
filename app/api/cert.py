"""A prescription held against the reporting template for exercise programmes: what it states and what is missing."""

from typing import Annotated
from uuid import UUID

from pydantic import Field
from starlette.responses import Response

from app.actions.prescribe import defaults_of
from app.api.deps import AcceptLanguage, CallerDep, House, HouseDep, language_of, routes
from app.api.problems import STAFF, responses
from app.api.shapes.prescriptions import PrescriptionIn
from app.api.wire import Out, json_response
from app.domain.cert import ItemStatus, cert_of
from app.domain.errors import NotFound
from app.domain.prescribing import origins_of
from app.store import patients, prescriptions
from app.store.transaction import Transaction

router = routes("prescriptions")


class EvidenceOut(Out):
    """Where something stands, and what it says there."""

    at: Annotated[str, Field(description="A field of the prescription (`rungs[2]` is rung 2), or of another call.")]
    says: Annotated[str, Field(description="What stands there, shortened, in no particular language.")]


class CertItemOut(Out):
    """One item of the template."""

    number: Annotated[int, Field(description="The item's number in the template.")]
    name: Annotated[str, Field(description="What it asks for, in a few words of our own.")]
    status: Annotated[ItemStatus, Field(description="How much of it is there.")]
    evidence: Annotated[list[EvidenceOut], Field(description="What it rests on; empty where nothing is kept.")]
    text: Annotated[str, Field(description="What is there and what is not, for whoever writes the report.")]


class CertOut(Out):
    """The 16 items of the Consensus on Exercise Reporting Template (CERT) for the newest version of a prescription."""

    prescription_id: UUID
    version: int
    stated: Annotated[int, Field(description="How many items are stated.")]
    partly: Annotated[int, Field(description="How many items are stated in part.")]
    missing: Annotated[int, Field(description="How many items nothing is kept about.")]
    items: Annotated[list[CertItemOut], Field(description="All 16, in the template's order.")]


@router.get(
    "/patients/{patient_id}/prescriptions/{prescription_id}/cert",
    response_model=CertOut,
    responses=responses(*STAFF, NotFound),
)
async def get_prescription_cert(
    patient_id: UUID,
    prescription_id: UUID,
    caller: CallerDep,
    house: HouseDep,
    accept_language: AcceptLanguage = None,
) -> Response:
    """Which of the 16 items of the reporting template (CERT) a prescription states, and where; and which are missing.

    Only what is kept here counts as stated. What the clinic knows and nobody wrote down is missing, and says so.
    """
    found, language = await house.db.read(caller, _report, patient_id, prescription_id, house, accept_language)
    return json_response(found, headers={"Content-Language": language, "Vary": "Accept-Language, Authorization"})


def _report(
    tx: Transaction, patient_id: UUID, prescription_id: UUID, house: House, accept: str | None
) -> tuple[CertOut, str]:
    patients.get(tx, patient_id)
    language = language_of(accept, house.library, tx.scope.language)
    version = prescriptions.one(tx, patient_id, prescription_id).prescription.latest
    made = prescriptions.version_log(tx, patient_id, prescription_id)[-1]
    origins = origins_of(PrescriptionIn.model_validate(made.request).to_wish(), defaults_of(tx))
    chosen = [name for name, origin in origins if origin == "clinician"]
    items = cert_of(version, house.library.versions, chosen, made.reason)
    counts = {status: sum(item.status is status for item in items) for status in ItemStatus}
    render = house.library.texts.render
    shown = [
        CertItemOut(
            number=item.number,
            name=render("cert_item", item.name, {}, language, "clinician"),
            status=item.status,
            evidence=[EvidenceOut(at=one.at, says=one.says) for one in item.evidence],
            text=render("cert", f"{item.name}_{item.status}", {}, language, "clinician"),
        )
        for item in items
    ]
    report = CertOut(
        prescription_id=prescription_id,
        version=version.version,
        stated=counts[ItemStatus.STATED],
        partly=counts[ItemStatus.PARTLY],
        missing=counts[ItemStatus.MISSING],
        items=shown,
    )
    return report, language
