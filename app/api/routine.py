"""The routine: what to do today, or on up to 42 days to keep offline, with everything a phone needs to show it.

Hot path: one hop, at most three questions, ready bytes. The answer is put together from fragments that were rendered
before (the exercises, the safety texts of the clinic) and one small object, made now or remembered under its ETag; a
test reads it back through `RoutineOut`.
"""

from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from pydantic_core import to_json
from starlette.responses import Response

from app.api.deps import (
    AcceptLanguage,
    CallerDep,
    House,
    HouseDep,
    IfNoneMatch,
    language_of,
    routes,
    today_of,
)
from app.api.problems import STAFF, responses
from app.api.shapes.books import Books
from app.api.shapes.courses import Teller
from app.api.shapes.made_routines import MadeRoutine
from app.api.shapes.routines import RoutineOut, dosage_object, exercise_ids, questions, reactions, red_flags
from app.api.wire import LocalDate, bytes_response, etag, matches
from app.content.library import Library
from app.domain import days as local_days
from app.domain.decision import ActorKind
from app.domain.errors import NotFound, PatientClosed, invalid
from app.domain.rules.profiles import PAIN_FREE_DAYS, PROFILES, profile_of
from app.queries.practice_of_patient import FollowedPrescription
from app.queries.routine_of_days import Item, Routine, RoutineDay, routine_of_days
from app.store import clinics, patients
from app.store.clinics import Clinic
from app.store.scope import Scope
from app.store.transaction import Transaction

router = routes("routine")

MOST_DAYS = 42

From = Annotated[LocalDate | None, Query(alias="from", description="First local date; by default today.")]
Days = Annotated[int, Query(ge=1, le=MOST_DAYS, description="How many local dates.")]


