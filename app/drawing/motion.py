"""When is the figure where? The steps of an exercise as one loop in time, with its pauses.

It refuses to know how a moment is drawn.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias

from app.domain.errors import ContentInvalid
from app.domain.exercise import Phase
from app.domain.figures.figure import Figure, FigureStep
from app.drawing import kinematics
from app.drawing.kinematics import Stance
from app.drawing.skeleton import Body
from app.values import dataclass

NOT_PLAYED = frozenset({Phase.SWITCH_SIDE, Phase.REPEAT})
PARTS_OF_A_MOVE = 12
BACK_TENTHS = 10
"""How long the way back to the first pose takes when the last step does not end there."""


@dataclass(frozen=True, slots=True)
class Move:
    """From one pose to the next between two moments (seconds), then still until `until`. Positions of one step."""

    step: FigureStep
    first: Stance
    second: Stance
    begin: float
    end: float
    until: float
    is_mirrored: bool

    def body(self, share: float, name: str) -> Body:
        """The body after this share of the way."""
        return self.second.body if share >= 1 else kinematics.between(self.first, self.second, share, name)


Solved: TypeAlias = Mapping[tuple[str, bool], Stance]
"""Every pose by its name and whether it is mirrored."""


@dataclass(frozen=True, slots=True)
class Motion:
    """The whole loop, and the poses that it is made of."""

    solved: Solved
    moves: tuple[Move, ...]
    duration: float


def stances(figure: Figure) -> Solved:
    """Every pose solved. Raises ContentInvalid, naming file, step and joint, or a point that no body has."""
    found: dict[tuple[str, bool], Stance] = {}
    for step in figure.steps:
        for name in (*step.via, step.pose):
            if (name, False) not in found:
                pose, place = figure.poses[name], f"{figure.file}: steps[{step.number}]"
                found[name, False] = kinematics.solve(pose, place)
                found[name, True] = kinematics.solve(kinematics.mirrored(pose), place)
    points = next(iter(found.values())).body.points
    named = {f"steps[{step.number}]": (*step.arrow, *step.squeeze) for step in figure.steps}
    named["props"] = tuple(point for prop in figure.props for point in prop.through)
    for place, wanted in named.items():
        for point in wanted:
            if point not in points:
                raise ContentInvalid(f'{figure.file}: {place}: "{point}" is no point of the body.')
    return found


def motion(figure: Figure, *, is_mirrored: bool = False) -> Motion:
    """The loop: all steps but change of side and repetition; alternating exercises play the other side too."""
    solved = stances(figure)
    played = [step for step in figure.steps if step.phase not in NOT_PLAYED and step.same_as is None]
    rounds = [is_mirrored, not is_mirrored] if figure.alternates else [is_mirrored]
    moves: list[Move] = []
    now = 0.0
    before: Stance | None = None
    for is_other in rounds:
        for step in played:
            for move in _moves(step, solved, before, now, is_mirrored=is_other):
                moves.append(move)
                now, before = move.until, move.second
    if before is not None and moves[0].second.pose.id != before.pose.id:
        back = replace(played[-1], phase=Phase.RETURN, tenths=BACK_TENTHS, stay=0, arrow=())
        moves.append(
            Move(back, before, moves[0].second, now, now + BACK_TENTHS / 10, now + BACK_TENTHS / 10, rounds[-1])
        )
        now += BACK_TENTHS / 10
    return Motion(solved, tuple(moves), now)


def _moves(step: FigureStep, solved: Solved, before: Stance | None, now: float, *, is_mirrored: bool) -> Iterator[Move]:
    """The moves of one step: through its poses in between, then the pause. The first of all begins where it ends."""
    poses = [solved[pose, is_mirrored] for pose in (*step.via, step.pose)]
    if before is None:
        yield Move(step, poses[-1], poses[-1], now, now, now + step.stay / 10, is_mirrored)
        return
    each = step.tenths / 10 / len(poses)
    for index, pose in enumerate(poses):
        is_last = index == len(poses) - 1
        end = now + each
        yield Move(step, before, pose, now, end, end + (step.stay / 10 if is_last else 0.0), is_mirrored)
        now, before = end, pose


@dataclass(frozen=True, slots=True)
class Moment:
    """One look at the figure: when (seconds), in which move (counting from 0), and how much of its way is done."""

    time: float
    move: int
    share: float
    body: Body
    is_mirrored: bool

    @property
    def passed(self) -> float:
        """How much of the time of the move is over, so that the way begins and ends softly."""
        return math.acos(1 - 2 * self.share) / math.pi

    @property
    def speed(self) -> float:
        """How fast the share grows at this moment, in shares per time of the move."""
        return math.pi / 2 * math.sin(math.pi * self.passed)


def moments(found: Motion, name: str) -> Iterator[Moment]:
    """The whole loop, looked at closely enough to be drawn again."""
    for index, move in enumerate(found.moves):
        one, other = move.first, move.second
        moves = (one.body.angles, one.body.tight, one.hip) != (other.body.angles, other.body.tight, other.hip)
        for part in range(PARTS_OF_A_MOVE + 1) if moves else (0,):
            share = part / PARTS_OF_A_MOVE
            moment = Moment(move.begin, index, share, move.body(share, name), move.is_mirrored)
            yield replace(moment, time=move.begin + (move.end - move.begin) * moment.passed)
        yield Moment(move.until, index, 1.0, move.second.body, move.is_mirrored)
