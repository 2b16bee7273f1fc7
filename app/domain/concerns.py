"""Why does a course need a clinician's look, and since when?

Concerns are kept with the prescription, so that a worklist is read without following anybody's course. Each says until
when it holds when nothing more becomes known, so time that passes makes none of them false. This file refuses to know
what only time brings about: silence and missed days are found on reading.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID, uuid5

from app.domain import safety
from app.domain.course import Course, follow
from app.domain.decision import ActorKind, Decision, DecisionState, Stop
from app.domain.prescription import Prescription
from app.domain.standing import Standing
from app.values import dataclass

ONE_DAY = timedelta(days=1)

TOLD_DAYS = 14
"""So many days a sore day stays on the worklist when nobody acknowledges it (product default)."""

OFFER_DAYS = 60
"""An offer that would still stand after so many days without practice is looked at again then."""


class ConcernCode(StrEnum):
    """Why a patient is on the worklist, the most severe first."""

    STOPPED_EMERGENCY = "stopped_emergency"
    """An emergency sign was reported and everything is stopped until a clinician resumes it."""
    STOPPED_SYMPTOM = "stopped_symptom"
    """A stop sign was reported and what it concerns is stopped until a clinician resumes it."""
    ENTERED_BY_MISTAKE = "entered_by_mistake"
    """The patient says that a report behind a stop was a mistake; that clears nothing by itself."""
    PAIN_HIGH = "pain_high"
    """Pain rose so high that the patient was led a rung down, or could not be."""
    SORE_AT_LOWEST_RUNG = "sore_at_lowest_rung"
    """A step back was due on the lowest rung."""
    REQUEST_WAITING = "request_waiting"
    """The patient asked for something."""
    OFFER_WAITING = "offer_waiting"
    """The next rung is earned, and the clinician has the last word."""
    NEEDS_CLEARANCE = "needs_clearance"
    """A condition of the patient speaks against the exercise, or against the next one."""
    NOT_PRACTISING = "not_practising"
    """Three due days or more have passed in a row without any practice."""
    NO_CONTACT = "no_contact"
    """The phone has not been heard for seven days."""
    NOT_STARTED = "not_started"
    """The patient was invited and has never connected a phone."""


class Urgency(StrEnum):
    """How soon a reason to look needs a look."""

    EMERGENCY = "emergency"
    """At once: the patient was told to get help now."""
    URGENT = "urgent"
    """Today: something is stopped until a clinician has spoken with the patient."""
    SOON = "soon"
    """In the next days."""
    ROUTINE = "routine"
    """When there is time."""


URGENCY = {
    ConcernCode.STOPPED_EMERGENCY: Urgency.EMERGENCY,
    ConcernCode.STOPPED_SYMPTOM: Urgency.URGENT,
    ConcernCode.ENTERED_BY_MISTAKE: Urgency.URGENT,
    ConcernCode.PAIN_HIGH: Urgency.SOON,
    ConcernCode.SORE_AT_LOWEST_RUNG: Urgency.SOON,
    ConcernCode.REQUEST_WAITING: Urgency.SOON,
}
"""What is not listed is routine."""

RANK = {code: rank for rank, code in enumerate(ConcernCode)}
"""0 for the most severe."""

STOPS = frozenset({ConcernCode.STOPPED_EMERGENCY, ConcernCode.STOPPED_SYMPTOM})
"""What stays on the worklist, acknowledged or not, until a clinician resumes it."""


SORENESS = frozenset({ConcernCode.PAIN_HIGH, ConcernCode.SORE_AT_LOWEST_RUNG})
"""What a day's practice has shown."""


@dataclass(frozen=True, slots=True)
class Concern:
    """One reason to look. `id` is the same for as long as it is the same occurrence.

    `on` is the patient's local date on which it arose, `since` the instant at which it became known here, `until` the
    last local date on which it holds if nothing more becomes known (None: until something does).
    """

    id: UUID
    code: ConcernCode
    on: date
    since: datetime
    params: tuple[tuple[str, str], ...] = ()
    until: date | None = None


def concerns_after(
    prescription: Prescription,
    course: Course,
    stops: Iterable[Stop],
    before: Sequence[Concern],
    *,
    settled_on: date,
    now: datetime | None,
) -> tuple[Concern, ...]:
    """What needs a look after a course was followed on from `settled_on`; `before` is what needed one until now.

    `stops` are those that became known since. An occurrence keeps the instant at which it was first known; a new one
    gets `now`, or where that is not known the beginning of its date.
    """
    standing = course.standing
    found = [
        *_stopped(standing, stops, before),
        *_sore(course, before, settled_on),
        *_offered(prescription, standing),
        *_uncleared(prescription, standing, before),
    ]
    if not found:
        return ()
    known_since = {one.id: one.since for one in before}
    dated = [replace(one, since=known_since.get(one.id) or now or one.since) for one in found]
    held = [one for one in dated if one.until is None or one.until >= standing.through]
    return tuple(sorted(held, key=lambda one: (RANK[one.code], one.on, one.id.int)))


