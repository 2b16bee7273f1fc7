"""The demo: its transcript, the same every time; that it fails loudly; and the made-up clinic that is served."""

import io
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from app.cli import app
from app.demo import made_up, showroom
from app.demo.people import Differs
from app.demo.story import play
from app.demo.telling import WIDTH
from app.store.operating import embedded
from tests.house.files import ROOT

TRANSCRIPT = Path(__file__).with_name("demo.txt")
ACCEPT = f"""The demo tells another story than {TRANSCRIPT.relative_to(ROOT)}. If the change is meant, accept it with

    .venv/bin/rung demo | sed 's/ *$//' > {TRANSCRIPT.relative_to(ROOT)}

and read the file before you commit it: it is what a physiotherapist sees first."""

PROGRAM = [sys.executable, "-c", "from app.cli import app; app()"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Commands run in an empty folder, without the developer's own settings."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("RUNG_")]:
        monkeypatch.delenv(name)
    return tmp_path


def rung(*words: str, **settings: str) -> Result:
    env = {f"RUNG_{key}": value for key, value in settings.items()}
    return CliRunner().invoke(app, words, None, env, catch_exceptions=False, prog_name="rung")


def lines_of(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines()]


def test_it_tells_the_same_story_every_time() -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "RUNG_LOG_LEVEL": "debug", "COLUMNS": "60"}
    told = subprocess.run([*PROGRAM, "demo"], env=env, check=False, capture_output=True, text=True, encoding="utf-8")
    assert (told.returncode, told.stderr) == (0, "")
    assert lines_of(told.stdout) == lines_of(TRANSCRIPT.read_text(encoding="utf-8")), ACCEPT


def test_the_transcript_fits_and_names_nothing_of_one_run() -> None:
    text = TRANSCRIPT.read_text(encoding="utf-8")
    assert max(map(len, text.splitlines())) <= WIDTH
    assert len(text.splitlines()) <= 95
    assert re.findall(r"[0-9a-f]{8}-[0-9a-f]{4}-|127\.0\.0\.1:(?!8000)\d+|/tmp/", text) == []


def test_the_readme_shows_what_is_told() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    told = lines_of(TRANSCRIPT.read_text(encoding="utf-8"))
    (shown,) = re.findall(r"^```text\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    assert [line for line in lines_of(shown) if line != "..." and line not in told] == []


def test_it_ends_loudly_where_the_server_answers_otherwise(tmp_path: Path) -> None:
    """Five days instead of three: the offer that the story expects on Sunday does not come."""
    told = io.StringIO()
    with pytest.raises(Differs) as ended:
        play(Console(file=told, width=WIDTH), tmp_path / "five.db", prescription={"rule": {"pain_free_days": 5}})
    assert str(ended.value) == (
        "The demo ends on Sunday 8 March: the decision advance offered was expected, but none came."
    )
    assert "up after 5 pain-free days" in told.getvalue()


def test_the_command_ends_loudly() -> None:
    """Somebody made another clinic in the place of the demo's: nobody can sign in with the published words."""
    words = "clinic create --name Other --short-name demo --time-zone Europe/Berlin --admin-email x@other.example"
    env = {"RUNG_DATABASE_URL": showroom.URL}
    made = CliRunner().invoke(app, [*words.split(), "--password-stdin"], "another-password\n", env)
    assert made.exit_code == 0
    ended = rung("serve", "--demo", "--port", "0")
    assert ended.exit_code == 1
    assert ended.stderr.startswith("error: POST /auth/sign-in answered 401 instead of 200: ")
    assert ended.stderr.endswith(" To begin anew, remove var/demo.db.\n")
    assert ended.stderr.count("\n") == 1


def test_it_keeps_the_database_when_asked() -> None:
    kept = rung("demo", "--keep")
    assert kept.exit_code == 0
    found = re.search(r"RUNG_DATABASE_URL=(sqlite:///\S+) rung serve", kept.stderr)
    assert found
    assert embedded.path_of(found[1]).stat().st_size > 0


def test_it_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert rung("demo").exit_code == 0
    assert list(tmp_path.iterdir()) == []


def test_the_clinic_to_try_out_is_kept(tmp_path: Path) -> None:
    codes = []
    for _ in range(2):
        with subprocess.Popen(
            [*PROGRAM, "serve", "--demo", "--port", "0"],
            env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                assert process.stderr is not None
                told = [process.stderr.readline() for _ in range(5)]
                found = re.search(r"code (\S+) \(Paul Example\)", told[3])
                assert found, told
                codes.append(found[1])
                address = told[1].split()[1].removesuffix("/docs")
                assert httpx.get(f"{address}/docs").status_code == 200
                words = {"clinic": made_up.CLINIC, "email": made_up.EMAIL, "password": made_up.PASSWORD}
                anna = httpx.post(f"{address}/v1/auth/sign-in", json=words).json()
                headers = {"Authorization": f"Bearer {anna['access_token']}"}
                [patient] = httpx.get(f"{address}/v1/patients", headers=headers).json()["items"]
                adherence = httpx.get(f"{address}/v1/patients/{patient['id']}/adherence", headers=headers).json()
                assert (adherence["done"], adherence["expected"]) == (13, 14)
                phone = {"clinic": made_up.CLINIC, "code": codes[-1], "device": {"id": "a-new-phone"}}
                redeemed = httpx.post(f"{address}/v1/auth/redeem", json=phone)
                assert redeemed.json()["principal"]["id"] == patient["id"]
            finally:
                process.terminate()
    assert len(set(codes)) == 2
    assert [path.name for path in (tmp_path / "var").glob("*.db")] == ["demo.db"]


def test_production_refuses_the_clinic_with_the_published_password(tmp_path: Path) -> None:
    refused = rung("serve", "--demo", ENVIRONMENT="production", PUBLIC_URL="https://rung.example")
    assert refused.exit_code == 1
    assert "published password" in refused.stderr
    assert not embedded.path_of(showroom.URL).exists()
