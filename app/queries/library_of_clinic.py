"""What do the books of the caller's clinic say? Loads what the clinic says of its own, and lays it over the house's."""

from app.content.library import Library
from app.content.own import OwnContent, merged
from app.store.own import marks
from app.store.transaction import Transaction


def library_of_clinic(tx: Transaction, house: Library, revision: int) -> Library:
    """The library as the caller's clinic reads it at a revision of its content.

    A write may see what another committed after the revision was read, so what is made is never older than it.
    """
    return merged(house, OwnContent(revision, marks.signed(tx), marks.hidden(tx)))