def concern_of_stop(stop: Stop) -> Concern:
    """A stop as a reason to look."""
    is_emergency = stop.symptom_class == safety.EMERGENCY
    code = ConcernCode.STOPPED_EMERGENCY if is_emergency else ConcernCode.STOPPED_SYMPTOM
    return Concern(stop.id, code, stop.known_on, begins(stop.known_on), (("symptom", stop.symptom),))


def begins(day: date) -> datetime:
    """The beginning of a date in UTC, where no better instant is known."""
    return datetime.combine(day, time(), tzinfo=UTC)


def _stopped(standing: Standing, stops: Iterable[Stop], before: Sequence[Concern]) -> list[Concern]:
    """The symptoms whose stops are open, also those that so far concern no exercise of this prescription."""
    left = {*standing.open_stops, *[stop.id for stop in standing.stops_elsewhere]}
    if not left:
        return []
    found = {one.id: one for one in before if one.code in STOPS and one.id in left}
    for stop in (*standing.stops_elsewhere, *stops):
        if stop.id in left:
            found.setdefault(stop.id, concern_of_stop(stop))
    return list(found.values())


def latest_soreness(concerns: Iterable[Concern]) -> list[Concern]:
    """The concerns of one prescription as they are told: of soreness only the latest of each kind."""
    told = list(concerns)
    newest = {code: max((one.on for one in told if one.code is code), default=None) for code in SORENESS}
    return [one for one in told if one.code not in SORENESS or one.on == newest[one.code]]


def _sore(course: Course, before: Sequence[Concern], settled_on: date) -> list[Concern]:
    """The latest high pain and the latest soreness without a gentler rung, of the days that are over and of this one.

    What the same day takes back is not told, and then what was there before it is told again.
    """
    newest: dict[tuple[ConcernCode, bool], Concern] = {}
    found = [one for one in before if one.code in SORENESS and one.on <= settled_on]
    for decision in course.decisions:
        if decision.by.kind is ActorKind.RULE and decision.state is DecisionState.APPLIED:
            found += _of_soreness(decision)
    for one in sorted(found, key=lambda each: each.on):
        newest[one.code, one.on == course.standing.through] = one
    return list(newest.values())


def _of_soreness(decision: Decision) -> list[Concern]:
    params = dict(decision.reason.params)
    because = params.get("because", decision.reason.code)
    on, until = decision.decided_on, decision.decided_on + timedelta(days=TOLD_DAYS - 1)
    found = []
    if decision.reason.code == "sore_at_lowest_rung":
        found.append(Concern(decision.id, ConcernCode.SORE_AT_LOWEST_RUNG, on, begins(on), (), until))
    if because == "pain_high":
        pain = (("pain", params["worst_pain"]),) if "worst_pain" in params else ()
        key = uuid5(decision.id, ConcernCode.PAIN_HIGH)
        found.append(Concern(key, ConcernCode.PAIN_HIGH, on, begins(on), pain, until))
    return found


def _offered(prescription: Prescription, standing: Standing) -> list[Concern]:
    """An offer that waits for a clinician, until the day on which it would fall apart without practice."""
    offer = standing.offer
    if offer is None or offer.asks is not ActorKind.CLINICIAN:
        return []
    until = standing.through
    later = standing
    for _ in range(OFFER_DAYS):
        later = follow(prescription, (), until=until + ONE_DAY, since=later).standing
        if later.offer != offer:
            break
        until += ONE_DAY
    on = offer.offered_on
    return [Concern(offer.decision_id, ConcernCode.OFFER_WAITING, on, begins(on), (), until)]


def _uncleared(prescription: Prescription, standing: Standing, before: Sequence[Concern]) -> list[Concern]:
    """Conditions against the present exercise, or against the next one when it is earned."""
    if not (standing.is_caution_held or standing.is_block_told):
        return []
    version = prescription.version_on(standing.through)
    rung = standing.rung if standing.is_caution_held else min(standing.rung + 1, len(version.rungs))
    against = sorted(set(standing.uncleared) & set(version.rung_at(rung).avoid_conditions))
    if not against:
        return []
    params = (("conditions", ",".join(against)),)
    same = next((one for one in before if one.code is ConcernCode.NEEDS_CLEARANCE and one.params == params), None)
    if same is not None:
        return [replace(same, until=version.ends_on)]
    on = standing.through
    key = uuid5(prescription.id, f"{ConcernCode.NEEDS_CLEARANCE}/{params}/{on}")
    return [Concern(key, ConcernCode.NEEDS_CLEARANCE, on, begins(on), params, version.ends_on)]
