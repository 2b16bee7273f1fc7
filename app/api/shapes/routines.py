"""The shapes of a routine on the wire, and the parts of it that are the same for everybody in a language."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.api.shapes.courses import NoticeOut
from app.api.shapes.exercises import DosageOut, ExerciseOut, load_kg
from app.api.wire import Codes, Out
from app.content.library import Library
from app.content.texts import Texts
from app.domain.dosage import Dosage
from app.domain.prescription import Rung
from app.domain.rules.growth import kilograms
from app.domain.rules.profiles import Profile
from app.domain.safety import CONTACT, worst_first
from app.queries.routine_of_days import Routine

WORST = 10
"""The highest answer about pain."""


class SlotOut(Out):
    """One time of doing it on a day."""

    slot: int
    status: Annotated[str, Codes("slot_status")]
    due: bool
    session_id: UUID | None


class ItemProgressOut(Out):
    """What is still missing for the next rung."""

    code: Annotated[str, Codes("progress")]
    counted_days: int
    needed_days: int
    next_exercise_id: str | None
    text: str


class ItemOut(Out):
    """One exercise to do on a day, with the dosage in force."""

    prescription_id: UUID
    prescription_version: int
    exercise_id: str
    exercise_version: int
    rung: int
    rungs: int
    status: Annotated[str, Codes("status")]
    sides: Annotated[list[Annotated[str, Codes("side")]], Field(description="The sides that each must be done.")]
    dosage: DosageOut
    modifications: list[str]
    instruction: str | None
    slots: list[SlotOut]
    progress: Annotated[ItemProgressOut | None, Field(description="Set for today only.")]


class RoutineDayOut(Out):
    """One local date."""

    date: date
    state: Annotated[str, Codes("day_state")]
    items: list[ItemOut]


class OfferOut(Out):
    """The next rung is earned, and the patient decides. Answer with `PUT /v1/me/decisions/{decision_id}/answer`."""

    decision_id: UUID
    prescription_id: UUID
    from_rung: int
    to_rung: int
    exercise_id: str
    offered_on: date
    text: str
    ask_if_unsure: str
    accept_text: str
    decline_text: str


class ReactionOut(Out):
    """What a phone does by itself with a pain answer, also offline."""

    questions: Annotated[
        list[Annotated[str, Codes("question")]], Field(description="The questions whose answers it is for.")
    ]
    pain_min: int
    pain_max: int
    do: Annotated[str, Codes("reaction")]
    text: str


class RuleReactionsOut(Out):
    """What a phone does with a pain answer about one prescription, in place of the `reactions` of the routine."""

    prescription_id: UUID
    reactions: list[ReactionOut]


class QuestionOut(Out):
    """A question to ask."""

    id: Annotated[str, Codes("question")]
    when: Annotated[str, Codes("question_time")]
    text: str
    low: str | None
    high: str | None
    required: bool


class RedFlagOut(Out):
    """A symptom that stops exercise."""

    code: str
    symptom_class: Annotated[str, Codes("symptom_class"), Field(alias="class")]
    text: str
    advice: str


class ContactOut(Out):
    """How to reach the clinic."""

    phone: str | None
    email: str | None
    hours: str | None


class RoutineSafetyOut(Out):
    """What keeps the patient safe, also offline. `do_first`, when set, comes before everything else."""

    do_first: str | None
    contact: ContactOut
    emergency_number: str | None
    is_monitored: bool
    disclaimer: list[str]
    red_flags: list[RedFlagOut]


class RoutineOut(Out):
    """Everything a phone needs to show and to keep for these days."""

    patient_id: UUID
    time_zone: str
    as_of: Annotated[date, Field(description="The patient's local date.")]
    valid_until: Annotated[datetime, Field(description="The first instant of the patient's next local date.")]
    days: list[RoutineDayOut]
    offers: list[OfferOut]
    notices: list[NoticeOut]
    exercises: Annotated[list[ExerciseOut], Field(description="Each once, both neighbours on the ladder included.")]
    reactions: list[ReactionOut]
    rule_reactions: Annotated[
        list[RuleReactionsOut], Field(description="For prescriptions whose rule says otherwise than `reactions`.")
    ]
    questions: list[QuestionOut]
    safety: RoutineSafetyOut


def exercise_ids(routine: Routine) -> list[str]:
    """The exercises that the routine shows and their neighbours on the ladder, each once."""
    found: dict[str, None] = {}
    for one in routine.followed:
        standing = one.course.standing
        version = one.standings.prescription.version_on(standing.through)
        for number in range(standing.rung - 1, standing.rung + 2):
            if 1 <= number <= len(version.rungs):
                found.setdefault(version.rung_at(number).exercise_id)
    for day in routine.days:
        for item in day.items:
            found.setdefault(item.rung.exercise_id)
    return list(found)


def dosage_object(
    rung: Rung, library: Library, language: str, *, dosage: Dosage | None = None, is_eased: bool = False
) -> dict[str, Any]:
    """A rung's dosage, or the one in force instead, as JSON values with how it is said aloud."""
    dosage = dosage or rung.dosage
    return {
        "sets": dosage.sets,
        "reps_min": dosage.reps_min,
        "reps_max": dosage.reps_max,
        "hold_seconds_min": dosage.hold_seconds_min,
        "hold_seconds_max": dosage.hold_seconds_max,
        "duration_seconds": dosage.duration_seconds,
        "rest_seconds": dosage.rest_seconds,
        "load": dosage.load,
        "load_kg_min": load_kg(dosage.load_grams_min),
        "load_kg_max": load_kg(dosage.load_grams_max),
        "due_per_day": dosage.due_per_day,
        "offered_per_day": dosage.offered_per_day,
        "days_per_week": dosage.days_per_week,
        "more_as_needed": dosage.more_as_needed and not is_eased,
        "spoken": spoken(rung, dosage, library, language),
        "origins": [
            {"field": field.replace("grams", "kg"), "origin": origin} for field, origin in dosage.origins.items()
        ],
    }


