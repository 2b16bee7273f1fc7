"""What the documents promise holds: the README's two commands, the shape of decisions, a place for every change."""

import re
import tomllib

import pytest

from tests.house.files import ROOT, ours

DECISIONS = sorted(path for path in ours() if path.parent.as_posix() == "docs/decisions" and path.name != "README.md")


def first_code_block_under(title: str) -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = text.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]
    found = re.search(r"^```\w*\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    assert found, f"no code block under {title}"
    return found.group(1).splitlines()


@pytest.mark.parametrize(("title", "command"), [("Run it", "make demo"), ("Test it", "make test")])
def test_the_readme_needs_one_command(title: str, command: str) -> None:
    assert first_code_block_under(title) == [command]


def test_every_make_target_says_what_it_does() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(" ".join(re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)).split())
    assert phony == set(re.findall(r"^([a-z]+):.*## \S", text, re.MULTILINE))


def test_links_inside_the_project_lead_somewhere() -> None:
    broken = [
        f"{path}: {target}"
        for path in ours()
        if path.suffix == ".md"
        for target in re.findall(r"\]\(([^)\s#]+)[^)]*\)", (ROOT / path).read_text(encoding="utf-8"))
        if "://" not in target and not target.startswith("mailto:") and not (ROOT / path.parent / target).exists()
    ]
    assert broken == []


def test_the_changelog_has_a_place_for_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    titles = re.findall(r"^## \[([^\]]+)\]", text, re.MULTILINE)
    assert titles[0] == "Unreleased"
    assert titles[1:2] in ([], [version])


def test_the_licence_is_the_one_that_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert project["license"] == "Apache-2.0"
    assert "Apache License" in text
    assert "END OF TERMS AND CONDITIONS" in text


def test_a_decision_is_one_page() -> None:
    for path in DECISIONS:
        text = (ROOT / path).read_text(encoding="utf-8")
        assert re.fullmatch(r"docs/decisions/\d{4}-[a-z0-9-]+\.md", str(path)), path
        assert text.startswith("# "), path
        assert len(text.splitlines()) <= 70, path
        assert len(text.split()) <= 800, path


def test_no_two_decisions_share_a_number() -> None:
    numbers = [path.name[:4] for path in DECISIONS]
    assert len(numbers) == len(set(numbers))
