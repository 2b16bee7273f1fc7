"""The shapes of a prescription held against the reporting template for exercise programmes (CERT)."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.api.wire import Out
from app.content.texts import Texts
from app.domain.reporting.cert import Item, ItemStatus


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


def cert_out(prescription_id: UUID, version: int, items: Sequence[Item], texts: Texts, language: str) -> CertOut:
    """The items on the wire, said in a clinician's words."""
    counts = {status: sum(item.status is status for item in items) for status in ItemStatus}
    shown = [
        CertItemOut(
            number=item.number,
            name=texts.render("cert_item", item.name, {}, language, "clinician"),
            status=item.status,
            evidence=[EvidenceOut(at=one.at, says=one.says) for one in item.evidence],
            text=texts.render("cert", f"{item.name}_{item.status}", {}, language, "clinician"),
        )
        for item in items
    ]
    return CertOut(
        prescription_id=prescription_id,
        version=version,
        stated=counts[ItemStatus.STATED],
        partly=counts[ItemStatus.PARTLY],
        missing=counts[ItemStatus.MISSING],
        items=shown,
    )
