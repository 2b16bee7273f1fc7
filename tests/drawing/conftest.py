"""Every figure of the library, each a case of its own."""

import pytest

from app.content import figures
from app.domain.figures.figure import Figure
from app.drawing.motion import Moment
from app.drawing.scene import Scene
from tests.drawing import drawings


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "figure" in metafunc.fixturenames:
        found = figures.load()
        metafunc.parametrize("figure", found.values(), ids=list(found))


@pytest.fixture
def drawn(figure: Figure) -> Scene:
    """The figure, ready to be drawn."""
    return drawings.scene_of(figure.exercise_id)


@pytest.fixture
def looks(figure: Figure) -> tuple[Moment, ...]:
    """The figure from moment to moment, first with the right side at work, then with the left."""
    right = drawings.looks_of(figure.exercise_id)
    return (*right, *drawings.looks_of(figure.exercise_id, is_mirrored=True))
