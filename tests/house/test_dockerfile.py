"""The image cannot be built where the tests run, so its recipe is read: two stages, a pinned base, no root, hashes."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from tests.house.files import ROOT

Step = tuple[str, str]


def steps_of(path: Path) -> list[Step]:
    """The instructions of a Dockerfile with their arguments, continued lines joined."""
    joined = path.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.strip() for line in joined.splitlines()]
    return [
        (word.upper(), rest.strip()) for word, _, rest in (line.partition(" ") for line in lines) if word[:1].isalpha()
    ]


@pytest.fixture
def stages() -> list[list[Step]]:
    steps = steps_of(ROOT / "Dockerfile")
    starts = [number for number, (word, _) in enumerate(steps) if word == "FROM"]
    return [steps[start:end] for start, end in pairwise([*starts, len(steps)])]


def arguments(stage: list[Step], word: str) -> list[str]:
    return [rest for found, rest in stage if found == word]


def test_it_is_built_in_one_stage_and_runs_in_another(stages: list[list[Step]]) -> None:
    assert len(stages) == 2
    run = stages[-1]
    copied = [rest for word, rest in run if word in {"COPY", "ADD"}]
    assert copied, "nothing is copied from the stage that builds"
    assert [rest for rest in copied if not rest.startswith("--from=build ")] == []
    assert not any("pip" in rest for rest in arguments(run, "RUN"))


def test_the_base_is_pinned(stages: list[list[Step]]) -> None:
    default = dict(rest.split("=", 1) for word, rest in steps_of(ROOT / "Dockerfile") if word == "ARG")["PYTHON"]
    assert re.fullmatch(r"3\.\d+(\.\d+)?-slim-[a-z]+(@sha256:[0-9a-f]{64})?", default)
    assert tuple(map(int, default.split("-")[0].split(".")[:2])) >= (3, 11)
    assert {arguments(stage, "FROM")[0].split()[0] for stage in stages} == {"python:${PYTHON}"}


def test_it_does_not_run_as_root(stages: list[list[Step]]) -> None:
    users = arguments(stages[-1], "USER")
    assert users
    assert users[-1].split(":")[0] not in {"root", "0"}


def test_it_says_whether_it_is_well(stages: list[list[Step]]) -> None:
    (check,) = arguments(stages[-1], "HEALTHCHECK")
    assert "/healthz" in check
    assert "python" in check  # slim images have no curl


def test_packages_come_with_hashes(stages: list[list[Step]]) -> None:
    installs = re.findall(r"pip install [^&]*", " ".join(arguments(stages[0], "RUN")))
    assert len(installs) == 3
    assert [line for line in installs if "--require-hashes" not in line and "--no-index" not in line] == []


def test_it_starts_without_a_shell(stages: list[list[Step]]) -> None:
    assert arguments(stages[-1], "ENTRYPOINT") == ['["rung"]']


def test_no_secret_is_baked_in(stages: list[list[Step]]) -> None:
    named = [rest for stage in stages for word, rest in stage if word in {"ARG", "ENV"}]
    assert [rest for rest in named if re.search(r"(?i)secret|password|token|_key|_url", rest)] == []


def test_what_the_recipe_copies_is_let_through(stages: list[list[Step]]) -> None:
    """`.dockerignore` refuses everything that it does not name."""
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    let_through = {line[1:] for line in ignored if line.startswith("!")}
    copied = {source for rest in arguments(stages[0], "COPY") for source in rest.split()[:-1]}
    assert "*" in ignored
    assert copied == let_through
