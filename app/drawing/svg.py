"""How is a scene written as SVG: a moving picture, a still of each step, a strip of stills for paper?

Colours are classes, so that light and dark, and high contrast, are a matter of the style sheet. No script, no address,
no font: the picture draws the same wherever it is shown. It refuses to know exercises and languages; title and
description come in as texts.
"""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from html import escape
from itertools import groupby, pairwise

from app.domain.exercise import Phase
from app.domain.figures.figure import Figure, FigureStep
from app.drawing import outline, props, scene, styles
from app.drawing.arrows import Arrow
from app.drawing.camera import HEIGHT, WIDTH
from app.drawing.motion import Moment
from app.drawing.outline import Numbers
from app.drawing.scene import Layer, Scene
from app.values import dataclass

TOLERANCE = 4.0
"""A moment is left out when no number of the outline would be wrong by more units than this."""

BADGE = (744, 56, 26)
"""Where the ring of a hold stands, and its radius."""


class Contrast(StrEnum):
    """How the colours are chosen."""

    NORMAL = "normal"
    """Calm colours, for light and dark screens."""
    HIGH = "high"
    """Black on white or white on black, the working limb in one strong colour."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a screen reader says: a title and a description, in the reader's language."""

    title: str
    description: str


def moving(found: Scene, words: Words, contrast: Contrast = Contrast.NORMAL) -> str:
    """The exercise as a loop in its own rhythm. Where reduced motion is asked for, the key step stands still."""
    drawn, looks = scene.layers(found)
    ids = _initials(found.figure)
    body = "".join(
        [
            '<g class="moving">',
            _bodies(drawn, ids, lambda layer: _animated(layer, looks, found.motion.duration)),
            "".join(_passing_arrows(found)),
            _passing_badge(found),
            '</g><g class="resting">',
            _still(found, key_step(found.figure), f"{ids}0"),
            "</g>",
        ]
    )
    return _document(words, contrast, _things(found, is_mirrored=found.is_mirrored) + body, styles.MOTION)


def still(found: Scene, number: int, words: Words, contrast: Contrast = Contrast.NORMAL) -> str:
    """One step as a still picture."""
    step = step_of(found.figure, number)
    return _document(words, contrast, _picture(found, step, _initials(found.figure)))


def strip(found: Scene, words: Words, contrast: Contrast = Contrast.NORMAL) -> str:
    """The stills of every step that looks different, side by side, with their numbers: for paper."""
    shown = [step for step in found.figure.steps if step.same_as is None]
    cells = []
    for index, step in enumerate(shown):
        number = f'<text class="number" x="40" y="64">{step.number}</text>'
        inner = _picture(found, step, f"{_initials(found.figure)}{step.number}")
        cells.append(f'<g transform="translate({index * WIDTH} 0)">{inner}{number}</g>')
    return _document(words, contrast, "".join(cells), width=WIDTH * len(shown))


def columns(figure: Figure) -> int:
    """How many stills a strip has."""
    return sum(step.same_as is None for step in figure.steps)


def step_of(figure: Figure, number: int) -> FigureStep:
    """The step with this number, or the one that it looks the same as."""
    step = next(one for one in figure.steps if one.number == number)
    return step if step.same_as is None else step_of(figure, step.same_as)


def _initials(figure: Figure) -> str:
    """What the ids of a picture begin with, so that several can stand on one page."""
    return "".join(word[:2] for word in figure.exercise_id.split("-"))


def key_step(figure: Figure) -> FigureStep:
    """The step that says most in one picture: the last movement before the hold or the way back."""
    moves = [step for step in figure.steps if step.phase is Phase.MOVE and step.same_as is None]
    return moves[-1] if moves else figure.steps[0]


def spoken(words: Words) -> str:
    """Title and description as every picture begins with them."""
    return f"<title>{escape(words.title)}</title><desc>{escape(words.description)}</desc>"


def _document(words: Words, contrast: Contrast, body: str, extra: str = "", width: int = WIDTH) -> str:
    kind = "rung high" if contrast is Contrast.HIGH else "rung"
    sheet = styles.sheet(is_high=contrast is Contrast.HIGH) + extra
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{kind}" viewBox="0 0 {width} {HEIGHT}" role="img">'
        f"{spoken(words)}<style>{sheet}</style>"
        f'<rect class="paper" width="{width}" height="{HEIGHT}" rx="28"/>{body}</svg>'
    )


