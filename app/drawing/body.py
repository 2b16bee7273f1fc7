"""Which shapes make a person, and in which order do they lie on each other?

A shape is a chain of circles on the paper with a name and a colour class. It refuses to know colours and motion.
"""

import math
from collections.abc import Iterable, Mapping

from app.domain.figures.figure import Figure, View
from app.domain.figures.joints import SIDES
from app.drawing import kinematics, skeleton
from app.drawing import vectors as v
from app.drawing.camera import Camera, Round
from app.drawing.skeleton import RADIUS, TRUNK, Body
from app.drawing.vectors import Vector
from app.values import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """One outline: `group` is the limb that it belongs to, `colour` a class of the style sheet.

    The ends in `cut` are nearly flat. `is_joined` has no rim: trousers go on from the pelvis to the legs behind it.
    """

    name: str
    group: str
    colour: str
    circles: tuple[Round, ...]
    cut: tuple[int, ...] = ()
    is_joined: bool = False


LEG = (
    ("foot", "skin", (("heel", RADIUS["heel"]), ("ball", RADIUS["ball"]), ("toe", RADIUS["toe"]))),
    ("instep", "skin", (("ankle", RADIUS["ankle"] - 0.3), ("instep", 3.2), ("ball", RADIUS["ball"]))),
    ("shank", "leg", (("knee", RADIUS["knee"] - 0.2), ("calf", RADIUS["calf"]), ("ankle", RADIUS["ankle"]))),
    ("thigh", "leg", (("hip", RADIUS["hip"]), ("thigh", RADIUS["thigh"]), ("knee", RADIUS["knee"]))),
)
ARM = (
    ("hand", "skin", (("wrist", 2.6), ("knuckle", RADIUS["palm"]), ("fingertip", RADIUS["fingertip"]))),
    ("forearm", "arm", (("elbow", RADIUS["elbow"] - 0.1), ("forearm", RADIUS["forearm"]), ("wrist", RADIUS["wrist"]))),
    ("upper_arm", "arm", (("shoulder", RADIUS["shoulder"]), ("elbow", RADIUS["elbow"]))),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Muscle:
    """The belly of a muscle from end to end: three ways in a frame from a point, with # for the side.

    Each with half its thickness, slack and tight, in centimetres. It is drawn with a limb, or on top of all.
    """

    group: str
    point: str
    frame: str
    ways: tuple[Vector, Vector, Vector]
    slack: tuple[float, float, float]
    tight: tuple[float, float, float]


MUSCLES: Mapping[str, Muscle] = {
    "belly": Muscle(
        group="shirt",
        point="lumbar2",
        frame="lumbar2",
        ways=((6.2, 9.0, 0.0), (6.4, 0.0, 0.0), (5.6, -9.0, 0.0)),
        slack=(0.8, 1.6, 0.8),
        tight=(1.4, 3.8, 1.4),
    ),
    "buttock": Muscle(
        group="muscles",
        point="hip",
        frame="pelvis",
        ways=((-5.6, 4.0, 6.6), (-5.4, -1.5, 7.0), (-3.8, -6.0, 7.6)),
        slack=(1.4, 2.6, 1.4),
        tight=(2.4, 5.2, 3.4),
    ),
    "thigh": Muscle(
        group="#_leg",
        point="#_hip",
        frame="#_thigh",
        ways=((5.0, -8.0, 0.0), (4.6, -21.0, 0.0), (3.0, -34.0, 0.0)),
        slack=(1.0, 2.0, 1.0),
        tight=(1.6, 4.6, 1.4),
    ),
}

NEARLY = 3.0
"""A limb is drawn as a far one when it begins so much farther away than the middle of the body, in centimetres."""

ORDERS: dict[View, tuple[str, ...]] = {
    View.SIDE: ("left_arm", "left_leg", "neck", "pelvis", "shirt", "head", "right_leg", "right_arm"),
    View.ABOVE: ("left_arm", "left_leg", "neck", "pelvis", "shirt", "head", "right_leg", "right_arm"),
    View.FRONT: ("pelvis", "left_leg", "right_leg", "shirt", "neck", "head", "left_arm", "right_arm"),
}


def shapes(body: Body, figure: Figure, camera: Camera, *, is_mirrored: bool) -> list[Shape]:
    """Every shape of the body, those behind first."""
    marked = {kinematics.other_side(limb) if is_mirrored else limb for limb in figure.working}
    order = figure.in_front or ORDERS[figure.view]
    if is_mirrored and (figure.in_front or kinematics.mirror_axis(figure) is not None):
        order = tuple(kinematics.other_side(group) for group in order)
    found: list[Shape] = []
    joined = {"pelvis"} if not {"left_leg", "right_leg"} & set(order[order.index("pelvis") :]) else set()
    if order.index("head") == order.index("neck") + 1:
        joined.add("neck")
    for group in order:
        if group.endswith(("_arm", "_leg")):
            is_even = "pelvis" in joined and group.endswith("_leg")
            found += _limb(body, group, camera, is_marked=group in marked, is_even=is_even)
        elif group == "head":
            found += _head(body, camera)
        else:
            found += _trunk(body, group, camera, is_marked=group in marked, is_joined=group in joined)
    return found + [_muscle(body, muscle, camera) for muscle in tightened(figure, is_mirrored=is_mirrored)]


def tightened(figure: Figure, *, is_mirrored: bool) -> list[str]:
    """The muscles that work in some step of the figure while nothing moves; seen from the side, not the far buttock."""
    shown = dict.fromkeys(pose for step in figure.steps for pose in (*step.via, step.pose))
    names = dict.fromkeys(muscle for pose in shown for muscle in figure.poses[pose].tight)
    far = "right_buttock" if is_mirrored and figure.is_mirror_image else "left_buttock"
    found = [kinematics.other_side(muscle) if is_mirrored else muscle for muscle in names]
    return [muscle for muscle in found if figure.view is not View.SIDE or muscle != far]


def _muscle(body: Body, muscle: str, camera: Camera) -> Shape:
    """A spindle that swells as the muscle tightens."""
    side, _, name = muscle.rpartition("_")
    found = MUSCLES[name]
    start, frame = body.points[found.point.replace("#", side)], body.frames[found.frame.replace("#", side)]
    share, out = body.tight.get(muscle, 0.0), skeleton.outward(side) if side else 0.0
    circles = tuple(
        camera.circle(v.add(start, v.turned(frame, (x, y, z * out))), slack + (tight - slack) * share)
        for (x, y, z), slack, tight in zip(found.ways, found.slack, found.tight, strict=True)
    )
    return Shape(muscle, found.group.replace("#", side), "tight", circles)


def _limb(body: Body, group: str, camera: Camera, *, is_marked: bool, is_even: bool) -> Iterable[Shape]:
    """An arm or leg, darker when it is the far one; `is_even` when both legs are seen alike."""
    side, kind = group.split("_")
    is_far = camera.seen(body.points[f"{side}_{'hip' if kind == 'leg' else 'shoulder'}"])[2] < (
        camera.seen(body.points["hip" if kind == "leg" else "chest3"])[2] - NEARLY
    )
    for name, colour, circles in LEG if kind == "leg" else ARM:
        tone = "mark" if is_marked and colour != "skin" else colour
        found = tuple(camera.circle(body.points[f"{side}_{point}"], radius) for point, radius in circles)
        yield Shape(f"{side}_{name}", group, f"{tone}-far" if is_far and not is_even else tone, found)


def _trunk(body: Body, group: str, camera: Camera, *, is_marked: bool, is_joined: bool) -> Iterable[Shape]:
    if group == "neck":
        foot = v.add(body.points["chest3"], v.turned(body.frames["chest3"], (0.6, 2.5, 0.0)))
        ends = (camera.circle(foot, 4.9), camera.circle(body.points["jaw"], 5.0))
        yield Shape("neck", "head" if is_joined else group, "skin-far", ends)
        return
    levels = (
        ("hip", "sacrum", "lumbar1")
        if group == "pelvis"
        else ("lumbar1", "lumbar2", "waist", "chest1", "chest2", "chest3")
    )
    found = [_level(body, level, camera) for level in levels]
    if group == "shirt":
        collar = v.add(body.points["chest3"], v.turned(body.frames["chest3"], (0.2, 2.8, 0.0)))
        found.append(camera.circle(collar, 5.6))
    colour = "leg" if group == "pelvis" else "shirt"
    cut = (0,) if group == "shirt" or is_joined else ()
    yield Shape(group, group, "mark" if is_marked else colour, tuple(found), cut, is_joined)


def _level(body: Body, level: str, camera: Camera) -> Round:
    """How wide an oval slice of the trunk is across the spine, from where the camera stands."""
    depth, width, _ = TRUNK[level]
    frame = body.frames[level]
    axes = [camera.seen(v.turned(frame, axis)) for axis in (v.X, v.Y, v.Z)]
    size = math.hypot(axes[1][0], axes[1][1]) or 1.0
    across = (axes[1][1] / size, -axes[1][0] / size)
    reach = math.hypot(
        depth * (axes[0][0] * across[0] + axes[0][1] * across[1]),
        width * (axes[2][0] * across[0] + axes[2][1] * across[1]),
    )
    return camera.circle(body.points[f"{level}_middle"], reach)


def _head(body: Body, camera: Camera) -> Iterable[Shape]:
    def ball(point: str, radius: float) -> Round:
        return camera.circle(body.points[point], radius)

    facing = camera.seen(v.turned(body.frames["head"], v.X))[2]
    hair = Shape("hair", "head", "hair", (ball("hair", 9.8), ball("nape", 6.6)))
    face = [
        Shape("face", "head", "skin", (ball("brow", 5.6), ball("cheek", 6.2), ball("chin", 2.5))),
        Shape("nose", "head", "skin", (ball("bridge", 1.2), ball("nose", 1.1))),
    ]
    yield from (hair, *face) if facing > -0.35 else (*face, hair)
    for side in SIDES:
        yield Shape(f"{side}_ear", "head", "ear", (_shown(body, camera, f"{side}_ear", 2.0, (0.2, 0.0, 1.0)),))
        yield Shape(f"{side}_eye", "head", "eye", (_shown(body, camera, f"{side}_eye", 0.9, (0.75, 0.0, 0.6)),))


def _shown(body: Body, camera: Camera, point: str, radius: float, normal: Vector) -> Round:
    """A mark on the head, or nothing when it is on the side that cannot be seen."""
    side = 1.0 if point.startswith("right") else -1.0
    towards = camera.seen(v.turned(body.frames["head"], (normal[0], normal[1], normal[2] * side)))[2]
    return camera.circle(body.points[point], radius if towards > 0.12 else 0.0)
