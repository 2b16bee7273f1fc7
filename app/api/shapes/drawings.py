"""Where does the picture of an exercise stand, what does it say to people who do not see it, and what are its bytes?

Pictures are drawn when they are first asked for, and the latest of them stay in memory. This file refuses to know who
asks.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from app.api.shapes.exercises import FigureOut, StillOut
from app.domain.exercise import Exercise, Side
from app.domain.figures.figure import Figure
from app.drawing import scene, svg
from app.drawing.svg import Contrast

MOST_KEPT = 256
"""A still has some 6 kB, a moving picture up to 40."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which picture of an exercise: `step` is None for the whole, which moves unless `is_still`, or is a strip."""

    exercise_id: str
    language: str
    step: int | None = None
    side: Side | None = None
    contrast: Contrast = Contrast.NORMAL
    is_still: bool = False
    is_strip: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Drawings:
    """The exercises that are drawn, and what their pictures say.

    `figures` reads all poses, which a start need not wait for; `made_of` changes with any of them.
    """

    drawn: frozenset[str]
    exercises: Mapping[str, Exercise]
    made_of: str
    build: str
    figures: Callable[[], Mapping[str, Figure]]
    _versions: dict[str, str] = field(default_factory=dict)

    def version(self, exercise_id: str) -> str:
        """Changes whenever the picture may: with the poses, its words, and the build that draws it."""
        known = self._versions.get(exercise_id)
        if known is None:
            exercise = self.exercises[exercise_id]
            texts = [exercise.name, *(step.text for step in exercise.steps)]
            told = f"{self.made_of}{texts!r}{self.build}"
            known = self._versions[exercise_id] = hashlib.sha256(told.encode()).hexdigest()[:10]
        return known

    def side(self, exercise_id: str) -> Side | None:
        """The side that works in the drawing; None where both do, or neither."""
        figure = self.figures()[exercise_id]
        sides = {name.partition("_")[0] for name in figure.working} & {Side.LEFT, Side.RIGHT}
        is_one = len(sides) == 1 and not figure.alternates
        return Side(sides.pop()) if is_one else None

    def figure(self, exercise_id: str, language: str) -> FigureOut | None:
        """Where the pictures of an exercise stand and what they show in words; None while it is not drawn."""
        if exercise_id not in self.drawn:
            return None
        exercise = self.exercises[exercise_id]
        url = f"/v1/exercises/{exercise_id}/figure.svg?v={self.version(exercise_id)}&language={language}"
        start = exercise.start_position.text
        return FigureOut(
            alt=f"{_said(exercise.name, language)}. {_said(start, language)}",
            motion_url=url,
            strip_url=f"{url}&view=strip",
            stills=[
                StillOut(step=one.number, url=f"{url}&step={one.number}", alt=_said(one.text, language))
                for one in exercise.steps
            ],
        )

    def bytes(self, wanted: Wanted) -> bytes:
        """The picture. The exercise must be drawn and have the step and the side."""
        return _drawn(self, wanted)


@lru_cache(maxsize=MOST_KEPT)
def _drawn(drawings: Drawings, wanted: Wanted) -> bytes:
    exercise = drawings.exercises[wanted.exercise_id]
    drawn_side = drawings.side(wanted.exercise_id)
    is_other = wanted.side is not None and drawn_side is not None and wanted.side is not drawn_side
    found = scene.scene(drawings.figures()[wanted.exercise_id], is_mirrored=is_other)
    steps = [_said(one.text, wanted.language) for one in exercise.steps]
    told = " ".join(steps) if wanted.step is None else steps[wanted.step - 1]
    words = svg.Words(_said(exercise.name, wanted.language), told)
    if wanted.is_strip:
        return svg.strip(found, words, wanted.contrast).encode()
    if wanted.step is not None:
        return svg.still(found, wanted.step, words, wanted.contrast).encode()
    if wanted.is_still:
        return svg.still(found, svg.key_step(found.figure).number, words, wanted.contrast).encode()
    return svg.moving(found, words, wanted.contrast).encode()


def _said(text: Mapping[str, str], language: str) -> str:
    return text.get(language) or text["en"]
