"""Which angles bring the hands and feet of a pose to what they touch, and where does the body then rest?

Limbs that touch something are solved as two bones of fixed length (inverse kinematics); everything else is turned as
the pose says. A pose that no human can take is refused with its file, step and joint. It refuses to know how it looks.
"""

from collections.abc import Mapping
from dataclasses import replace

from app.domain.errors import ContentInvalid
from app.domain.figures.figure import HELD_PLACES, LIMBS, Contact, Figure, Pose
from app.domain.figures.joints import JOINTS
from app.drawing import skeleton, touch
from app.drawing import vectors as v
from app.drawing.skeleton import Body
from app.drawing.vectors import Matrix, Vector
from app.values import dataclass

TOLERANCE_DEGREES = 0.5
TOLERANCE_CM = 0.2


@dataclass(frozen=True, slots=True)
class Stance:
    """A pose with all its angles known, and where the middle of the hips is."""

    pose: Pose
    body: Body

    @property
    def hip(self) -> Vector:
        """The middle of the hips."""
        return self.body.points["hip"]


def orientation(pitch: float, roll: float, turn: float) -> Matrix:
    """How the pelvis is turned: first tipped back by `pitch`, then to its right by `roll`, then towards the viewer."""
    return v.after(v.about_y(-turn), v.after(v.about_x(roll), v.about_z(pitch)))


def solve(pose: Pose, name: str) -> Stance:
    """The whole body in this pose. `name` says in errors which file and step it is.

    Raises ContentInvalid when a hand or foot cannot reach, or a joint would leave its human range.
    """
    turn = orientation(pose.pitch, pose.roll, pose.turn)
    angles = dict(pose.angles)
    upright = skeleton.stand(angles, turn)
    if pose.anchor not in upright.points:
        raise ContentInvalid(f'{name}: {pose.id}: anchor: "{pose.anchor}" is no point of the body.')
    body = _placed(upright, pose)
    for limb in _in_order(pose):
        if limb in pose.contacts:
            target = touch.target(body, limb, pose.contacts[limb], turn)
            angles |= _reached(body, limb, pose.contacts[limb], target, f"{name}: {pose.id}")
            body = skeleton.stand(angles, turn).moved(body.points["hip"])
    for joint, value in angles.items():
        low, high = JOINTS[joint]
        if not low - TOLERANCE_DEGREES <= value <= high + TOLERANCE_DEGREES:
            raise ContentInvalid(
                f"{name}: {pose.id}: {joint}: would be {value:.0f} degrees; a human joint moves from {low} to {high}."
            )
    return Stance(pose, replace(body, tight=dict.fromkeys(pose.tight, 1.0)))


def between(first: Stance, second: Stance, share: float, name: str) -> Body:
    """The body on its way from one pose to another. What both touch stays touched, what both rest on carries them."""
    one, other = first.pose, second.pose
    turn = orientation(
        one.pitch + (other.pitch - one.pitch) * share,
        one.roll + (other.roll - one.roll) * share,
        one.turn + (other.turn - one.turn) * share,
    )
    before, then = first.body.angles, second.body.angles
    angles = {
        joint: before.get(joint, 0.0) * (1 - share) + then.get(joint, 0.0) * share for joint in {**before, **then}
    }
    body = skeleton.stand(angles, turn)
    hip = v.mixed(first.hip, second.hip, share)
    if (one.support, one.anchor) == (other.support, other.anchor):
        hip = _resting(body, one, hip, one.height * (1 - share) + other.height * share)
    body = body.moved(hip)
    for limb in _in_order(one):
        here, there = one.contacts.get(limb), other.contacts.get(limb)
        if here and there and (here.to == there.to or {here.to, there.to} <= set(HELD_PLACES)):
            target = v.mixed(touch.target(body, limb, here, turn), touch.target(body, limb, there, turn), share)
            contact = here if share < 0.5 else there
            lift = here.lift * (1 - share) + there.lift * share
            angles |= _reached(body, limb, contact, target, f"{name}: {one.id} to {other.id}", lift=lift)
            body = skeleton.stand(angles, turn).moved(hip)
    tight = {
        muscle: (muscle in one.tight) * (1 - share) + (muscle in other.tight) * share
        for muscle in {*one.tight, *other.tight}
    }
    return replace(body, tight=tight)


