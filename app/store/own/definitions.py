"""Questions about a clinic's own exercises and ladders, kept as versions: a body never changes, the newest is shown."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select, update

from app.domain.own.signing import ContentKey
from app.store.guard import CLINIC
from app.store.tables.own import DefinitionRow
from app.store.transaction import Transaction
from app.values import dataclass

NEWEST = (DefinitionRow.clinic_id == CLINIC, DefinitionRow.superseded_at.is_(None))
OF_ONE = (DefinitionRow.kind == bindparam("of_kind"), DefinitionRow.content_id == bindparam("of_content"))
ALL_NEWEST = (
    select(
        DefinitionRow.kind,
        DefinitionRow.content_id,
        DefinitionRow.version,
        DefinitionRow.body,
        DefinitionRow.made_by,
        DefinitionRow.made_at,
        DefinitionRow.retired_at,
    )
    .where(*NEWEST)
    .order_by(DefinitionRow.kind, DefinitionRow.content_id)
)
ONE = ALL_NEWEST.where(*OF_ONE)
VERSION = select(DefinitionRow.body).where(
    DefinitionRow.clinic_id == CLINIC, *OF_ONE, DefinitionRow.version == bindparam("number")
)
COUNT = select(func.count()).select_from(DefinitionRow).where(*NEWEST, DefinitionRow.kind == bindparam("of_kind"))
SUPERSEDE = update(DefinitionRow).where(*NEWEST, *OF_ONE).values(superseded_at=bindparam("at"))
INSERT = insert(DefinitionRow).values(clinic_id=CLINIC)
RETIRE = (
    update(DefinitionRow)
    .where(*NEWEST, *OF_ONE, DefinitionRow.retired_at.is_(None))
    .values(retired_at=bindparam("at"), retired_by=bindparam("by_whom"))
)


@dataclass(frozen=True, slots=True)
class Kept:
    """The newest version of an own exercise or ladder, as it was sent."""

    what: ContentKey
    version: int
    body: Mapping[str, Any]
    made_by: UUID
    made_at: datetime
    retired_at: datetime | None


def all_newest(tx: Transaction) -> list[Kept]:
    """All that is the clinic's own, retired ones too."""
    return [_kept(row) for row in tx.rows(ALL_NEWEST)]


def newest(tx: Transaction, what: ContentKey) -> Kept | None:
    """The newest version, None for what the clinic has not."""
    kind, content_id = what
    row = tx.row(ONE, of_kind=kind, of_content=content_id)
    return None if row is None else _kept(row)


def body_of_version(tx: Transaction, what: ContentKey, number: int) -> Mapping[str, Any] | None:
    """The body as it read in a version, None where there is none."""
    kind, content_id = what
    row = tx.row(VERSION, of_kind=kind, of_content=content_id, number=number)
    found: Mapping[str, Any] | None = None if row is None else row.body
    return found


def count(tx: Transaction, kind: str) -> int:
    """How many exercises, or ladders, are the clinic's own, retired ones too."""
    number: int = tx.row(COUNT, of_kind=kind)[0]
    return number


def add(tx: Transaction, what: ContentKey, version: int, body: Mapping[str, Any], now: datetime) -> None:
    """Keep another version; it is the newest from now on."""
    kind, content_id = what
    tx.write(SUPERSEDE, of_kind=kind, of_content=content_id, at=now)
    tx.write(
        INSERT,
        kind=kind,
        content_id=content_id,
        version=version,
        body=body,
        made_by=tx.scope.principal_id,
        made_at=now,
        superseded_at=None,
        retired_by=None,
        retired_at=None,
    )


def retire(tx: Transaction, what: ContentKey, now: datetime) -> bool:
    """It is not prescribed anew; was it until now?"""
    kind, content_id = what
    return tx.write(RETIRE, of_kind=kind, of_content=content_id, at=now, by_whom=tx.scope.principal_id) > 0


def _kept(row: Any) -> Kept:  # noqa: ANN401 - a row of ALL_NEWEST
    what = row.kind, row.content_id
    return Kept(what, row.version, row.body, row.made_by, row.made_at, row.retired_at)
