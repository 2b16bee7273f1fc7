"""Prescribe several ladders to one patient: all of them or none, and everything that is wrong is said at once."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from app.actions.prescribe import Asked, prescribe
from app.content.library import Library
from app.domain.errors import ContentWithheld, FieldError, Invalid, LadderAlreadyPrescribed, NeedsClearance
from app.store.transaction import Transaction

BLOCKED = (Invalid, LadderAlreadyPrescribed, NeedsClearance, ContentWithheld)
"""What can stand in the way of one item; anything else stands in the way of all."""


def prescribe_together(
    tx: Transaction, patient_id: UUID, plans: Iterable[tuple[int, Asked]], library: Library, now: datetime
) -> list[tuple[int, UUID]]:
    """Prescribe each plan; the number that it came with and the id of its prescription.

    Raises what `prescribe` raises for the first item that cannot be, Invalid before all else, with an entry in `errors`
    for every one of them. The caller's transaction takes back what was made by then.
    """
    made: list[tuple[int, UUID]] = []
    refused: list[Invalid | LadderAlreadyPrescribed | NeedsClearance | ContentWithheld] = []
    found: list[FieldError] = []
    for number, asked in plans:
        try:
            made.append((number, prescribe(tx, patient_id, asked, library, now)))
        except BLOCKED as error:
            refused.append(error)
            at = f"/items/{number}"
            found += error.within(at) or [FieldError(at, "invalid", error.detail)]
    if refused:
        first = next((one for one in refused if isinstance(one, Invalid)), refused[0])
        raise type(first)(f"Nothing was prescribed. {first.detail}", errors=tuple(found))
    return made
