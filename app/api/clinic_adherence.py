"""Adherence of the whole clinic, a row a patient: as a page to read, or as a file to keep."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import StreamingResponse
from pydantic import Field
from starlette.responses import Response

from app.api.deps import CallerDep, Cursor, First, HouseDep, Limit, routes, window
from app.api.problems import STAFF, responses
from app.api.shapes.spreadsheets import Cell, csv_lines, json_lines, streamed
from app.api.wire import Codes, LocalDate, Out, decode_cursor, encode_cursor, next_link
from app.domain import days
from app.domain.adherence import DEFINITION, DEFINITION_VERSION
from app.domain.errors import invalid
from app.queries.adherence_of_clinic import PatientAdherence, Sort, adherence_of_clinic, in_order, place_of
from app.store import clinics
from app.store.transaction import Transaction

router = routes("adherence")


Last = Annotated[
    LocalDate | None, Query(alias="to", description="Last local date; by default today in the clinic's time zone.")
]
SortBy = Annotated[
    Literal["ratio", "name", "last_practised"],
    Query(
        description="`ratio`: the lowest first, last those of whom nothing was expected. `name`: by name. "
        "`last_practised`: who has not practised for longest first."
    ),
]
FileFormat = Annotated[Literal["csv", "ndjson"], Query(description="`csv` for spreadsheets, `ndjson` for programs.")]


class PatientAdherenceOut(Out):
    """One patient over the window, counted as `GET /v1/patients/{patient_id}/adherence` counts."""

    patient_id: UUID
    display_name: str
    expected: int
    done: int
    partial: int
    excused: int
    open: int
    ratio: float | None
    band: Annotated[str, Codes("band")]
    provisional: Annotated[bool, Field(description="The phone has not been heard since the last day ended.")]
    last_practised_on: Annotated[
        date | None, Field(description="The last local date of the window with any practice; null without any.")
    ]


class ClinicAdherencePage(Out):
    """A page of the clinic's active patients. Each counts in their own local days."""

    first: Annotated[date, Field(serialization_alias="from")]
    last: Annotated[date, Field(serialization_alias="to")]
    definition: Annotated[str, Codes("adherence_definition")]
    definition_version: int
    items: list[PatientAdherenceOut]
    next_cursor: str | None


@router.get("/adherence", response_model=ClinicAdherencePage, responses=responses(*STAFF))
async def list_clinic_adherence(
    request: Request,
    caller: CallerDep,
    house: HouseDep,
    first: First = None,
    last: Last = None,
    sort: SortBy = "ratio",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Every active patient's adherence over one window, by default those who do least first."""
    by = Sort(sort)
    begin, end, rows = await house.db.read(caller, _load, first, last, by, caller.now)
    after = decode_cursor(cursor, (str, str, UUID))
    if after is not None and after[0] != sort:
        raise invalid("query/cursor", "bad_cursor", "Go on with the `sort` that the page before was sorted by.")
    left = [row for row in rows if after is None or place_of(row, by) > after[1:]]
    shown = left[:limit]
    following = encode_cursor(sort, *place_of(shown[-1], by)) if len(left) > limit else None
    page = ClinicAdherencePage(
        first=begin,
        last=end,
        definition=DEFINITION,
        definition_version=DEFINITION_VERSION,
        items=[_out(row) for row in shown],
        next_cursor=following,
    )
    body = page.model_dump_json(by_alias=True)
    return Response(body, media_type="application/json", headers=next_link(request.url, following))


@router.get(
    "/adherence/export",
    response_class=StreamingResponse,
    responses={
        **responses(*STAFF),
        200: {
            "description": "The file.",
            "content": {
                "text/csv": {"schema": {"type": "string"}},
                "application/x-ndjson": {"schema": {"type": "string"}},
            },
        },
    },
)
async def export_clinic_adherence(
    caller: CallerDep,
    house: HouseDep,
    first: First = None,
    last: Last = None,
    sort: SortBy = "name",
    format: FileFormat = "csv",  # noqa: A002 - its name in the query
) -> Response:
    """The same for all active patients, as a file.

    In CSV a cell that a spreadsheet would take for a formula begins with an apostrophe; NDJSON holds the plain texts.
    """
    begin, end, found = await house.db.read(caller, _load, first, last, Sort(sort), caller.now)
    if format == "csv":
        header = ("from", "to", *PatientAdherenceOut.model_fields)
        lines = csv_lines(header, (_cells(begin, end, row) for row in found))
    else:
        lines = json_lines(_out(row) for row in found)
    media_type = {"csv": "text/csv; charset=utf-8; header=present", "ndjson": "application/x-ndjson"}[format]
    named = f'attachment; filename="adherence-{begin}-{end}.{format}"'
    headers = {"Content-Disposition": named, "Cache-Control": "no-store"}
    return StreamingResponse(streamed(lines), media_type=media_type, headers=headers)


def _load(
    tx: Transaction, first: date | None, last: date | None, sort: Sort, now: datetime
) -> tuple[date, date, list[PatientAdherence]]:
    """One transaction reads everything, in order; what is sent afterwards holds up nobody."""
    today = days.today(now, days.zone_or_utc(clinics.settings(tx).time_zone), None)
    begin, end = window(first, last, today=today)
    return begin, end, in_order(adherence_of_clinic(tx, begin, end, now), sort)


def _out(row: PatientAdherence) -> PatientAdherenceOut:
    tally = row.tally
    return PatientAdherenceOut(
        patient_id=row.patient_id,
        display_name=row.display_name,
        expected=tally.expected,
        done=tally.done,
        partial=tally.partial,
        excused=tally.excused,
        open=tally.open,
        ratio=None if tally.ratio is None else round(tally.ratio, 3),
        band=tally.band.value,
        provisional=row.is_provisional,
        last_practised_on=row.last_practised_on,
    )


def _cells(first: date, last: date, row: PatientAdherence) -> list[Cell]:
    return [first.isoformat(), last.isoformat(), *_out(row).model_dump(mode="json").values()]