def _picture(found: Scene, step: FigureStep, ids: str) -> str:
    """A still with what stands around it."""
    return _things(found, is_mirrored=step.is_mirrored is not found.is_mirrored) + _still(found, step, ids)


def _things(found: Scene, *, is_mirrored: bool) -> str:
    """Floor and furniture. A figure that faces the viewer is mirrored left and right, and its things with it."""
    horizon = max(0, round(found.camera.horizon))
    floor = f'<path class="floor" d="M0 {horizon}H{WIDTH}V{HEIGHT - 28}a28 28 0 01-28 28H28a28 28 0 01-28-28z"/>'
    if horizon == 0:
        floor = f'<rect class="floor" width="{WIDTH}" height="{HEIGHT}" rx="28"/>'
    text = [floor]
    for one in found.figure.props:
        prop = props.mirrored(one, found.figure) if is_mirrored else one
        if not prop.through:
            text += [
                f'<path class="{piece.colour}" d="{outline.written(piece.path)}"/>'
                for piece in props.pieces(prop, found.camera_of(is_mirrored=is_mirrored))
            ]
    return "".join(text)


def _still(found: Scene, step: FigureStep, ids: str) -> str:
    is_mirrored = step.is_mirrored is not found.is_mirrored
    moves = scene.moves_of(found, step, is_mirrored=is_mirrored)
    drawn = scene.layers_at(found, moves[-1].second.body, is_mirrored=is_mirrored)
    text = _bodies(drawn, ids, lambda layer: f'd="{outline.written(layer.paths[0], is_open=layer.is_open)}"/>')
    text += "".join(_arrow(arrow) for arrow in scene.drawn_arrows(found, moves))
    return text + (_badge("") if step.phase is Phase.HOLD else "")


def _bodies(layers: Iterable[Layer], ids: str, line: Callable[[Layer], str]) -> str:
    """Each limb twice: as a rim of paper that keeps it apart from what is behind, and in its colours."""
    text: list[str] = []
    drawn = [layer for layer in layers if any(_is_seen(path) for path in layer.paths)]
    for group in dict.fromkeys(layer.group for layer in drawn):
        name = f"{ids}-{group.replace('left_', 'l').replace('right_', 'r')}"
        inner = [layer for layer in drawn if layer.group == group]
        paths = "".join(f'<path class="{layer.colours[0]}" {line(layer)}' for layer in inner)
        if group == "strap":
            text.append(f'<g class="strap">{paths}</g>')
        else:
            rim = "" if inner[0].is_joined else f'<g class="rim"><use href="#{name}"/></g>'
            text.append(f'{rim}<g id="{name}">{paths}</g>')
    return "".join(text)


def _is_seen(path: Numbers) -> bool:
    """An eye on the far side of the head is a circle without size."""
    return len({numbers[-2:] for _, numbers in path}) > 1


def _animated(layer: Layer, looks: Sequence[Moment], duration: float) -> str:
    """The outline of a layer, and how it and its colour change in time."""
    texts = [outline.written(path, is_open=layer.is_open) for path in layer.paths]
    first, inner = f'd="{texts[0]}"', ""
    if len(set(texts)) > 1:
        kept = _needed(layer.paths, texts, looks)
        inner = _animate(
            "d", [looks[i].time / duration for i in kept], [texts[i] for i in kept], duration, _eased(kept, looks)
        )
    if len(set(layer.colours)) > 1:
        changes = [0] + [i for i in range(1, len(looks)) if layer.colours[i] != layer.colours[i - 1]]
        moments = [looks[index].time / duration for index in changes]
        inner += _animate("class", moments, [layer.colours[i] for i in changes], duration, STEPWISE)
    return f"{first}>{inner}</path>" if inner else f"{first}/>"


STEPWISE = ' calcMode="discrete"'


def _animate(attribute: str, moments: Sequence[float], values: Sequence[str], duration: float, mode: str = "") -> str:
    keys = ";".join(_short(moment) for moment in moments)
    return (
        f'<animate attributeName="{attribute}" dur="{_short(duration)}s" repeatCount="indefinite"{mode} '
        f'keyTimes="{keys}" values="{";".join(values)}"/>'
    )


def _short(number: float) -> str:
    text = f"{number:.3f}".rstrip("0").rstrip(".")
    return text[1:] if text.startswith("0.") else text


