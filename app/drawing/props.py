"""How do mat, chair, wall and towel look? Simple solids with a lit top, a front and a side.

It refuses to know who uses them.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from app.domain.figures.figure import Figure, Prop, PropKind
from app.drawing import kinematics, outline
from app.drawing import vectors as v
from app.drawing.camera import Camera, Round
from app.drawing.outline import Numbers
from app.drawing.skeleton import Body
from app.drawing.vectors import Vector
from app.values import dataclass

SEAT, LEG = 4.0, 3.2
CHAIR_BACK = 44.0


@dataclass(frozen=True, slots=True)
class Piece:
    """A filled line of a thing, with its colour class."""

    colour: str
    path: Numbers


@dataclass(frozen=True, slots=True)
class Box:
    """The lowest, leftmost, farthest corner and the opposite one."""

    low: Vector
    high: Vector


def pieces(prop: Prop, camera: Camera) -> Iterator[Piece]:
    """The pieces of a thing that stands still, those behind first."""
    if prop.kind in {PropKind.PILLOW, PropKind.ROLL}:
        yield from _rolled(prop, camera)
        return
    for box in boxes(prop):
        yield from _faces(box, prop.kind.value, camera)


def mirrored(prop: Prop, figure: Figure) -> Prop:
    """The thing when the other side works: tied and worn there; it stands elsewhere only in a mirror image."""
    flips_x = any(kinematics.faces_viewer(pose) for pose in figure.poses.values())
    flips_z = figure.is_mirror_image
    return replace(
        prop,
        at=_flipped(prop.at, 0) if flips_x else _flipped(prop.at, 2) if flips_z else prop.at,
        through=tuple(kinematics.other_side(point) for point in prop.through),
        tied=None if prop.tied is None else _flipped(prop.tied, 0 if flips_x else 2),
        on=kinematics.other_side(prop.on),
    )


def _flipped(at: tuple[int, int, int], axis: int) -> tuple[int, int, int]:
    x, y, z = at
    return (-x, y, z) if axis == 0 else (x, y, -z)


def boxes(prop: Prop) -> list[Box]:
    """The boxes that a thing is made of. `at` is the middle of its foot; a chair or table says its height in `size`."""
    x, y, z = prop.at
    wide, high, deep = (float(n) for n in prop.size)
    if prop.kind in {PropKind.CHAIR, PropKind.TABLE}:
        return _with_legs(prop, (x, y, z), (wide, high, deep))
    return [Box((x - wide / 2, y, z - deep / 2), (x + wide / 2, y + high, z + deep / 2))]


def _with_legs(prop: Prop, at: Vector, size: Vector) -> list[Box]:
    x, y, z = at
    wide, high, deep = size
    left, right, far, near = x - wide / 2, x + wide / 2, z - deep / 2, z + deep / 2
    top = y + high
    legs = [
        Box((lx, y, lz), (lx + LEG, top - SEAT, lz + LEG)) for lz in (far, near - LEG) for lx in (left, right - LEG)
    ]
    plate = Box((left, top - SEAT, far), (right, top, near))
    if prop.kind is PropKind.TABLE:
        return [*legs, plate]
    if prop.is_turned:
        back = Box((left, top + 14, far), (right, top + CHAIR_BACK, far + 3))
        posts = [Box((px, top, far), (px + LEG, top + 14, far + 3)) for px in (left, right - LEG)]
        return [*legs, *posts, back, plate]
    back = Box((left, top + 14, far), (left + 3, top + CHAIR_BACK, near))
    posts = [Box((left, top, pz), (left + 3, top + 14, pz + LEG)) for pz in (far, near - LEG)]
    return [*legs, plate, *posts, back]


def _faces(box: Box, name: str, camera: Camera) -> Iterator[Piece]:
    (ax, ay, az), (bx, by, bz) = box.low, box.high
    side = bx if camera.seen(v.X)[2] > 0 else ax
    near = bz if camera.seen(v.Z)[2] > 0 else az
    faces = {
        "side": [(side, ay, az), (side, by, az), (side, by, bz), (side, ay, bz)],
        "front": [(ax, ay, near), (bx, ay, near), (bx, by, near), (ax, by, near)],
        "top": [(ax, by, az), (bx, by, az), (bx, by, bz), (ax, by, bz)],
    }
    for face, corners in faces.items():
        yield Piece(f"{name} {face}", outline.polygon([camera.spot(corner) for corner in corners]))


def _rolled(prop: Prop, camera: Camera) -> Iterator[Piece]:
    x, y, z = prop.at
    wide, high, deep = prop.size
    radius = high / 2
    half = max(0.5, (deep if prop.kind is PropKind.ROLL else wide) / 2 - radius)
    way = (0.0, 0.0, half) if prop.kind is PropKind.ROLL else (half, 0.0, 0.0)
    middle = (float(x), y + radius, float(z))
    ends = [camera.circle(v.add(middle, way, sign), radius) for sign in (-1.0, 1.0)]
    yield Piece(prop.kind.value, outline.chain(ends))
    if prop.kind is PropKind.ROLL:
        yield Piece("roll front", outline.ball(ends[1]))


def around(prop: Prop, camera: Camera) -> list[Round]:
    """Circles on the paper that a thing must not stick out of."""
    if prop.tied:
        return [camera.circle((float(prop.tied[0]), float(prop.tied[1]), float(prop.tied[2])), 2.0)]
    if not prop.size[0]:
        return []
    corners = [corner for box in boxes(prop) for corner in product(*zip(box.low, box.high, strict=True))]
    return [camera.circle((x, y, z), 1.0) for x, y, z in corners]


def strap(prop: Prop, body: Body, camera: Camera) -> Numbers:
    """A towel or band on its way along points of the body; what is thick or flat, as an outline."""
    points = [body.points[point] for point in prop.through]
    if prop.thick:
        return outline.chain([camera.circle(point, prop.thick) for point in points], cut=(0, -1))
    if prop.tied:
        points.insert(0, (float(prop.tied[0]), float(prop.tied[1]), float(prop.tied[2])))
    spots = [camera.spot(point) for point in points]
    return outline.polygon(spots) if prop.is_flat else outline.line(spots)
