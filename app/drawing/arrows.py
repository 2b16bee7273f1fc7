"""Where does the arrow of a movement stand, so that it is seen beside the body and not on it?

It refuses to know which movements have one; that is written in the steps.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from operator import itemgetter

from app.drawing import outline
from app.drawing import vectors as v
from app.drawing.body import Shape
from app.drawing.camera import Camera, Round, Spot
from app.drawing.motion import Move
from app.drawing.outline import Numbers
from app.drawing.skeleton import Body
from app.values import dataclass

OFF = 9.0
"""How far from the point that moves its arrow runs, in centimetres."""

FARTHER = 1.5
"""How much farther off it runs where it would else cover the body."""

SHORT = 20.0
"""A way shorter than this is shown by a straight arrow in its line."""

LEAST, GAP = 13.0, 8.0
"""How long that arrow is, and how far from the point that moves: two centimetres need an arrow that can be seen."""

INNER, LESS = 0.3, 0.55
"""How much more of a long way may cover the body than where it runs nearer to the trunk, or is only a line."""

STILL = 0.4
"""A point that moves less than this has no arrow."""

ASIDE = 12.0
"""How far aside a short arrow may go to be beside the body."""

HEAD = 15.0
"""How long the head of an arrow is, in units of the paper."""

CLEAR = 1.5
"""How far from the body an arrow should run, in centimetres."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """The line of a movement and the head at its end."""

    shaft: Numbers
    head: Numbers


def way(moves: Sequence[Move], point: str, camera: Camera, name: str, shapes: Iterable[Shape]) -> list[Spot]:
    """Where a point goes, aside from the body; of a short or hidden way only its line. Nothing when it hardly moves.

    `shapes` is the body at the end, which the arrow should not cover.
    """
    shares = (0.25, 0.5, 0.75, 1.0)
    seen = [moves[0].first.body, *(move.body(share, name) for move in moves for share in shares)]
    spots = [camera.spot(body.points[point]) for body in seen]
    distance = math.dist(spots[0], spots[-1])
    if distance < STILL * camera.scale:
        return []
    covered = [circle for shape in shapes for circle in _filled(shape.circles)]
    found = [(_overlap(one, covered, CLEAR * camera.scale), one) for one in _lines(spots, seen[-1], camera)]
    if distance >= SHORT * camera.scale:
        long = [(_overlap(one, covered, CLEAR * camera.scale), one) for one in _beside(spots, seen[-1], camera)]
        inner = (long[-1][0] + INNER, long[-1][1])
        found = [*long[:-1], inner, *((share + LESS, one) for share, one in found)]
    return min(found, key=itemgetter(0))[1]


def _beside(spots: list[Spot], body: Body, camera: Camera) -> list[list[Spot]]:
    """A long way on both sides of the point: first on the side that is farther from the trunk."""
    ux, uy = towards(spots[0], spots[-1])
    away = _away(spots[-1], body, camera)
    sign = 1.0 if -uy * away[0] + ux * away[1] >= 0 else -1.0
    found = []
    for off in (OFF * sign, OFF * FARTHER * sign, -OFF * sign):
        aside = (-uy * off * camera.scale, ux * off * camera.scale)
        found.append([(x + aside[0], y + aside[1]) for x, y in spots])
    return found


def _lines(spots: list[Spot], body: Body, camera: Camera) -> list[list[Spot]]:
    """A short way ahead of the point or behind it, in its line or aside: first as the movement leads from the trunk."""
    direction = towards(spots[0], spots[-1])
    away = _away(spots[-1], body, camera)
    leads_away = direction[0] * away[0] + direction[1] * away[1] >= 0
    found = []
    for aside in (0.0, ASIDE, -ASIDE):
        shift = (-direction[1] * aside * camera.scale, direction[0] * aside * camera.scale)
        at = (spots[-1][0] + shift[0], spots[-1][1] + shift[1])
        found += [line(at, direction, camera.scale, leads_away=leads) for leads in (leads_away, not leads_away)]
    return found


def _away(spot: Spot, body: Body, camera: Camera) -> Spot:
    """From the middle of the trunk to a spot."""
    x, y = camera.spot(v.middle([body.points["waist"], body.points["hip"], body.points["chest3"]]))
    return (spot[0] - x, spot[1] - y)


def _filled(circles: Sequence[Round]) -> Iterable[Round]:
    """The circles of a shape, and some between them."""
    yield circles[0]
    for (ax, ay, ar), (bx, by, br) in pairwise(circles):
        for share in (0.25, 0.5, 0.75, 1.0):
            yield (ax + (bx - ax) * share, ay + (by - ay) * share, ar + (br - ar) * share)


def _overlap(spots: Sequence[Spot], covered: Sequence[Round], clear: float) -> float:
    """Which share of the spots lies on the body."""
    return sum(any(math.dist(spot, (x, y)) < r + clear for x, y, r in covered) for spot in spots) / len(spots)


def towards(here: Spot, there: Spot) -> Spot:
    """The direction from one spot to another, 1 long."""
    size = math.dist(here, there) or 1.0
    return ((there[0] - here[0]) / size, (there[1] - here[1]) / size)


def line(at: Spot, direction: Spot, scale: float, *, leads_away: bool) -> list[Spot]:
    """A straight line before the part that moves away from the body, or behind the one that comes back."""
    begin, end = (GAP, GAP + LEAST) if leads_away else (-GAP - LEAST, -GAP)
    return [
        (at[0] + direction[0] * reach * scale, at[1] + direction[1] * reach * scale)
        for reach in (begin + (end - begin) * part / 4 for part in range(5))
    ]


def arrow(spots: Sequence[Spot]) -> Arrow:
    """The line through the spots with a head at its end."""
    ux, uy = towards(spots[-2], spots[-1])
    bx, by = spots[-1]
    neck = (bx - ux * HEAD, by - uy * HEAD)
    wing = HEAD * 0.72
    head = [(bx, by), (neck[0] - uy * wing, neck[1] + ux * wing), (neck[0] + uy * wing, neck[1] - ux * wing)]
    return Arrow(outline.line([*spots[:-1], (bx - ux * HEAD * 0.6, by - uy * HEAD * 0.6)]), outline.polygon(head))
