"""The pictures are sound SVG: valid, small, described, with no address or script, each step a picture of its own."""

import re
from xml.etree import ElementTree as ET

import pytest

from app.domain.exercise import Phase
from app.domain.figures.figure import Figure
from app.drawing import svg
from app.drawing.scene import Scene
from app.drawing.svg import Contrast, Words

MOST_BYTES = 40 * 1024
WORDS = Words("Knees & chest <both>", 'Lie on your back. "Hold."')
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(params=[Contrast.NORMAL, Contrast.HIGH])
def contrast(request: pytest.FixtureRequest) -> Contrast:
    chosen: Contrast = request.param
    return chosen


def drawings(drawn: Scene, contrast: Contrast) -> list[str]:
    stills = [svg.still(drawn, step.number, WORDS, contrast) for step in drawn.figure.steps]
    return [svg.moving(drawn, WORDS, contrast), svg.strip(drawn, WORDS, contrast), *stills]


def test_they_are_valid_and_described(drawn: Scene, contrast: Contrast) -> None:
    for text in drawings(drawn, contrast):
        root = ET.fromstring(text)
        assert root.tag == f"{SVG}svg"
        assert root.findtext(f"{SVG}title") == WORDS.title
        assert root.findtext(f"{SVG}desc") == WORDS.description
        ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
        assert len(ids) == len(set(ids))
        assert {use.attrib["href"] for use in root.iter(f"{SVG}use")} <= {f"#{name}" for name in ids}


def test_they_load_nothing_and_run_nothing(drawn: Scene, contrast: Contrast) -> None:
    for text in drawings(drawn, contrast):
        assert "://" not in text.replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"<(script|image|foreignObject)|\son\w+=|url\(|@import", text)


def test_a_moving_picture_is_small(drawn: Scene, drawn_left: Scene) -> None:
    assert len(svg.moving(drawn, WORDS).encode()) < MOST_BYTES
    assert len(svg.moving(drawn_left, WORDS).encode()) < MOST_BYTES


def test_no_two_steps_draw_the_same(figure: Figure, drawn: Scene) -> None:
    seen: dict[str, int] = {}
    for step in figure.steps:
        text = svg.still(drawn, step.number, WORDS)
        text = re.sub(r'id="[^"]*"|href="[^"]*"', "", text)
        if step.same_as is None:
            assert text not in seen, f"steps {seen.get(text)} and {step.number}"
            seen[text] = step.number
        else:
            assert text in seen


def test_motion_is_well_formed_and_can_be_switched_off(drawn: Scene) -> None:
    text = svg.moving(drawn, WORDS)
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
    assert "<animate" not in svg.still(drawn, 1, WORDS)


def test_a_hold_is_seen_as_a_hold(figure: Figure, drawn: Scene) -> None:
    holds = [step for step in figure.steps if step.phase is Phase.HOLD and step.same_as is None]
    text = svg.moving(drawn, WORDS)
    rings = re.search(r'class="moving">(.*)</g><g class="resting"', text)
    assert rings
    sides = 2 if figure.alternates else 1
    assert rings[1].count('class="ring"') == len([step for step in holds if step.stay > 0]) * sides
    for step in holds:
        assert 'class="badge"' in svg.still(drawn, step.number, WORDS)


def test_the_working_limb_is_marked_and_changes_with_the_side(figure: Figure, drawn: Scene, drawn_left: Scene) -> None:
    right, left = svg.moving(drawn, WORDS), svg.moving(drawn_left, WORDS)
    assert ('class="mark' in right) is bool(figure.working)
    limbs = {limb for limb in figure.working if limb.endswith(("_arm", "_leg"))}
    if limbs and {limb.replace("left", "right") for limb in limbs} == limbs:
        assert right != left