def _in_order(pose: Pose) -> list[str]:
    """The limbs, so that a leg stands before the other one lies on it, and hands take hold last."""
    return sorted(LIMBS, key=lambda limb: (limb.endswith("_hand"), limb in pose.contacts and _is_held(pose, limb)))


def _is_held(pose: Pose, limb: str) -> bool:
    return pose.contacts[limb].to in HELD_PLACES


def _placed(body: Body, pose: Pose) -> Body:
    anchor = body.points[pose.anchor]
    hip = (pose.x - anchor[0], pose.height - anchor[1], pose.z - anchor[2])
    return body.moved(_resting(body, pose, hip, pose.height))


def _resting(body: Body, pose: Pose, hip: Vector, height: float) -> Vector:
    """Where the hips are when the supported parts lie on their height; without support they stay."""
    if not pose.support:
        return hip
    return (hip[0], height - touch.lowest(body, pose.support), hip[2])


def _reached(
    body: Body, limb: str, contact: Contact, target: Vector, name: str, lift: float | None = None
) -> dict[str, float]:
    side, part = limb.split("_")
    lift = contact.lift if lift is None else lift
    if part == "foot":
        return _leg_angles(body, side, contact, target, name, lift)
    return _arm_angles(body, side, contact, target, name)


def _joined(
    start: Vector, target: Vector, bones: tuple[float, float], towards: Vector, name: str
) -> tuple[Vector, Vector]:
    """The directions of two bones that lead from the start to the target, bent towards a direction."""
    first, second = bones
    way = v.minus(target, start)
    distance = v.length(way)
    if distance > first + second + TOLERANCE_CM:
        raise ContentInvalid(
            f"{name}: cannot reach: it is {distance:.0f} cm away, and the limb is {first + second:.0f} cm long."
        )
    distance = max(abs(first - second) + 0.01, min(distance, first + second - 0.01))
    along = v.unit(way)
    aside = v.unit(v.add(towards, along, -v.dot(towards, along)))
    if v.length(aside) < 0.5:
        aside = v.unit(v.add(v.Z, along, -along[2]))
    share = (first * first + distance * distance - second * second) / (2 * first * distance)
    height = max(0.0, 1 - share * share) ** 0.5
    bend = v.add(v.scaled(along, share), aside, height)
    end = v.scaled(along, distance)
    return bend, v.unit(v.minus(end, v.scaled(bend, first)))


def _ball_angles(frame: Matrix, bone: Vector, side: str, spans: tuple[str, str]) -> tuple[float, float]:
    """Flexion and abduction of a bone that hangs in a frame; of two ways to say it, the one within human range."""
    inner = v.turned_back(frame, bone)
    abduction = v.arc_sine(inner[2] * skeleton.outward(side))
    flexion = v.angle(inner[0], -inner[1])
    ways = (
        [(flexion, abduction)]
        + [(flexion + turn, 180 - abduction) for turn in (-180, 180)]
        + [(flexion + 360, abduction)]
    )
    for way in ways:
        if all(JOINTS[joint][0] <= value <= JOINTS[joint][1] for joint, value in zip(spans, way, strict=True)):
            return way
    return flexion, abduction


def _leg_angles(body: Body, side: str, contact: Contact, target: Vector, name: str, lift: float) -> dict[str, float]:
    pelvis = body.frames["pelvis"]
    towards = touch.bend(pelvis, side, contact.bend or ("forward",))
    thigh, shank = _joined(
        body.points[f"{side}_hip"], target, (skeleton.THIGH, skeleton.SHANK), towards, f"{name}: {side}_foot"
    )
    flexion, abduction = _ball_angles(pelvis, thigh, side, (f"{side}_hip_flexion", f"{side}_hip_abduction"))
    hip = v.after(pelvis, skeleton.ball_joint(flexion, abduction, 0, side))
    inner = v.turned_back(hip, shank)
    knee = v.arc_cosine(-inner[1])
    rotation = v.angle(-inner[2], -inner[0]) * skeleton.outward(side) if knee > 1 else 0.0
    frame = v.after(v.after(pelvis, skeleton.ball_joint(flexion, abduction, rotation, side)), v.about_z(-knee))
    found = {"hip_flexion": flexion, "hip_abduction": abduction, "hip_rotation": rotation, "knee_flexion": knee}
    if contact.to in {"sole", "tiptoe"}:
        toes = v.turned_back(frame, touch.foot_direction(pelvis, side, contact, lift))
        found |= {"ankle_flexion": v.angle(toes[1], toes[0]), "toe_flexion": -lift}
    return {f"{side}_{joint}": value for joint, value in found.items()}


