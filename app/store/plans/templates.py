"""Questions about plan templates: which plans does a clinic make often?"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, func, insert, select, update

from app.domain.errors import NotFound
from app.store.guard import CLINIC
from app.store.tables.plan_templates import PlanTemplateRow
from app.store.transaction import Transaction
from app.values import dataclass

EDITABLE = ("name", "description", "items")
COLUMNS = (
    PlanTemplateRow.id,
    PlanTemplateRow.name,
    PlanTemplateRow.description,
    PlanTemplateRow.items,
    PlanTemplateRow.version,
    PlanTemplateRow.created_at,
)
OF_CLINIC = PlanTemplateRow.clinic_id == CLINIC
ALL = select(*COLUMNS).where(OF_CLINIC).order_by(PlanTemplateRow.created_at, PlanTemplateRow.id)
ONE = select(*COLUMNS).where(OF_CLINIC, PlanTemplateRow.id == bindparam("template_id"))
LOCKED = ONE.with_for_update()
COUNT = select(func.count()).select_from(PlanTemplateRow).where(OF_CLINIC)
INSERT = insert(PlanTemplateRow).values(clinic_id=CLINIC)
OF_ONE = (OF_CLINIC, PlanTemplateRow.id == bindparam("of_template"))
UPDATE = (
    update(PlanTemplateRow)
    .where(*OF_ONE)
    .values(version=PlanTemplateRow.version + 1, **{name: bindparam(f"new_{name}") for name in EDITABLE})
)
REMOVE = delete(PlanTemplateRow).where(*OF_ONE)


@dataclass(frozen=True, slots=True)
class PlanTemplate:
    """A template as it is kept; `items` are the wishes as they were sent, in their order."""

    id: UUID
    name: str
    description: str | None
    items: list[dict[str, Any]]
    version: int
    created_at: datetime


def all_of_clinic(tx: Transaction) -> list[PlanTemplate]:
    """The clinic's templates, the oldest first."""
    return [PlanTemplate(**row._asdict()) for row in tx.rows(ALL)]


def get(tx: Transaction, template_id: UUID) -> PlanTemplate:
    """One template. Raises NotFound."""
    return _found(tx.row(ONE, template_id=template_id))


def locked(tx: Transaction, template_id: UUID) -> PlanTemplate:
    """The same, held so that nobody else changes it meanwhile. Raises NotFound."""
    return _found(tx.row(LOCKED, template_id=template_id))


def count(tx: Transaction) -> int:
    """How many templates the clinic has."""
    number: int = tx.row(COUNT)[0]
    return number


def add(tx: Transaction, template_id: UUID, values: Mapping[str, Any], now: datetime) -> None:
    """Keep a new template."""
    kept = {name: values[name] for name in EDITABLE}
    tx.write(INSERT, id=template_id, version=1, created_at=now, created_by=tx.scope.principal_id, **kept)


def replace(tx: Transaction, template_id: UUID, values: Mapping[str, Any]) -> None:
    """Change a template."""
    tx.write(UPDATE, of_template=template_id, **{f"new_{name}": values[name] for name in EDITABLE})


def remove(tx: Transaction, template_id: UUID) -> None:
    """Forget a template; what was prescribed from it stays."""
    tx.write(REMOVE, of_template=template_id)


def _found(row: Any) -> PlanTemplate:  # noqa: ANN401 - a row of COLUMNS, or None
    if row is None:
        raise NotFound("There is no such plan template.")
    return PlanTemplate(**row._asdict())
