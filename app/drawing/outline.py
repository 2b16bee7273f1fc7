"""Which line runs round a chain of circles? Tapered limbs with round ends, as the `d` of an SVG path.

The same chain with other numbers gives the same commands, so that one outline can move into the next. It refuses to
know what the chain is a picture of.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

from app.drawing.camera import Round, Spot

FLAT = 0.5
"""How far the middle of a cut end is drawn out, in radii; the line goes half as far."""

Numbers = tuple[tuple[str, tuple[float, ...]], ...]
"""A path as commands with absolute coordinates; of an arc only the radius and the end are numbers that change."""


def chain(circles: Sequence[Round], *, cut: Sequence[int] = ()) -> Numbers:
    """The line round circles that follow each other. The ends in `cut`, 0 or -1, are nearly flat, like a hem."""
    circles = _apart(circles)
    one, other = [_side(circles, sign) for sign in (-1.0, 1.0)]
    other.reverse()
    first, last = circles[0], circles[-1]
    path: list[tuple[str, tuple[float, ...]]] = [("M", one[0])]
    path += _through(one)
    path.append(_end(last, circles[-2], one[-1], other[0], is_cut=-1 in cut))
    path += _through(other)
    path.append(_end(first, circles[1], other[-1], one[0], is_cut=0 in cut))
    return tuple(path)


def _end(end: Round, inner: Round, at: Spot, to: Spot, *, is_cut: bool) -> tuple[str, tuple[float, ...]]:
    """How the line turns round the last circle of a chain."""
    if not is_cut:
        return ("A1" if end[2] > inner[2] else "A0", (end[2], *to))
    size = math.dist(end[:2], inner[:2]) or 1.0
    bulge = FLAT * end[2] / size
    middle = ((at[0] + to[0]) / 2, (at[1] + to[1]) / 2)
    return ("Q", (middle[0] + (end[0] - inner[0]) * bulge, middle[1] + (end[1] - inner[1]) * bulge, *to))


def ball(circle: Round) -> Numbers:
    """A circle."""
    x, y, r = circle
    return (("M", (x - r, y)), ("A0", (r, x + r, y)), ("A0", (r, x - r, y)))


def polygon(spots: Sequence[Spot]) -> Numbers:
    """Straight lines between corners."""
    return (("M", spots[0]), *(("L", spot) for spot in spots[1:]))


def line(spots: Sequence[Spot]) -> Numbers:
    """A smooth open line through spots."""
    return (("M", spots[0]), *_through(list(spots)))


def written(path: Numbers, *, is_open: bool = False) -> str:
    """The path in whole units, each command relative to the last spot: short."""
    text: list[str] = []
    at = (0, 0)
    for command, numbers in path:
        pairs = [round(n) for n in numbers]
        if command == "M":
            text.append(f"M{pairs[0]} {pairs[1]}")
        elif command.startswith("A"):
            ends = _joined([pairs[1] - at[0], pairs[2] - at[1]])
            text.append(f"a{pairs[0]} {pairs[0]} 0 {command[1]}1{ends}")
        else:
            moved = [value - at[index % 2] for index, value in enumerate(pairs)]
            text.append(command.lower() + _joined(moved))
        at = (pairs[-2], pairs[-1])
    return "".join(text) + ("" if is_open else "z")


def _joined(numbers: Sequence[int]) -> str:
    text = str(numbers[0])
    for number in numbers[1:]:
        text += f"{number}" if number < 0 else f" {number}"
    return text


def _apart(circles: Sequence[Round]) -> list[Round]:
    """Circles that hide each other, seen from the end of a limb, are drawn a little apart, so that a line exists."""
    found = [circles[0]]
    for circle in circles[1:]:
        x, y, r = found[-1]
        least = abs(circle[2] - r) + 0.5
        way = (circle[0] - x, circle[1] - y)
        distance = math.hypot(*way)
        if distance >= least:
            found.append(circle)
        else:
            ux, uy = (way[0] / distance, way[1] / distance) if distance > 1e-6 else (0.0, 1.0)
            found.append((x + ux * least, y + uy * least, circle[2]))
    return found


def _side(circles: Sequence[Round], sign: float) -> list[Spot]:
    """The spots where the line touches the circles, on one side."""
    normals = []
    for (ax, ay, ar), (bx, by, br) in pairwise(circles):
        distance = math.hypot(bx - ax, by - ay)
        ux, uy = (bx - ax) / distance, (by - ay) / distance
        along = (ar - br) / distance
        aside = math.sqrt(max(0.0, 1 - along * along)) * sign
        normals.append((ux * along - uy * aside, uy * along + ux * aside))
    spots: list[Spot] = []
    for index, (x, y, r) in enumerate(circles):
        before, after = normals[max(0, index - 1)], normals[min(index, len(normals) - 1)]
        nx, ny = before[0] + after[0], before[1] + after[1]
        size = math.hypot(nx, ny) or 1.0
        spots.append((x + nx / size * r, y + ny / size * r))
    return spots


def _through(spots: Sequence[Spot]) -> list[tuple[str, tuple[float, ...]]]:
    """From the first spot through the others: straight, one bow, or a smooth line."""
    if len(spots) == 2:
        return [("L", spots[1])]
    if len(spots) == 3:
        (ax, ay), (bx, by), (cx, cy) = spots
        return [("Q", (2 * bx - (ax + cx) / 2, 2 * by - (ay + cy) / 2, cx, cy))]
    curves: list[tuple[str, tuple[float, ...]]] = []
    for index in range(len(spots) - 1):
        before, start = spots[max(0, index - 1)], spots[index]
        end, after = spots[index + 1], spots[min(len(spots) - 1, index + 2)]
        one = (start[0] + (end[0] - before[0]) / 6, start[1] + (end[1] - before[1]) / 6)
        other = (end[0] - (after[0] - start[0]) / 6, end[1] - (after[1] - start[1]) / 6)
        curves.append(("C", (*one, *other, *end)))
    return curves
