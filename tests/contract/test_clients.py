"""Clients come out of the document: docs/clients.md works from an empty folder, Kotlin and Swift are generated."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.files import ROOT

pytestmark = pytest.mark.check

GUIDE = (ROOT / "docs" / "clients.md").read_text(encoding="utf-8")
SERVER = "http://127.0.0.1:8000"
CODE = "2345-6789-ABCD"
GENERATOR = ROOT / ".venv-generators" / "bin" / "openapi-generator-cli"
PROGRAM = [sys.executable, "-c", "from app.cli import app; app()"]


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The made-up clinic, served: its address and the code for a phone."""
    folder = tmp_path / "server"
    folder.mkdir()
    env = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    with subprocess.Popen(
        [*PROGRAM, "serve", "--demo", "--port", "0"],
        cwd=folder,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stderr is not None
            told = [process.stderr.readline() for _ in range(5)]
            found = re.search(r"code (\S+) \(", told[3])
            assert found, told
            yield told[1].split()[1].removesuffix("/docs"), found[1]
        finally:
            process.terminate()


def test_the_guide_works_from_an_empty_folder(tmp_path: Path, demo: tuple[str, str]) -> None:
    """Its commands and its code as they stand there; only address and code are this server's, and the packages those
    that `package-lock.json` names.
    """
    address, code = demo
    folder = tmp_path / "phone"
    folder.mkdir()
    (folder / "node_modules").symlink_to(ROOT / "node_modules", target_is_directory=True)
    (folder / "phone.ts").write_text("\n".join(blocks("ts")), encoding="utf-8")
    commands = [line for block in blocks("sh") for line in block.splitlines() if not line.startswith("npm install")]
    script = "\n".join(commands).replace(SERVER, address).replace(CODE, code)
    env = {**os.environ, "RUNG": address, "npm_config_offline": "true"}
    bash = shutil.which("bash")
    assert bash is not None
    ran = subprocess.run(
        [bash, "-euo", "pipefail", "-c", script], cwd=folder, env=env, check=False, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "connected as patient" in ran.stdout
    assert "done today: 1" in ran.stdout


def test_the_guide_installs_what_the_check_has() -> None:
    installed = {
        name.partition("@")[0] if not name.startswith("@") else "@" + name[1:].partition("@")[0]
        for block in blocks("sh")
        for line in block.splitlines()
        if line.startswith("npm install")
        for name in line.split()[2:]
        if not name.startswith("--")
    }
    assert installed == {"openapi-fetch", "openapi-typescript", "typescript", "@types/node"}
    assert [name for name in installed if not (ROOT / "node_modules" / name / "package.json").is_file()] == []


@pytest.mark.parametrize(
    ("language", "ending", "call"), [("kotlin", "kt", "putMySession"), ("swift6", "swift", "putMySession")]
)
def test_a_client_is_generated_without_errors(tmp_path: Path, language: str, ending: str, call: str) -> None:
    assert GENERATOR.is_file(), "`make check` installs the generators"
    document = ROOT / "openapi" / "openapi.json"
    # The wheel finds its own Java through the interpreter beside it.
    env = {**os.environ, "PATH": f"{GENERATOR.parent}{os.pathsep}{os.environ['PATH']}"}
    ran = subprocess.run(
        [str(GENERATOR), "generate", "-g", language, "-i", str(document), "-o", str(tmp_path)],
        env=env,
        check=False,
        capture_output=True,
        text=True,
    )
    said = ran.stdout + ran.stderr
    assert ran.returncode == 0, said
    assert [line for line in said.splitlines() if re.search(r"\b(ERROR|Exception)\b", line)] == []
    sources = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.rglob(f"*.{ending}")}
    assert any(call in text for text in sources.values())
    # A union would come out as a class of its own that holds one of several.
    assert [name for name, text in sources.items() if re.search(r"OneOf|AnyOf", name) or "anyOf" in text] == []