@router.get("/me/routine", response_model=RoutineOut, responses=responses(*STAFF, PatientClosed))
async def get_my_routine(
    caller: CallerDep,
    house: HouseDep,
    first: From = None,
    days: Days = 1,
    accept_language: AcceptLanguage = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """What to do today, or on up to 42 days to keep offline."""
    # Today asks for a few rows, and mostly for none; other dates may ask for years.
    read = house.db.read_remembered if first is None and days == 1 else house.db.read
    return await read(caller, _mine, house, first, days, accept_language, if_none_match, caller.now)


@router.get("/patients/{patient_id}/routine", response_model=RoutineOut, responses=responses(*STAFF, NotFound))
async def get_patient_routine(
    patient_id: UUID,
    caller: CallerDep,
    house: HouseDep,
    first: From = None,
    days: Days = 1,
    accept_language: AcceptLanguage = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """What a patient's phone shows, as the clinic sees it."""
    return await house.db.read(
        caller, _of_patient, patient_id, house, first, days, accept_language, if_none_match, caller.now
    )


def _mine(
    tx: Transaction,
    house: House,
    first: date | None,
    count: int,
    accept: str | None,
    if_none_match: str | None,
    now: datetime,
) -> Response:
    scope = tx.scope
    assert scope.patient_id is not None
    language = language_of(accept, house.library, scope.language)
    today = today_of(scope, now)
    return _answer(
        tx,
        scope.patient_id,
        house,
        language,
        (scope.patient_revision, scope.time_zone),
        today,
        first or today,
        count,
        if_none_match,
    )


def _of_patient(
    tx: Transaction,
    patient_id: UUID,
    house: House,
    first: date | None,
    count: int,
    accept: str | None,
    if_none_match: str | None,
    now: datetime,
) -> Response:
    patient = patients.get(tx, patient_id)
    language = language_of(accept, house.library, tx.scope.language)
    today = patient.today(now)
    about = (patient.revision, patient.time_zone)
    return _answer(tx, patient_id, house, language, about, today, first or today, count, if_none_match)


def _answer(
    tx: Transaction,
    patient_id: UUID,
    house: House,
    language: str,
    about: tuple[int, str],
    today: date,
    first: date,
    count: int,
    if_none_match: str | None,
) -> Response:
    revision, time_zone = about
    if abs((first - today).days) > MOST_DAYS:
        raise invalid("query/from", "out_of_range", f"`from` lies within {MOST_DAYS} days of today.")
    books = house.books(tx)
    tag = etag(
        revision,
        tx.scope.clinic_revision,
        books.library.content_version,
        house.build,
        language,
        today.toordinal(),
        first.toordinal(),
        count,
    )
    headers = {
        "ETag": tag,
        "Cache-Control": "private, no-cache",
        "Vary": "Accept-Language, Authorization",
    }
    if matches(if_none_match, tag):
        return Response(status_code=304, headers=headers)
    headers["Content-Language"] = language
    key = (tx.scope.clinic_id, patient_id, tag)
    made = house.routines.get(key)
    if made is None:
        routine = routine_of_days(tx, patient_id, revision, first, count, today)
        made = _made(routine, patient_id, time_zone, today, house, books.library, language)
        house.routines.keep(key, made)
    return bytes_response(_spliced(made, house, books, _clinic(tx), tx.scope, language), headers=headers)


_clinics: dict[tuple[UUID, int], Clinic] = {}
"""Settings by clinic and revision: a revision never changes, so it is asked for once."""


def _clinic(tx: Transaction) -> Clinic:
    key = (tx.scope.clinic_id, tx.scope.clinic_revision)
    if key not in _clinics:
        while len(_clinics) > 1000:  # noqa: PLR2004 - clinics in memory
            _clinics.pop(next(iter(_clinics)), None)
        _clinics[key] = clinics.settings(tx)
    return _clinics[key]


def _made(
    routine: Routine,
    patient_id: UUID,
    time_zone: str,
    today: date,
    house: House,
    library: Library,
    language: str,
) -> MadeRoutine:
    """What is this patient's own."""
    teller = Teller(library.texts, language)
    zone = local_days.zone_or_utc(time_zone)
    valid_until = local_days.first_instant(today + timedelta(days=1), zone)
    text = to_json(
        {
            "patient_id": patient_id,
            "time_zone": time_zone,
            "as_of": today,
            "valid_until": valid_until.isoformat(),
            "days": [_day(day, teller, library, language) for day in routine.days],
            "offers": [
                _offer(one, teller)
                for one in routine.followed
                if one.course.standing.offer and one.course.standing.offer.asks is ActorKind.PATIENT
            ],
            "rule_reactions": [
                {"prescription_id": one.standings.prescription.id, "reactions": own}
                for one in routine.followed
                if (own := _own_reactions(one, house, language))
            ],
            "notices": [
                one.model_dump()
                for one in teller.notices(
                    [one.decision for one in routine.decisions],
                    {one.decision.id for one in routine.decisions if one.is_acknowledged},
                )
            ],
        }
    )
    has_stop = any(one.course.standing.open_stops for one in routine.followed)
    return MadeRoutine(text, tuple(exercise_ids(routine)), has_stop)


def _spliced(made: MadeRoutine, house: House, books: Books, clinic: Clinic, scope: Scope, language: str) -> bytes:
    """What is the patient's own with what others are shown as well."""
    shelf = books.shelf.exercises
    exercises = b",".join(shelf[one, language] for one in made.exercise_ids if (one, language) in shelf)
    fixed = _fixed(house, clinic, scope.clinic_id, scope.clinic_revision, language, has_stop=made.has_stop)
    # Joined in one go: a hundred kilobytes are copied at each plus sign.
    return b"".join((made.text[:-1], b',"exercises":[', exercises, b"],", fixed, b"}"))


def _day(day: RoutineDay, teller: Teller, library: Library, language: str) -> dict[str, Any]:
    return {
        "date": day.local_date,
        "state": day.state,
        "items": [_item(item, teller, library, language) for item in day.items],
    }


def _item(item: Item, teller: Teller, library: Library, language: str) -> dict[str, Any]:
    progress = item.progress
    return {
        "prescription_id": item.prescription_id,
        "prescription_version": item.version.version,
        "exercise_id": item.rung.exercise_id,
        "exercise_version": item.rung.exercise_version,
        "rung": item.rung.rung,
        "rungs": len(item.version.rungs),
        "status": item.status,
        "sides": item.rung.required_sides,
        "dosage": dosage_object(item.rung, library, language, dosage=item.dosage, is_eased=item.is_eased),
        "modifications": item.rung.modifications,
        "instruction": item.version.instruction_for(item.rung),
        "slots": [
            {"slot": slot.slot, "status": slot.status, "due": slot.is_due, "session_id": slot.session_id}
            for slot in item.slots
        ],
        "progress": None
        if progress is None
        else {
            "code": progress.code,
            "counted_days": progress.counted_days,
            "needed_days": progress.needed_days,
            "next_exercise_id": progress.next_exercise_id,
            "text": teller.progress_text(progress),
        },
    }


def _own_reactions(one: FollowedPrescription, house: House, language: str) -> list[dict[str, Any]]:
    """What its rule says otherwise than the reactions of the whole routine; empty when it says nothing else."""
    version = one.standings.prescription.version_on(one.course.standing.through)
    if version.rule.profile == PAIN_FREE_DAYS:
        return []
    return reactions(house.library.texts, language, profile_of(version.rule), version.usual_pain)


def _offer(one: FollowedPrescription, teller: Teller) -> dict[str, Any]:
    offer = one.course.standing.offer
    assert offer is not None
    prescription = one.standings.prescription
    version = prescription.version_on(one.course.standing.through)
    return {
        "decision_id": offer.decision_id,
        "prescription_id": prescription.id,
        "from_rung": offer.from_rung,
        "to_rung": offer.to_rung,
        "exercise_id": version.rung_at(offer.to_rung).exercise_id,
        "offered_on": offer.offered_on,
        "text": teller.say("offer", "likely_time", {}),
        "ask_if_unsure": teller.say("offer", "ask_if_unsure", {}),
        "accept_text": teller.say("offer", "accept", {}),
        "decline_text": teller.say("offer", "decline", {}),
    }


_fragments: dict[tuple[UUID, int, str, str, str, bool], bytes] = {}
"""Safety texts by what they depend on; the oldest leave when there are too many."""


def _fixed(house: House, clinic: Clinic, clinic_id: UUID, revision: int, language: str, *, has_stop: bool) -> bytes:
    """Reactions, questions and safety: the same for all patients of a clinic until its settings change."""
    key = (clinic_id, revision, house.library.content_version, house.build, language, has_stop)
    if key not in _fragments:
        while len(_fragments) > 4000:  # noqa: PLR2004 - fragments in memory
            _fragments.pop(next(iter(_fragments)), None)
        params = {"emergency_number": clinic.emergency_number or "", "clinic_phone": clinic.phone or clinic.email or ""}
        texts = house.library.texts
        safety = {
            "do_first": texts.render("safety", "stop_first", params, language) if has_stop else None,
            "contact": {"phone": clinic.phone, "email": clinic.email, "hours": clinic.hours},
            "emergency_number": clinic.emergency_number,
            "is_monitored": False,
            "disclaimer": [
                texts.render("safety", "is_not_monitored", params, language),
                texts.render("safety", "no_diagnosis", params, language),
            ],
            "red_flags": red_flags(house.library, language, params),
        }
        fragment = {
            "reactions": reactions(texts, language, PROFILES[PAIN_FREE_DAYS, 1]),
            "questions": questions(texts, language),
            "safety": safety,
        }
        _fragments[key] = to_json(fragment)[1:-1]
    return _fragments[key]