def _arm_angles(body: Body, side: str, contact: Contact, target: Vector, name: str) -> dict[str, float]:
    chest = body.frames["chest3"]
    towards = touch.bend(chest, side, contact.bend or ("down", "out"))
    lies = contact.to in {"palm", "wall"}
    reach = skeleton.FOREARM if lies else skeleton.FOREARM + skeleton.PALM * 0.55
    upper, fore = _joined(
        body.points[f"{side}_shoulder"], target, (skeleton.UPPER_ARM, reach), towards, f"{name}: {side}_hand"
    )
    flexion, abduction = _ball_angles(chest, upper, side, (f"{side}_shoulder_flexion", f"{side}_shoulder_abduction"))
    inner = v.turned_back(v.after(chest, skeleton.ball_joint(flexion, abduction, 0, side)), fore)
    elbow = v.arc_cosine(-inner[1])
    rotation = v.angle(inner[2], inner[0]) * skeleton.outward(side) if elbow > 1 else 0.0
    found = {"shoulder_flexion": flexion, "shoulder_abduction": abduction, "shoulder_rotation": rotation}
    found |= {"elbow_flexion": elbow, "wrist_flexion": 0.0, "forearm_rotation": 0.0}
    if lies:
        frame = v.after(v.after(chest, skeleton.ball_joint(flexion, abduction, rotation, side)), v.about_z(elbow))
        hand = v.turned_back(frame, touch.hand_direction(body, contact, fore))
        found["forearm_rotation"], found["wrist_flexion"] = _wrist(hand)
    return {f"{side}_{joint}": value for joint, value in found.items()}


def _wrist(hand: Vector) -> tuple[float, float]:
    """How far the forearm turns and the wrist bends, so that the hand points there."""
    bend = v.arc_cosine(-hand[1])
    if bend < 1:
        return 0.0, bend
    turn = v.angle(-hand[2], hand[0])
    return (turn, bend) if abs(turn) <= 90 else (turn - 180 if turn > 0 else turn + 180, -bend)


def other_side(name: str) -> str:
    """The name of the same thing on the other side of the body."""
    return name.replace("left", "#").replace("right", "left").replace("#", "right")


def faces_viewer(pose: Pose) -> bool:
    """Is the person's left and right that of the picture?"""
    return abs(pose.turn) == 90


def mirror_axis(figure: Figure) -> int | None:
    """Along which axis (0 is x, 2 is z) the picture of the other side is the mirror image of this one.

    None where the room stays as it is, so that the far limb works or both sides are seen in one loop.
    """
    if figure.is_mirror_image:
        return 2
    faces = any(faces_viewer(pose) for pose in figure.poses.values())
    return 0 if faces and not figure.alternates else None


def mirrored(pose: Pose) -> Pose:
    """The same pose for the other side of the body. What stands in the room is mirrored with it."""
    flips_x = faces_viewer(pose)

    def angle(joint: str, value: float) -> float:
        return -value if joint in SIDEWAYS else value

    contacts: Mapping[str, Contact] = {
        other_side(limb): Contact(
            other_side(contact.to),
            (-contact.at[0], contact.at[1], contact.at[2])
            if flips_x
            else (contact.at[0], contact.at[1], -contact.at[2]),
            contact.bend,
            contact.toe_out,
            contact.lift,
        )
        for limb, contact in pose.contacts.items()
    }
    return Pose(
        id=f"{pose.id} mirrored",
        angles={other_side(joint): angle(joint, value) for joint, value in pose.angles.items()},
        pitch=pose.pitch,
        roll=-pose.roll,
        turn=pose.turn,
        support=pose.support,
        height=pose.height,
        anchor=other_side(pose.anchor),
        x=-pose.x if flips_x else pose.x,
        z=pose.z if flips_x else -pose.z,
        contacts=contacts,
        tight=tuple(other_side(muscle) for muscle in pose.tight),
    )


SIDEWAYS = frozenset({"lumbar_side_bend", "trunk_rotation", "neck_side_bend", "neck_rotation"})
