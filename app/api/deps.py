"""What a route may ask for by type: the database, the instant, the caller, the reader's language."""

from asyncio import Semaphore
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from pydantic import TypeAdapter, ValidationError

from app.api.contract.answers import Operation
from app.api.policies import POLICIES
from app.api.shapes.books import Bookcase, Books
from app.api.shapes.courses import Teller
from app.api.shapes.drawings import Drawings
from app.api.shapes.made_routines import MadeRoutines
from app.api.shapes.search_page import Pieces
from app.api.shapes.shelf import Shelf
from app.api.wire import Instant, LocalDate
from app.config import Settings
from app.content import languages
from app.content.library import Library
from app.domain import days
from app.domain.errors import Unauthorized, invalid
from app.posting.addresses import Gate
from app.printing.desk import Desk
from app.store.database import Database
from app.store.scope import Caller, Scope
from app.store.transaction import Transaction
from app.values import dataclass, field

INSTANT = TypeAdapter(Instant)
MOST_BATCHES_AT_ONCE = 3
"""Measured with 16 phones that send 200 sessions each: all at once took 90 MB, three take 30, and are no slower."""


@dataclass(frozen=True, slots=True)
class House:
    """What `create_app` builds once and every request shares.

    `library` and `shelf` are the house's own, the same for everybody; what a signed-in caller is shown comes from the
    books of their clinic.
    """

    settings: Settings
    db: Database
    library: Library
    shelf: Shelf
    drawings: Drawings
    bookcase: Bookcase
    printing: Desk
    search_pieces: Mapping[str, Pieces]
    gate: Gate
    now: Callable[[], datetime]
    build: str
    routines: MadeRoutines = field(default_factory=MadeRoutines)
    batches: Semaphore = field(default_factory=lambda: Semaphore(MOST_BATCHES_AT_ONCE))

    def books(self, tx: Transaction) -> Books:
        """The books from which the caller's clinic reads."""
        return self.bookcase.of(tx)

    def teller(self, tx: Transaction, accept: str | None, audience: str = "patient") -> Teller:
        """Who tells the caller what became of a course, in the words of their clinic's books and their language."""
        texts = self.books(tx).library.texts
        return Teller(texts, language_of(accept, self.library, tx.scope.language), audience)


async def house(request: Request) -> House:
    """The parts that every request shares."""
    found: House = request.app.state.house
    return found


async def caller(request: Request) -> Caller:
    """Who calls, unproven; the transaction proves it. The roles come from the table of policies."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.isascii() or not token.isprintable() or "." not in token:
        raise Unauthorized("Send the access token in the header `Authorization: Bearer ...`.")
    allowed = POLICIES[request.scope["endpoint"].__name__]
    return Caller(request.app.state.house.now(), token.strip()[:300], allowed)


SentAt = Annotated[str | None, Header(alias="Sent-At", description="The phone's clock when it sends.")]


async def sent_at(header: SentAt = None) -> datetime | None:
    """The phone's clock when it sent; a header that is no instant is as good as none, never a reason to refuse."""
    if header is None:
        return None
    try:
        return INSTANT.validate_python(header)
    except ValidationError:
        return None


HouseDep = Annotated[House, Depends(house)]
CallerDep = Annotated[Caller, Depends(caller)]
SentAtDep = Annotated[datetime | None, Depends(sent_at)]
AcceptLanguage = Annotated[
    str | None,
    Header(
        alias="Accept-Language",
        description="Chooses the language of texts; `Content-Language` says what came.",
        max_length=200,
    ),
]
IfMatch = Annotated[str | None, Header(alias="If-Match", description="The ETag of what you read.", max_length=400)]
IfNoneMatch = Annotated[
    str | None,
    Header(alias="If-None-Match", description="The ETag you have; 304 when it still holds.", max_length=2000),
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Made by the client for each new request. For 24 hours the same key and body give the same answer.",
        min_length=1,
        max_length=200,
        pattern=r"^[!-~]+$",
    ),
]
USUAL_WINDOW_DAYS = 28
LONGEST_WINDOW_DAYS = 366
First = Annotated[LocalDate | None, Query(alias="from", description="First local date; by default 28 days back.")]
Last = Annotated[LocalDate | None, Query(alias="to", description="Last local date; by default today.")]
Limit = Annotated[int, Query(ge=1, le=200, description="How many items a page holds at most.")]
Cursor = Annotated[str | None, Query(max_length=500, description="`next_cursor` of the page before.")]


def language_of(accept: str | None, library: Library, otherwise: str = "en") -> str:
    """The best language we have for an Accept-Language header; `otherwise` when it names none of ours."""
    return languages.wanted(accept, library.languages, otherwise)


async def read_in(
    house: HouseDep,
    language: Annotated[
        str | None,
        Query(max_length=35, description="One of `languages` of `GET /v1/server`, whatever the header says."),
    ] = None,
    accept_language: AcceptLanguage = None,
) -> str:
    """The language of a public text: the one asked for by name, else the best for the header. Raises Invalid."""
    if language is None:
        return language_of(accept_language, house.library)
    if language not in house.library.languages:
        raise invalid("query/language", "not_allowed", f"One of: {', '.join(house.library.languages)}.")
    return language


ReadIn = Annotated[str, Depends(read_in)]


def today_of(scope: Scope, now: datetime) -> date:
    """The patient's local date: the zone's, or the newest one the phone has reached when that is later."""
    return days.today(now, days.zone_or_utc(scope.time_zone), scope.newest_local_date)


def window(first: date | None, last: date | None, *, today: date) -> tuple[date, date]:
    """A window of local dates, both inclusive; by default the four weeks up to today.

    Invalid when upside down or longer than a year.
    """
    last = last or today
    first = first or date.fromordinal(last.toordinal() - USUAL_WINDOW_DAYS + 1)
    if first > last:
        raise invalid("query/from", "upside_down", "`from` must not be after `to`.")
    if (last - first).days >= LONGEST_WINDOW_DAYS:
        raise invalid("query/to", "window_too_long", f"A window holds at most {LONGEST_WINDOW_DAYS} days.")
    return first, last


def routes(tag: str, route_class: type[Operation] = Operation) -> APIRouter:
    """A router whose operations are named after their functions; all answer under /v1."""
    return APIRouter(prefix="/v1", tags=[tag], generate_unique_id_function=_name_of, route_class=route_class)


def _name_of(route: Any) -> str:  # noqa: ANN401 - FastAPI's route
    name: str = route.name
    return name
