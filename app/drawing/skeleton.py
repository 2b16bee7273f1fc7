"""Where is every part of a body whose joints stand at these angles? Proportions of an adult of 170 cm.

Segment lengths follow the shares of stature of Drillis and Contini. The frame of a segment has
x forwards, y along it upwards and z to the body's right. It refuses to know floor, contacts and pictures.
"""

from collections.abc import Mapping
from dataclasses import replace

from app.domain.figures.joints import SIDES, Angles
from app.drawing import vectors as v
from app.drawing.vectors import Matrix, Vector
from app.values import dataclass, field

HIP_HALF, SHOULDER_HALF = 8.6, 17.0
THIGH, SHANK, ANKLE_HEIGHT = 41.5, 41.0, 7.0
UPPER_ARM, FOREARM, PALM, FINGERS = 30.5, 25.0, 9.0, 8.0
HEEL, BALL, TOES = 5.0, 13.5, 6.5
SHOULDER_DROP = 3.5
FLANK = 2.6
"""How far beside the ribs the middle of a rolled towel lies that the elbow holds there."""

VERTEBRAE = ("hip", "sacrum", "lumbar1", "lumbar2", "waist", "chest1", "chest2", "chest3")
SPINE_STEPS = (0.0, 9.0, 5.5, 5.5, 5.5, 8.0, 8.0, 7.5)
NECK = 5.5

TRUNK: Mapping[str, tuple[float, float, float]] = {
    "hip": (10.4, 16.6, -0.8),
    "sacrum": (10.6, 16.2, -0.6),
    "lumbar1": (9.4, 14.6, 0.6),
    "lumbar2": (8.9, 13.4, 0.9),
    "waist": (9.4, 13.6, 0.6),
    "chest1": (10.6, 15.0, 0.2),
    "chest2": (10.8, 16.2, -0.2),
    "chest3": (7.2, 13.0, -0.8),
}
"""Of each level of the trunk: half its depth, half its width, and how far its middle lies before the spine."""

RADIUS: Mapping[str, float] = {
    "hip": 9.0, "thigh": 8.2, "knee": 5.4, "calf": 5.5, "ankle": 3.5, "heel": 3.3, "ball": 2.3, "toe": 1.5,
    "shoulder": 5.6, "upper_arm": 4.9, "elbow": 3.9, "forearm": 3.9, "wrist": 2.6, "palm": 3.3, "knuckle": 2.7,
    "fingertip": 1.6, "skull": 9.4, "face": 6.0, "chin": 2.6,
}  # fmt: skip
"""Half the thickness of the limbs and the head."""


@dataclass(frozen=True, slots=True)
class Body:
    """Points of the body by name, such as `right_knee`, frames of its segments, and how tight muscles are (0 to 1)."""

    points: Mapping[str, Vector]
    frames: Mapping[str, Matrix]
    angles: Angles
    tight: Mapping[str, float] = field(default_factory=dict)

    def moved(self, by: Vector) -> "Body":
        """The same body elsewhere."""
        return replace(self, points={name: v.add(point, by) for name, point in self.points.items()})


def stand(angles: Angles, orientation: Matrix) -> Body:
    """The body with the middle of its hips at the origin and the pelvis turned as said."""
    points: dict[str, Vector] = {"hip": (0.0, 0.0, 0.0)}
    frames: dict[str, Matrix] = {"pelvis": orientation}
    _spine(points, frames, angles)
    _head(points, frames, angles)
    for side in SIDES:
        _leg(points, frames, angles, side)
        _arm(points, frames, angles, side)
    return Body(points, frames, angles)


def outward(side: str) -> float:
    """The direction of z that leads away from the middle of the body."""
    return 1.0 if side == "right" else -1.0


def _put(points: dict[str, Vector], name: str, origin: Vector, frame: Matrix, offset: Vector) -> None:
    points[name] = v.add(origin, v.turned(frame, offset))