def _needed(paths: Sequence[Numbers], texts: Sequence[str], looks: Sequence[Moment]) -> list[int]:
    """The moments that are enough: between them, straight motion is right within the tolerance, move by move."""
    flat = [[number for _, numbers in path for number in numbers] for path in paths]
    kept: list[int] = []
    for _, group in groupby(range(len(looks)), key=lambda index: looks[index].move):
        inside = list(group)
        kept += sorted(
            {inside[0], *_corners(flat, looks, inside[0], inside[-2] if len(inside) > 2 else inside[-1]), inside[-1]}
        )
    return [
        index
        for place, index in enumerate(kept)
        if place in {0, len(kept) - 1} or not texts[kept[place - 1]] == texts[index] == texts[kept[place + 1]]
    ]


def _corners(flat: Sequence[Sequence[float]], looks: Sequence[Moment], first: int, last: int) -> set[int]:
    """Between two moments of one move, those without which straight motion would be wrong."""
    span = looks[last].share - looks[first].share
    worst, where = TOLERANCE, -1
    for index in range(first + 1, last):
        share = (looks[index].share - looks[first].share) / span
        wrong = max(abs(a + (b - a) * share - c) for a, b, c in zip(flat[first], flat[last], flat[index], strict=True))
        if wrong > worst:
            worst, where = wrong, index
    if where < 0:
        return {first, last}
    return _corners(flat, looks, first, where) | _corners(flat, looks, where, last)


def _eased(kept: Sequence[int], looks: Sequence[Moment]) -> str:
    """How each stretch between two kept moments speeds up and slows down: a piece of the soft way of its move."""
    pieces: list[str] = []
    for one, other in pairwise(looks[index] for index in kept):
        way, time = other.share - one.share, other.passed - one.passed
        if one.move != other.move or way <= 0 or time <= 0:
            pieces.append("0 0 1 1")
            continue
        rise = [min(1.0, max(0.0, end.speed * time / way / 3)) for end in (one, other)]
        pieces.append(f".33 {_brief(rise[0])} .67 {_brief(1 - rise[1])}")
    return f' calcMode="spline" keySplines="{";".join(pieces)}"'


def _brief(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".").replace("0.", ".") or "0"


def _arrow(arrow: Arrow, extra: str = "") -> str:
    shaft, head = outline.written(arrow.shaft, is_open=True), outline.written(arrow.head)
    return f'<g class="arrow">{extra}<path class="shaft" d="{shaft}"/><path d="{head}"/></g>'


def _passing_arrows(found: Scene) -> Iterable[str]:
    """Each arrow is seen only while its movement lasts."""
    duration = found.motion.duration
    for number in dict.fromkeys((move.step.number, move.is_mirrored) for move in found.motion.moves):
        moves = [move for move in found.motion.moves if (move.step.number, move.is_mirrored) == number]
        step = moves[0].step
        if step.phase is Phase.START or not (step.arrow or step.squeeze):
            continue
        shown = scene.moves_of(found, step, is_mirrored=number[1])
        goes_on = step.squeeze or step.phase is Phase.HOLD
        seen = _seen_between(moves[0].begin, moves[-1].until if goes_on else moves[-1].end, duration)
        for arrow in scene.drawn_arrows(found, shown):
            yield _arrow(arrow, seen)


def _seen_between(begin: float, end: float, duration: float) -> str:
    moments, values = [0.0, begin / duration, end / duration], ["0", "1", "0"]
    if begin <= 0:
        moments, values = [0.0, end / duration], ["1", "0"]
    return _animate("opacity", moments, values, duration, STEPWISE)


def _passing_badge(found: Scene) -> str:
    """A ring that fills while a hold lasts."""
    duration = found.motion.duration
    text = []
    for move in found.motion.moves:
        if move.step.phase is Phase.HOLD and move.until > move.begin:
            begin, end = move.begin / duration, move.until / duration
            fills = _animate("stroke-dashoffset", [0, begin, end, 1], ["100", "100", "0", "0"], duration)
            text.append(f'<g opacity="0">{_seen_between(move.begin, move.until, duration)}{_badge(fills)}</g>')
    return "".join(text)


def _badge(fills: str) -> str:
    """Two bars in a ring: stay."""
    x, y, r = BADGE
    dashes = ' stroke-dasharray="100"' if fills else ""
    return (
        f'<g class="badge"><circle class="track" cx="{x}" cy="{y}" r="{r}"/>'
        f'<circle class="ring" cx="{x}" cy="{y}" r="{r}" pathLength="100"{dashes} transform="rotate(-90 {x} {y})">'
        f"{fills}</circle>"
        f'<path d="M{x - 9} {y - 10}h6v20h-6zM{x + 3} {y - 10}h6v20h-6z"/></g>'
    )
