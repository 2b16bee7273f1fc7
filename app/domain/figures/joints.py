"""How far do the joints of a human go? Names and ranges of the movements that a pose can ask for.

It refuses to know poses.
"""

from collections.abc import Mapping
from typing import TypeAlias

Angles: TypeAlias = Mapping[str, float]
"""Degrees by the name of the joint's movement; a name that is left out is 0, the upright stance."""

PAIRED_JOINTS: Mapping[str, tuple[int, int]] = {
    "hip_flexion": (-30, 130),
    "hip_abduction": (-30, 60),
    "hip_rotation": (-45, 60),
    "knee_flexion": (0, 150),
    "ankle_flexion": (-55, 35),
    "toe_flexion": (-80, 40),
    "scapula_protraction": (-30, 30),
    "scapula_elevation": (-10, 35),
    "shoulder_flexion": (-60, 180),
    "shoulder_abduction": (-50, 180),
    "shoulder_rotation": (-100, 95),
    "elbow_flexion": (0, 150),
    "forearm_rotation": (-90, 90),
    "wrist_flexion": (-85, 90),
    "finger_flexion": (0, 100),
}
"""Movements that each side has. `rotation` is positive outwards, `ankle_flexion` positive with the toes pulled up.

The ranges hold what healthy adults can do, a little wider than the normal values of the orthopaedic textbooks: they
refuse a picture of a broken limb, and are no advice how far a patient should go.
"""

MIDDLE_JOINTS = {
    "lumbar_flexion": (-50, 60),
    "lumbar_side_bend": (-30, 30),
    "trunk_rotation": (-50, 50),
    "thoracic_flexion": (-30, 45),
    "neck_flexion": (-55, 50),
    "head_flexion": (-30, 35),
    "neck_side_bend": (-45, 45),
    "neck_rotation": (-80, 80),
}
"""Movements of spine and head. Positive is forward, to the right, and turned to the right."""

SIDES = ("left", "right")

JOINTS: Mapping[str, tuple[int, int]] = {
    **MIDDLE_JOINTS,
    **{f"{side}_{joint}": span for joint, span in PAIRED_JOINTS.items() for side in SIDES},
}
"""The range of each movement by its full name, such as `right_hip_flexion`."""
