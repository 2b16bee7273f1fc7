"""Record many reports at once: a broken one does not hurt the others, and sending it all again changes nothing.

Sessions that are new are taken in together, and so are check-ins, so that courses are followed once and not once for
each. Everything else is recorded as if it had been sent alone, in its place.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from uuid import UUID

from app.actions import record_check_in, record_session
from app.actions.record_check_in import CheckInReport
from app.actions.record_session import Report as SessionReport
from app.domain.errors import RungError, Unavailable
from app.domain.exercise import Symptom
from app.store import check_ins, sessions
from app.store.transaction import Transaction
from app.values import dataclass


@dataclass(frozen=True, slots=True)
class Sent:
    """A report of a batch, or why it cannot be understood. `if_match` holds the revisions that it says it corrects."""

    report: SessionReport | CheckInReport | RungError
    if_match: Container[int] | None = None

    @property
    def names(self) -> UUID | date | None:
        """What it is stored under: a session's id or a check-in's date; None when it cannot be understood."""
        if isinstance(self.report, RungError):
            return None
        return self.report.session.id if isinstance(self.report, SessionReport) else self.report.check_in.local_date


@dataclass(frozen=True, slots=True)
class Refused:
    """A report that was refused alone, as it would have been by itself."""

    error: RungError


Recorded = record_session.Recorded | record_check_in.RecordedCheckIn


def record_reports(
    tx: Transaction, patient_id: UUID, sent: Sequence[Sent], symptoms: Mapping[str, Symptom], now: datetime
) -> list[Recorded | Refused]:
    """Record reports in their order; what is refused leaves nothing behind. One result each.

    All of them are safe together, or none is: what cannot be stored now (Unavailable) is to be sent again as a whole.
    """
    results: list[Recorded | Refused] = []
    for kind, run in groupby(zip(sent, _kinds(tx, patient_id, sent), strict=True), key=lambda pair: pair[1]):
        reports = [one for one, _ in run]
        if kind is None:
            results += [_alone(tx, patient_id, one, symptoms, now) for one in reports]
        elif kind is SessionReport:
            new = [one.report for one in reports if isinstance(one.report, SessionReport)]
            results += record_session.record_new_sessions(tx, patient_id, new, symptoms, now)
        else:
            told = [one.report for one in reports if isinstance(one.report, CheckInReport)]
            results += record_check_in.record_new_check_ins(tx, patient_id, told, symptoms, now)
    return results


def _kinds(tx: Transaction, patient_id: UUID, sent: Sequence[Sent]) -> Iterator[type | None]:
    """The kind of each report that is new and here for the first time; None for what is recorded alone."""
    names = [one.names for one in sent]
    known: set[UUID | date | None] = {None}
    known |= sessions.stored_ids(tx, patient_id, [one for one in names if isinstance(one, UUID)])
    dates = [one for one in names if isinstance(one, date)]
    known |= {one.check_in.local_date for one in check_ins.of_dates(tx, patient_id, dates)} if dates else set()
    for one in sent:
        yield None if one.names in known or one.if_match is not None else type(one.report)
        known.add(one.names)


def _alone(
    tx: Transaction, patient_id: UUID, sent: Sent, symptoms: Mapping[str, Symptom], now: datetime
) -> Recorded | Refused:
    """Record one report in a part of the transaction of its own."""
    report = sent.report
    try:
        with tx.part():
            if isinstance(report, RungError):
                raise report
            if isinstance(report, SessionReport):
                return record_session.record_session(tx, patient_id, report, symptoms, now, if_match=sent.if_match)
            return record_check_in.record_check_in(tx, patient_id, report, symptoms, now, if_match=sent.if_match)
    except Unavailable:
        raise
    except RungError as error:
        return Refused(error)
