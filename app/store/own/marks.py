"""Questions about what a clinic signed off and what it hides."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select, update

from app.domain.own.signing import ContentKey, SignOff
from app.store.guard import CLINIC
from app.store.tables.own import HiddenRow, SignOffRow
from app.store.transaction import Transaction

SIGNED = (
    select(
        SignOffRow.kind,
        SignOffRow.content_id,
        SignOffRow.content_version,
        SignOffRow.signed_name,
        SignOffRow.signed_on,
        SignOffRow.note,
    )
    .where(SignOffRow.clinic_id == CLINIC, SignOffRow.withdrawn_at.is_(None))
    .order_by(SignOffRow.signed_at, SignOffRow.content_version, SignOffRow.id)
)
SIGN = insert(SignOffRow).values(clinic_id=CLINIC)
WITHDRAW = (
    update(SignOffRow)
    .where(
        SignOffRow.clinic_id == CLINIC,
        SignOffRow.kind == bindparam("of_kind"),
        SignOffRow.content_id == bindparam("of_content"),
        SignOffRow.withdrawn_at.is_(None),
    )
    .values(withdrawn_at=bindparam("at"), withdrawn_by=bindparam("by_whom"))
)
HIDDEN = select(HiddenRow.kind, HiddenRow.content_id).where(HiddenRow.clinic_id == CLINIC)
HIDE = insert(HiddenRow).values(clinic_id=CLINIC)
SHOW = delete(HiddenRow).where(
    HiddenRow.clinic_id == CLINIC,
    HiddenRow.kind == bindparam("of_kind"),
    HiddenRow.content_id == bindparam("of_content"),
)


def signed(tx: Transaction) -> dict[ContentKey, SignOff]:
    """The newest signature that stands under each exercise and ladder."""
    return {
        (row.kind, row.content_id): SignOff(row.content_version, row.signed_name, row.signed_on, row.note)
        for row in tx.rows(SIGNED)
    }


def sign(tx: Transaction, sign_off_id: UUID, what: ContentKey, signature: SignOff, now: datetime) -> None:
    """Keep the caller's signature."""
    kind, content_id = what
    tx.write(
        SIGN,
        id=sign_off_id,
        kind=kind,
        content_id=content_id,
        content_version=signature.version,
        signed_by=tx.scope.principal_id,
        signed_name=signature.by,
        signed_on=signature.on,
        note=signature.note,
        signed_at=now,
        withdrawn_by=None,
        withdrawn_at=None,
    )


def withdraw(tx: Transaction, what: ContentKey, now: datetime) -> bool:
    """Take back what was signed of an exercise or a ladder, in whichever version; was there anything?"""
    kind, content_id = what
    by = tx.scope.principal_id
    return tx.write(WITHDRAW, of_kind=kind, of_content=content_id, at=now, by_whom=by) > 0


def hidden(tx: Transaction) -> frozenset[ContentKey]:
    """What the clinic hides."""
    return frozenset((row.kind, row.content_id) for row in tx.rows(HIDDEN))


def hide(tx: Transaction, what: ContentKey, now: datetime) -> None:
    """From now on it is not prescribed anew."""
    kind, content_id = what
    tx.write(HIDE, kind=kind, content_id=content_id, hidden_by=tx.scope.principal_id, hidden_at=now)


def show(tx: Transaction, what: ContentKey) -> bool:
    """It may be prescribed again; was it hidden?"""
    kind, content_id = what
    return tx.write(SHOW, of_kind=kind, of_content=content_id) > 0
