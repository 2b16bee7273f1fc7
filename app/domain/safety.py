"""Which reported symptoms stop exercise, and which advice is shown first?

Every emergency or stop symptom of a session becomes one stop, with an id made from the session and the symptom, so that
a retry or a correction finds it again and never makes a second one. This file refuses to diagnose: what a symptom does
is written in the reviewed catalogue.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from uuid import uuid5

from app.domain.decision import Stop
from app.domain.exercise import Symptom
from app.domain.session import Session

EMERGENCY = "emergency"
STOP = "stop"
CONTACT = "contact"

WORST_FIRST = (EMERGENCY, STOP, CONTACT)
"""Classes of symptoms, the most urgent first."""


def stops_from(session: Session, symptoms: Mapping[str, Symptom], local_date: date, known_on: date) -> tuple[Stop, ...]:
    """The stops that a session reports, in the order of its symptoms.

    `symptoms` is the catalogue by code. A code that the catalogue does not know stops nothing here; it is marked on the
    session and a person reads it.
    """
    known = [symptoms[code] for code in dict.fromkeys(session.symptoms) if code in symptoms]
    return tuple(
        Stop(
            id=uuid5(session.id, symptom.code),
            symptom=symptom.code,
            symptom_class=symptom.symptom_class,
            regions=symptom.regions,
            local_date=local_date,
            known_on=known_on,
            session_id=session.id,
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
