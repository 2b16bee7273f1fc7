"""What lies on the paper at each moment: things, limbs in their order, the arrow of a movement, the mark of a hold.

It refuses to know how SVG is written.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.domain.exercise import Phase
from app.domain.figures.figure import Figure, FigureStep
from app.drawing import body as bodies
from app.drawing import motion, outline, props
from app.drawing import vectors as v
from app.drawing.body import Shape
from app.drawing.camera import ANGLES, Camera, Round, Spot
from app.drawing.motion import Moment, Motion, Move
from app.drawing.outline import Numbers
from app.drawing.skeleton import Body

ARROW_OFF = 9.0
"""How far from the point that moves its arrow runs, in centimetres."""

ARROW_LEAST = 13.0
"""The shortest arrow in centimetres: a movement of two centimetres needs one that can be seen."""

ARROW_HEAD = 15.0


@dataclass(frozen=True, slots=True)
class Arrow:
    """The line of a movement and the head at its end."""

    shaft: Numbers
    head: Numbers


@dataclass(frozen=True, slots=True)
class Layer:
    """One outline through time: its numbers at each moment."""

    name: str
    group: str
    colours: tuple[str, ...]
    paths: tuple[Numbers, ...]
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """A figure solved and measured, ready to be drawn at any moment."""

    figure: Figure
    motion: Motion
    camera: Camera
    is_mirrored: bool

    @property
    def name(self) -> str:
        """What errors call it."""
        return self.figure.file

    def shapes(self, body: Body, *, is_mirrored: bool) -> list[Shape]:
        """The shapes of the body at one moment."""
        return bodies.shapes(body, self.figure, self.camera, is_mirrored=is_mirrored)


def scene(figure: Figure, *, is_mirrored: bool = False) -> Scene:
    """The figure with a camera that has every moment of it on the paper. Make it once, draw it often.

    `is_mirrored` shows the left side at work. Raises ContentInvalid, naming file, step and joint.
    """
    yaw, pitch = figure.camera or ANGLES[figure.view]
    first = Camera(yaw, pitch)
    played = motion.motion(figure, is_mirrored=is_mirrored)
    circles: list[Round] = [circle for prop in figure.props for circle in props.around(prop, first)]
    for move in played.moves:
        for share in (0.5, 1.0):
            shown = bodies.shapes(move.body(share, figure.file), figure, first, is_mirrored=move.is_mirrored)
            circles += [circle for shape in shown for circle in shape.circles]
        for arrow in _points_of(move):
            circles += [(x, y, 5.0) for x, y in _way(move, arrow, first, figure.file)]
    return Scene(figure, played, first.fitted(circles), is_mirrored)


def layers(found: Scene) -> tuple[list[Layer], list[Moment]]:
    """Every outline through the whole loop, and the moments for which it has numbers."""
    looks = list(motion.moments(found.motion, found.name))
    drawn = [layers_at(found, look.body, is_mirrored=look.is_mirrored) for look in looks]
    through = [
        replace(
            layer,
            colours=tuple(moment[index].colours[0] for moment in drawn),
            paths=tuple(moment[index].paths[0] for moment in drawn),
        )
        for index, layer in enumerate(drawn[0])
    ]
    return through, looks


def layers_at(found: Scene, body: Body, *, is_mirrored: bool) -> list[Layer]:
    """Every outline at one moment."""
    drawn = [
        Layer(shape.name, shape.group, (shape.colour,), (line_of(shape.circles),))
        for shape in found.shapes(body, is_mirrored=is_mirrored)
    ]
    for number, prop in enumerate(one for one in found.figure.props if one.through):
        path = props.strap(prop, body, found.camera)
        drawn.append(Layer(f"strap{number}", "strap", (prop.kind.value,), (path,), is_open=True))
    return drawn


def line_of(circles: tuple[Round, ...]) -> Numbers:
    """The line round one shape."""
    return outline.ball(circles[0]) if len(circles) == 1 else outline.chain(circles)


def move_of(found: Scene, step: FigureStep, *, is_mirrored: bool) -> Move:
    """The movement that leads to this step, from the step before it."""
    solved = found.motion.solved
    poses = [solved[name, is_mirrored] for name in (*step.via, step.pose)]
    before = poses[0]
    for move in found.motion.moves:
        if move.step.number == step.number and move.is_mirrored == is_mirrored and step.phase is not Phase.START:
            before = move.first
            break
    else:
        earlier = [
            other for other in found.figure.steps if other.number < step.number and other.phase is not Phase.HOLD
        ]
        if earlier and step.phase is not Phase.START:
            before = solved[earlier[-1].pose, is_mirrored]
    return Move(step, before if len(poses) == 1 else poses[-2], poses[-1], 0.0, 1.0, 1.0, is_mirrored)


def arrows(found: Scene, move: Move) -> Iterable[Arrow]:
    """The ways of the points that the step names, each beside its point."""
    for point in _points_of(move):
        spots = _way(move, point, found.camera, found.name)
        if len(spots) > 1:
            yield _arrow(spots)


def _points_of(move: Move) -> tuple[str, ...]:
    if not move.is_mirrored:
        return move.step.arrow
    swapped = (point.replace("left", "#").replace("right", "left") for point in move.step.arrow)
    return tuple(point.replace("#", "right") for point in swapped)


def _way(move: Move, point: str, camera: Camera, name: str) -> list[Spot]:
    """Where a point goes, moved aside from the body and lengthened when it is too short to be seen."""
    seen = [move.body(share, name) for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
    spots = [camera.spot(body.points[point]) for body in seen]
    (ax, ay), (bx, by) = spots[0], spots[-1]
    distance = math.hypot(bx - ax, by - ay)
    if distance < 0.4 * camera.scale:
        return []
    ux, uy = (bx - ax) / distance, (by - ay) / distance
    middle = camera.spot(v.middle([seen[-1].points["waist"], seen[-1].points["hip"], seen[-1].points["chest3"]]))
    away = (spots[2][0] - middle[0], spots[2][1] - middle[1])
    sign = 1.0 if -uy * away[0] + ux * away[1] >= 0 else -1.0
    aside = (-uy * sign * ARROW_OFF * camera.scale, ux * sign * ARROW_OFF * camera.scale)
    least = ARROW_LEAST * camera.scale
    if distance < least:
        mx, my = (ax + bx) / 2, (ay + by) / 2
        spots = [(mx + ux * least * part, my + uy * least * part) for part in (-0.5, -0.25, 0.0, 0.25, 0.5)]
    return [(x + aside[0], y + aside[1]) for x, y in spots]


def _arrow(spots: list[Spot]) -> Arrow:
    (ax, ay), (bx, by) = spots[-2], spots[-1]
    size = math.hypot(bx - ax, by - ay) or 1.0
    ux, uy = (bx - ax) / size, (by - ay) / size
    neck = (bx - ux * ARROW_HEAD, by - uy * ARROW_HEAD)
    wing = ARROW_HEAD * 0.72
    head = [(bx, by), (neck[0] - uy * wing, neck[1] + ux * wing), (neck[0] + uy * wing, neck[1] - ux * wing)]
    return Arrow(
        outline.line([*spots[:-1], (bx - ux * ARROW_HEAD * 0.6, by - uy * ARROW_HEAD * 0.6)]), outline.polygon(head)
    )
