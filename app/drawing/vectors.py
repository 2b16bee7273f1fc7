"""Points and turns in space: x to the right of the picture, y up, z towards the viewer; centimetres and degrees.

It refuses to know what a body is.
"""

import math
from collections.abc import Iterable
from typing import TypeAlias

Vector: TypeAlias = tuple[float, float, float]
Matrix: TypeAlias = tuple[Vector, Vector, Vector]
"""Three rows."""

X: Vector = (1.0, 0.0, 0.0)
Y: Vector = (0.0, 1.0, 0.0)
Z: Vector = (0.0, 0.0, 1.0)
IDENTITY: Matrix = (X, Y, Z)


def add(a: Vector, b: Vector, times: float = 1.0) -> Vector:
    """The sum, the second `times` over."""
    return (a[0] + b[0] * times, a[1] + b[1] * times, a[2] + b[2] * times)


def minus(a: Vector, b: Vector) -> Vector:
    """From the second to the first."""
    return (a[0] - b[0], a[1] - b[1], a[2] - b[2])


def scaled(a: Vector, by: float) -> Vector:
    """So many times as long."""
    return (a[0] * by, a[1] * by, a[2] * by)


def dot(a: Vector, b: Vector) -> float:
    """The inner product."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def length(a: Vector) -> float:
    """How long it is."""
    return math.sqrt(dot(a, a))


def unit(a: Vector) -> Vector:
    """The same direction with length 1; nothing stays nothing."""
    size = length(a)
    return scaled(a, 1 / size) if size > 1e-9 else (0.0, 0.0, 0.0)


def mixed(a: Vector, b: Vector, share: float) -> Vector:
    """Between the two: 0 is the first, 1 the second."""
    return add(scaled(a, 1 - share), b, share)


def middle(points: Iterable[Vector]) -> Vector:
    """The mean of some points."""
    found = list(points)
    total = (0.0, 0.0, 0.0)
    for point in found:
        total = add(total, point)
    return scaled(total, 1 / len(found))


def turned(m: Matrix, a: Vector) -> Vector:
    """The vector after the turn."""
    x, y, z = a
    (ax, ay, az), (bx, by, bz), (cx, cy, cz) = m
    return (ax * x + ay * y + az * z, bx * x + by * y + bz * z, cx * x + cy * y + cz * z)


def turned_back(m: Matrix, a: Vector) -> Vector:
    """The vector as seen from the turned frame."""
    return add(add(scaled(m[0], a[0]), m[1], a[1]), m[2], a[2])


def after(m: Matrix, n: Matrix) -> Matrix:
    """First `n`, then `m`."""
    (ax, ay, az), (bx, by, bz), (cx, cy, cz) = n
    one, two, three = ((x * ax + y * bx + z * cx, x * ay + y * by + z * cy, x * az + y * bz + z * cz) for x, y, z in m)
    return (one, two, three)


def about_x(degrees: float) -> Matrix:
    """A turn from y to z."""
    c, s = _cos_sin(degrees)
    return (X, (0.0, c, -s), (0.0, s, c))


def about_y(degrees: float) -> Matrix:
    """A turn from z to x."""
    c, s = _cos_sin(degrees)
    return ((c, 0.0, s), Y, (-s, 0.0, c))


def about_z(degrees: float) -> Matrix:
    """A turn from x to y."""
    c, s = _cos_sin(degrees)
    return ((c, -s, 0.0), (s, c, 0.0), Z)


def _cos_sin(degrees: float) -> tuple[float, float]:
    return math.cos(math.radians(degrees)), math.sin(math.radians(degrees))


def angle(y: float, x: float) -> float:
    """The direction of (x, y) in degrees, from -180 to 180."""
    return math.degrees(math.atan2(y, x))


def arc_cosine(value: float) -> float:
    """In degrees, with what rounding put beyond 1 brought back."""
    return math.degrees(math.acos(max(-1.0, min(1.0, value))))


def arc_sine(value: float) -> float:
    """In degrees, with what rounding put beyond 1 brought back."""
    return math.degrees(math.asin(max(-1.0, min(1.0, value))))
