"""Are the files of poses whole and sound, and which figures do they make?

One file a figure, `figures/<exercise id>.toml`. A joint outside of its human range, a step that the exercise does not
have, a pose that nobody wrote: refused with ContentInvalid, which names file, pose and joint. This file refuses to know
how a figure is drawn.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from app.content import library
from app.content.table import Table, read
from app.domain.exercise import Exercise, Phase, Sides, Step
from app.domain.figures.figure import (
    DIRECTIONS,
    HELD_PLACES,
    LIMBS,
    MUSCLES,
    PARTS,
    SURFACES,
    Contact,
    Figure,
    FigureStep,
    Pose,
    Prop,
    PropKind,
    View,
)
from app.domain.figures.joints import JOINTS, PAIRED_JOINTS, SIDES

BODY_PARTS = ("left_leg", "right_leg", "left_arm", "right_arm", "neck", "pelvis", "shirt", "head")
WORKING = ("left_leg", "right_leg", "left_arm", "right_arm", "pelvis", "shirt")
ROOM = 400
"""No place lies farther than this from the middle of the room, in centimetres."""


def names(root: Traversable | None = None) -> list[str]:
    """The exercises that have a figure, by its file."""
    entries = ((root or files("app.content")) / "figures").iterdir()
    return sorted(entry.name.removesuffix(".toml") for entry in entries if entry.name.endswith(".toml"))


@cache
def load() -> Mapping[str, Figure]:
    """The figures of this build, read once. Raises ContentInvalid when a file is wrong."""
    return read_figures(files("app.content"), library.load().exercises)


def read_figures(root: Traversable, exercises: Mapping[str, Exercise]) -> dict[str, Figure]:
    """Every figure by the id of its exercise."""
    return {name: read_figure(root, name, exercises) for name in names(root)}


def read_figure(root: Traversable, name: str, exercises: Mapping[str, Exercise]) -> Figure:
    """One figure from `figures/<name>.toml`."""
    file = read(root, f"figures/{name}.toml")
    exercise_id = file.string("exercise")
    if exercise_id != name:
        file.fail("exercise", f'is "{exercise_id}"; it must be "{name}", as the file is called.')
    if exercise_id not in exercises:
        file.fail("exercise", f'there is no exercise "{exercise_id}".')
    poses = _borrowed(root, file)
    own = file.table("poses").rest() if file.has("poses") else {}
    for key, table in own.items():
        poses[key] = _pose(table, key, poses)
        table.end()
    steps = _steps(file, exercises[exercise_id].steps, poses)
    figure = Figure(
        file=file.file,
        exercise_id=exercise_id,
        view=View(file.one_of("view", View)),
        camera=_pair(file, "camera") if file.has("camera") else None,
        poses=poses,
        steps=steps,
        props=tuple(_prop(table) for table in file.tables("props", name="kind_", optional=True)),
        working=file.strings("working", WORKING) if file.has("working") else (),
        in_front=file.strings("order", BODY_PARTS) if file.has("order") else (),
        is_mirror_image=file.has("mirror_image") and file.boolean("mirror_image"),
        is_close=file.has("close") and file.boolean("close"),
        alternates=exercises[exercise_id].sides is Sides.ALTERNATING,
    )
    file.end()
    return figure


def _borrowed(root: Traversable, file: Table) -> dict[str, Pose]:
    """The poses of the figure that `poses_from` names: a form of an exercise often begins as the other does."""
    if not file.has("poses_from"):
        return {}
    other = read(root, f"figures/{file.string('poses_from')}.toml")
    poses: dict[str, Pose] = {}
    for key, table in other.table("poses").rest().items():
        poses[key] = _pose(table, key, poses)
    return poses


def _pair(table: Table, key: str) -> tuple[int, int]:
    first, second = table.integers(key, -90, 90, count=2)
    return first, second


def _triple(table: Table, key: str) -> tuple[int, int, int]:
    x, y, z = table.integers(key, -ROOM, ROOM, count=3)
    return x, y, z


def _pose(table: Table, key: str, earlier: Mapping[str, Pose]) -> Pose:
    like = earlier[table.one_of("like", earlier)] if table.has("like") else None

    def number(name: str, low: int, high: int, before: int | None) -> int:
        return table.integer(name, low, high) if table.has(name) or before is None else before

    anchored = table.has("anchor")
    return Pose(
        id=key,
        angles=_angles(table, {} if like is None else like.angles),
        pitch=number("pitch", -180, 180, 0 if like is None else like.pitch),
        roll=number("roll", -180, 180, 0 if like is None else like.roll),
        turn=number("turn", -180, 180, 0 if like is None else like.turn),
        support=table.strings("support", PARTS) if table.has("support") else () if like is None else like.support,
        height=number("height", -ROOM, ROOM, 0 if like is None else like.height),
        anchor=table.string("anchor") if anchored else "hip" if like is None else like.anchor,
        x=number("x", -ROOM, ROOM, 0 if like is None else like.x),
        z=number("z", -ROOM, ROOM, 0 if like is None else like.z),
        contacts=_contacts(table, {} if like is None else like.contacts),
        tight=table.strings("tight", MUSCLES) if table.has("tight") else () if like is None else like.tight,
    )


def _angles(table: Table, before: Mapping[str, float]) -> dict[str, float]:
    """Joints of both sides first, so that one side may differ."""
    angles = dict(before)
    if not table.has("joints"):
        return angles
    joints = table.table("joints")
    for name in joints.left():
        if name in PAIRED_JOINTS:
            value = joints.integer(name, *PAIRED_JOINTS[name])
            angles |= {f"{side}_{name}": value for side in SIDES}
    for name in joints.left():
        if name in JOINTS:
            angles[name] = joints.integer(name, *JOINTS[name])
    joints.end()
    return angles


def _contacts(table: Table, before: Mapping[str, Contact]) -> dict[str, Contact]:
    contacts = dict(before)
    if table.has("release"):
        for limb in table.strings("release", LIMBS):
            contacts.pop(limb, None)
    if table.has("touch"):
        for limb, inner in table.table("touch").rest().items():
            if limb not in LIMBS:
                inner.fail("", f"is not one of {', '.join(LIMBS)}.")
            contacts[limb] = _contact(inner)
            inner.end()
    return contacts


def _contact(table: Table) -> Contact:
    to = table.one_of("to", (*SURFACES, *HELD_PLACES))
    return Contact(
        to=to,
        at=_triple(table, "at") if to in SURFACES else (0, 0, 0),
        bend=table.strings("bend", DIRECTIONS) if table.has("bend") else (),
        toe_out=table.integer("toe_out", -45, 60) if table.has("toe_out") else 0,
        lift=table.integer("lift", 0, 80) if table.has("lift") else 0,
    )


def _steps(file: Table, asked: Iterable[Step], poses: Mapping[str, Pose]) -> tuple[FigureStep, ...]:
    phases = {step.number: step.phase for step in asked}
    found: list[FigureStep] = []
    for table in file.tables("steps", name="number"):
        number = table.integer("number", 1, 100)
        if number != len(found) + 1 or number not in phases:
            table.fail("number", f"is {number}; the steps are those of the exercise, in their order.")
        found.append(_step(table, number, phases[number], found, poses))
        table.end()
    if len(found) != len(phases):
        file.fail("steps", f"are {len(found)}; the exercise has {len(phases)}.")
    return tuple(found)


def _step(table: Table, number: int, phase: Phase, before: list[FigureStep], poses: Mapping[str, Pose]) -> FigureStep:
    if table.has("same_as"):
        same = before[table.integer("same_as", 1, number - 1) - 1]
        return FigureStep(number, phase, same.pose, is_mirrored=same.is_mirrored, same_as=same.number)
    return FigureStep(
        number=number,
        phase=phase,
        pose=table.one_of("pose", poses),
        via=table.strings("via", poses) if table.has("via") else (),
        tenths=table.integer("tenths", 2, 100) if table.has("tenths") else 12,
        stay=table.integer("stay", 0, 100) if table.has("stay") else 3,
        is_mirrored=table.has("mirrored") and table.boolean("mirrored"),
        arrow=table.strings("arrow") if table.has("arrow") else (),
        squeeze=table.strings("squeeze") if table.has("squeeze") else (),
    )


def _prop(table: Table) -> Prop:
    kind = PropKind(table.one_of("kind", PropKind))
    through = table.strings("through") if table.has("through") else ()
    prop = Prop(
        kind=kind,
        at=(0, 0, 0) if through else _triple(table, "at"),
        size=(0, 0, 0) if through else _triple(table, "size"),
        through=through,
        tied=_triple(table, "tied") if table.has("tied") else None,
        thick=table.integer("thick", 1, 20) if table.has("thick") else 0,
        is_turned=table.has("turned") and table.boolean("turned"),
        is_flat=table.has("flat") and table.boolean("flat"),
        on=table.one_of("on", BODY_PARTS) if table.has("on") else "",
    )
    table.end()
    return prop