def spoken(rung: Rung, dosage: Dosage, library: Library, language: str) -> str:
    """How a dosage is said aloud: the catalogue's sentence where its dosage and sides hold, else the numbers."""
    exercise = library.exercises.get(rung.exercise_id)
    if exercise is not None and (exercise.dosage, exercise.required_sides) == (dosage, rung.required_sides):
        return exercise.spoken.get(language) or exercise.spoken["en"]
    return counted(rung, dosage, library.texts, language)


def counted(rung: Rung, dosage: Dosage, texts: Texts, language: str) -> str:
    """Sets, repetitions and holds of a dosage in words; nothing of days and times."""
    ends = {"reps_min": str(dosage.reps_min), "reps_max": str(dosage.reps_max)}
    is_exact = dosage.reps_min == dosage.reps_max
    params = {
        "sets": str(dosage.sets),
        "how_many": ends["reps_min"] if is_exact else texts.render("dosage", "range", ends, language),
        "hold_seconds_max": str(dosage.hold_seconds_max or 0),
    }
    code = "hold" if dosage.hold_seconds_max else "reps"
    if len(rung.required_sides) > 1:
        code += "_each_side"
    said = texts.render("dosage", code, params, language)
    if dosage.load_grams_min is None:
        return said
    loads = {"load_kg": kilograms(dosage.load_grams_min), "load_kg_max": kilograms(dosage.load_grams_max)}
    code = "load" if dosage.load_grams_min == dosage.load_grams_max else "load_range"
    return texts.render("dosage", code, {"said": said, **loads}, language)


def reactions(texts: Texts, language: str, profile: Profile, usual: int | None = None) -> list[dict[str, Any]]:
    """What to do with a pain answer, by the thresholds of a rule, and what to do with that of the next morning.

    `usual` is the patient's usual pain, where the rule asks for it: pain as usual goes on, whatever was there before.
    """
    worse = "_than_usual" if profile.usual_margin is not None else ""
    as_usual = (usual or 0) + profile.usual_margin if profile.usual_margin is not None else -1
    go_on_to = max(as_usual, profile.ease_from - 1 if profile.usual_margin is None else 0)
    during = (
        (0, go_on_to, "go_on", "go_on" if profile.hears_pain else "go_on_by_plan"),
        (go_on_to + 1, profile.step_back_from - 1, "ease", f"ease{worse}"),
        (max(go_on_to + 1, profile.step_back_from), WORST, "step_back", f"step_back{worse}"),
    )
    # Any pain above what was there before practice eases on the next morning, however much; 0 is never above it.
    usually = usual or 0 if profile.usual_margin is not None else 0
    usually = usually if profile.hears_pain else WORST
    morning = ((0, usually, "go_on", "go_on"), (usually + 1, WORST, "ease", "ease_in_the_morning"))
    asked = [(["pain_during", "pain_after"], one) for one in during] + [(["pain_now"], one) for one in morning]
    return [
        {
            "questions": questions,
            "pain_min": low,
            "pain_max": min(high, WORST),
            "do": code,
            "text": texts.render("reaction", text, {}, language),
        }
        for questions, (low, high, code, text) in asked
        if low <= min(high, WORST)
    ]


def questions(texts: Texts, language: str) -> list[dict[str, Any]]:
    """What to ask around a session; none is required, because an unanswered question is never read as no pain."""
    asked = (
        ("pain_before", "before_session", "pain"),
        ("pain_during", "after_exercise", "pain"),
        ("effort", "after_exercise", "effort"),
        ("pain_after", "after_session", "pain"),
        ("symptoms", "after_session", None),
        ("pain_now", "in_the_morning", "pain"),
        ("symptoms_now", "in_the_morning", None),
    )
    return [
        {
            "id": name,
            "when": when,
            "text": texts.render("question", name, {}, language),
            "low": texts.render("question", f"{anchor}_low", {}, language) if anchor else None,
            "high": texts.render("question", f"{anchor}_high", {}, language) if anchor else None,
            "required": False,
        }
        for name, when, anchor in asked
    ]


def red_flags(library: Library, language: str, params: dict[str, str]) -> list[dict[str, Any]]:
    """The symptoms that stop exercise, the most urgent first, with the clinic's own numbers in the advice."""
    found = [one for one in library.symptoms.values() if one.symptom_class != CONTACT]
    return [
        {
            "code": one.code,
            "class": one.symptom_class,
            "text": one.text.get(language) or one.text["en"],
            "advice": library.texts.fill(one.advice.get(language) or one.advice["en"], params, language),
        }
        for one in worst_first(found)
    ]
