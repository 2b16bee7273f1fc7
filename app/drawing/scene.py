"""What lies on the paper at each moment: things, limbs in their order, the arrow of a movement, the mark of a hold.

It refuses to know how SVG is written.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from app.domain.exercise import Phase
from app.domain.figures.figure import Figure, FigureStep, Prop
from app.drawing import arrows, kinematics, motion, outline, props
from app.drawing import body as bodies
from app.drawing.arrows import Arrow
from app.drawing.body import Shape
from app.drawing.camera import ANGLES, Camera, Round
from app.drawing.motion import Moment, Motion, Move
from app.drawing.outline import Numbers
from app.drawing.skeleton import Body
from app.values import dataclass


@dataclass(frozen=True, slots=True)
class Layer:
    """One outline through time: its numbers at each moment."""

    name: str
    group: str
    colours: tuple[str, ...]
    paths: tuple[Numbers, ...]
    is_open: bool = False
    is_joined: bool = False


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
        return bodies.shapes(body, self.figure, self.camera_of(is_mirrored=is_mirrored), is_mirrored=is_mirrored)

    def camera_of(self, *, is_mirrored: bool) -> Camera:
        """The camera of the pictures in which this side works."""
        return replace(self.camera, mirrored=kinematics.mirror_axis(self.figure) if is_mirrored else None)


def scene(figure: Figure, *, is_mirrored: bool = False) -> Scene:
    """The figure with a camera that has every moment of it on the paper. Make it once, draw it often.

    `is_mirrored` shows the left side at work. Raises ContentInvalid, naming file, step and joint.
    """
    yaw, pitch = figure.camera or ANGLES[figure.view]
    first = Camera(yaw, pitch)
    axis = kinematics.mirror_axis(figure)
    if axis is not None and is_mirrored:
        return replace(scene(figure), motion=motion.motion(figure, is_mirrored=True), is_mirrored=True)
    played = motion.motion(figure, is_mirrored=is_mirrored)
    circles: list[Round] = [circle for prop in _fitted(figure) for circle in props.around(prop, first)]
    for move in played.moves:
        halfway, shown = (
            bodies.shapes(move.body(share, figure.file), figure, first, is_mirrored=move.is_mirrored)
            for share in (0.5, 1.0)
        )
        circles += [circle for shape in (*halfway, *shown) if _counts(figure, shape) for circle in shape.circles]
        for arrow in _points_of(move, move.step.arrow):
            circles += [(x, y, 5.0) for x, y in arrows.way((move,), arrow, first, figure.file, shown)]
    for step in figure.steps:
        if step.is_mirrored and axis is None:
            body = played.solved[step.pose, not is_mirrored].body
            shown = bodies.shapes(body, figure, first, is_mirrored=not is_mirrored)
            circles += [circle for shape in shown if _counts(figure, shape) for circle in shape.circles]
            circles += [
                circle for prop in _fitted(figure) for circle in props.around(props.mirrored(prop, figure), first)
            ]
    return Scene(figure, played, first.fitted(circles, is_close=figure.is_close), is_mirrored)


def _fitted(figure: Figure) -> list[Prop]:
    """The things that must be on the paper: of a close picture only where a band is tied."""
    return [prop for prop in figure.props if prop.tied or not figure.is_close]


def _counts(figure: Figure, shape: Shape) -> bool:
    return not figure.is_close or not shape.group.endswith(("_leg", "pelvis"))


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
        Layer(shape.name, shape.group, (shape.colour,), (line_of(shape),), is_joined=shape.is_joined)
        for shape in found.shapes(body, is_mirrored=is_mirrored)
    ]
    for number, one in enumerate(one for one in found.figure.props if one.through):
        prop = props.mirrored(one, found.figure) if is_mirrored else one
        path = props.strap(prop, body, found.camera_of(is_mirrored=is_mirrored))
        group = prop.on or "strap"
        drawn.append(
            Layer(f"strap{number}", group, (prop.kind.value,), (path,), is_open=not (prop.thick or prop.is_flat))
        )
    return drawn


def line_of(shape: Shape) -> Numbers:
    """The line round one shape."""
    return outline.ball(shape.circles[0]) if len(shape.circles) == 1 else outline.chain(shape.circles, cut=shape.cut)


def moves_of(found: Scene, step: FigureStep, *, is_mirrored: bool) -> tuple[Move, ...]:
    """The movements that lead to this step from the step before it; none for the start.

    A hold with an arrow goes on pushing: its movements are those of the step before.
    """
    solved = found.motion.solved
    earlier = [one for one in found.figure.steps if one.number < step.number and one.is_mirrored is step.is_mirrored]
    if step.phase is Phase.HOLD and step.arrow:
        return tuple(replace(move, step=step) for move in moves_of(found, earlier[-1], is_mirrored=is_mirrored))
    if step.phase is Phase.START or not earlier:
        earlier = [step]
    if step.phase is Phase.SWITCH_SIDE:
        earlier = [found.figure.steps[0]]
    stances = [solved[name, is_mirrored] for name in (earlier[-1].pose, *step.via, step.pose)]
    return tuple(Move(step, one, other, 0.0, 1.0, 1.0, is_mirrored) for one, other in pairwise(stances))


def drawn_arrows(found: Scene, moves: tuple[Move, ...]) -> Iterable[Arrow]:
    """The ways of the points that the step names, each beside its point, and what it squeezes."""
    step, is_mirrored, body = moves[0].step, moves[0].is_mirrored, moves[-1].second.body
    camera, shapes = found.camera_of(is_mirrored=is_mirrored), found.shapes(body, is_mirrored=is_mirrored)
    for point in _points_of(moves[0], step.arrow):
        spots = arrows.way(moves, point, camera, found.name, shapes)
        if spots:
            yield arrows.arrow(spots)
    squeezed = [camera.spot(body.points[point]) for point in _points_of(moves[0], step.squeeze)]
    for here, there in pairwise([*squeezed, *squeezed[:1]]):
        lets_go = step.phase is Phase.RETURN
        way = arrows.towards(there, here) if lets_go else arrows.towards(here, there)
        yield arrows.arrow(arrows.line(here, way, camera.scale, leads_away=lets_go))


def _points_of(move: Move, points: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(kinematics.other_side(point) for point in points) if move.is_mirrored else points
