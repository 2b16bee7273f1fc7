"""What all bodies share: strict numbers, honest text, instants with an offset, pages, and how JSON leaves.

Clinicians' bodies are `Strict`: an unknown field is refused. A phone's reports are `Report`: an unknown field is kept
aside and named in the answer, because an app may be newer than its server. Numbers are numbers: "3", true and 3.5 are
no integers.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Container, Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Annotated, Any, TypeVar, get_args
from uuid import UUID

import msgspec
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError
from starlette.datastructures import URL
from starlette.responses import Response

from app.domain import days
from app.domain.errors import PreconditionFailed, PreconditionRequired, invalid
from app.values import dataclass

EARLIEST, LATEST = 2000, 2100
CURSOR_LENGTH = 500
MOST = 2_147_483_647
"""The largest whole number that both databases keep."""
UNKNOWN_DEPTH = 30
"""How deeply nested a value may be that is kept although nobody knows it."""


def _number(value: object) -> object:
    if type(value) is int:
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PydanticCustomError("not_an_integer", "Send a JSON number without quotes.")
    return value


def _text(value: str) -> str:
    if "\x00" in value:
        raise PydanticCustomError("bad_text", "NUL characters are not allowed.")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise PydanticCustomError("bad_text", "Lone surrogates are not allowed.") from None
    return value


def _string(value: object) -> object:
    if not isinstance(value, str):
        raise PydanticCustomError("not_a_string", "Send a JSON string.")
    return value


def _instant_text(value: object) -> object:
    """Pydantic alone would take a count of seconds for an instant."""
    if not isinstance(value, str) or not re.match(r"\d{4}-\d{2}-\d{2}[Tt ]", value):
        raise PydanticCustomError("not_an_instant", "Send an instant as RFC 3339 writes it, with an offset.")
    return value


def _instant(value: datetime) -> datetime:
    if not EARLIEST <= value.year <= LATEST:
        raise PydanticCustomError("out_of_range", "The year must be 2000 to 2100.")
    return value


def _local_date_text(value: object) -> object:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise PydanticCustomError("not_a_date", "Send a date as YYYY-MM-DD.")
    return value


def _local_date(value: date) -> date:
    if not EARLIEST <= value.year <= LATEST:
        raise PydanticCustomError("out_of_range", "The year must be 2000 to 2100.")
    return value


def _no_blank(value: str) -> str:
    if not value.strip():
        raise PydanticCustomError("blank", "Send some visible text.")
    return value.strip()


def _zone(value: str) -> str:
    if days.zone_named(value) is None:
        raise PydanticCustomError("unknown_time_zone", "Send an IANA name, for example `Europe/Berlin`.")
    return value


def _folded(value: str) -> str:
    return value.casefold()


def _stripped(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


Int = Annotated[int, BeforeValidator(_number)]
"""A whole number: not true, not "3", not 3.5; bounds come with `Field`."""

Text = Annotated[str, BeforeValidator(_string), AfterValidator(_text)]
"""Plain text without NUL and lone surrogates; its length is bounded with `Field`."""

Name = Annotated[Text, Field(min_length=1, max_length=200), AfterValidator(_no_blank)]
Note = Annotated[Text, Field(max_length=2000)]
Slug = Annotated[Text, Field(min_length=1, max_length=80, pattern=r"^[a-z0-9][a-z0-9_-]*$")]
Code = Annotated[Text, Field(min_length=1, max_length=80)]
Email = Annotated[
    Text,
    BeforeValidator(_stripped),
    Field(min_length=3, max_length=200, pattern=r"^[^@\s]+@[^@\s]+$"),
    AfterValidator(_folded),
]
Phone = Annotated[Text, Field(min_length=2, max_length=40, pattern=r"^[0-9+()/ .-]+$")]
TimeZone = Annotated[Text, Field(min_length=1, max_length=64), AfterValidator(_zone)]
"""An IANA name, for example `Europe/Berlin`."""

Instant = Annotated[AwareDatetime, BeforeValidator(_instant_text), AfterValidator(_instant)]
"""RFC 3339 with an offset, years 2000 to 2100."""

LocalDate = Annotated[date, BeforeValidator(_local_date_text), AfterValidator(_local_date)]
"""A local day, YYYY-MM-DD."""

Pain = Annotated[Int, Field(ge=0, le=10)]
"""The 0-10 numeric rating scale: 0 no pain, 10 the worst imaginable."""

Id = Annotated[UUID, BeforeValidator(_string)]


class Strict(BaseModel):
    """A body in which unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Report(BaseModel):
    """A phone's report: unknown fields are kept aside."""

    model_config = ConfigDict(extra="allow", frozen=True)


