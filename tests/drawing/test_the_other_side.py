"""Whose side is it? Every exercise of one side at a time is drawn for the left and for the right."""

import pytest

from app.content import figures, library
from app.domain.exercise import Sides
from app.domain.figures.figure import Figure
from app.drawing import kinematics
from tests.drawing.drawings import looks_of, moving_of, scene_of

ONE_SIDE = [name for name, one in library.load().exercises.items() if one.sides is Sides.LEFT_THEN_RIGHT]
ON_THE_SIDE = [name for name in ONE_SIDE if any(abs(pose.roll) >= 60 for pose in figures.load()[name].poses.values())]


def sides_of(figure: Figure) -> set[str]:
    return {limb.partition("_")[0] for limb in figure.working} & {"left", "right"}


@pytest.mark.parametrize("name", ONE_SIDE)
def test_each_side_has_a_moving_picture_of_its_own(name: str) -> None:
    """So that a picture of the left can be asked for: one side works, and the pictures differ."""
    assert len(sides_of(figures.load()[name])) == 1
    assert moving_of(name) != moving_of(name, is_mirrored=True)
    assert any(step.is_mirrored for step in figures.load()[name].steps), "the change of sides shows the other side"


@pytest.mark.parametrize("name", ON_THE_SIDE)
def test_who_lies_on_one_side_turns_over_for_the_other(name: str) -> None:
    for look, other in zip(looks_of(name), looks_of(name, is_mirrored=True), strict=True):
        under, over = (
            ("left", "right")
            if look.body.points["left_hip"][1] < look.body.points["right_hip"][1]
            else ("right", "left")
        )
        assert other.body.points[f"{over}_hip"][1] < other.body.points[f"{under}_hip"][1]


def test_the_forms_on_the_side_are_known() -> None:
    assert set(ON_THE_SIDE) == {
        "clamshell", "clamshell-band", "side-lying-hip-abduction", "shoulder-external-rotation-side-lying",
        "side-plank", "side-plank-knees",
    }  # fmt: skip


def test_a_mirror_image_is_one_to_the_unit(figure: Figure) -> None:
    """Every outline of the other side is the outline of this side, turned over on the paper."""
    if kinematics.mirror_axis(figure) is None:
        return
    one, other = scene_of(figure.exercise_id), scene_of(figure.exercise_id, is_mirrored=True)
    for look, back in zip(looks_of(figure.exercise_id), looks_of(figure.exercise_id, is_mirrored=True), strict=True):
        shapes = {shape.name: shape for shape in one.shapes(look.body, is_mirrored=False)}
        for shape in other.shapes(back.body, is_mirrored=True):
            twin = shapes[kinematics.other_side(shape.name)]
            assert shape.colour == twin.colour
            for (x, y, r), (u, w, s) in zip(shape.circles, twin.circles, strict=True):
                assert (x, y, r) == pytest.approx((800 - u, w, s), abs=0.5)
