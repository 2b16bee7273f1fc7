"""Adherence: how much of what was asked was done, with the arithmetic shown."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field
from starlette.responses import Response

from app.api.deps import CallerDep, First, HouseDep, Last, routes, window
from app.api.problems import responses
from app.api.wire import Codes, Out
from app.domain.adherence import Adherence, Tally
from app.domain.errors import DeviceRevoked, Forbidden, NotFound, TokenExpired, Unauthorized
from app.queries.adherence_of_patient import adherence_of_patient
from app.store import patients
from app.store.transaction import Transaction

router = routes("adherence")


class AdherenceDayOut(Out):
    """One local date, all prescriptions together. `worst_pain` is during or after, null when it was never answered."""

    date: date
    expected: int
    done: int
    partial: int
    excused: int
    worst_pain: int | None


class PrescriptionAdherenceOut(Out):
    """One prescription over the window."""

    prescription_id: UUID
    expected: int
    done: int
    partial: int
    excused: int
    open: int
    ratio: float | None
    band: Annotated[str, Codes("band")]


class AdherenceOut(Out):
    """Slots counted over a window of local dates, both ends included.

    `ratio` is `done` / `expected`, null when nothing was expected. `expected` leaves out excused slots and those of
    today that are still open. `done` is capped at what was due on each day, so that Saturday cannot repair Monday.
    """

    first: Annotated[date, Field(serialization_alias="from")]
    last: Annotated[date, Field(serialization_alias="to")]
    definition: Annotated[str, Codes("adherence_definition")]
    definition_version: int
    expected: int
    done: int
    partial: int
    excused: int
    open: int
    ratio: float | None
    band: Annotated[str, Codes("band")]
    provisional: Annotated[bool, Field(description="The phone has not been heard since the last day ended.")]
    active_days: int
    distinct_days_in_30: int
    days: list[AdherenceDayOut]
    by_prescription: list[PrescriptionAdherenceOut]


@router.get(
    "/patients/{patient_id}/adherence",
    response_model=AdherenceOut,
    responses=responses(Unauthorized, TokenExpired, DeviceRevoked, Forbidden, NotFound),
)
async def get_patient_adherence(
    patient_id: UUID,
    caller: CallerDep,
    house: HouseDep,
    first: First = None,
    last: Last = None,
) -> Response:
    """A patient's adherence, day by day and prescription by prescription."""
    found = await house.db.read(caller, _load, patient_id, first, last, caller.now)
    return Response(_out(found).model_dump_json(by_alias=True), media_type="application/json")


def _load(tx: Transaction, patient_id: UUID, first: date | None, last: date | None, now: datetime) -> Adherence:
    patient = patients.get(tx, patient_id)
    today = patient.today(now)
    begin, end = window(first, last, today=today)
    return adherence_of_patient(tx, patient, begin, end, today)


def _out(found: Adherence) -> AdherenceOut:
    return AdherenceOut(
        first=found.first,
        last=found.last,
        definition=found.definition,
        definition_version=found.definition_version,
        **_counts(found.total),
        open=found.total.open,
        ratio=_ratio(found.total),
        band=found.total.band.value,
        provisional=found.is_provisional,
        active_days=found.active_days,
        distinct_days_in_30=found.distinct_days_in_30,
        days=[
            AdherenceDayOut(date=day.local_date, **_counts(day.tally), worst_pain=day.worst_pain) for day in found.days
        ],
        by_prescription=[
            PrescriptionAdherenceOut(
                prescription_id=prescription_id,
                **_counts(tally),
                open=tally.open,
                ratio=_ratio(tally),
                band=tally.band.value,
            )
            for prescription_id, tally in found.by_prescription
        ],
    )


def _counts(tally: Tally) -> dict[str, int]:
    return {"expected": tally.expected, "done": tally.done, "partial": tally.partial, "excused": tally.excused}


def _ratio(tally: Tally) -> float | None:
    """Rounded to three places for reading; the counts beside it are exact."""
    return None if tally.ratio is None else round(tally.ratio, 3)
