"""The people in the pictures are people: joints bend as joints do, bones keep their length, nobody sinks or floats."""

import math
from itertools import pairwise

import pytest

from app.domain.figures.figure import Figure
from app.domain.figures.joints import JOINTS, SIDES
from app.drawing import kinematics, skeleton, touch
from app.drawing import vectors as v
from app.drawing.motion import Moment
from app.drawing.scene import Scene

HANDS_WIDTH = 9.0
SINKS = 1.0
"""A centimetre of flesh gives way."""

BONES = {
    ("hip", "knee"): skeleton.THIGH,
    ("knee", "ankle"): skeleton.SHANK,
    ("shoulder", "elbow"): skeleton.UPPER_ARM,
    ("elbow", "wrist"): skeleton.FOREARM,
}


def test_joints_stay_within_human_range(looks: tuple[Moment, ...]) -> None:
    broken = {
        (joint, round(value))
        for look in looks
        for joint, value in look.body.angles.items()
        if not JOINTS[joint][0] - 4 <= value <= JOINTS[joint][1] + 4
    }
    assert broken == set()


def test_bones_keep_their_length(looks: tuple[Moment, ...]) -> None:
    for look in looks:
        for (near, far), size in BONES.items():
            for side in SIDES:
                bone = v.minus(look.body.points[f"{side}_{near}"], look.body.points[f"{side}_{far}"])
                assert v.length(bone) == pytest.approx(size, abs=1e-6)


def test_nothing_sinks_through_the_floor(looks: tuple[Moment, ...]) -> None:
    sunk = {
        (point, round(height, 1))
        for look in looks
        for part in ("trunk", "head", "legs", "arms")
        for point, height in touch.bottoms(look.body, part)
        if height < -SINKS
    }
    assert sunk == set()


def test_somebody_carries_the_weight(figure: Figure, looks: tuple[Moment, ...]) -> None:
    """At each moment something rests on the floor or on what the pose says."""
    parts = ("trunk", "head", "legs", "arms")
    lowest = [min(touch.lowest(look.body, (part,)) for part in parts) for look in looks]
    heights = [figure.poses[pose].height for pose in figure.poses]
    assert max(lowest) <= max([3.0, *heights])


def test_hands_and_feet_are_where_they_hold_and_stand(drawn: Scene) -> None:
    for stance in drawn.motion.solved.values():
        for limb, contact in stance.pose.contacts.items():
            side, part = limb.split("_")
            turn = stance.body.frames["pelvis"]
            wanted = touch.target(stance.body, limb, contact, turn)
            lies = contact.to in {"palm", "wall"}
            point = f"{side}_{'ankle' if part == 'foot' else 'wrist' if lies else 'palm'}"
            assert v.length(v.minus(stance.body.points[point], wanted)) < HANDS_WIDTH / 3, (stance.pose.id, limb)


def test_both_hands_of_a_grip_meet(drawn: Scene) -> None:
    for stance in drawn.motion.solved.values():
        held = {stance.pose.contacts[hand].to for hand in ("left_hand", "right_hand") if hand in stance.pose.contacts}
        if len(held) == 1 and held & {"both_shins", "left_shin", "right_shin"}:
            apart = v.minus(stance.body.points["left_palm"], stance.body.points["right_palm"])
            assert v.length(apart) < HANDS_WIDTH, stance.pose.id


def test_standing_soles_are_flat(drawn: Scene) -> None:
    for stance in drawn.motion.solved.values():
        for limb, contact in stance.pose.contacts.items():
            if contact.to == "sole":
                side = limb.split("_")[0]
                heel, ball = (
                    stance.body.points[f"{side}_{name}"][1] - skeleton.RADIUS[name] for name in ("heel", "ball")
                )
                assert abs(heel - ball) < 3.0, (stance.pose.id, limb)


def swapped(name: str) -> str:
    return name.replace("left", "#").replace("right", "left").replace("#", "right")


def test_the_other_side_is_the_mirror_image(figure: Figure) -> None:
    for pose in figure.poses.values():
        there, back = kinematics.mirrored(pose), kinematics.mirrored(kinematics.mirrored(pose))
        assert back.contacts == pose.contacts
        assert back.angles == pose.angles
        one, other = kinematics.solve(pose, figure.file).body, kinematics.solve(there, figure.file).body
        axis = 0 if abs(pose.turn) == 90 else 2
        for name, point in one.points.items():
            image = other.points[swapped(name)]
            flipped = [-value if index == axis else value for index, value in enumerate(point)]
            assert math.dist(image, flipped) < 0.5, (pose.id, name)


def test_nobody_jumps(looks: tuple[Moment, ...]) -> None:
    """Between two looks no hand or foot moves farther than a limb may in so short a time."""
    for before, look in pairwise(looks):
        if look.time < before.time:
            continue  # the loop of the other side begins
        for side in SIDES:
            for point in ("wrist", "ankle", "knee", "elbow"):
                way = v.minus(look.body.points[f"{side}_{point}"], before.body.points[f"{side}_{point}"])
                assert v.length(way) < 16.0, (look.move, look.share, side, point)
