"""How do drawings and texts become dots and pages: a PNG from an SVG, a PDF from a template and what goes into it?

Typst does both. Texts reach it as JSON that a template reads, never as markup; it sees no file of this machine but the
fonts beside this one, and no network. One sheet at a time goes through the press, whoever asks. This file refuses to
know what is printed.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import typst

FONTS = str(Path(__file__).with_name("fonts"))
FONT = "Atkinson Hyperlegible Next"
"""Made for readers with low vision; SIL Open Font License 1.1, beside the files."""

POINTS_PER_INCH = 72
MEMORY_SHEETS = 10
"""Typst remembers what it made while so many further sheets pass: with large pictures some 250 MB."""
_SHEET = b"""#let size = json("size.json")
#set page(width: size.at(0) * 1pt, height: size.at(1) * 1pt, margin: 0pt, fill: none)
#image("picture.svg", width: 100%)
"""
_PRESS = Lock()


def png(svg: str, size: tuple[int, int], width: int) -> bytes:
    """A drawing of `size` in its own units as dots, `width` of them across; what it leaves empty is transparent."""
    named = svg.replace("sans-serif", f"'{FONT}'")
    files = {"main.typ": _SHEET, "size.json": json.dumps(size).encode(), "picture.svg": named.encode()}
    return _pressed(files, format="png", ppi=POINTS_PER_INCH * width / size[0])


def pdf(template: bytes, told: Mapping[str, Any], pictures: Mapping[str, bytes], *, at: datetime) -> bytes:
    """The pages of a Typst template, tagged for screen readers; the same input gives the same bytes.

    `told` is what the template reads as `told.json`; `pictures` are SVG by the names that it calls them.
    """
    files = {"main.typ": template, "told.json": json.dumps(told).encode(), **pictures}
    return _pressed(files, format="pdf", timestamp=at.replace(microsecond=0), pdf_standards="ua-1")


def _pressed(files: Mapping[str, bytes], **how: Any) -> bytes:  # noqa: ANN401 - as Typst has it
    with _PRESS:
        made = _compiler().compile(input=cast("Any", files), **how)
        for _ in range(MEMORY_SHEETS):
            _compiler().compile(input=b"", format="svg")
    return cast("bytes", made)


@cache
def _compiler() -> "typst.Compiler":
    """The compiler with our fonts first. It is loaded when something is printed: a server at rest does without it."""
    press = cast("Any", import_module("typst"))
    fonts = press.Fonts(include_system_fonts=False, font_paths=[FONTS])
    return cast("typst.Compiler", press.Compiler(root=FONTS, font_paths=fonts, ignore_system_fonts=True))
