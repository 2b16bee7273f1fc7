"""The figures solved and drawn once, however many tests look at them."""

from functools import cache

from app.content import figures
from app.drawing import motion, scene, svg
from app.drawing.motion import Moment
from app.drawing.scene import Scene
from app.drawing.svg import Contrast, Words

WORDS = Words("Knees & chest <both>", 'Lie on your back. "Hold."')


@cache
def scene_of(exercise_id: str, *, is_mirrored: bool = False) -> Scene:
    """The figure ready to be drawn; mirrored, its left side works."""
    return scene.scene(figures.load()[exercise_id], is_mirrored=is_mirrored)


@cache
def looks_of(exercise_id: str, *, is_mirrored: bool = False) -> tuple[Moment, ...]:
    """The figure from moment to moment."""
    found = scene_of(exercise_id, is_mirrored=is_mirrored)
    return tuple(motion.moments(found.motion, found.name))


@cache
def moving_of(exercise_id: str, *, is_mirrored: bool = False) -> str:
    """The moving picture."""
    return svg.moving(scene_of(exercise_id, is_mirrored=is_mirrored), WORDS)


@cache
def stills_of(exercise_id: str, contrast: Contrast = Contrast.NORMAL) -> dict[int, str]:
    """The still of every step, by its number."""
    found = scene_of(exercise_id)
    return {step.number: svg.still(found, step.number, WORDS, contrast) for step in found.figure.steps}
