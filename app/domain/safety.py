"""Which reported symptoms stop exercise, and which advice is shown first?

Every emergency or stop symptom of a session or a check-in becomes one stop, with an id made from the report and the
symptom, so that a retry or a correction finds it again and never makes a second one. This file refuses to diagnose:
what a symptom does is written in the reviewed catalogue.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID, uuid5

from app.domain.decision import Stop
from app.domain.exercise import Symptom

EMERGENCY = "emergency"
STOP = "stop"
CONTACT = "contact"

WORST_FIRST = (EMERGENCY, STOP, CONTACT)
"""Classes of symptoms, the most urgent first."""


def stops_from(
    report_id: UUID,
    told: Iterable[str],
    symptoms: Mapping[str, Symptom],
    local_date: date,
    known_on: date,
    *,
    session_id: UUID | None = None,
) -> tuple[Stop, ...]:
    """The stops that a report makes, in the order of the symptoms `told` in it.

    `symptoms` is the catalogue by code. A code that the catalogue does not know stops nothing here; it is marked on the
    report and a person reads it. `session_id` is the report's where it is a session.
    """
    known = [symptoms[code] for code in dict.fromkeys(told) if code in symptoms]
    return tuple(
        Stop(
            id=uuid5(report_id, symptom.code),
            symptom=symptom.code,
            symptom_class=symptom.symptom_class,
            regions=symptom.regions,
            local_date=local_date,
            known_on=known_on,
            session_id=session_id,
        )
        for symptom in known
        if symptom.symptom_class in {EMERGENCY, STOP}
    )


def worst_first(symptoms: Iterable[Symptom]) -> list[Symptom]:
    """The same symptoms with the most urgent class first; within a class they keep their order."""
    return sorted(symptoms, key=urgency)


def urgency(symptom: Symptom) -> int:
    """How urgent a symptom's class is, 0 the most; a class that is not known comes last."""
    return WORST_FIRST.index(symptom.symptom_class) if symptom.symptom_class in WORST_FIRST else len(WORST_FIRST)
