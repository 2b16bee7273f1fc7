"""Every fact of the founding article lives somewhere in the content, and every gap is filled openly."""

import shutil
from pathlib import Path

import pytest

from app.content import library
from app.content.article import Fact, Gap, Place
from app.domain.exercise import PRODUCT_DEFAULT
from tests.content import tracing

LIBRARY = library.load()
FACTS = [f"S{number:02}" for number in range(1, 31)]
GAPS = [f"G{number}" for number in range(1, 12)]


def test_thirty_facts_and_eleven_gaps_are_traced_once_each() -> None:
    assert [fact.id for fact in LIBRARY.article_facts] == FACTS
    assert [gap.id for gap in LIBRARY.article_gaps] == GAPS


def test_each_fact_and_each_gap_lives_where_the_trace_says() -> None:
    rows = tracing.table(LIBRARY.article_facts, LIBRARY.article_gaps)
    assert len(rows) > len(FACTS) + len(GAPS)
    assert all(row[3] == "ok" for row in rows), tracing.printed(rows)


@pytest.mark.parametrize("fact", LIBRARY.article_facts, ids=lambda fact: fact.id)
def test_each_fact_has_a_place(fact: Fact) -> None:
    assert fact.places


@pytest.mark.parametrize("gap", LIBRARY.article_gaps, ids=lambda gap: gap.id)
def test_each_gap_says_that_it_is_our_default_in_both_languages(gap: Gap) -> None:
    assert gap.origin == PRODUCT_DEFAULT
    assert gap.places
    assert set(gap.leaves_open) == set(gap.choice) == {"en", "de"}


@pytest.mark.parametrize(
    ("file", "was", "becomes", "broken"),
    [
        ("exercises/single-knee-to-chest.toml", "reps_min = 10", "reps_min = 12", "S22"),
        ("exercises/single-knee-to-chest.toml", "other side", "same side", "S21"),
        ("exercises/double-knee-to-chest.toml", "clasp your wrists", "hold your ankles", "S16"),
        ("exercises/double-knee-to-chest.toml", 'seconds_min = "product_default"', 'seconds_min = "article"', "G2"),
        ("exercises/single-knee-to-chest.toml", 'id = "towel-under-sacrum"', 'id = "something-else"', "S28"),
        ("ladders/knees-to-chest.toml", "it is likely time", "it is time", "S08"),
        ("sources.toml", "R. Cotton, R. Anderson", "Somebody", "S29"),
    ],
)  # fmt: skip
def test_the_trace_notices_a_change(tmp_path: Path, file: str, was: str, becomes: str, broken: str) -> None:
    root = copied(tmp_path)
    text = (root / file).read_text(encoding="utf-8")
    assert was in text
    (root / file).write_text(text.replace(was, becomes), encoding="utf-8")
    rows = tracing.table(LIBRARY.article_facts, LIBRARY.article_gaps, root)
    assert broken in {row[0] for row in rows if row[3] != "ok"}


def test_a_statement_of_another_source_is_no_place_of_the_article() -> None:
    place = Place(at="exercises/single-knee-to-chest.toml: cues[keep-breathing].text.en", holds="Keep breathing")
    assert tracing.problem(place, "article") == "comes from ['spine-exercises'], not from article"


def test_the_article_itself_has_no_guessed_author_or_date() -> None:
    article = LIBRARY.sources["article"]
    assert (article.author, article.publisher, article.year, article.url) == (None, None, None, None)
    assert article.note


def test_one_leg_comes_before_both() -> None:
    ladder = LIBRARY.ladders["knees-to-chest"]
    assert ladder.exercise_ids == ("single-knee-to-chest", "double-knee-to-chest")
    assert (ladder.rule_profile, ladder.rule_days) == ("pain_free_days", 3)


def test_the_guide_names_every_fact_and_gap() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "content.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in guide.splitlines() if line.startswith(("| S", "| G"))]
    assert [row[1].strip() for row in rows] == FACTS + GAPS
    traced = [item.places for item in LIBRARY.article_facts] + [item.places for item in LIBRARY.article_gaps]
    for row, places in zip(rows, traced, strict=True):
        for place in places:
            assert place.at.split(": ")[1].removesuffix(".en").removesuffix(".text") in row[3]


def copied(tmp_path: Path) -> Path:
    """The content files, to be broken."""
    source = Path(library.__file__).parent
    return Path(shutil.copytree(source, tmp_path / "content", ignore=shutil.ignore_patterns("*.py", "__pycache__")))
