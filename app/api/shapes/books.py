"""From which books does the caller's clinic read: the library, and its definitions as ready bytes?

A clinic that says nothing of its own reads the house's, and it costs nothing. What another says is laid over them: only
what differs is rendered, when it is first asked for, and the books of the clinics read in last are kept.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel

from app.api.shapes.drawings import Drawings
from app.api.shapes.shelf import Renderer, Shelf
from app.content.library import Library
from app.queries.library_of_clinic import library_of_clinic
from app.store.transaction import Transaction
from app.values import dataclass, field

T = TypeVar("T")
MOST_CLINICS = 200
"""How many clinics' books are kept in memory."""
MOST_DIFFERING = 2000
"""How many definitions in them may differ from the house's, all clinics together, unless a single one has more."""
NOUN = "books"


@dataclass(frozen=True, slots=True)
class Books:
    """A library and its shelf; `differing` is how many definitions are not the house's."""

    library: Library
    shelf: Shelf
    differing: int = 0


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
        kept = self.kept.get(tx.scope.clinic_id)
        before = kept[1].library if kept is not None else None
        library = library_of_clinic(tx, self.house.library, revision, before)
        return books_over(self.house, library, self.drawings)

    def _keep(self, clinic_id: UUID, revision: int, books: Books) -> None:
        before = self.kept.pop(clinic_id, None)
        self.kept[clinic_id] = before if before is not None and before[0] > revision else (revision, books)
        while len(self.kept) > MOST_CLINICS or (len(self.kept) > 1 and self._differing() > MOST_DIFFERING):
            self.kept.pop(next(iter(self.kept)), None)

    def _differing(self) -> int:
        return sum(books.differing for _, books in tuple(self.kept.values()))


class Overlay(Mapping[tuple[str, str], bytes]):
    """Definitions by id and language: what differs is rendered when first asked for, all else are the house's bytes."""

    def __init__(
        self, below: Mapping[tuple[str, str], bytes], differing: Mapping[tuple[str, str], Callable[[], bytes]]
    ) -> None:
        self._below = below
        self._differing = differing
        self._rendered: dict[tuple[str, str], bytes] = {}

    def __getitem__(self, key: tuple[str, str]) -> bytes:
        render = self._differing.get(key)
        if render is None:
            return self._below[key]
        rendered = self._rendered.get(key)
        if rendered is None:
            rendered = self._rendered[key] = render()
        return rendered

    def __iter__(self) -> Iterator[tuple[str, str]]:
        yield from self._below
        yield from (key for key in self._differing if key not in self._below)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def books_over(house: Books, library: Library, drawings: Drawings) -> Books:
    """A clinic's library with its shelf over that of the house.

    An exercise differs when the clinic says something about it, and when it stands on a ladder of the clinic's own.
    """
    ours = house.library
    own_ladders = [one for key, one in library.ladders.items() if one is not ours.ladders.get(key)]
    climbed = {key for one in own_ladders if one.id not in ours.ladders for key in one.exercise_ids}
    own_exercises = [
        one for key, one in library.exercises.items() if one is not ours.exercises.get(key) or key in climbed
    ]
    exercises: dict[tuple[str, str], Callable[[], bytes]] = {}
    ladders: dict[tuple[str, str], Callable[[], bytes]] = {}
    for language in library.languages:
        renderer = Renderer(library, language, drawings)
        exercises |= {(one.id, language): partial(_bytes, renderer.exercise, one) for one in own_exercises}
        ladders |= {(one.id, language): partial(_bytes, renderer.ladder, one) for one in own_ladders}
    shelf = Shelf(
        Overlay(house.shelf.exercises, exercises), house.shelf.versions, Overlay(house.shelf.ladders, ladders)
    )
    return Books(library, shelf, len(own_exercises) + len(own_ladders))


def _bytes(render: Callable[[T], BaseModel], one: T) -> bytes:
    return render(one).model_dump_json().encode()
