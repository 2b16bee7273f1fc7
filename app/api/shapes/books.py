"""From which books does the caller's clinic read: the library, and its definitions as ready bytes?

A clinic that says nothing of its own reads the house's, and it costs nothing. What another says is laid over them: only
what differs is rendered, when it is first asked for, and the books of the clinics read in last are kept.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from app.api.shapes.drawings import Drawings
from app.api.shapes.shelf import Renderer, Shelf
from app.content.library import Library
from app.queries.library_of_clinic import library_of_clinic
from app.store.transaction import Transaction

K = TypeVar("K")
MOST_CLINICS = 200
"""How many clinics' books are kept in memory."""
NOUN = "books"


@dataclass(frozen=True, slots=True)
class Books:
    """A library and its shelf."""

    library: Library
    shelf: Shelf


@dataclass(slots=True)
class Bookcase:
    """The house's own books, and those of the clinics read in last: one revision of each."""

    house: Books
    drawings: Drawings
    kept: dict[UUID, tuple[int, Books]] = field(default_factory=dict)

    def of(self, tx: Transaction) -> Books:
        """The books of the caller's clinic, as of this transaction."""
        clinic_id, revision = tx.scope.clinic_id, tx.scope.content_revision
        if not revision:
            return self.house
        kept = self.kept.get(clinic_id)
        if kept is not None and kept[0] == revision:
            return kept[1]
        books: Books | None = tx.known.get((NOUN, clinic_id))
        if books is None:
            books = tx.known[NOUN, clinic_id] = self.made(tx, revision)
            made = books
            tx.when_committed.append(lambda: self._keep(clinic_id, revision, made))
        return books

    def made(self, tx: Transaction, revision: int) -> Books:
        """Books made anew, for whoever has just changed them. They are not kept: the change may be undone yet."""
        library = library_of_clinic(tx, self.house.library, revision)
        return Books(library, shelf_over(self.house, library, self.drawings))

    def _keep(self, clinic_id: UUID, revision: int, books: Books) -> None:
        before = self.kept.pop(clinic_id, None)
        self.kept[clinic_id] = before if before is not None and before[0] > revision else (revision, books)
        while len(self.kept) > MOST_CLINICS:
            self.kept.pop(next(iter(self.kept)), None)


class Overlay(Mapping[tuple[str, str], bytes]):
    """Definitions by id and language: what differs is rendered when first asked for, all else are the house's bytes."""

    def __init__(
        self, below: Mapping[tuple[str, str], bytes], differing: frozenset[str], render: Callable[[str, str], bytes]
    ) -> None:
        self._below = below
        self._differing = differing
        self._render = render
        self._rendered: dict[tuple[str, str], bytes] = {}

    def __getitem__(self, key: tuple[str, str]) -> bytes:
        if key[0] not in self._differing:
            return self._below[key]
        rendered = self._rendered.get(key)
        if rendered is None:
            rendered = self._rendered[key] = self._render(*key)
        return rendered

    def __iter__(self) -> Iterator[tuple[str, str]]:
        yield from self._below

    def __len__(self) -> int:
        return len(self._below)


def shelf_over(house: Books, library: Library, drawings: Drawings) -> Shelf:
    """The shelf of a clinic's library over that of the house."""
    renderers = {language: Renderer(library, language, drawings) for language in library.languages}

    def exercise(exercise_id: str, language: str) -> bytes:
        return renderers[language].exercise(library.exercises[exercise_id]).model_dump_json().encode()

    def ladder(ladder_id: str, language: str) -> bytes:
        return renderers[language].ladder(library.ladders[ladder_id]).model_dump_json().encode()

    own, ours = library, house.library
    exercises = frozenset(key for key, one in own.exercises.items() if one is not ours.exercises.get(key))
    ladders = frozenset(key for key, one in own.ladders.items() if one is not ours.ladders.get(key))
    return Shelf(
        Overlay(house.shelf.exercises, exercises, exercise),
        house.shelf.versions,
        Overlay(house.shelf.ladders, ladders, ladder),
    )
