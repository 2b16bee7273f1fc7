"""What is the picture of an exercise made of, before anybody draws it: poses, contacts, steps and things?

A pose names the angles of joints in whole degrees and what hands and feet touch; every length is in centimetres. This
file refuses to know how a pose is solved and drawn (`app.drawing`) and in which file it is written (`app.content`).
"""

from collections.abc import Mapping
from enum import StrEnum

from app.domain.exercise import Phase
from app.domain.figures.joints import Angles
from app.values import dataclass

LIMBS = ("left_hand", "right_hand", "left_foot", "right_foot")

HELD_PLACES = (
    "both_shins", "left_shin", "right_shin", "behind_left_thigh", "behind_right_thigh", "left_thigh", "right_thigh",
    "left_knee", "right_knee", "left_elbow", "right_elbow", "left_shoulder", "right_shoulder", "left_hip", "right_hip",
    "left_ribs", "right_ribs", "left_ankle", "right_ankle", "above_left_knee", "above_right_knee",
    "under_left_thigh", "under_right_thigh", "low_back", "belly", "head",
)  # fmt: skip
"""Places of the body that a hand can hold or rest on."""

SURFACES = ("place", "palm", "wall", "sole", "tiptoe")
"""Places of the room: `place` is a point for the middle of the hand; `palm` and `sole` lie flat there, a hand on a
`wall` points up; `tiptoe` is the ball of the foot, the heel lifted by `lift` degrees."""

DIRECTIONS = ("out", "in", "up", "slightly_up", "down", "forward", "back")

MUSCLES = ("belly", "left_buttock", "right_buttock", "left_thigh", "right_thigh")
"""Muscles that a pose can tighten although nothing moves: belly, buttocks, the front of the thighs."""

PARTS = ("trunk", "head", "pelvis", "legs", "knees", "feet", "arms", "elbows")


class View(StrEnum):
    """From where the figure is seen."""

    SIDE = "side"
    """From its right side, a little from above."""
    FRONT = "front"
    """From before it, a little from above."""
    ABOVE = "above"
    """From its right side and well above."""


class PropKind(StrEnum):
    """A thing beside or under the figure."""

    MAT = "mat"
    TOWEL = "towel"
    CHAIR = "chair"
    WALL = "wall"
    STEP = "step"
    BAND = "band"
    PILLOW = "pillow"
    TABLE = "table"
    ROLL = "roll"
    WEIGHT = "weight"


@dataclass(frozen=True, slots=True)
class Contact:
    """What a hand or foot touches: a place of the body, or a point of the room (`at`, in centimetres: x, height, z).

    `bend` is where the elbow or knee points.
    """

    to: str
    at: tuple[int, int, int] = (0, 0, 0)
    bend: tuple[str, ...] = ()
    toe_out: int = 0
    lift: int = 0


@dataclass(frozen=True, slots=True)
class Pose:
    """One position of the whole body.

    `pitch` 90 lies on the back and -90 on the front, `roll` 90 on the right side, `turn` 90 faces the viewer. The
    lowest of the parts in `support` rests at `height`; the point `anchor` stands at `x` (and `z`). `tight` names the
    muscles that work without moving anything.
    """

    id: str
    angles: Angles
    pitch: int
    roll: int
    turn: int
    support: tuple[str, ...]
    height: int
    anchor: str
    x: int
    z: int
    contacts: Mapping[str, Contact]
    tight: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FigureStep:
    """How one step of the exercise looks, `number` as there.

    The figure moves through the poses `via` to `pose` in `seconds` and stays for `stay`, in tenths of a second.
    `same_as` names an earlier step that looks the same. `arrow` names the points of the body whose way is shown,
    `squeeze` two points that are pressed towards each other and stay where they are, or are let go on the way back.
    """

    number: int
    phase: Phase
    pose: str
    via: tuple[str, ...] = ()
    tenths: int = 10
    stay: int = 3
    is_mirrored: bool = False
    same_as: int | None = None
    arrow: tuple[str, ...] = ()
    squeeze: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prop:
    """A thing of the scene. A box stands at `at` with `size`; a towel or band runs `through` points of the body.

    The back of a chair stands to the left; `is_turned`, far from the viewer.

    `tied` is where the band is fixed in the room. What is `thick` (centimetres from its middle) is not a line but a
    bundle round these points, what is flat (`is_flat`) a cloth between them, drawn with the limb that it is `on`.
    """

    kind: PropKind
    at: tuple[int, int, int] = (0, 0, 0)
    size: tuple[int, int, int] = (0, 0, 0)
    through: tuple[str, ...] = ()
    tied: tuple[int, int, int] | None = None
    thick: int = 0
    is_flat: bool = False
    is_turned: bool = False
    on: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """An exercise as poses and steps. `working` names the limbs that are marked.

    `is_mirror_image`: the other side is shown as the mirror image of the picture, else its limbs are the far ones.

    `alternates`: each repetition is the other side's. `is_close`: only
    head, arms and trunk need to be on the paper.
    """

    file: str
    exercise_id: str
    view: View
    camera: tuple[int, int] | None
    poses: Mapping[str, Pose]
    steps: tuple[FigureStep, ...]
    props: tuple[Prop, ...]
    working: tuple[str, ...]
    in_front: tuple[str, ...]
    alternates: bool
    is_close: bool = False
    is_mirror_image: bool = False
