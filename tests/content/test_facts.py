"""Every fact that our sources state about the forty-one exercises lives somewhere in the library, on their word."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.content import library
from app.content.article import Place
from tests.content import tracing
from tests.second_ladder import copy_of_content

FACTS = Path(__file__).parent / "facts"
ROWS = """
    single_knee_to_chest double_knee_to_chest lower_trunk_rotation pelvic_tilt_supine cat_camel childs_pose
    prone_lying prone_on_elbows prone_press_up standing_back_bend
    glute_bridge single_leg_bridge bird_dog mcgill_curl_up side_plank front_plank dead_bug
    hamstring_stretch_supine_towel piriformis_figure_4 half_kneeling_hip_flexor
    clamshell sidelying_hip_abduction gluteal_set
    ankle_pump quad_set heel_slide short_arc_quad straight_leg_raise seated_knee_extension
    partial_wall_squat sit_to_stand step_up heel_raise
    chin_tuck neck_rotation neck_side_bend scapular_retraction
    shoulder_pendulum table_slide wall_slide shoulder_external_rotation
""".split()
"""The exercises that the sources describe; their forms have files of their own."""


@dataclass(frozen=True)
class Traced:
    """A fact of one exercise, and where it stands."""

    row: str
    says: str
    place: Place
    origin: str


def traced() -> Iterator[Traced]:
    for file in sorted(FACTS.glob("*.toml")):
        for row in tomllib.loads(file.read_text(encoding="utf-8"))["rows"]:
            for fact in row["facts"]:
                assert fact.keys() == {"says", "at", "holds", "from"}, (file, fact)
                yield Traced(row["row"], fact["says"], Place(at=fact["at"], holds=fact["holds"]), fact["from"])


ALL = tuple(traced())


def test_forty_one_exercises_and_nothing_else_are_traced() -> None:
    assert len(ROWS) == 41
    assert {one.row for one in ALL} - set(ROWS) == set(), "rows that no source has"
    assert set(ROWS) - {one.row for one in ALL} == set(), "rows without a fact"


@pytest.mark.parametrize("row", ROWS)
def test_each_fact_stands_where_the_trace_says(row: str) -> None:
    wrong = [
        f"{one.says}: {one.place.at}: {problem}"
        for one in ALL
        if one.row == row and (problem := tracing.problem(one.place, one.origin))
    ]
    assert wrong == []


@pytest.mark.parametrize("row", ROWS)
def test_each_exercise_has_its_doses_traced_or_says_that_none_is_published(row: str) -> None:
    """What a source says about how much is what a clinician compares first."""
    facts = [one for one in ALL if one.row == row]
    files = {one.place.at.partition(":")[0] for one in facts if one.place.at.startswith("exercises/")}
    assert files
    has_doses = any(
        library.load().exercise(file.removeprefix("exercises/").removesuffix(".toml")).published_doses for file in files
    )
    assert has_doses
    assert any("published_doses[" in one.place.at for one in facts), row


def test_a_changed_number_is_noticed(tmp_path: Path) -> None:
    root = copy_of_content(tmp_path)
    [one] = [one for one in ALL if one.row == "clamshell" and one.place.at.endswith("published_doses[msd].sets")][:1]
    file = root / one.place.at.partition(": ")[0]
    file.write_text(file.read_text(encoding="utf-8").replace("sets = [3, 3]", "sets = [4, 4]"), encoding="utf-8")
    assert tracing.problem(one.place, one.origin) is None
    assert tracing.problem(one.place, one.origin, root) is not None