class Out(BaseModel):
    """An answer. Clients ignore fields that they do not know.

    Its serialiser is made when it is first needed: a start with all of them takes a tenth longer.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)


@dataclass(frozen=True, slots=True)
class Codes:
    """Marks text as one code of a vocabulary, so that the document lists the codes with what they mean.

    The list is open: clients must have a fallback. With `is_open_set` other values are usual (ids of sources).
    """

    vocabulary: str
    is_open_set: bool = False

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Leave the vocabulary's name for openapi.py."""
        return {**handler(schema), "x-codes": self.vocabulary, "x-open-set": self.is_open_set}


M = TypeVar("M", bound=BaseModel)


def unknown_fields(model: BaseModel, prefix: str = "") -> dict[str, Any]:
    """What a report carried beyond its model: JSON pointer -> value, through all levels."""
    extra = model.model_extra
    found = {f"{prefix}/{_pointer_part(name)}": _storable(value) for name, value in extra.items()} if extra else {}
    for name in _nested(type(model)):
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            found.update(unknown_fields(value, f"{prefix}/{name}"))
        elif value:
            for index, one in enumerate(value):
                found.update(unknown_fields(one, f"{prefix}/{name}/{index}"))
    return found


@cache
def _nested(kind: type[BaseModel]) -> tuple[str, ...]:
    """The fields of a model that hold models, one or many."""
    return tuple(name for name, field in kind.model_fields.items() if _holds_models(field.annotation))


def _holds_models(annotation: Any) -> bool:  # noqa: ANN401 - any annotation
    is_model = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    return is_model or any(_holds_models(one) for one in get_args(annotation))


def _pointer_part(name: str) -> str:
    """A name as part of a JSON pointer; what cannot be stored is shown as a question mark."""
    escaped = name.replace("~", "~0").replace("/", "~1")
    return escaped.encode("utf-8", "replace").decode().replace("\x00", "?")


def _is_deep(value: Any, left: int = UNKNOWN_DEPTH) -> bool:  # noqa: ANN401 - any JSON value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return left == 0 or any(_is_deep(each, left - 1) for each in inner)


