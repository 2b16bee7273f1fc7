"""Where does a hand or foot belong when it touches something, and which part of the body is lowest?

It refuses to know how a limb gets there; that is `kinematics.py`.
"""

import math
from collections.abc import Iterable

from app.domain.figures.figure import Contact
from app.domain.figures.joints import SIDES
from app.drawing import skeleton
from app.drawing import vectors as v
from app.drawing.skeleton import RADIUS, TRUNK, Body
from app.drawing.vectors import Matrix, Vector

HAND = 2.2
"""How far the middle of a hand lies above what it holds."""

HOLDS: dict[str, tuple[str, str, Vector]] = {
    # the point to start from (with # for the side), the frame, and the way from there to the skin
    "shin": ("#_knee", "#_shank", (RADIUS["calf"] + HAND - 1.0, -9.0, 0.0)),
    "behind_thigh": ("#_knee", "#_thigh", (-RADIUS["knee"] - HAND, 8.0, 0.0)),
    "under_thigh": ("#_knee", "#_thigh", (-RADIUS["thigh"] - HAND, 26.0, 0.0)),
    "thigh": ("#_hip", "#_thigh", (RADIUS["thigh"] + HAND - 1.0, -24.0, 0.0)),
    "above_knee": ("#_knee", "#_thigh", (RADIUS["knee"] + HAND, 5.0, 6.0)),
    "knee": ("#_knee", "#_thigh", (RADIUS["knee"] + HAND - 0.6, 1.0, 0.0)),
    "elbow": ("#_elbow", "#_upper_arm", (RADIUS["elbow"] + HAND, 1.0, 0.0)),
    "shoulder": ("#_shoulder", "chest3", (RADIUS["shoulder"] + HAND - 1.0, 0.0, 0.0)),
    "hip": ("sacrum", "sacrum", (3.0, 2.0, TRUNK["sacrum"][1] + HAND - 1.0)),
    "ribs": ("chest1", "chest1", (5.0, 0.0, TRUNK["chest1"][1] + HAND - 1.0)),
}


def target(body: Body, limb: str, contact: Contact, turn: Matrix) -> Vector:
    """Where the ankle of a foot, the wrist of a flat hand or the middle of a holding hand belongs."""
    side = limb.split("_", maxsplit=1)[0]
    x, y, z = (float(value) for value in contact.at)
    if contact.to == "sole":
        return (x, y + skeleton.ANKLE_HEIGHT, z)
    if contact.to == "tiptoe":
        toes = foot_direction(turn, side, contact, float(contact.lift))
        up = v.unit(v.add(v.Y, toes, -toes[1]))
        ball = v.add(v.scaled(toes, skeleton.BALL - 1.5), up, RADIUS["ball"] - skeleton.ANKLE_HEIGHT)
        return v.minus((x, y + RADIUS["ball"], z), ball)
    if contact.to in {"palm", "wall", "place"}:
        thick = RADIUS["wrist"]
        off = {"palm": (0.0, thick, 0.0), "wall": (-thick, 0.0, 0.0), "place": (0.0, 0.0, 0.0)}[contact.to]
        return v.add((x, y, z), off)
    if limb.endswith("_foot"):
        return _foot_on_body(body, side, contact.to)
    return _on_body(body, side, contact.to)


def _foot_on_body(body: Body, side: str, place: str) -> Vector:
    """A foot lies on the other leg: on its ankle, or across its thigh."""
    other = "left" if "left" in place else "right"
    if place.endswith("ankle"):
        return v.add(body.points[place], v.turned(body.frames["pelvis"], (0.0, 0.0, 7.5 * skeleton.outward(side))))
    return _held(body, other, place.replace(f"{other}_", ""))


def _on_body(body: Body, hand: str, place: str) -> Vector:
    between = {"low_back": ("sacrum", (-TRUNK["sacrum"][0] - HAND, 3.0, 0.0)), "belly": ("lumbar2", (11.5, 0.0, 0.0))}
    beside = (0.0, 0.0, 2.2 * skeleton.outward(hand))
    if place in between:
        level, offset = between[place]
        return v.add(body.points[level], v.turned(body.frames[level], v.add(offset, beside, 2.5)))
    if place == "head":
        return v.add(body.points["skull"], v.turned(body.frames["head"], v.add((-6.0, -4.0, 0.0), beside, 3.5)))
    if place == "both_shins":
        shins = (_held(body, "left", "shin"), _held(body, "right", "shin"))
        return v.add(v.middle(shins), v.turned(body.frames["pelvis"], beside), 1.2)
    side = "left" if "left" in place else "right"
    at = _held(body, side, place.replace(f"{side}_", ""))
    return v.add(at, v.turned(body.frames["pelvis"], beside))


