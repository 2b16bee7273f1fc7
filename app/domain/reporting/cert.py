"""Which items of the Consensus on Exercise Reporting Template does a prescription state, and which are missing?

The template asks 16 things so that somebody else could do the same programme. Only what the prescription, the exercises
that it pins and the way adherence is counted say counts as stated; what nobody has told this service is missing. Names
and wording of the items are ours. This file refuses to know in which language the answer is given.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum

from app.domain.adherence import DEFINITION, DEFINITION_VERSION
from app.domain.exercise import Exercise
from app.domain.prescription import Rung, Version
from app.domain.rules.growth import kilograms
from app.domain.rules.profiles import GOOD_DAYS, PAIN_FREE_DAYS
from app.values import dataclass

HEAVY = {"band", "ankle_weight", "hand_weight"}
"""Equipment that says nothing without how strong or heavy it is."""
KINDS_OF_LOAD = {None, "body_weight", "band", "weight"}
"""What the catalogue says of a load; how much is the clinician's word."""
RESOLVED = ("sets", "reps_min", "reps_max", "hold_seconds_min", "hold_seconds_max", "duration_seconds", "rest_seconds")


class ItemStatus(StrEnum):
    """How much of an item is there."""

    STATED = "stated"
    """What the item asks for is there."""
    PARTLY = "partly"
    """Some of it is there; `text` says what is not."""
    MISSING = "missing"
    """Nothing of it is kept here. A report must take it from elsewhere."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where something stands, in the words of the API (`rungs[2]` is rung 2), and what it says there."""

    at: str
    says: str


@dataclass(frozen=True, slots=True)
class Item:
    """One item. `number` is the template's, `name` a code for it."""

    number: int
    name: str
    status: ItemStatus
    evidence: tuple[Evidence, ...] = ()


def cert_of(
    version: Version, definitions: Mapping[tuple[str, int], Exercise], chosen: Iterable[str], reason: str | None
) -> tuple[Item, ...]:
    """The 16 items in their order.

    `definitions` are exercises by id and version, `chosen` names the settings that the clinician set differently, and
    `reason` is why the version was made.
    """
    rungs = version.rungs[: version.max_rung]
    pinned = [(rung.exercise_id, rung.exercise_version) for rung in rungs]
    exercises = [definitions.get(key) for key in pinned]
    described = ItemStatus.STATED if all(exercises) else ItemStatus.PARTLY
    defined = [(rung, one) for rung, one in zip(rungs, exercises, strict=True) if one is not None]
    measured = Evidence("GET /v1/patients/{patient_id}/adherence: definition", f"{DEFINITION} {DEFINITION_VERSION}")
    complete = Evidence("sessions[].performances[].sets", "reps, hold_seconds, side")
    # The count of adherence leaves out what is done as needed.
    counted = ItemStatus.PARTLY if version.as_needed else ItemStatus.STATED
    return (
        _equipment(defined),
        Item(2, "provider", ItemStatus.MISSING),
        Item(3, "grouping", ItemStatus.PARTLY, (Evidence("patient_id", "1"),)),
        Item(4, "supervision", ItemStatus.PARTLY, (Evidence("routine: safety.is_monitored", "false"),)),
        Item(5, "adherence", counted, (measured,)),
        Item(6, "motivation", ItemStatus.PARTLY, (Evidence("GET /v1/me/progress", "text"),)),
        _progression(version),
        Item(
            8,
            "description",
            described,
            tuple(Evidence(f"rungs[{one.rung}]", f"{one.exercise_id} {one.exercise_version}") for one in rungs),
        ),
        Item(9, "home", ItemStatus.STATED, (Evidence("GET /v1/me/routine", _schedule(version)),)),
        Item(10, "other_parts", ItemStatus.MISSING),
        Item(11, "adverse_events", ItemStatus.PARTLY, (Evidence("sessions[]", "symptoms, pain_during, pain_after"),)),
        Item(12, "setting", ItemStatus.MISSING),
        _dose(version, rungs),
        _tailoring(defined, chosen, reason),
        Item(15, "starting_level", ItemStatus.PARTLY, (Evidence("start_rung", str(version.start_rung)),)),
        Item(16, "fidelity", counted, (complete, measured)),
    )


