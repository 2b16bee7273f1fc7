"""A patient changes their own name, language or time zone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.store import patients, revisions
from app.store.transaction import Transaction


def update_me(tx: Transaction, changes: Mapping[str, Any], now: datetime) -> None:
    """Change the patient's own record. A new zone never takes the course back to an earlier date."""
    assert tx.scope.patient_id is not None
    taken = revisions.take(tx, tx.scope.patient_id)
    revisions.reached(tx, taken, taken.today(now))
    present = patients.get(tx, tx.scope.patient_id)
    values = {name: getattr(present, name) for name in patients.EDITABLE}
    patients.replace(tx, present.id, {**values, **changes})
