"""Sign a device out."""

from datetime import datetime

from app.store import sign_ins
from app.store.transaction import Transaction


def revoke_tokens(tx: Transaction, secret: str, now: datetime) -> None:
    """End the family of a refresh token.

    An unknown or already ended one is fine: the device is signed out either way.
    """
    found = sign_ins.refresh_token(tx, secret)
    if found is not None:
        sign_ins.revoke(tx, found.sign_in_id, because="signed_out", now=now)
