"""What does a clinician's wish become? A version with every number resolved, pinned, and its origin known.

What is not asked for comes from the clinic's defaults or the catalogue. This file refuses to know how a wish was sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from app.domain.dosage import Dosage
from app.domain.errors import FieldError, Invalid
from app.domain.exercise import PRODUCT_DEFAULT, CautionAction, Exercise, Ladder, Side, Sides
from app.domain.prescription import AdvanceMode, Rule, Rung, Version
from app.domain.rules.growth import LOAD_GROWS_FROM_GRAMS, PERCENT
from app.domain.rules.profiles import GOOD_DAYS, PAIN_FREE_DAYS, PROFILES, Profile
from app.values import dataclass

CARRIED_OVER_DAYS = 90
"""How far back a plan from paper may begin."""

RULE_VERSION = 1
DAYS_OF_WEEK = 7


@dataclass(frozen=True, slots=True)
class RungWish:
    """What is asked for one rung. `dosage` holds only the fields that differ from the catalogue."""

    rung: int
    dosage: Mapping[str, int | str | None]
    side: Side | None
    modifications: tuple[str, ...]
    instruction: str | None


@dataclass(frozen=True, slots=True)
class Wish:
    """What a clinician asks for; None takes the default."""

    ladder_id: str
    start_rung: int
    max_rung: int | None
    starts_on: date
    ends_on: date | None
    weekdays: tuple[int, ...] | None
    every_n_days: int | None
    due_per_day: int | None
    offered_per_day: int | None
    as_needed: bool
    usual_pain: int | None
    rungs: tuple[RungWish, ...]
    profile: str | None
    pain_free_days: int | None
    advance: AdvanceMode | None
    good_days: int | None = None
    instruction: str | None = None


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the clinic has settled for all its prescriptions; None leaves it to the catalogue.

    `pain_free_days` is for the profile of that name alone.
    """

    advance: AdvanceMode
    pain_free_days: int | None


def resolve(
    wish: Wish,
    ladder: Ladder,
    exercises: Sequence[Exercise],
    defaults: Defaults,
    *,
    version: int,
    effective_on: date,
) -> Version:
    """The version that a wish becomes. Raises Invalid, which names each field that cannot be."""
    found = [*_errors(wish, ladder)]
    by_rung = {one.rung: one for one in wish.rungs}
    rungs = []
    for number, exercise in enumerate(exercises, start=1):
        rung, wrong = _rung(number, exercise, by_rung.get(number), wish)
        rungs.append(rung)
        found.extend(wrong)
    first = rungs[0].dosage
    due = wish.due_per_day if wish.due_per_day is not None else first.due_per_day
    offered = wish.offered_per_day if wish.offered_per_day is not None else max(due, first.offered_per_day)
    if offered < due:
        found.append(FieldError("/offered_per_day", "out_of_range", "It cannot be less than due_per_day."))
    if found:
        raise Invalid("The prescription cannot be made as asked.", errors=tuple(found))
    return Version(
        version=version,
        effective_on=effective_on,
        starts_on=wish.starts_on,
        ends_on=wish.ends_on,
        ladder_id=ladder.id,
        rungs=tuple(rungs),
        start_rung=wish.start_rung,
        max_rung=wish.max_rung or len(rungs),
        weekdays=None if wish.every_n_days else _weekdays(wish, rungs),
        every_n_days=wish.every_n_days,
        due_per_day=due,
        offered_per_day=offered,
        as_needed=wish.as_needed,
        usual_pain=wish.usual_pain,
        rule=_rule(wish, ladder, defaults),
        advance=wish.advance or defaults.advance,
        instruction=wish.instruction,
    )


def moves(before: Version, after: Version) -> bool:
    """Does a new version put the patient on another exercise: another ladder, or another rung to start on?"""
    return after.ladder_id != before.ladder_id or after.start_rung != before.start_rung


def renewed(before: Version, after: Version) -> Version:
    """The version that follows another: a change of ladder, rung or profile restarts the run.

    What was closed stays closed until it is given another last day.
    """
    return replace(
        after,
        restarts_run=moves(before, after) or after.rule.profile != before.rule.profile,
        closed_as=before.closed_as if after.ends_on == before.ends_on else None,
    )


