"""What a plan states of the 16 items of the reporting template: each case changes one thing."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

import pytest

from app.content import library
from app.domain.exercise import Exercise, Side
from app.domain.prescribing import Defaults, RungWish, Wish, resolve
from app.domain.prescription import AdvanceMode, Version
from app.domain.reporting.cert import Evidence, ItemStatus, cert_of

LIBRARY = library.load()
LADDER = LIBRARY.ladder("knees-to-chest")
EXERCISES = [LIBRARY.exercise(one) for one in LADDER.exercise_ids]
STATED, PARTLY, MISSING = ItemStatus.STATED, ItemStatus.PARTLY, ItemStatus.MISSING
PLAIN = {
    "equipment": STATED, "provider": MISSING, "grouping": PARTLY, "supervision": PARTLY, "adherence": STATED,
    "motivation": PARTLY, "progression": STATED, "description": STATED, "home": STATED, "other_parts": MISSING,
    "adverse_events": PARTLY, "setting": MISSING, "dose": PARTLY, "tailoring": STATED, "starting_level": PARTLY,
    "fidelity": STATED,
}  # fmt: skip
"""A ladder as the catalogue has it, without a last day."""
WISH = Wish(
    ladder_id=LADDER.id, start_rung=1, max_rung=None, starts_on=date(2026, 1, 5), ends_on=None, weekdays=None,
    every_n_days=None, due_per_day=None, offered_per_day=None, as_needed=False, usual_pain=None, rungs=(), profile=None,
    pain_free_days=None, advance=None,
)  # fmt: skip
DEFAULTS = Defaults(advance=AdvanceMode.ASK_PATIENT, pain_free_days=None)
FEWER = RungWish(rung=1, dosage={"reps_min": 5}, side=None, modifications=(), instruction=None)
LEFT = replace(FEWER, dosage={}, side=Side.LEFT)


def version(wish: Wish, exercises: list[Exercise] = EXERCISES) -> Version:
    return resolve(wish, LADDER, exercises, DEFAULTS, version=1, effective_on=wish.starts_on)


def status(
    made: Version, exercises: Iterable[Exercise] = EXERCISES, chosen: Iterable[str] = (), reason: str | None = None
) -> dict[str, ItemStatus]:
    definitions = {(one.id, one.version): one for one in exercises}
    return {item.name: item.status for item in cert_of(made, definitions, chosen, reason)}


def changed(found: Mapping[str, ItemStatus]) -> dict[str, ItemStatus]:
    return {name: its for name, its in found.items() if PLAIN[name] is not its}


def test_a_plain_plan() -> None:
    items = cert_of(version(WISH), LIBRARY.versions, (), None)
    assert [item.number for item in items] == list(range(1, 17))
    assert {item.name: item.status for item in items} == PLAIN
    assert [item.name for item in items if bool(item.evidence) == (item.status is MISSING)] == []


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (replace(WISH, ends_on=date(2026, 2, 5)), {"dose": STATED}),
        (replace(WISH, max_rung=1), {"progression": PARTLY}),
        (replace(WISH, start_rung=2), {"progression": PARTLY}),
        (replace(WISH, as_needed=True), {"adherence": PARTLY, "fidelity": PARTLY}),
        (replace(WISH, rungs=(FEWER,)), {"tailoring": PARTLY}),
        (replace(WISH, rungs=(LEFT,)), {"tailoring": PARTLY}),
        (replace(WISH, rungs=(replace(FEWER, dosage={}, instruction="Slowly."),)), {"tailoring": PARTLY}),
        (replace(WISH, rungs=(replace(FEWER, dosage={}, modifications=("on-a-bed",)),)), {"tailoring": PARTLY}),
        (replace(WISH, rungs=(replace(FEWER, dosage={}),)), {}),
    ],
    ids=[
        "a last day", "only the first rung", "from the top rung", "as needed", "fewer repetitions", "one side",
        "an instruction", "another way to do it", "a rung that is named and not changed",
    ],
)  # fmt: skip
def test_one_thing_changed(wish: Wish, expected: Mapping[str, ItemStatus]) -> None:
    assert changed(status(version(wish))) == expected


def test_a_reason_says_why_it_was_tailored() -> None:
    assert changed(status(version(replace(WISH, rungs=(FEWER,))), reason="Sore knee.")) == {}
    assert changed(status(version(WISH), chosen=["due_per_day"])) == {"tailoring": PARTLY}


@pytest.mark.parametrize(
    ("load", "expected"), [(None, PARTLY), ("band", PARTLY), ("red band", STATED)], ids=["no load", "a kind", "a band"]
)
def test_a_band_says_nothing_without_how_strong_it_is(load: str | None, expected: ItemStatus) -> None:
    with_band = [replace(one, equipment=("band",)) for one in EXERCISES]
    rungs = tuple(replace(FEWER, rung=rung, dosage={"load": load}) for rung in (1, 2))
    made = version(replace(WISH, rungs=rungs), with_band)
    assert status(made, with_band, reason="As strong as it can be.")["equipment"] is expected


def test_an_ankle_weight_is_stated_by_its_kilograms() -> None:
    weighted = [replace(one, equipment=("ankle_weight",)) for one in EXERCISES]
    rungs = tuple(replace(FEWER, rung=rung, dosage={"load_grams_min": 2100}) for rung in (1, 2))
    made = version(replace(WISH, rungs=rungs), weighted)
    assert status(made, weighted, reason="As heavy as it can be.")["equipment"] is STATED
    items = cert_of(made, {(one.id, one.version): one for one in weighted}, [], None)
    assert Evidence("rungs[1].dosage.load_kg_max", "2.1") in items[0].evidence


def test_an_exercise_that_the_library_no_longer_has() -> None:
    assert changed(status(version(WISH), EXERCISES[:1])) == {"description": PARTLY}


def test_every_item_is_said_in_each_state_that_occurs() -> None:
    assert set(LIBRARY.texts.codes("cert_item")) == set(PLAIN)
    assert {f"{name}_{its}" for name, its in PLAIN.items()} <= set(LIBRARY.texts.codes("cert"))
