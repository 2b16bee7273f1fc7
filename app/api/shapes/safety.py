"""What is said before anything else, the same for a session, a check-in and each report of a batch."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated

from pydantic import Field

from app.api.wire import Codes, Out
from app.content.library import Library
from app.domain.safety import STOP, WORST_FIRST
from app.store.clinics import Clinic


class SafetyOut(Out):
    """What to show before anything else. Nobody watches this in real time."""

    symptom_class: Annotated[str, Codes("symptom_class"), Field(serialization_alias="class")]
    text: str
    advice: list[str]
    emergency_number: str | None
    clinic_phone: str | None
    is_monitored: bool


def safety_out(
    codes: Iterable[str],
    clinic: Clinic,
    library: Library,
    language: str,
    *,
    told_on: date,
    known_on: date,
    is_stopped: bool = False,
) -> SafetyOut | None:
    """What to show first, the most urgent class deciding. `codes` are the symptoms of the report.

    `is_stopped`: what has been stopped was practised, and is to be stopped again. A report of an earlier date names
    that date, so that nobody mistakes it for now.
    """
    found = [library.symptoms[code] for code in codes if code in library.symptoms]
    classes = {one.symptom_class for one in found} | ({STOP} if is_stopped else set())
    worst = next((one for one in WORST_FIRST if one in classes), None)
    if worst is None:
        return None
    params = {"emergency_number": clinic.emergency_number or "", "clinic_phone": clinic.phone or clinic.email or ""}
    texts = library.texts
    advice = [texts.fill(one.advice.get(language, one.advice["en"]), params, language) for one in found]
    if found and told_on < known_on:
        advice.insert(0, texts.render("safety", "late_report", {"local_date": told_on.isoformat()}, language))
    return SafetyOut(
        symptom_class=worst,
        text=texts.render("safety", f"{worst}_first", params, language),
        advice=advice,
        emergency_number=clinic.emergency_number,
        clinic_phone=clinic.phone,
        is_monitored=False,
    )


def most_urgent(found: Iterable[SafetyOut | None]) -> SafetyOut | None:
    """The one to show first of several; the first of equals."""
    said = [one for one in found if one is not None]
    return min(said, key=lambda one: WORST_FIRST.index(one.symptom_class), default=None)