def _weekdays(wish: Wish, rungs: Sequence[Rung]) -> frozenset[int]:
    """The weekdays asked for, else as many as the rung to start on is meant for, spread over the week."""
    if wish.weekdays:
        return frozenset(wish.weekdays)
    count = rungs[wish.start_rung - 1].dosage.days_per_week
    return frozenset(number * DAYS_OF_WEEK // count for number in range(count))


def _rule(wish: Wish, ladder: Ladder, defaults: Defaults) -> Rule:
    """The rule with its number of days: as asked for, else the clinic's, the ladder's or the profile's own."""
    name = wish.profile or ladder.rule_profile
    catalogue = ladder.rule_days if name == ladder.rule_profile else PROFILES[name, RULE_VERSION].default_days
    if name == PAIN_FREE_DAYS:
        days = wish.pain_free_days or defaults.pain_free_days or catalogue
        return Rule(name, RULE_VERSION, pain_free_days=days)
    return Rule(name, RULE_VERSION, good_days=wish.good_days or catalogue)


def origins_of(wish: Wish, defaults: Defaults, version: Version, ladder: Ladder | None) -> tuple[tuple[str, str], ...]:
    """Where each setting of a prescription comes from: `clinician`, `clinic`, or a source or `product_default`.

    `ladder` is None where the catalogue has it no more.
    """
    rule, dosage = version.rule, version.rung_at(1).dosage.origins
    of_days = version.rung_at(version.start_rung).dosage.origins.get("days_per_week", PRODUCT_DEFAULT)
    number = PAIN_FREE_DAYS if rule.profile == PAIN_FREE_DAYS else GOOD_DAYS
    catalogue = ladder.origins if ladder is not None and ladder.rule_profile == rule.profile else {}
    is_clinics = number == PAIN_FREE_DAYS and defaults.pain_free_days
    asked = {
        "advance": (wish.advance, "clinic"),
        number: (
            wish.pain_free_days if number == PAIN_FREE_DAYS else wish.good_days,
            "clinic" if is_clinics else catalogue.get(number, PRODUCT_DEFAULT),
        ),
        "due_per_day": (wish.due_per_day, dosage.get("due_per_day", PRODUCT_DEFAULT)),
        "offered_per_day": (wish.offered_per_day, dosage.get("offered_per_day", PRODUCT_DEFAULT)),
        "schedule": (wish.weekdays or wish.every_n_days, of_days),
        "max_rung": (wish.max_rung, "product_default"),
        "profile": (wish.profile, catalogue.get("rule_profile", PRODUCT_DEFAULT)),
    }
    return tuple((field, otherwise if value is None else "clinician") for field, (value, otherwise) in asked.items())


def _errors(wish: Wish, ladder: Ladder) -> list[FieldError]:
    count = len(ladder.exercise_ids)
    found = []
    if not 1 <= wish.start_rung <= count:
        found.append(FieldError("/start_rung", "out_of_range", f"This ladder has rungs 1 to {count}."))
    if wish.max_rung is not None and not wish.start_rung <= wish.max_rung <= count:
        found.append(FieldError("/max_rung", "out_of_range", f"It must lie between start_rung and {count}."))
    if wish.ends_on is not None and wish.ends_on < wish.starts_on:
        found.append(FieldError("/ends_on", "upside_down", "It must not be before starts_on."))
    if wish.weekdays is not None and wish.every_n_days is not None:
        found.append(FieldError("/every_n_days", "contradiction", "Give weekdays or every_n_days, not both."))
    name = wish.profile or ladder.rule_profile
    profile = PROFILES.get((name, RULE_VERSION))
    if profile is None:
        known = ", ".join(sorted(name for name, _ in PROFILES))
        found.append(FieldError("/rule/profile", "not_allowed", f"Known profiles: {known}."))
    else:
        found += _rule_errors(wish, name, profile)
    seen: set[int] = set()
    for index, one in enumerate(wish.rungs):
        if not 1 <= one.rung <= count or one.rung in seen:
            found.append(FieldError(f"/rungs/{index}/rung", "out_of_range", f"Each of 1 to {count} at most once."))
        seen.add(one.rung)
    return found


def _rule_errors(wish: Wish, name: str, profile: Profile) -> list[FieldError]:
    """What is wrong with the numbers that were asked for this profile."""
    found = []
    if wish.pain_free_days is not None and name != PAIN_FREE_DAYS:
        detail = f"The profile {name} counts good days: give good_days."
        found.append(FieldError("/rule/pain_free_days", "contradiction", detail))
    if wish.good_days is not None and name == PAIN_FREE_DAYS:
        detail = "The profile pain_free_days counts pain-free days: give pain_free_days."
        found.append(FieldError("/rule/good_days", "contradiction", detail))
    elif wish.good_days is not None and not profile.min_days <= wish.good_days <= profile.max_days:
        detail = f"This profile takes {profile.min_days} to {profile.max_days} days."
        found.append(FieldError("/rule/good_days", "out_of_range", detail))
    if profile.usual_margin is not None and wish.usual_pain is None:
        detail = f"The profile {name} compares with the patient's usual pain: say how strong it is, 0 to 10."
        found.append(FieldError("/usual_pain", "missing", detail))
    found += [error for index, one in enumerate(wish.rungs) for error in _load_errors(index, one, name, profile)]
    told = {one.rung for one in wish.rungs if one.dosage.get("reps_min") is not None}
    if profile.start_percent < PERCENT and wish.start_rung not in told:
        detail = f"The profile {name} begins below a measured baseline: give it as reps_min of rung {wish.start_rung}."
        found.append(FieldError("/rungs", "missing", detail))
    return found


def _load_errors(index: int, one: RungWish, name: str, profile: Profile) -> list[FieldError]:
    """A range of loads is room to grow in: the rule must grow a load, and can keep to 10 % a step only from 1 kg on."""
    first, last = one.dosage.get("load_grams_min"), one.dosage.get("load_grams_max")
    if not isinstance(first, int) or not isinstance(last, int) or first >= last:
        return []
    if profile.load_step_percent is None:
        detail = f"The profile {name} grows no load: give one load, as both ends."
        return [FieldError(f"/rungs/{index}/dosage/load_kg_max", "contradiction", detail)]
    if first < LOAD_GROWS_FROM_GRAMS:
        detail = "A load that grows begins at 1 kg or more: below, a step of 0.1 kg is more than 10 %."
        return [FieldError(f"/rungs/{index}/dosage/load_kg_min", "out_of_range", detail)]
    return []


def begins_too_early(starts_on: date, today: date) -> bool:
    """May a plan begin this far back?"""
    return starts_on < today - timedelta(days=CARRIED_OVER_DAYS)


def _rung(number: int, exercise: Exercise, wish: RungWish | None, whole: Wish) -> tuple[Rung, list[FieldError]]:
    index = next((i for i, one in enumerate(whole.rungs) if one is wish), 0)
    found: list[FieldError] = []
    dosage = exercise.dosage
    sides = exercise.required_sides
    if wish is not None:
        dosage = _dosage(exercise.dosage, wish.dosage)
        for low, high in (
            ("reps_min", "reps_max"),
            ("hold_seconds_min", "hold_seconds_max"),
            ("load_grams_min", "load_grams_max"),
        ):
            least, most = getattr(dosage, low), getattr(dosage, high)
            if least is not None and most is not None and least > most:
                at, other = (name.replace("grams", "kg") for name in (low, high))
                found.append(FieldError(f"/rungs/{index}/dosage/{at}", "upside_down", f"It is more than {other}."))
        if wish.side is not None:
            if exercise.sides is not Sides.LEFT_THEN_RIGHT or wish.side not in {Side.LEFT, Side.RIGHT}:
                detail = "Only a one-sided exercise can be prescribed for the left or the right side alone."
                found.append(FieldError(f"/rungs/{index}/side", "not_allowed", detail))
            sides = (wish.side,)
        known = {one.id for one in exercise.modifications}
        for place, name in enumerate(wish.modifications):
            if name not in known:
                listed = ", ".join(sorted(known))
                found.append(FieldError(f"/rungs/{index}/modifications/{place}", "not_allowed", f"Known: {listed}."))
    rung = Rung(
        rung=number,
        exercise_id=exercise.id,
        exercise_version=exercise.version,
        regions=exercise.regions,
        required_sides=sides,
        dosage=dosage,
        modifications=wish.modifications if wish else (),
        instruction=wish.instruction if wish else None,
        avoid_conditions=tuple(c.condition for c in exercise.cautions if c.action is CautionAction.AVOID),
    )
    return rung, found


def _dosage(catalogue: Dosage, asked: Mapping[str, int | str | None]) -> Dosage:
    changed = {name: value for name, value in asked.items() if value is not None}
    if "reps_min" in changed and "reps_max" not in changed:
        changed["reps_max"] = max(catalogue.reps_max, int(changed["reps_min"] or 0))
    if "reps_max" in changed and "reps_min" not in changed:
        changed["reps_min"] = min(catalogue.reps_min, int(changed["reps_max"] or 0))
    if "load_grams_min" not in changed and "load_grams_max" in changed:
        changed["load_grams_min"] = changed["load_grams_max"]
    if "load_grams_max" not in changed and "load_grams_min" in changed:
        changed["load_grams_max"] = changed["load_grams_min"]
    origins = {**catalogue.origins, **dict.fromkeys(changed, "clinician")}
    # The wire has checked the names and kinds of the fields.
    return replace(catalogue, origins=origins, **changed)  # type: ignore[arg-type]
