"""Sign off an exercise or a ladder, hide it, and take both back.

Each change lets the clinic's content revision grow in the same transaction, so that whoever reads next reads it.
"""

from datetime import datetime

from app.content.library import Library
from app.domain import days
from app.domain.errors import Conflict, NotFound
from app.domain.own.signing import EXERCISE, ContentKey, SignOff
from app.store import clinicians
from app.store.keys import new_id
from app.store.own import marks, revision
from app.store.transaction import Transaction


def sign_off(
    tx: Transaction, library: Library, what: ContentKey, version: int, note: str | None, now: datetime
) -> SignOff:
    """Sign the version that the caller has read, with their name and the clinic's date.

    The same again on the same day changes nothing. Raises NotFound, and Conflict when there is a newer version.
    """
    newest = version_in(library, what)
    if version != newest:
        raise Conflict(f"It is at version {newest}: read that one, then sign it.")
    assert tx.scope.clinician_id is not None
    revision.take(tx)
    name = clinicians.get(tx, tx.scope.clinician_id).display_name
    on = days.today(now, days.zone_or_utc(tx.scope.time_zone), None)
    signature = SignOff(version, name, on, note)
    if marks.signed(tx).get(what) != signature:
        marks.sign(tx, new_id(now), what, signature, now)
        revision.grow(tx)
    return signature


def withdraw_sign_off(tx: Transaction, library: Library, what: ContentKey, now: datetime) -> None:
    """Nobody stands for it any more; what was signed stays on record. Raises NotFound."""
    version_in(library, what)
    revision.take(tx)
    if marks.withdraw(tx, what, now):
        revision.grow(tx)


def hide(tx: Transaction, library: Library, what: ContentKey, now: datetime) -> None:
    """From now on nobody is prescribed it; what runs goes on. Raises NotFound."""
    version_in(library, what)
    revision.take(tx)
    if what not in marks.hidden(tx):
        marks.hide(tx, what, now)
        revision.grow(tx)


def show(tx: Transaction, library: Library, what: ContentKey) -> None:
    """It may be prescribed again. Raises NotFound."""
    version_in(library, what)
    revision.take(tx)
    if marks.show(tx, what):
        revision.grow(tx)


def version_in(library: Library, what: ContentKey) -> int:
    """The newest version of an exercise or a ladder. Raises NotFound."""
    kind, content_id = what
    found = library.exercises.get(content_id) if kind == EXERCISE else library.ladders.get(content_id)
    if found is None:
        raise NotFound(f"There is no such {kind}.")
    return found.version
