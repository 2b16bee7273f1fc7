"""How a clinic's own exercises and ladders are kept and shown: what their two files of routes share."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, TypeVar

from fastapi import Header
from pydantic import BaseModel, ValidationError

from app.actions.own.keep_definition import keep_definition
from app.api.deps import House, language_of
from app.api.shapes.books import Books
from app.api.wire import etag, require_match
from app.domain.errors import NotFound, PreconditionFailed
from app.domain.own.signing import EXERCISE, OWN_PREFIX, ContentKey
from app.store.own import definitions
from app.store.own.definitions import Kept
from app.store.transaction import Transaction
from app.values import dataclass

M = TypeVar("M", bound=BaseModel)

IfNew = Annotated[
    str | None,
    Header(alias="If-None-Match", description="`*`: only if there is none with this id yet.", max_length=2000),
]


@dataclass(frozen=True, slots=True)
class Shown:
    """What an answer about one exercise or ladder is made of. `kept` is None for what is the house's."""

    books: Books
    what: ContentKey
    kept: Kept | None
    language: str
    is_new: bool = False

    @property
    def version(self) -> int:
        """The newest version. Raises NotFound for what there is not."""
        kind, content_id = self.what
        library = self.books.library
        known = library.exercises.get(content_id) if kind == EXERCISE else library.ladders.get(content_id)
        if known is not None:
            return known.version
        if self.kept is None:
            raise NotFound(f"There is no such {kind}.")
        return self.kept.version

    @property
    def headers(self) -> dict[str, str]:
        """With an ETag, which names what an edit must have seen."""
        tag = etag("house", self.version) if self.kept is None else _tag(self.kept)
        return private_headers(self.language) | {"ETag": tag}


def definition_as(model: type[M], kept: Kept | None) -> M | None:
    """What was sent, to be changed and put again; None for the house's, and where this build cannot read it."""
    try:
        return None if kept is None else model.model_validate(kept.body)
    except ValidationError:
        return None


def private_headers(language: str) -> dict[str, str]:
    """For answers that are for one clinic."""
    return {
        "Cache-Control": "private, no-cache",
        "Content-Language": language,
        "Vary": "Accept-Language, Authorization",
    }


def read_books(tx: Transaction, house: House, accept: str | None) -> tuple[Books, str]:
    """The clinic's books and the reader's language."""
    return house.books(tx), language_of(accept, house.library, tx.scope.language)


def read_one(tx: Transaction, house: House, what: ContentKey, accept: str | None) -> Shown:
    """One exercise or ladder as the clinic sees it."""
    books, language = read_books(tx, house, accept)
    kept = definitions.newest(tx, what) if what[1].startswith(OWN_PREFIX) else None
    return Shown(books, what, kept, language)


def put_one(
    tx: Transaction,
    house: House,
    what: ContentKey,
    body: Mapping[str, Any],
    seen: tuple[str | None, str | None],
    accept: str | None,
    now: datetime,
) -> Shown:
    """Keep a definition; `seen` are the headers If-Match and If-None-Match. The answer is read in the same moment."""
    revision = tx.scope.content_revision
    is_new = keep_definition(
        tx,
        house.library,
        lambda: house.bookcase.made(tx, revision).library,
        what,
        body,
        lambda before: _require_seen(before, *seen),
        now,
    )
    books = house.bookcase.made(tx, revision + 1)
    language = language_of(accept, house.library, tx.scope.language)
    return Shown(books, what, definitions.newest(tx, what), language, is_new)


def _require_seen(before: Kept | None, if_match: str | None, if_none_match: str | None) -> None:
    if before is None:
        if if_match is not None:
            raise PreconditionFailed("There is nothing with this id to change; leave `If-Match` out to make it.")
        return
    if if_none_match is not None:
        raise PreconditionFailed("There is one with this id.", headers={"ETag": _tag(before)})
    require_match(if_match, _tag(before))


def _tag(kept: Kept) -> str:
    return etag("own", kept.version, "retired" if kept.retired_at else "in-use")
