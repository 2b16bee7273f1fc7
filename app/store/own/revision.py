"""How often has what a clinic says about the content changed?

The number comes with every caller's scope, so that a clinic that says nothing costs no question. Whoever changes
something takes it first, so that changes of one clinic come one after the other, and lets it grow in the same
transaction.
"""

from sqlalchemy import select, update

from app.store.guard import CLINIC
from app.store.tables.clinics import ClinicSettingsRow
from app.store.transaction import Transaction

OF_CLINIC = ClinicSettingsRow.clinic_id == CLINIC
TAKE = select(ClinicSettingsRow.content_revision).where(OF_CLINIC).with_for_update()
GROW = update(ClinicSettingsRow).where(OF_CLINIC).values(content_revision=ClinicSettingsRow.content_revision + 1)


def take(tx: Transaction) -> int:
    """The number, held so that nobody else changes the clinic's content meanwhile."""
    number: int = tx.row(TAKE)[0]
    return number


def grow(tx: Transaction) -> None:
    """Count one more change."""
    tx.write(GROW)