def _held(body: Body, side: str, place: str) -> Vector:
    point, frame, (x, y, z) = HOLDS[place]
    offset = (x, y, z * skeleton.outward(side))
    return v.add(body.points[point.replace("#", side)], v.turned(body.frames[frame.replace("#", side)], offset))


def bend(frame: Matrix, side: str, words: Iterable[str]) -> Vector:
    """The direction in which an elbow or knee points, as the person feels it."""
    out = skeleton.outward(side)
    ways: dict[str, Vector] = {
        "out": (0.0, 0.0, out),
        "in": (0.0, 0.0, -out),
        "up": v.Y,
        "slightly_up": (0.0, 0.58, 0.0),
        "down": (0.0, -1.0, 0.0),
        "forward": v.X,
        "back": (-1.0, 0.0, 0.0),
    }
    total = (0.0, 0.0, 0.0)
    for word in words:
        total = v.add(total, ways[word])
    return v.turned(frame, v.unit(total))


def foot_direction(pelvis: Matrix, side: str, contact: Contact, lift: float) -> Vector:
    """Where the toes of a standing foot point: forwards, or away from the head when the person lies."""
    forward, down = v.turned(pelvis, v.X), v.turned(pelvis, (0.0, -1.0, 0.0))
    way = down if forward[1] > 0.75 else forward
    flat = v.unit((way[0], 0.0, way[2]))
    flat = v.turned(v.about_y(-contact.toe_out * skeleton.outward(side)), flat)
    aside = v.unit((-flat[2], 0.0, flat[0]))
    tip = v.about_z(-lift)
    inner = v.turned(tip, v.X)
    return v.add(v.add(v.scaled(flat, inner[0]), v.Y, inner[1]), aside, inner[2])


def hand_direction(body: Body, contact: Contact, forearm: Vector) -> Vector:
    """Where the fingers of a flat hand point: up on a wall, else on as the forearm does or away from the body."""
    if contact.to == "wall":
        return v.Y
    if math.hypot(forearm[0], forearm[2]) > 0.6:
        return v.unit((forearm[0], 0.0, forearm[2]))
    up, forward = v.turned(body.frames["chest3"], v.Y), v.turned(body.frames["chest3"], v.X)
    way = forward if forward[0] ** 2 + forward[2] ** 2 > 0.5 else up
    return v.unit((way[0], 0.0, way[2]))


ROUND: dict[str, tuple[tuple[str, float], ...]] = {
    "head": (("skull", RADIUS["skull"]), ("hair", 9.6), ("cheek", RADIUS["face"]), ("chin", RADIUS["chin"])),
    "legs": tuple((f"#_{n}", RADIUS[n]) for n in ("hip", "thigh", "calf", "knee", "ankle", "heel", "ball", "toe")),
    "knees": (("#_knee", RADIUS["knee"]),),
    "feet": tuple((f"#_{n}", RADIUS[n]) for n in ("heel", "ball", "toe")),
    "arms": tuple((f"#_{n}", RADIUS[n]) for n in ("elbow", "wrist", "knuckle", "fingertip")),
    "elbows": (("#_elbow", RADIUS["elbow"]),),
}
"""The round ends by which a part of the body can touch the floor."""


def lowest(body: Body, parts: Iterable[str]) -> float:
    """The height of the lowest skin of these parts."""
    return min(bottom for part in parts for _, bottom in bottoms(body, part))


def bottoms(body: Body, part: str) -> list[tuple[str, float]]:
    """The points of a part and how low the skin reaches there."""
    if part in {"trunk", "pelvis"}:
        levels = TRUNK if part == "trunk" else ("hip", "sacrum")
        return [(level, _lowest_of_trunk(body, level)) for level in levels]
    found: list[tuple[str, float]] = []
    for name, radius in ROUND[part]:
        for side in SIDES if "#" in name else ("",):
            point = name.replace("#", side)
            found.append((point, body.points[point][1] - radius))
    return found


def _lowest_of_trunk(body: Body, level: str) -> float:
    depth, width, _ = TRUNK[level]
    frame = body.frames[level]
    reach = math.hypot(depth * frame[1][0], width * frame[1][2])
    return body.points[f"{level}_middle"][1] - reach
