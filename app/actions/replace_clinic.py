"""Replace a clinic's settings."""

from collections.abc import Callable, Mapping
from typing import Any

from app.domain.errors import PreconditionFailed, invalid
from app.store import clinics
from app.store.clinics import Clinic
from app.store.transaction import Transaction


def replace_clinic(
    tx: Transaction, values: Mapping[str, Any], short_name: str | None, require: Callable[[Clinic], None]
) -> Clinic:
    """The settings as they are afterwards; their revision has grown by one unless nothing changed.

    `require` raises unless the caller has seen the settings that are stored. A clinic's short name never changes,
    because every token and every invitation carries it. Raises Invalid, PreconditionFailed.
    """
    before = clinics.settings(tx)
    require(before)
    if short_name not in {None, tx.scope.clinic}:
        raise invalid("/short_name", "immutable", "A clinic's short name never changes.")
    if all(getattr(before, name) == values[name] for name in clinics.EDITABLE):
        return before
    if not clinics.replace_settings(tx, before.revision, values):
        raise PreconditionFailed("Somebody changed the settings at this moment; read them again.")
    return clinics.settings(tx)
