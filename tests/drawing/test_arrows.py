"""Is the arrow of a movement seen: beside the body, in the direction in which the point goes?"""

import math

from app.domain.figures.figure import Figure
from app.drawing import scene
from app.drawing.outline import Numbers
from app.drawing.scene import Scene

MOST_COVERED = 0.61
"""Which share of an arrow may lie on the body: a forearm that turns before the belly cannot do without."""


def spots(path: Numbers) -> list[tuple[float, float]]:
    """The ends of the pieces of a line."""
    return [(numbers[-2], numbers[-1]) for _, numbers in path]


def test_an_arrow_runs_beside_the_body_and_ends_where_the_point_goes(figure: Figure, drawn: Scene) -> None:
    for step in figure.steps:
        if step.same_as is not None or not step.arrow:
            continue
        moves = scene.moves_of(drawn, step, is_mirrored=step.is_mirrored)
        found = list(scene.drawn_arrows(drawn, moves))
        assert len(found) == len(step.arrow), f"step {step.number}: a point that hardly moves needs no arrow"
        body = moves[-1].second.body
        circles = [circle for shape in drawn.shapes(body, is_mirrored=step.is_mirrored) for circle in shape.circles]
        for arrow in found:
            line = spots(arrow.shaft)
            assert all(0 <= x <= 800 and 0 <= y <= 600 for x, y in line), f"step {step.number}: off the paper"
            covered = [any(math.dist(spot, circle[:2]) < circle[2] for circle in circles) for spot in line]
            assert sum(covered) / len(line) <= MOST_COVERED, f"step {step.number}"
