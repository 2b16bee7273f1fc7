"""Record many reports at once: a broken one does not hurt the others, and sending it all again changes nothing.

Sessions that are new are taken in together, so that their courses are followed once and not once for each. Everything
else is recorded as if it had been sent alone, in its place.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from app.actions import record_check_in, record_session
from app.domain.errors import RungError, Unavailable
from app.domain.exercise import Symptom
from app.store import sessions
from app.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Sent:
    """A report of a batch, or why it cannot be understood. `if_match` holds the revisions that it says it corrects."""

    report: record_session.Report | record_check_in.CheckInReport | RungError
    if_match: Container[int] | None = None

    @property
    def session_id(self) -> UUID | None:
        """The id of a session, None for everything else."""
        return self.report.session.id if isinstance(self.report, record_session.Report) else None


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
    stored = sessions.stored_ids(tx, patient_id, [one.session_id for one in sent if one.session_id])
    for are_new, run in groupby(zip(sent, _are_new(sent, stored), strict=True), key=lambda pair: pair[1]):
        if are_new:
            reports = [one.report for one, _ in run if isinstance(one.report, record_session.Report)]
            results += record_session.record_new_sessions(tx, patient_id, reports, symptoms, now)
        else:
            results += [_alone(tx, patient_id, one, symptoms, now) for one, _ in run]
    return results


def _are_new(sent: Sequence[Sent], stored: set[UUID]) -> Iterator[bool]:
    """Is each of them a session that is not stored, here for the first time?"""
    known = set(stored)
    for one in sent:
        yield one.session_id is not None and one.session_id not in known and one.if_match is None
        if one.session_id is not None:
            known.add(one.session_id)


def _alone(
    tx: Transaction, patient_id: UUID, sent: Sent, symptoms: Mapping[str, Symptom], now: datetime
) -> Recorded | Refused:
    """Record one report in a part of the transaction of its own."""
    report = sent.report
    try:
        with tx.part():
            if isinstance(report, RungError):
                raise report
            if isinstance(report, record_session.Report):
                return record_session.record_session(tx, patient_id, report, symptoms, now, if_match=sent.if_match)
            return record_check_in.record_check_in(tx, patient_id, report, symptoms, now, if_match=sent.if_match)
    except Unavailable:
        raise
    except RungError as error:
        return Refused(error)
