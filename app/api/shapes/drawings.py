"""Where does the picture of an exercise stand, what does it say to people who do not see it, and what are its bytes?

Pictures are drawn when they are first asked for, one at a time and beside the event loop, and the latest of them stay
in memory. Title and description are put in afterwards, so a picture is drawn once for all languages and told once in
each. This file refuses to know who asks.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache

from app.api.shapes.exercises import FigureOut, StillOut
from app.domain.errors import invalid
from app.domain.exercise import Exercise, Side
from app.domain.figures.figure import Figure
from app.drawing import scene, svg
from app.drawing.camera import HEIGHT, WIDTH
from app.drawing.scene import Scene
from app.drawing.svg import Contrast
from app.printing import press
from app.printing.desk import Desk
from app.printing.kept import Kept
from app.values import dataclass, field

MOST_KEPT_BYTES = 24_000_000
"""A still has some 6 kB as SVG and up to 60 as PNG, a moving picture up to 40."""

MOST_WAITING = 32
"""Pictures that wait to be drawn; the slowest takes about half a second."""

WIDTHS = (360, 720, 1080)
"""How wide a still may be as PNG, in dots; a strip has this width for each of its stills."""
USUAL_WIDTH = 720

WORDLESS = svg.Words("", "")
NO_WORDS = b"<title></title><desc></desc>"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which picture of an exercise: `step` is None for the whole, which moves unless `is_still`, or is a strip.

    `width` is None for SVG, else that of one still in dots.
    """

    exercise_id: str
    step: int | None = None
    side: Side | None = None
    contrast: Contrast = Contrast.NORMAL
    is_still: bool = False
    is_strip: bool = False
    width: int | None = None


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
    kept: Kept = field(default_factory=lambda: Kept(MOST_KEPT_BYTES))
    desk: Desk = field(default_factory=lambda: Desk("drawing", MOST_WAITING))
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

    def shows(self, exercise: Exercise) -> bool:
        """Is there a picture of this very exercise, with these steps in these words?"""
        drawn = self.exercises.get(exercise.id)
        return exercise.id in self.drawn and drawn is not None and _seen(drawn) == _seen(exercise)

    def figure(self, exercise: Exercise, language: str) -> FigureOut | None:
        """Where the pictures of an exercise stand and what they show in words.

        None while it is not drawn, and for an old version of it whose steps are others than those that are drawn.
        """
        if not self.shows(exercise):
            return None
        base = f"/v1/exercises/{exercise.id}/figure.svg?v={self.version(exercise.id)}"
        url, png = f"{base}&language={language}", f"{base}&format=png"
        return FigureOut(
            alt=f"{_said(exercise.name, language)}. {_said(exercise.start_position.text, language)}",
            motion_url=url,
            strip_url=f"{url}&view=strip",
            still_png_url=f"{png}&motion=none",
            strip_png_url=f"{png}&view=strip",
            stills=[
                StillOut(
                    step=one.number,
                    url=f"{url}&step={one.number}",
                    png_url=f"{png}&step={one.number}",
                    alt=_said(one.text, language),
                )
                for one in exercise.steps
            ],
        )

    async def picture(self, wanted: Wanted, language: str) -> bytes:
        """The picture of an exercise that is drawn and has the step. Raises Invalid when it has not the side, Busy."""
        told = self.kept.get((wanted, language))
        if told is None:
            picture = self.kept.get(wanted)
            if picture is None:
                picture = await self.desk.do(self.draw, wanted)
            if wanted.width:
                return picture
            told = self.told(picture, wanted, language)
            self.kept.put((wanted, language), told)
        return told

    def told(self, picture: bytes, wanted: Wanted, language: str) -> bytes:
        """An SVG with its title and description in a language."""
        exercise = self.exercises[wanted.exercise_id]
        steps = exercise.steps if wanted.step is None else exercise.steps[wanted.step - 1 : wanted.step]
        words = svg.Words(_said(exercise.name, language), " ".join(_said(one.text, language) for one in steps))
        return picture.replace(NO_WORDS, svg.spoken(words).encode(), 1)

    def draw(self, wanted: Wanted) -> bytes:
        """The picture, an SVG without its title and description. It takes long: not for the event loop."""
        # Who waited at the desk may find that somebody before them has asked for the same.
        found = self.kept.get(wanted)
        if found is None:
            plain = self._plain(wanted)
            found = self.kept.get(plain) or self._made(plain)
            self.kept.put(plain, found)
            self.kept.put(wanted, found)
        return found

    def _plain(self, wanted: Wanted) -> Wanted:
        """The same picture asked for in the shortest way: several questions have one answer."""
        figure = self.figures()[wanted.exercise_id]
        drawn_side = self.side(wanted.exercise_id)
        if wanted.side is not None and drawn_side is None:
            raise invalid("query/side", "not_allowed", "Both sides work in this picture.")
        side = None if wanted.side is drawn_side else wanted.side
        step = wanted.step
        if step is None and wanted.is_still and not wanted.is_strip:
            step = svg.key_step(figure).number
        elif step is not None:
            step = svg.step_of(figure, step).number
        return replace(wanted, side=side, step=step, is_still=False)

    def _made(self, plain: Wanted) -> bytes:
        if plain.width is not None:
            drawn = self.draw(replace(plain, width=None)).decode()
            across = svg.columns(self.figures()[plain.exercise_id]) if plain.is_strip else 1
            return press.png(drawn, (WIDTH * across, HEIGHT), plain.width * across)
        found = _scene(self, plain.exercise_id, is_mirrored=plain.side is not None)
        if plain.is_strip:
            return svg.strip(found, WORDLESS, plain.contrast).encode()
        if plain.step is not None:
            return svg.still(found, plain.step, WORDLESS, plain.contrast).encode()
        return svg.moving(found, WORDLESS, plain.contrast).encode()


@lru_cache(maxsize=4)
def _scene(drawings: Drawings, exercise_id: str, *, is_mirrored: bool) -> Scene:
    """A phone asks for the steps of one exercise one after the other."""
    return scene.scene(drawings.figures()[exercise_id], is_mirrored=is_mirrored)


def _seen(exercise: Exercise) -> list[object]:
    """What a picture shows of an exercise and says of it."""
    return [exercise.name, *((step.number, step.phase, step.text) for step in exercise.steps)]


def _said(text: Mapping[str, str], language: str) -> str:
    return text.get(language) or text["en"]
