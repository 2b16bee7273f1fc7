"""Rows as lines of a file that people open in a spreadsheet, or that programs read line by line.

A cell that a spreadsheet would take for a formula gets an apostrophe in front, which spreadsheets show as plain text:
a patient's name must never become a command on a clinician's machine.
"""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from pydantic import BaseModel

FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - the full-width ones, too
BYTE_ORDER_MARK = "\ufeff"
"""Without it spreadsheets take UTF-8 for something else and spoil the umlauts."""

ROWS_AT_ONCE = 200

T = TypeVar("T")
Cell = str | int | float | bool | None


def cell(value: Cell) -> Cell:
    """A cell that means nothing but itself. Numbers stay numbers, also negative ones; yes and no are words."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA_BEGINS):
        return f"'{value}"
    return value


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """RFC 4180 with every text quoted, some rows at a time, so that a long file is never whole in memory."""
    yield BYTE_ORDER_MARK + _written([header])
    for some in _batches(rows):
        yield _written(some)


def json_lines(rows: Iterable[BaseModel]) -> Iterator[str]:
    """One JSON object a line."""
    for some in _batches(rows):
        yield "".join(f"{row.model_dump_json(by_alias=True)}\n" for row in some)


async def streamed(lines: Iterator[str]) -> AsyncIterator[bytes]:
    """The lines as bytes; between two batches others get their turn."""
    for some in lines:
        yield some.encode()


def _batches(rows: Iterable[T]) -> Iterator[list[T]]:
    left = iter(rows)
    while some := list(islice(left, ROWS_AT_ONCE)):
        yield some


def _written(rows: Iterable[Sequence[Cell]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerows([["" if one is None else cell(one) for one in row] for row in rows])
    return text.getvalue()
