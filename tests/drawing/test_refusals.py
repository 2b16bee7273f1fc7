"""A figure file that is wrong is refused, and the message says where."""

import re
from pathlib import Path

import pytest

from app.content import figures, library
from app.domain.errors import ContentInvalid
from app.drawing import scene
from tests.second_ladder import copy_of_content

SINGLE = "single-knee-to-chest"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return copy_of_content(tmp_path)


def changed(root: Path, was: str, becomes: str) -> None:
    path = root / "figures" / f"{SINGLE}.toml"
    text = path.read_text(encoding="utf-8")
    assert was in text, was
    path.write_text(text.replace(was, becomes, 1), encoding="utf-8")


REFUSED = {
    "a knee that bends backwards": (
        "right_knee_flexion = 112", "right_knee_flexion = -20",
        r"poses\.raised\.joints\.right_knee_flexion: is -20; it must lie between 0 and 150"),
    "a joint that nobody has": (
        "right_knee_flexion = 112", "right_knee_twist = 12", "right_knee_twist: is not a field"),
    "a pose like none": ('like = "start"', 'like = "star"', r'poses\.raised\.like: is "star"'),
    "a pose that nobody wrote": ('pose = "raised"', 'pose = "risen"', r'steps\[2\]\.pose: is "risen"'),
    "a step that the exercise does not have": (
        "number = 8\nsame_as = 1", "number = 8\nsame_as = 1\n\n[[steps]]\nnumber = 9\nsame_as = 1",
        r"steps\[9\]\.number: is 9; the steps are those of the exercise"),
    "a step too few": ("[[steps]]\nnumber = 8\nsame_as = 1\n", "", "steps: are 7; the exercise has 8"),
    "a hand on a place that is none": ('to = "right_shin"', 'to = "moon"', r'touch\.right_hand\.to: is "moon"'),
    "a third hand": ("touch.right_hand", "touch.third_hand", r"touch\.third_hand: is not one of"),
    "a muscle that nobody has": (
        "right_hip_flexion = 114", 'right_hip_flexion = 114 }\ntight = ["right_tail"]\nneck = { x = 1',
        r'poses\.gripped\.tight: "right_tail" is not known'),
    "a thing nobody knows": ('kind = "mat"', 'kind = "trampoline"', 'kind: is "trampoline"'),
    "a field that belongs nowhere": ("stay = 30", "stays = 30", r"steps\[5\]\.stays: is not a field"),
    "another exercise": (f'exercise = "{SINGLE}"', 'exercise = "nothing"', 'exercise: is "nothing"'),
}  # fmt: skip


@pytest.mark.parametrize(("was", "becomes", "said"), REFUSED.values(), ids=list(REFUSED))
def test_a_file_that_is_wrong_is_refused(root: Path, was: str, becomes: str, said: str) -> None:
    changed(root, was, becomes)
    with pytest.raises(ContentInvalid, match=said) as refused:
        figures.read_figure(root, SINGLE, library.load().exercises)
    assert f"figures/{SINGLE}.toml" in str(refused.value)


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("right_hip_flexion = 114", "right_hip_flexion = 60", "cannot reach"),
        ("at = [44, 2, 9]", "at = [140, 2, 9]", "right_foot: cannot reach: it is 1"),
        ("at = [44, 2, 9]", "at = [6, 2, 9]", "right_knee_flexion: would be"),
        ('anchor = "chest2"', 'anchor = "chest9"', 'anchor: "chest9" is no point of the body'),
    ],
    ids=["arms too short for the knee", "a leg too short for the floor", "a knee that would break", "a lost anchor"],
)
def test_a_pose_that_no_human_can_take_is_refused(root: Path, was: str, becomes: str, said: str) -> None:
    changed(root, was, becomes)
    figure = figures.read_figure(root, SINGLE, library.load().exercises)
    with pytest.raises(ContentInvalid) as refused:
        scene.scene(figure)
    assert re.match(rf"figures/{SINGLE}\.toml: steps\[\d\]: \w+: ", str(refused.value))
    assert said in str(refused.value)


def test_a_figure_needs_its_exercise(root: Path) -> None:
    exercises = {name: one for name, one in library.load().exercises.items() if name != SINGLE}
    with pytest.raises(ContentInvalid, match=f'there is no exercise "{SINGLE}"'):
        figures.read_figure(root, SINGLE, exercises)


@pytest.mark.parametrize(
    ("was", "becomes", "place"),
    [
        ('arrow = ["right_knee"]', 'arrow = ["right_tail"]', r"steps\[2\]"),
        ('kind = "mat"\nat = [-10, 0, 0]\nsize = [164, 2, 60]', 'kind = "band"\nthrough = ["right_tail"]', "props"),
    ],
    ids=["the way of a point", "a band"],
)
def test_a_point_that_no_body_has_is_refused(root: Path, was: str, becomes: str, place: str) -> None:
    changed(root, was, becomes)
    figure = figures.read_figure(root, SINGLE, library.load().exercises)
    with pytest.raises(ContentInvalid, match=rf'figures/{SINGLE}\.toml: {place}: "right_tail" is no point of the body'):
        scene.scene(figure)
