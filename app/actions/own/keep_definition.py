"""Keep an exercise or a ladder of the clinic's own, change it, retire it. What is not sound is not kept.

Every change is another version; what patients were prescribed before keeps the version that it pinned.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from app.content import own
from app.content.library import Library
from app.content.own import Definition
from app.domain.errors import Conflict, ContentInvalid, Invalid, NotFound, invalid
from app.domain.own.signing import EXERCISE, LADDER, OWN_PREFIX, ContentKey
from app.store.own import definitions, revision
from app.store.own.definitions import Kept
from app.store.transaction import Transaction

MOST = {EXERCISE: 500, LADDER: 200}
"""How many of each a clinic may have, retired ones included."""
MOST_VERSIONS = 1000
LONGEST_BODY = 100_000
"""Characters of JSON."""

Require = Callable[[Kept | None], None]
"""Raises when what is stored is not what the caller has seen."""


def keep_definition(
    tx: Transaction,
    house: Library,
    read: Callable[[], Library],
    what: ContentKey,
    body: Mapping[str, Any],
    require: Require,
    now: datetime,
) -> bool:
    """Keep a body as the newest version, in use again if it was retired; is it the first?

    The same body again changes nothing. `read` gives the clinic's library as it is now that nobody else changes it.
    Raises Invalid with pointers into the body, Conflict for too many, and what `require` raises.
    """
    kind, content_id = what
    if not content_id.startswith(OWN_PREFIX):
        raise invalid(
            f"path/{kind}_id", "not_allowed", f"What is a clinic's own has an id that begins with {OWN_PREFIX}."
        )
    if len(json.dumps(body)) > LONGEST_BODY:
        raise invalid("", "too_long", f"A definition has at most {LONGEST_BODY} characters.")
    revision.take(tx)
    before = definitions.newest(tx, what)
    if before is not None and before.retired_at is None and before.body == body:
        return False
    require(before)
    if before is None and definitions.count(tx, kind) >= MOST[kind]:
        raise Conflict(f"A clinic has at most {MOST[kind]} of its own, retired ones included.")
    if before is not None and before.version >= MOST_VERSIONS:
        raise Conflict(f"It has {MOST_VERSIONS} versions; give it another id.")
    version = 1 if before is None else before.version + 1
    _require_sound(house, read(), Definition(what, version, body))
    definitions.add(tx, what, version, body, now)
    revision.grow(tx)
    return before is None


def retire_definition(tx: Transaction, what: ContentKey, now: datetime) -> None:
    """From now on nobody is prescribed it; what runs goes on. Raises NotFound."""
    revision.take(tx)
    if definitions.newest(tx, what) is None:
        raise NotFound(f"The clinic has no {what[0]} of its own with this id.")
    if definitions.retire(tx, what, now):
        revision.grow(tx)


def _require_sound(house: Library, library: Library, one: Definition) -> None:
    """Raises Invalid with pointers into the body."""
    in_use = [name for name in library.exercises if (EXERCISE, name) not in library.retired]
    try:
        if one.what[0] == EXERCISE:
            own.exercise_of(house, one, in_use)
        else:
            own.ladder_of(one, in_use)
    except ContentInvalid as error:
        raise Invalid(f"This {one.what[0]} cannot be kept as it is.", errors=error.errors) from error