def _storable(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A value as both databases can keep it and read it back, else None.

    PostgreSQL's JSON has neither NUL nor lone surrogates nor NaN, and parsers end at a depth.
    """
    if _is_deep(value):
        return None
    text = json.dumps(value, ensure_ascii=True, default=str)
    if len(text) > 4000 or "\\u0000" in text or re.search(r"\\ud[89a-f]", text, re.IGNORECASE) or "NaN" in text:  # noqa: PLR2004 - characters
        return None
    return None if "Infinity" in text else value


def json_response(
    body: BaseModel | Mapping[str, object], *, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """A model, or a dictionary of which the type checker knows what is in it, as JSON."""
    content = body.__pydantic_serializer__.to_json(body) if isinstance(body, BaseModel) else DICTIONARIES.encode(body)
    return bytes_response(content, status=status, headers=headers)


def _model(value: object) -> object:
    """A model inside a dictionary."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True)
    raise TypeError(f"no JSON for {type(value)}")


DICTIONARIES = msgspec.json.Encoder(enc_hook=_model)


def bytes_response(body: bytes, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Ready bytes as JSON."""
    return Response(body, status_code=status, headers=headers, media_type="application/json")


def etag(*parts: object) -> str:
    """A strong ETag over the parts that an answer depends on."""
    return '"' + "-".join(str(part) for part in parts) + '"'


def tags(header: str) -> list[str]:
    """The opaque tags of a header; a proxy may have made them weak."""
    return [tag.strip().removeprefix("W/") for tag in header.split(",")]


def matches(header: str | None, tag: str) -> bool:
    """Does an If-Match or If-None-Match header name this tag?"""
    return header is not None and (header.strip() == "*" or tag in tags(header))


def revisions_named(if_match: str | None) -> Container[int] | None:
    """The revisions that an If-Match names, `*` all of them; a tag that is not ours names none."""
    if if_match is None:
        return None
    if if_match.strip() == "*":
        return range(1, MOST)
    texts = [tag.strip('"') for tag in tags(if_match)]
    return {int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < len(str(MOST))}


def require_match(header: str | None, tag: str) -> None:
    """Let an edit through only when its If-Match header names what is stored now.

    Raises PreconditionRequired without the header, PreconditionFailed when somebody else was faster.
    """
    if header is None:
        raise PreconditionRequired("Send the `ETag` of what you read in the header `If-Match`.")
    if not matches(header, tag):
        raise PreconditionFailed("It was changed since you read it.", headers={"ETag": tag})


def fingerprint(*parts: object) -> bytes:
    """32 bytes that are the same for bodies that mean the same: defaults filled in, instants compared in UTC."""
    plain = [part.model_dump() if isinstance(part, BaseModel) else part for part in parts]
    return hashlib.sha256(json.dumps(plain, sort_keys=True, default=_meaning).encode()).digest()


def _meaning(value: object) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def next_link(url: URL, cursor: str | None) -> dict[str, str]:
    """The header that names the next page, none after the last. It is relative, so that no proxy can make it wrong."""
    if cursor is None:
        return {}
    following = url.include_query_params(cursor=cursor)
    return {"Link": f'<{following.path}?{following.query}>; rel="next"'}


def encode_cursor(*parts: object) -> str:
    """An opaque cursor that remembers where a page ended."""
    return base64.urlsafe_b64encode(json.dumps([str(part) for part in parts]).encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None, kinds: tuple[type, ...]) -> tuple[Any, ...] | None:
    """The parts of a cursor that `encode_cursor` made of these kinds (str, date, UUID, int), else Invalid."""
    if cursor is None:
        return None
    try:
        if len(cursor) > CURSOR_LENGTH:
            raise ValueError("too long")  # noqa: TRY301 - one way out for all bad cursors
        padded = cursor + "=" * (-len(cursor) % 4)
        parts = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
        if not isinstance(parts, list) or len(parts) != len(kinds):
            raise ValueError("not a cursor")  # noqa: TRY301 - ditto
        return tuple(_part(str(part), kind) for part, kind in zip(parts, kinds, strict=True))
    except (ValueError, binascii.Error, UnicodeError, RecursionError) as error:
        raise invalid("query/cursor", "bad_cursor", "Send `next_cursor` of the page before, unchanged.") from error


def _aware(value: datetime) -> datetime:
    """An instant that both databases can compare with theirs; ValueError for any other."""
    if value.tzinfo is None or not EARLIEST <= value.year <= LATEST:
        raise ValueError("not a cursor")
    return value


def _part(text: str, kind: type) -> Any:  # noqa: ANN401 - one of the kinds
    if kind is date:
        return date.fromisoformat(text)
    if kind is datetime:
        return _aware(datetime.fromisoformat(text))
    if kind is str and "\x00" in text:
        raise ValueError("not a cursor")
    return kind(text)
