"""The pictures are sound SVG: valid, small, described, with no address or script, each step a picture of its own."""

import re
from xml.etree import ElementTree as ET

from app.domain.exercise import Phase
from app.domain.figures.figure import Figure
from app.drawing import svg
from app.drawing.svg import Contrast
from tests.drawing.drawings import WORDS, moving_of, scene_of, stills_of

MOST_BYTES = 40 * 1024
SVG = "{http://www.w3.org/2000/svg}"


def pictures(figure: Figure) -> list[str]:
    """Every picture of the figure in calm colours, and the stills in high contrast: only their style differs."""
    strip = svg.strip(scene_of(figure.exercise_id), WORDS)
    stills = [*stills_of(figure.exercise_id).values(), *stills_of(figure.exercise_id, Contrast.HIGH).values()]
    return [moving_of(figure.exercise_id), moving_of(figure.exercise_id, is_mirrored=True), strip, *stills]


def test_they_are_valid_and_described(figure: Figure) -> None:
    for text in pictures(figure):
        root = ET.fromstring(text)
        assert root.tag == f"{SVG}svg"
        assert root.findtext(f"{SVG}title") == WORDS.title
        assert root.findtext(f"{SVG}desc") == WORDS.description
        ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
        assert len(ids) == len(set(ids))
        assert {use.attrib["href"] for use in root.iter(f"{SVG}use")} <= {f"#{name}" for name in ids}


def test_they_load_nothing_and_run_nothing(figure: Figure) -> None:
    for text in pictures(figure):
        assert "://" not in text.replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"<(script|image|foreignObject)|\son\w+=|url\(|@import", text)


def test_a_moving_picture_is_small(figure: Figure) -> None:
    assert len(moving_of(figure.exercise_id).encode()) < MOST_BYTES
    assert len(moving_of(figure.exercise_id, is_mirrored=True).encode()) < MOST_BYTES


def test_no_two_steps_draw_the_same(figure: Figure) -> None:
    seen: dict[str, int] = {}
    for step in figure.steps:
        text = stills_of(figure.exercise_id)[step.number]
        text = re.sub(r'id="[^"]*"|href="[^"]*"', "", text)
        if step.same_as is None:
            assert text not in seen, f"steps {seen.get(text)} and {step.number}"
            seen[text] = step.number
        else:
            assert text in seen


def test_motion_is_well_formed_and_can_be_switched_off(figure: Figure) -> None:
    text = moving_of(figure.exercise_id)
    assert "prefers-reduced-motion" in text
    assert "prefers-color-scheme:dark" in text
    for element in ET.fromstring(text).iter(f"{SVG}animate"):
        keys = [float(key) for key in element.attrib["keyTimes"].split(";")]
        values = element.attrib["values"].split(";")
        assert len(keys) == len(values)
        assert keys[0] == 0
        assert keys == sorted(keys)
        assert keys[-1] <= 1
        if element.attrib.get("calcMode") != "discrete":
            assert keys[-1] == 1
            shapes = {re.sub(r"[-\d. ]+", "#", value) for value in values}
            assert len(shapes) == 1, "an outline that cannot move into the next"
        if "keySplines" in element.attrib:
            assert len(element.attrib["keySplines"].split(";")) == len(keys) - 1
    assert "<animate" not in stills_of(figure.exercise_id)[1]


def test_a_hold_is_seen_as_a_hold(figure: Figure) -> None:
    holds = [step for step in figure.steps if step.phase is Phase.HOLD and step.same_as is None]
    text = moving_of(figure.exercise_id)
    rings = re.search(r'class="moving">(.*)</g><g class="resting"', text)
    assert rings
    sides = 2 if figure.alternates else 1
    assert rings[1].count('class="ring"') == len([step for step in holds if step.stay > 0]) * sides
    for step in holds:
        assert 'class="badge"' in stills_of(figure.exercise_id)[step.number]


def test_the_working_limb_is_marked_and_changes_with_the_side(figure: Figure) -> None:
    right, left = moving_of(figure.exercise_id), moving_of(figure.exercise_id, is_mirrored=True)
    works_still = any(figure.poses[step.pose].tight for step in figure.steps)
    assert ('class="mark' in right) is bool(figure.working)
    assert ('class="tight' in right) is works_still
    limbs = {limb for limb in figure.working if limb.endswith(("_arm", "_leg"))}
    if limbs and {limb.replace("left", "right") for limb in limbs} == limbs:
        assert right != left
