"""What do the books of the caller's clinic say? Loads what the clinic says of its own, and lays it over the house's."""

from collections.abc import Iterable, Mapping

from app.content.library import Library
from app.content.own import Definition, OwnContent, exercise_of, merged
from app.domain.errors import ContentInvalid
from app.domain.exercise import Exercise
from app.domain.own.signing import EXERCISE, OWN_PREFIX
from app.domain.prescription import Rung
from app.store.own import definitions, marks
from app.store.transaction import Transaction


def library_of_clinic(tx: Transaction, house: Library, revision: int, before: Library | None = None) -> Library:
    """The library as the caller's clinic reads it at a revision of its content; `before` as `merged` takes it.

    A write may see what another committed after the revision was read, so what is made is never older than it.
    """
    its_own = tuple(
        Definition(one.what, one.version, one.body, one.retired_at is not None) for one in definitions.all_newest(tx)
    )
    return merged(house, OwnContent(revision, marks.signed(tx), marks.hidden(tx), its_own), before)


def pinned(
    tx: Transaction, house: Library, library: Library, rungs: Iterable[Rung]
) -> Mapping[tuple[str, int], Exercise]:
    """The exercises of a prescription as they read when it was made, the clinic's own among them."""
    found = dict(library.versions)
    for rung in rungs:
        key = rung.exercise_id, rung.exercise_version
        if key in found or not rung.exercise_id.startswith(OWN_PREFIX):
            continue
        what = EXERCISE, rung.exercise_id
        body = definitions.body_of_version(tx, what, rung.exercise_version)
        if body is not None:
            try:
                found[key] = exercise_of(house, Definition(what, rung.exercise_version, body), library.exercises)
            except ContentInvalid:
                continue  # told as what is not known any more
    return found