def _equipment(defined: Sequence[tuple[Rung, Exercise]]) -> Item:
    used = {code: None for _, exercise in defined for code in exercise.equipment}
    loads = tuple(
        Evidence(f"rungs[{rung.rung}].dosage.load", rung.dosage.load) for rung, _ in defined if rung.dosage.load
    )
    weights = tuple(
        Evidence(f"rungs[{rung.rung}].dosage.load_kg_{end}", kilograms(load))
        for rung, _ in defined
        for end, load in (("min", rung.dosage.load_grams_min), ("max", rung.dosage.load_grams_max))
        if load is not None
    )
    unknown = any(
        HEAVY & set(exercise.equipment) and rung.dosage.load in KINDS_OF_LOAD and rung.dosage.load_grams_min is None
        for rung, exercise in defined
    )
    needed = Evidence("exercises[].equipment", ", ".join(used) or "none")
    return Item(1, "equipment", ItemStatus.PARTLY if unknown else ItemStatus.STATED, (needed, *loads, *weights))


def _progression(version: Version) -> Item:
    """With a single rung there is a rule and nothing to move on to."""
    rule = version.rule
    number = PAIN_FREE_DAYS if rule.profile == PAIN_FREE_DAYS else GOOD_DAYS
    evidence = (
        Evidence("rule", f"{rule.profile} {rule.version}, {number} {rule.days}"),
        Evidence("advance", version.advance.value),
        Evidence("start_rung, max_rung", f"{version.start_rung}, {version.max_rung}"),
    )
    climbs = version.max_rung > version.start_rung
    return Item(7, "progression", ItemStatus.STATED if climbs else ItemStatus.PARTLY, evidence)


def _dose(version: Version, rungs: Sequence[Rung]) -> Item:
    """How often and how much is always resolved; for how many weeks is known once it has a last day."""
    numbers = tuple(
        Evidence(
            f"rungs[{rung.rung}].dosage",
            ", ".join(f"{name} {value}" for name in RESOLVED if (value := getattr(rung.dosage, name)) is not None),
        )
        for rung in rungs
    )
    ends = () if version.ends_on is None else (Evidence("ends_on", version.ends_on.isoformat()),)
    times = f"due_per_day {version.due_per_day}, offered_per_day {version.offered_per_day}"
    evidence = (*numbers, Evidence("schedule", f"{_schedule(version)}, {times}"), *ends)
    return Item(13, "dose", ItemStatus.STATED if ends else ItemStatus.PARTLY, evidence)


def _tailoring(defined: Sequence[tuple[Rung, Exercise]], chosen: Iterable[str], reason: str | None) -> Item:
    """Generic is a full answer; what was tailored needs its why."""
    tailored = (*(Evidence(name, "clinician") for name in chosen), *_tailored(defined))
    why = (Evidence("versions[].reason", reason),) if reason else ()
    if not tailored:
        return Item(14, "tailoring", ItemStatus.STATED, (Evidence("rungs", "as in the catalogue"), *why))
    return Item(14, "tailoring", ItemStatus.STATED if why else ItemStatus.PARTLY, (*tailored, *why))


def _tailored(defined: Sequence[tuple[Rung, Exercise]]) -> Iterator[Evidence]:
    for rung, exercise in defined:
        at = f"rungs[{rung.rung}]"
        own = [name for name, origin in rung.dosage.origins.items() if origin == "clinician"]
        if own:
            yield Evidence(f"{at}.dosage", ", ".join(own))
        if rung.required_sides != exercise.required_sides:
            yield Evidence(f"{at}.sides", ", ".join(rung.required_sides))
        if rung.modifications:
            yield Evidence(f"{at}.modifications", ", ".join(rung.modifications))
        if rung.instruction:
            yield Evidence(f"{at}.instruction", rung.instruction)


def _schedule(version: Version) -> str:
    if version.as_needed:
        return "as_needed"
    if version.every_n_days is not None:
        return f"every_n_days {version.every_n_days}"
    return f"{len(version.weekdays or ())} weekdays"
