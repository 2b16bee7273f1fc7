"""Which facts became known on which local date?

A course looks at its dates one after the other, and each date at what became known on it. This file sorts the facts, so
that the order in which they were given does not matter; it refuses to know what they do.
"""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from app.domain.decision import Absence, Answer, CarriedCondition, Order, Stop
from app.domain.session import PracticeDay, spelled
from app.values import dataclass, field

Fact = PracticeDay | Stop | Order | Answer | CarriedCondition | Absence
"""What can move a course."""


@dataclass(slots=True)
class Known:
    """The facts that became known on one local date, each once."""

    practice: dict[date, PracticeDay] = field(default_factory=dict)
    stops: dict[UUID, Stop] = field(default_factory=dict)
    orders: dict[UUID, Order] = field(default_factory=dict)
    answers: dict[tuple[UUID, bool], Answer] = field(default_factory=dict)
    added: set[CarriedCondition] = field(default_factory=set)
    cleared: set[CarriedCondition] = field(default_factory=set)
    begun: set[Absence] = field(default_factory=set)
    ended: set[Absence] = field(default_factory=set)


def by_day(facts: Iterable[Fact], after: date | None, until: date) -> dict[date, Known]:
    """The facts by the local date on which they became known, later than `after` and by `until`."""
    known: dict[date, Known] = {}
    for fact in facts:
        for day in dates_of(fact):
            if day <= until and (after is None or day > after):
                take(known.setdefault(day, Known()), fact, day)
    return known


def dates_of(fact: Fact) -> tuple[date, ...]:
    """The dates on which a fact means something new; a condition does when it is carried and when it is cleared.

    So does an absence, when it becomes known and when it is ended.
    """
    match fact:
        case PracticeDay():
            # A traveller's phone may be a date ahead: its day is not looked at before it begins here.
            return (max(fact.known_on, fact.local_date),)
        case CarriedCondition(cleared_on=None):
            return (fact.known_on,)
        case CarriedCondition(cleared_on=date() as cleared_on):
            return (fact.known_on, cleared_on) if cleared_on > fact.known_on else ()
        case Absence(ended_on=date() as ended_on):
            return (fact.known_on, ended_on) if ended_on > fact.known_on else ()
        case _:
            return (fact.known_on,)


def take(known: Known, fact: Fact, day: date) -> None:
    """Put a fact with the others of its date."""
    match fact:
        case PracticeDay():
            there = known.practice.get(fact.local_date)
            known.practice[fact.local_date] = fact if there is None else max(there, fact, key=newest)
        case Stop():
            known.stops[fact.id] = fact
        case Order():
            known.orders[fact.id] = fact
        case Answer():
            known.answers[fact.decision_id, fact.accepted] = fact
        case CarriedCondition():
            (known.added if day == fact.known_on else known.cleared).add(fact)
        case Absence():
            (known.begun if day == fact.known_on else known.ended).add(fact)


def newest(day: PracticeDay) -> tuple[date, int, list[str]]:
    """Which of two snapshots of one date holds more; the last part only makes the choice certain."""
    return day.known_on, len(day.performances), [spelled(one) for one in day.performances]