def _spine(points: dict[str, Vector], frames: dict[str, Matrix], angles: Angles) -> None:
    frame = frames["pelvis"]
    at = points["hip"]
    lumbar = v.after(v.about_x(angles.get("lumbar_side_bend", 0) / 3), v.about_z(-angles.get("lumbar_flexion", 0) / 3))
    thoracic = v.after(
        v.about_y(-angles.get("trunk_rotation", 0) / 3), v.about_z(-angles.get("thoracic_flexion", 0) / 3)
    )
    for name, step in zip(VERTEBRAE[1:], SPINE_STEPS[1:], strict=True):
        if name != "sacrum":
            frame = v.after(frame, thoracic if name.startswith("chest") else lumbar)
        at = v.add(at, v.turned(frame, (0.0, step, 0.0)))
        points[name] = at
        frames[name] = frame
    frames["hip"] = frames["pelvis"]
    for name, (depth, width, before) in TRUNK.items():
        _put(points, f"{name}_middle", points[name], frames[name], (before, 0.0, 0.0))
        _put(points, f"{name}_front", points[name], frames[name], (before + depth, 0.0, 0.0))
        _put(points, f"{name}_back", points[name], frames[name], (before - depth, 0.0, 0.0))
        for side in SIDES:
            _put(points, f"{side}_{name}_side", points[name], frames[name], (before, 0.0, width * outward(side)))
    for side in SIDES:
        for name, height in (("flank_high", 5.0), ("flank_low", -6.0)):
            beside = TRUNK["waist"][1] + FLANK
            _put(points, f"{side}_{name}", points["waist"], frames["waist"], (1.0, height, beside * outward(side)))


def _head(points: dict[str, Vector], frames: dict[str, Matrix], angles: Angles) -> None:
    bend, nod = angles.get("neck_flexion", 0), angles.get("head_flexion", 0)
    turn, side = angles.get("neck_rotation", 0), angles.get("neck_side_bend", 0)
    frame, at = frames["chest3"], points["chest3"]
    for name in ("neck1", "neck2"):
        frame = v.after(v.after(frame, v.about_x(side / 3)), v.about_z(-bend / 2))
        if name == "neck2":
            frame = v.after(frame, v.about_y(-turn / 2))
        at = v.add(at, v.turned(frame, (0.6, NECK, 0.0)))
        points[name], frames[name] = at, frame
    frame = v.after(v.after(v.after(frame, v.about_y(-turn / 2)), v.about_x(side / 3)), v.about_z(-nod))
    frames["head"] = frame
    for name, offset in HEAD.items():
        _put(points, name, at, frame, offset)


HEAD: Mapping[str, Vector] = {
    "skull": (-0.2, 8.0, 0.0),
    "hair": (-1.2, 8.6, 0.0),
    "nape": (-3.4, 3.4, 0.0),
    "brow": (4.4, 7.6, 0.0),
    "cheek": (2.6, 2.4, 0.0),
    "chin": (5.9, -2.4, 0.0),
    "jaw": (0.2, 0.6, 0.0),
    "bridge": (8.4, 5.6, 0.0),
    "nose": (10.2, 2.9, 0.0),
    "left_eye": (8.4, 5.4, -3.1),
    "right_eye": (8.4, 5.4, 3.1),
    "left_ear": (-0.4, 4.4, -7.6),
    "right_ear": (-0.4, 4.4, 7.6),
    "crown": (-0.6, 17.6, 0.0),
    "back_of_head": (-9.6, 7.6, 0.0),
}
"""Points of the head, from the top of the neck."""


