"""How often has somebody failed at this password or code lately?"""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, func, insert, select

from app.store.guard import CLINIC
from app.store.keys import new_id, secret_hash
from app.store.tables.signing_in import AttemptRow
from app.store.transaction import Transaction

COUNT = select(func.count().label("failures"), func.min(AttemptRow.at).label("earliest")).where(
    AttemptRow.clinic_id == CLINIC, AttemptRow.subject == bindparam("subject"), AttemptRow.at > bindparam("since")
)
INSERT = insert(AttemptRow).values(clinic_id=CLINIC)
FORGET = delete(AttemptRow).where(
    AttemptRow.clinic_id == CLINIC, AttemptRow.subject == bindparam("of_subject"), AttemptRow.at <= bindparam("until")
)


def wait_seconds(tx: Transaction, subject: str, *, allowed: int, window_seconds: int, now: datetime) -> int:
    """How long to wait before the next try; 0 when one is allowed now."""
    since = now - timedelta(seconds=window_seconds)
    found = tx.rows(COUNT, subject=secret_hash(subject), since=since)[0]
    if found.failures < allowed:
        return 0
    return max(1, int((found.earliest + timedelta(seconds=window_seconds) - now).total_seconds()) + 1)


def note_failure(tx: Transaction, subject: str, *, window_seconds: int, now: datetime) -> None:
    """Count one failure; older ones than the window are forgotten."""
    hashed = secret_hash(subject)
    tx.write(FORGET, of_subject=hashed, until=now - timedelta(seconds=window_seconds))
    tx.write(INSERT, id=new_id(now), subject=hashed, at=now)
