"""What a content author and an operator type about the library: check, show, diff."""

import re
import shutil
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner, Result

from app.cli import app
from app.clock import MovableClock
from app.config import Settings
from app.content import library
from tests.people import SignedIn
from tests.phone import start_phone
from tests.second_ladder import copy_of_content

NAME = "single-knee-to-chest"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return copy_of_content(tmp_path)


def rung(*words: str, **settings: str) -> Result:
    env = {f"RUNG_{key}": it for key, it in settings.items()}
    return CliRunner().invoke(app, words, env=env, catch_exceptions=False, prog_name="rung")


def released(root: Path, name: str) -> None:
    """Raise the version of an exercise, its old text kept."""
    current = root / "exercises" / f"{name}.toml"
    (root / "released" / name).mkdir(parents=True)
    shutil.copy(current, root / "released" / name / "1.toml")
    text = current.read_text(encoding="utf-8")
    current.write_text(re.sub(r"(?m)^version = 1$", "version = 2", text, count=1), encoding="utf-8")


def test_the_library_of_this_version_is_clean() -> None:
    done = rung("content", "check")
    assert done.exit_code == 0, done.stdout
    assert all(exercise_id in done.stdout for exercise_id in library.load().exercises)
    assert ": none with a gap." in done.stdout


def test_a_gap_is_named_and_is_no_success(root: Path) -> None:
    file = root / "exercises" / f"{NAME}.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('kind = "breathing"', 'kind = "effort"'), encoding="utf-8")
    done = rung("content", "check", "--content", str(root))
    assert done.exit_code == 1
    [row] = [line for line in done.stdout.splitlines() if line.strip().startswith(NAME)]
    assert row.rstrip().endswith("no breathing")
    assert ": 1 with a gap." in done.stdout


def test_an_exercise_without_a_figure_is_named(root: Path) -> None:
    (root / "figures" / f"{NAME}.toml").unlink()
    done = rung("content", "check", "--content", str(root))
    assert done.exit_code == 1
    [row] = [line for line in done.stdout.splitlines() if line.strip().startswith(NAME)]
    assert row.rstrip().endswith("no figure")


def test_a_pose_that_no_human_can_take_is_named_with_file_step_and_joint(root: Path) -> None:
    file = root / "figures" / f"{NAME}.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("at = [44, 2, 9]", "at = [6, 2, 9]"), encoding="utf-8")
    done = rung("content", "check", "--content", str(root))
    assert done.exit_code == 1
    assert re.fullmatch(
        rf"error: figures/{NAME}\.toml: steps\[1\]: start: right_knee_flexion: would be 1\d\d degrees; .*\n",
        done.stderr,
    )


def test_a_mistake_is_one_line_with_file_line_and_field(root: Path) -> None:
    file = root / "exercises" / f"{NAME}.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("sets = 1", "stes = 1"), encoding="utf-8")
    done = rung("content", "check", "--content", str(root))
    assert done.exit_code == 1
    assert re.fullmatch(rf"error: exercises/{NAME}\.toml:\d+: dosage\.\S+: .*\n", done.stderr)


@pytest.mark.parametrize(("language", "says"), [("en", "Single knee to chest"), ("de", "Ein Knie zur Brust")])
def test_an_exercise_is_shown(language: str, says: str) -> None:
    done = rung("content", "show", NAME, "--language", language)
    assert done.exit_code == 0
    assert done.stdout.startswith(f"{says} ({NAME}, version 1, unreviewed)")
    said = " ".join(done.stdout.split())
    for step in library.load().exercise(NAME).steps:
        assert step.text[language] in said


@pytest.mark.parametrize(
    ("words", "says"), [(["no-such"], "There is no such exercise."), ([NAME, "--language", "fr"], "one of: en, de")]
)
def test_what_is_not_there_is_not_shown(words: list[str], says: str) -> None:
    done = rung("content", "show", *words)
    assert done.exit_code != 0
    assert says in done.stderr


async def test_running_prescriptions_that_a_change_would_touch(
    anna: SignedIn, client: httpx.AsyncClient, clock: MovableClock, settings: Settings, root: Path
) -> None:
    """A plan pins version 1 and the change is version 2: it is named until it ends. Names of people are not printed."""
    phone = await start_phone(anna, client, clock)
    assert rung("content", "diff", DATABASE_URL=settings.url).stdout.startswith("No differences")
    released(root, NAME)
    ask = ("content", "diff", "--content", str(root), "--clinic", "spine")
    done = rung(*ask, DATABASE_URL=settings.url)
    assert (done.exit_code, "Pat Example" in done.stdout) == (0, False)
    [row] = [line.split() for line in done.stdout.splitlines() if NAME in line]
    ids = phone.patient_id, phone.prescription_id
    assert row == ["spine", *ids, NAME, "version", "1", "version", "2"]
    path = f"/v1/patients/{phone.patient_id}/prescriptions/{phone.prescription_id}"
    was = await anna.get(path)
    ended = await anna.send(
        "PATCH", path, json={"status": "ended", "reason": "Done."}, headers={"If-Match": was.headers["ETag"]}
    )
    assert ended.status_code == 200, ended.text
    assert rung(*ask, DATABASE_URL=settings.url).stdout.startswith("No differences")


async def test_a_ladder_that_changed_or_is_gone_is_named(
    anna: SignedIn, client: httpx.AsyncClient, clock: MovableClock, settings: Settings, root: Path
) -> None:
    await start_phone(anna, client, clock)
    ladder = root / "ladders" / "knees-to-chest.toml"
    text = ladder.read_text(encoding="utf-8")
    turned = '["double-knee-to-chest", "single-knee-to-chest"]'
    ladder.write_text(re.sub(r"(?m)^exercises = .*$", f"exercises = {turned}", text), encoding="utf-8")
    done = rung("content", "diff", "--content", str(root), DATABASE_URL=settings.url)
    assert "double-knee-to-chest, single-knee-to-chest" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("1 differences")


def test_without_a_database_none_is_made(tmp_path: Path) -> None:
    done = rung("content", "diff", DATABASE_URL=f"sqlite:///{tmp_path}/none.db")
    assert done.exit_code == 1
    assert "There is no database at" in done.stderr
    assert not (tmp_path / "none.db").exists()