def _leg(points: dict[str, Vector], frames: dict[str, Matrix], angles: Angles, side: str) -> None:
    out = outward(side)
    _put(points, f"{side}_hip", points["hip"], frames["pelvis"], (0.0, 0.0, HIP_HALF * out))
    thigh = v.after(
        frames["pelvis"],
        ball_joint(
            angles.get(f"{side}_hip_flexion", 0),
            angles.get(f"{side}_hip_abduction", 0),
            angles.get(f"{side}_hip_rotation", 0),
            side,
        ),
    )
    shank = v.after(thigh, v.about_z(-angles.get(f"{side}_knee_flexion", 0)))
    foot = v.after(shank, v.about_z(angles.get(f"{side}_ankle_flexion", 0)))
    toes = v.after(foot, v.about_z(-angles.get(f"{side}_toe_flexion", 0)))
    frames |= {f"{side}_thigh": thigh, f"{side}_shank": shank, f"{side}_foot": foot, f"{side}_toes": toes}
    _put(points, f"{side}_knee", points[f"{side}_hip"], thigh, (0.0, -THIGH, 0.0))
    _put(points, f"{side}_thigh", points[f"{side}_hip"], thigh, (-0.6, -THIGH * 0.35, 0.0))
    _put(points, f"{side}_calf", points[f"{side}_knee"], shank, (-1.2, -SHANK * 0.3, 0.0))
    _put(points, f"{side}_ankle", points[f"{side}_knee"], shank, (0.0, -SHANK, 0.0))
    for name, height in (("cuff_high", 0.74), ("cuff_low", 0.92)):
        _put(points, f"{side}_{name}", points[f"{side}_knee"], shank, (-0.4, -SHANK * height, 0.0))
    _put(points, f"{side}_ankle_side", points[f"{side}_cuff_low"], shank, (0.0, 0.0, RADIUS["ankle"] * out))
    ankle = points[f"{side}_ankle"]
    _put(points, f"{side}_heel", ankle, foot, (-HEEL + 1.2, -ANKLE_HEIGHT + RADIUS["heel"], 0.0))
    _put(points, f"{side}_instep", ankle, foot, (3.6, -2.2, 0.0))
    _put(points, f"{side}_ball", ankle, foot, (BALL - 1.5, -ANKLE_HEIGHT + RADIUS["ball"], 0.0))
    _put(points, f"{side}_sole", ankle, foot, (4.5, -ANKLE_HEIGHT, 0.0))
    _put(points, f"{side}_toe", points[f"{side}_ball"], toes, (TOES, RADIUS["toe"] - RADIUS["ball"], 0.0))


def _arm(points: dict[str, Vector], frames: dict[str, Matrix], angles: Angles, side: str) -> None:
    out = outward(side)
    chest = frames["chest3"]
    girdle = v.after(
        v.about_y(angles.get(f"{side}_scapula_protraction", 0) * out),
        v.about_x(-angles.get(f"{side}_scapula_elevation", 0) * out),
    )
    reach = v.turned(girdle, (0.0, 0.0, SHOULDER_HALF * out))
    _put(points, f"{side}_shoulder", points["chest3"], chest, v.add((-0.6, -SHOULDER_DROP, 0.0), reach))
    upper = v.after(
        chest,
        ball_joint(
            angles.get(f"{side}_shoulder_flexion", 0),
            angles.get(f"{side}_shoulder_abduction", 0),
            angles.get(f"{side}_shoulder_rotation", 0),
            side,
        ),
    )
    fore = v.after(upper, v.about_z(angles.get(f"{side}_elbow_flexion", 0)))
    turned = v.after(fore, v.about_y(angles.get(f"{side}_forearm_rotation", 0)))
    hand = v.after(turned, v.about_z(angles.get(f"{side}_wrist_flexion", 0)))
    fingers = v.after(hand, v.about_z(angles.get(f"{side}_finger_flexion", 0)))
    frames |= {f"{side}_upper_arm": upper, f"{side}_forearm": fore, f"{side}_hand": hand, f"{side}_fingers": fingers}
    _put(points, f"{side}_elbow", points[f"{side}_shoulder"], upper, (0.0, -UPPER_ARM, 0.0))
    _put(points, f"{side}_biceps", points[f"{side}_shoulder"], upper, (0.3, -UPPER_ARM * 0.42, 0.0))
    _put(points, f"{side}_forearm", points[f"{side}_elbow"], fore, (0.3, -FOREARM * 0.28, 0.0))
    _put(points, f"{side}_wrist", points[f"{side}_elbow"], fore, (0.0, -FOREARM, 0.0))
    _put(points, f"{side}_palm", points[f"{side}_wrist"], hand, (0.0, -PALM * 0.55, 0.0))
    _put(points, f"{side}_knuckle", points[f"{side}_wrist"], hand, (0.0, -PALM, 0.0))
    _put(points, f"{side}_fingertip", points[f"{side}_knuckle"], fingers, (0.0, -FINGERS, 0.0))
    _put(points, f"{side}_thumb", points[f"{side}_wrist"], hand, (3.6, -PALM * 0.85, 0.0))


def ball_joint(flexion: float, abduction: float, rotation: float, side: str) -> Matrix:
    """The turn of a hip or shoulder: lifted forwards, then sideways, then turned outwards about its own length."""
    out = outward(side)
    turn = v.after(v.about_z(flexion), v.about_x(-abduction * out))
    return v.after(turn, v.about_y(-rotation * out))
