"""Where do a patient's courses stand today, and what did each day look like? Loads, follows, and writes nothing."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from app.domain.course import Course, follow
from app.domain.evidence import KnownDay
from app.domain.facts import Fact
from app.store import course_facts, practice_days, prescriptions
from app.store.standings import Standings
from app.store.transaction import Transaction
from app.values import dataclass


@dataclass(frozen=True, slots=True)
class FollowedPrescription:
    """A prescription with its course up to today."""

    standings: Standings
    course: Course
    is_void: bool = False


def standing_today(
    tx: Transaction, patient_id: UUID, today: date, revision: int | None = None
) -> list[FollowedPrescription]:
    """The patient's prescriptions as they stand today; `revision` as `prescriptions.of_patient` takes it.

    Where nothing became known since the last write, time alone is followed; else the facts are asked for.
    """
    found = prescriptions.of_patient(tx, patient_id, revision)
    awake = [one for one in found if one.wakes_on is not None and one.wakes_on <= today]
    facts = facts_of(tx, patient_id, awake, today) if awake else {}
    return [_followed(one, today, facts.get(one.prescription.id)) for one in found]


def void_today(tx: Transaction, patient_id: UUID, today: date) -> list[FollowedPrescription]:
    """The prescriptions that were made by mistake, as they stood then."""
    found = prescriptions.void_of_patient(tx, patient_id)
    return [FollowedPrescription(one, _followed(one, today, None).course, is_void=True) for one in found]


def whole_courses(tx: Transaction, patient_id: UUID, today: date) -> tuple[list[FollowedPrescription], list[KnownDay]]:
    """The courses followed from their beginning, with the label of every day, and all that was practised."""
    found = prescriptions.of_patient(tx, patient_id)
    days = practice_days.all_of_patient(tx, patient_id)
    of_all, of_one = course_facts.of_patient(tx, patient_id)
    followed = []
    for one in found:
        own = [stored.day for stored in days if stored.prescription_id == one.prescription.id]
        rest = course_facts.for_prescription(one.prescription.id, one.created_at, of_all, of_one)
        facts: list[Fact] = [*own, *rest]
        until = max(today, one.standing.through)
        followed.append(FollowedPrescription(one, follow(one.prescription, facts, until=until)))
    return followed, [stored for stored in days if stored.is_current]


def facts_of(tx: Transaction, patient_id: UUID, found: Sequence[Standings], today: date) -> dict[UUID, list[Fact]]:
    """What became known since the last date of these courses that is closed."""
    since = min(one.closed(today).through for one in found)
    days = practice_days.known_since(tx, patient_id, [one.prescription.id for one in found], since, ())
    of_all, of_one = course_facts.of_patient(tx, patient_id, since)
    return {
        one.prescription.id: [
            *(stored.day for stored in days if stored.prescription_id == one.prescription.id),
            *course_facts.for_prescription(one.prescription.id, one.created_at, of_all, of_one),
        ]
        for one in found
    }


def _followed(one: Standings, today: date, facts: Sequence[Fact] | None) -> FollowedPrescription:
    if facts is None:
        return FollowedPrescription(one, one.carried(today))
    until = max(today, one.standing.through)
    return FollowedPrescription(one, follow(one.prescription, facts, until=until, since=one.closed(until)))
