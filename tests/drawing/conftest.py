"""Every figure of the library, each a case of its own."""

from functools import cache

import pytest

from app.content import figures
from app.domain.figures.figure import Figure
from app.drawing import motion, scene
from app.drawing.motion import Moment
from app.drawing.scene import Scene


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "figure" in metafunc.fixturenames:
        found = figures.load()
        metafunc.parametrize("figure", found.values(), ids=list(found))


@cache
def scene_of(exercise_id: str, *, is_mirrored: bool = False) -> Scene:
    return scene.scene(figures.load()[exercise_id], is_mirrored=is_mirrored)


@cache
def looks_of(exercise_id: str, *, is_mirrored: bool) -> tuple[Moment, ...]:
    found = scene_of(exercise_id, is_mirrored=is_mirrored)
    return tuple(motion.moments(found.motion, found.name))


@pytest.fixture
def drawn(figure: Figure) -> Scene:
    """The figure, ready to be drawn."""
    return scene_of(figure.exercise_id)


@pytest.fixture
def drawn_left(figure: Figure) -> Scene:
    """The same with the left side at work."""
    return scene_of(figure.exercise_id, is_mirrored=True)


@pytest.fixture(params=[False, True], ids=["right", "left"])
def looks(figure: Figure, request: pytest.FixtureRequest) -> tuple[Moment, ...]:
    """The figure from moment to moment, once for each side that may work."""
    return looks_of(figure.exercise_id, is_mirrored=request.param)
