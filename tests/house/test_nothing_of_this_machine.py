"""The project can be cloned anywhere: it names no machine, no registry and no folder outside itself."""

import json
import re
from pathlib import Path

import pytest

from tests.house.files import ROOT, ours, text_of

SOMEBODYS_FOLDER = re.compile(r"(?<![\w.*<>}-])/(?:work|root|home|Users|opt|srv/[a-z]+/src)/\w")
ABOVE_THE_ROOT = re.compile(r"(?:^|[\s\"'(=])(?:\.\./)+shared\b")

PACKAGING = (".ci/run", ".dockerignore", ".npmrc", "Dockerfile", "Makefile", "package.json", "pyproject.toml")
# each lock, and how many packages it holds at least
LOCKS = {
    "requirements.lock": 6,
    "requirements-dev.lock": 6,
    "requirements-build.lock": 6,
    "requirements-generators.lock": 2,
}


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    named = [
        f"{path}:{number}: {line.strip()[:100]}"
        for path in ours()
        if path.name != Path(__file__).name
        for number, line in enumerate((text_of(path) or "").splitlines(), start=1)
        if SOMEBODYS_FOLDER.search(line) or ABOVE_THE_ROOT.search(line)
    ]
    assert named == []


@pytest.mark.parametrize("path", [*PACKAGING, *LOCKS, "package-lock.json"])
def test_what_installs_names_no_address(path: str) -> None:
    """Packages are asked for by name, from wherever the reader's own tools look; a lock adds versions and hashes."""
    text = (ROOT / path).read_text(encoding="utf-8")
    assert re.findall(r"\w+://(?!127\.0\.0\.1\b)\S*", text) == []
    assert not re.search(r"^\s*--?(?:i|index-url|extra-index-url|find-links|f)\b", text, re.MULTILINE)


@pytest.mark.parametrize("path", LOCKS)
def test_every_locked_package_has_a_version_and_a_hash(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8").replace("\\\n", " ")
    entries = [line for line in text.splitlines() if line.strip()]
    assert len(entries) >= LOCKS[path]
    assert [
        entry for entry in entries if not re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+ .*--hash=sha256:", entry)
    ] == []


def test_the_node_lock_carries_no_address_to_download_from() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [name for name, entry in packages.items() if "integrity" not in entry and not entry.get("inBundle")] == []


def test_the_service_runs_with_the_versions_that_were_tested() -> None:
    pinned = {
        path: set(re.findall(r"^([a-z0-9._-]+==\S+)", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE))
        for path in ("requirements.lock", "requirements-dev.lock", "requirements-build.lock")
    }
    assert pinned["requirements.lock"] | pinned["requirements-build.lock"] <= pinned["requirements-dev.lock"]
