"""Has this POST been answered before? The same Idempotency-Key with the same body gets the same answer for 24 hours.

The answer is kept in the transaction that did the work, so it is there exactly when the work is. It is kept whole: the
answer to an invitation holds its code in clear for a day, and longer while nobody of the clinic sends a key, though the
code is otherwise kept only as its hash. Without that, a lost reply could only be mended by withdrawing the code.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert as insert_on_postgresql

from app.domain.errors import IdempotencyKeyReused
from app.store.guard import CLINIC
from app.store.tables.signing_in import RememberedAnswerRow
from app.store.transaction import Transaction

REMEMBERED_FOR = timedelta(hours=24)

FORGET = delete(RememberedAnswerRow).where(
    RememberedAnswerRow.clinic_id == CLINIC, RememberedAnswerRow.at <= bindparam("until")
)
# SQLite reads the same words for "unless it is there" as PostgreSQL, so one statement serves both.
CLAIM = (
    insert_on_postgresql(RememberedAnswerRow)
    .values(
        clinic_id=CLINIC,
        principal_id=bindparam("principal_id"),
        key=bindparam("key"),
        operation=bindparam("operation"),
        fingerprint=bindparam("fingerprint"),
        answer=bindparam("answer"),
        at=bindparam("at"),
    )
    .on_conflict_do_nothing()
    .returning(RememberedAnswerRow.key)
)
KEEP = (
    update(RememberedAnswerRow)
    .where(
        RememberedAnswerRow.clinic_id == CLINIC,
        RememberedAnswerRow.principal_id == bindparam("of_principal"),
        RememberedAnswerRow.key == bindparam("under_key"),
    )
    .values(answer=bindparam("answer"))
)
ANSWER = select(RememberedAnswerRow.operation, RememberedAnswerRow.fingerprint, RememberedAnswerRow.answer).where(
    RememberedAnswerRow.clinic_id == CLINIC,
    RememberedAnswerRow.principal_id == bindparam("of_principal"),
    RememberedAnswerRow.key == bindparam("under_key"),
)


def remember(
    tx: Transaction,
    key: str | None,
    operation: str,
    fingerprint: bytes,
    *,
    now: datetime,
    make: Callable[[], dict[str, Any]],
) -> dict[str, Any]:
    """Do the work and remember its answer (a JSON object), or give the answer that was remembered.

    `operation` and `fingerprint` say which request the key stands for; raises IdempotencyKeyReused when it stood for
    another. Without a key the work is simply done. When `make` raises, nothing is remembered.
    """
    if key is None:
        return make()
    principal_id = tx.scope.principal_id
    tx.write(FORGET, until=now - REMEMBERED_FOR)
    # The key is claimed before the work: a parallel request with the same key waits here until this one has committed.
    claimed = tx.row(
        CLAIM, principal_id=principal_id, key=key, operation=operation, fingerprint=fingerprint, answer={}, at=now
    )
    if claimed is not None:
        answer = make()
        tx.write(KEEP, of_principal=principal_id, under_key=key, answer=answer)
        return answer
    found = tx.rows(ANSWER, of_principal=principal_id, under_key=key)[0]
    if found.operation != operation or found.fingerprint != fingerprint:
        raise IdempotencyKeyReused("This Idempotency-Key was used for another request.")
    remembered: dict[str, Any] = found.answer
    return remembered
