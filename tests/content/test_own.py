"""A clinic's word laid over the library: pure, without a database."""

from dataclasses import replace
from datetime import date

import pytest

from app.content import library
from app.content.own import Definition, OwnContent, exercise_of, ladder_of, merged
from app.domain.errors import ContentInvalid
from app.domain.exercise import Ladder
from app.domain.own.signing import EXERCISE, LADDER, SignOff
from app.queries.content_behind import differences
from tests.domain.builders import make_version
from tests.own_content import OWN_EXERCISE, OWN_LADDER

HOUSE = library.load()
BEND = Definition((EXERCISE, "own-bend"), 1, OWN_EXERCISE)
CLIMB = Definition((LADDER, "own-climb"), 1, OWN_LADDER | {"exercises": ["own-bend", "single-knee-to-chest"]})


def test_what_it_says_nothing_about_are_the_houses_very_objects() -> None:
    signed = {(EXERCISE, "clamshell"): SignOff(1, "Dr. Example", date(2026, 1, 5))}
    found = merged(HOUSE, OwnContent(3, signed, definitions=(CLIMB, BEND)))
    differing = [name for name, one in found.exercises.items() if one is not HOUSE.exercises.get(name)]
    assert differing == ["clamshell", "own-bend"]
    assert found.content_version == f"{HOUSE.content_version}.3"
    assert found.conditions is HOUSE.conditions
    assert merged(HOUSE, OwnContent(1, signed)).index is HOUSE.index


def test_it_is_found_filtered_and_named_like_any_other() -> None:
    found = merged(HOUSE, OwnContent(1, definitions=(BEND, CLIMB)))
    assert [one.id for one in found.search("kuechenbeuge")] == ["own-bend"]
    let = found.facets.chosen({"ladder": "own-climb"})["ladder"]
    assert [one.id for n, one in enumerate(found.exercises.values()) if let >> n & 1] == [
        "single-knee-to-chest",
        "own-bend",
    ]
    assert found.texts.fill("{what:exercise}", {"what": "own-bend"}, "de") == "Beugen an der Arbeitsplatte"
    assert found.ladders_of("own-bend")[0].harder == "single-knee-to-chest"


def test_a_version_that_was_read_before_is_not_read_again() -> None:
    before = merged(HOUSE, OwnContent(1, definitions=(BEND, CLIMB)))
    broken = (replace(BEND, body={}), replace(CLIMB, body={}, is_retired=True))
    after = merged(HOUSE, OwnContent(2, definitions=broken), before)
    assert after.exercises["own-bend"] == before.exercises["own-bend"]
    assert not after.unreadable
    assert after.retired == {(LADDER, "own-climb")}
    newer = merged(HOUSE, OwnContent(3, definitions=(replace(BEND, version=2, body={}),)), before)
    assert list(newer.unreadable) == [BEND.what]


def test_errors_point_into_the_body() -> None:
    with pytest.raises(ContentInvalid) as refused:
        exercise_of(HOUSE, replace(BEND, body=OWN_EXERCISE | {"kind": "magic"}), ())
    assert [(one.pointer, one.code) for one in refused.value.errors] == [("/kind", "not_allowed")]
    with pytest.raises(ContentInvalid) as refused:
        ladder_of(CLIMB, ["single-knee-to-chest"])
    assert [(one.pointer, one.code) for one in refused.value.errors] == [("/exercises/0", "not_allowed")]
    rule = [{**OWN_LADDER["rule"][0], "sources": ["mayo-stretching"]}]
    with pytest.raises(ContentInvalid, match="is not in the body's own sources"):
        ladder_of(replace(CLIMB, body=OWN_LADDER | {"rule": rule}), HOUSE.exercises)


def test_the_files_say_nothing_about_what_is_a_clinics_own() -> None:
    house: Ladder = HOUSE.ladders["knees-to-chest"]
    version = replace(make_version(), ladder_id="own-climb")
    rungs = tuple(
        replace(rung, exercise_id=name, exercise_version=1)
        for rung, name in zip(version.rungs, ("own-bend", house.exercise_ids[0]), strict=False)
    )
    assert list(differences(replace(version, rungs=rungs), HOUSE)) == []
