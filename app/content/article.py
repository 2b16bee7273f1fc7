"""What does the founding article say, what does it leave open, and where does each of both live in this package?

The facts are in our own words. That each place really holds what it should is shown by tests/content/test_article.py.
"""

from importlib.resources.abc import Traversable

from app.content.table import Table, each, read
from app.domain.exercise import PRODUCT_DEFAULT, Text
from app.values import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fact lives: `at` is "file: path", `holds` the piece of English text or the value that stands there."""

    at: str
    holds: str


@dataclass(frozen=True, slots=True)
class Fact:
    """Something the founding article says, in our own words."""

    id: str
    says: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Something the founding article leaves open and what we chose instead. `origin` is always `product_default`."""

    id: str
    origin: str
    leaves_open: Text
    choice: Text
    places: tuple[Place, ...]


def read_article(root: Traversable) -> tuple[tuple[Fact, ...], tuple[Gap, ...]]:
    """The facts and the gaps of the founding article. Whether each place holds what it should is for a test to show."""
    file = read(root, "article.toml")
    facts = each(file.tables("facts"), lambda t: Fact(id=t.string("id"), says=t.string("says"), places=_places(t)))
    gaps = each(
        file.tables("gaps"),
        lambda t: Gap(
            id=t.string("id"),
            origin=t.one_of("origin", (PRODUCT_DEFAULT,)),
            leaves_open=t.text("leaves_open"),
            choice=t.text("choice"),
            places=_places(t),
        ),
    )
    file.end()
    return facts, gaps


def _places(table: Table) -> tuple[Place, ...]:
    return each(table.tables("places"), lambda t: Place(at=t.string("at"), holds=t.string("holds")))
