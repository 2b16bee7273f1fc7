"""What a real browser makes of a moving picture: it moves, it holds, and it stands still for who asked for that."""

import subprocess
from pathlib import Path
from shutil import which

import pytest

from app.content import figures
from app.drawing import scene, svg
from app.drawing.svg import Words

SCRIPT = """<script>
const picture = document.querySelector("svg"), foot = picture.querySelector(".moving [id$=rleg] path");
const shown = name => getComputedStyle(picture.querySelector(name)).display !== "none";
const at = async time => {
  picture.setCurrentTime(time);
  await new Promise(drawn => setTimeout(drawn, 50));
  return Math.round(foot.getBBox().y);
};
addEventListener("load", async () => {
  picture.pauseAnimations();
  const heights = [await at(0.1), await at(%s), await at(%s)];
  document.body.dataset.said = [shown(".moving"), shown(".resting"), ...heights].join(" ");
});
</script>"""


def said(tmp_path: Path, *flags: str) -> list[str]:
    """What the page says of itself: are the moving and the resting part shown, and how high is the foot when."""
    found = which("chromium") or which("chromium-browser") or which("google-chrome")
    assert found, "this test needs Chromium: apt-get install chromium"
    drawn = scene.scene(figures.load()["straight-leg-raise"])
    (hold,) = [move for move in drawn.motion.moves if move.step.phase == "hold"]
    script = SCRIPT % (hold.begin + 0.2, hold.until - 0.2)
    page = tmp_path / "page.html"
    page.write_text(f"<body>{svg.moving(drawn, Words('t', 'd'))}{script}</body>", encoding="utf-8")
    command = [found, "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=3000"]
    command += [f"--user-data-dir={tmp_path / 'profile'}", *flags]
    dom = subprocess.run(
        [*command, "--dump-dom", page.as_uri()], capture_output=True, text=True, check=True, timeout=120
    ).stdout
    return dom.split('data-said="', 1)[1].split('"', 1)[0].split()


@pytest.mark.check
def test_it_moves_and_holds(tmp_path: Path) -> None:
    is_moving, is_resting, start, held, still_held = said(tmp_path)
    assert (is_moving, is_resting) == ("true", "false")
    assert int(held) < int(start) - 20, "the leg is lifted"
    assert held == still_held


@pytest.mark.check
def test_it_rests_for_who_asked_for_less_motion(tmp_path: Path) -> None:
    assert said(tmp_path, "--force-prefers-reduced-motion")[:2] == ["false", "true"]
