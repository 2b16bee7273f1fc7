"""Draw the figures of all exercises on two pages, docs/figures.png and docs/figures-large.png, for eyes to judge.

Chromium takes the pictures. Run by `make figures`; nothing else needs the pages.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from shutil import which

from app.content import figures, library
from app.domain.exercise import Exercise
from app.drawing import scene, svg
from app.drawing.scene import Scene

ROOT = Path(__file__).resolve().parents[1]
LARGE = ("single-knee-to-chest", "bird-dog", "sit-to-stand", "hamstring-stretch-supine")
ROW = (
    "<style>body{margin:12px;background:#fff;font:13px sans-serif;color:#333;columns:2;column-gap:16px}"
    "section{break-inside:avoid;height:150px}h2{font-size:13px;margin:0 0 3px}"
    "div{display:flex;gap:4px}svg{display:block}</style>"
)


def browser() -> str:
    """Where Chromium is, or the end of the program."""
    found = which("chromium") or which("chromium-browser") or which("google-chrome")
    return found or sys.exit("make figures needs Chromium: apt-get install chromium")


def words(exercise: Exercise, number: int | None = None) -> svg.Words:
    """The title of a picture, and what its step says."""
    text = "" if number is None else exercise.steps[number - 1].text["en"]
    return svg.Words(exercise.name["en"], text)


def taken(html: str, to: Path, size: tuple[int, int]) -> None:
    """A picture of a page."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(html, encoding="utf-8")
        flags = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            f"--user-data-dir={folder}/profile",
        ]
        flags += [f"--window-size={size[0]},{size[1]}", f"--screenshot={to}"]
        subprocess.run([browser(), *flags, page.as_uri()], check=True, capture_output=True, timeout=120)  # noqa: S603
    print(f"{to.relative_to(ROOT)}: {to.stat().st_size // 1024} KB")


def stills(found: Scene, exercise: Exercise, width: int) -> list[str]:
    """Every step that looks different, each with ids of its own."""
    drawn = []
    for step in found.figure.steps:
        if step.same_as is None:
            text = svg.still(found, step.number, words(exercise, step.number))
            text = text.replace(' id="', f' id="n{step.number}').replace('href="#', f'href="#n{step.number}')
            drawn.append(text.replace("<svg ", f'<svg width="{width}" ', 1))
    return drawn


def main() -> None:
    """Both pages."""
    exercises = library.load().exercises
    scenes = {name: scene.scene(figure) for name, figure in figures.load().items()}
    sheet = ROW
    for name, found in scenes.items():
        drawn = "".join(stills(found, exercises[name], 148))
        sheet += f"<section><h2>{exercises[name].name['en']}</h2><div>{drawn}</div></section>"
    taken(sheet, ROOT / "docs" / "figures.png", (2190, 30 + 150 * ((len(scenes) + 1) // 2)))
    large = ROW
    for name in [name for name in LARGE if name in scenes][:4]:
        step = svg.key_step(scenes[name].figure)
        large += svg.still(scenes[name], step.number, words(exercises[name])).replace("<svg ", '<svg width="700" ', 1)
    taken(
        large.replace("columns:2;", "").replace("svg{display:block}", "svg{margin:4px}"),
        ROOT / "docs" / "figures-large.png",
        (1460, 1110),
    )


if __name__ == "__main__":
    main()
