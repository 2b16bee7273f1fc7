"""Where on the paper is a point of the room? Parallel projection, a little from above, so that far limbs show.

It refuses to know what stands there. Paper coordinates run right and down, in units of the SVG.
"""

import math
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import TypeAlias

from app.domain.figures.figure import View
from app.drawing import vectors as v
from app.drawing.vectors import Matrix, Vector
from app.values import dataclass

Spot: TypeAlias = tuple[float, float]
Round: TypeAlias = tuple[float, float, float]
"""A circle on the paper: its middle and radius."""

ANGLES: dict[View, tuple[int, int]] = {View.SIDE: (-10, 10), View.FRONT: (0, 8), View.ABOVE: (-14, 34)}
"""Degrees around the upright and from above."""

WIDTH, HEIGHT, MARGIN = 800, 600, 36
FLOOR = 75.0
"""How far behind the middle of the room its floor ends, in centimetres."""

FROM_ABOVE = 40
"""Degrees from which on nothing but the floor is seen behind the figure."""

LARGEST = (4.2, 6.0)
"""How many units of the paper a centimetre has at most; in a close picture."""

SKY = 0.7
"""How much of the spare height stands above the figure."""


@dataclass(frozen=True, slots=True)
class Camera:
    """A direction to look in, how many units a centimetre has, and where the room's origin lies on the paper.

    In a mirror it looks at a room whose axis `mirrored` (0 is x, 2 is z) runs the other way, and turns the paper over:
    a body that is mirrored along this axis is then seen as the mirror image of the picture before.
    """

    yaw: float
    pitch: float
    scale: float = 1.0
    left: float = 0.0
    top: float = 0.0
    mirrored: int | None = None

    def spot(self, point: Vector) -> Spot:
        """Where a point of the room lies on the paper."""
        x, y, _ = self.seen(point)
        across = self.left + x * self.scale
        return (across if self.mirrored is None else WIDTH - across, self.top - y * self.scale)

    @property
    def horizon(self) -> float:
        """How far down the paper the floor begins; from well above there is nothing else."""
        if self.pitch > FROM_ABOVE:
            return 0.0
        return max(self.spot((0.0, 0.0, 0.0))[1] - math.sin(math.radians(self.pitch)) * FLOOR * self.scale, 0.0)

    def seen(self, point: Vector) -> Vector:
        """The point as the camera sees it: to the right, up, and towards the viewer; in centimetres."""
        if self.mirrored is not None:
            x, y, z = point
            point = (-x, y, z) if self.mirrored == 0 else (x, y, -z)
        return v.turned(_frame(self.yaw, self.pitch), point)

    def circle(self, point: Vector, radius: float) -> Round:
        """A ball of the room on the paper."""
        return (*self.spot(point), radius * self.scale)

    def fitted(self, circles: Iterable[Round], *, is_close: bool) -> "Camera":
        """The same camera, so that all these circles (made by a camera of scale 1 at 0, 0) lie on the paper."""
        found = list(circles)
        left, right = min(x - r for x, _, r in found), max(x + r for x, _, r in found)
        top, bottom = min(y - r for _, y, r in found), max(y + r for _, y, r in found)
        scale = min((WIDTH - 2 * MARGIN) / (right - left), (HEIGHT - 2 * MARGIN) / (bottom - top), LARGEST[is_close])
        spare = HEIGHT - 2 * MARGIN - (bottom - top) * scale
        return replace(
            self,
            scale=scale,
            left=WIDTH / 2 - (left + right) / 2 * scale,
            top=MARGIN + spare * SKY - top * scale,
        )


@cache
def _frame(yaw: float, pitch: float) -> Matrix:
    return v.after(v.about_x(pitch), v.about_y(yaw))
