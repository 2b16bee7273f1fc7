"""Every error reaches the wire on purpose: one row each in the table of problems, and each row can be acted on."""

import inspect

import pytest

from app.api.problems import INTERNAL, PROBLEMS, Row
from app.domain import errors

CLASSES = sorted(
    (kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.RungError)),
    key=lambda kind: kind.__name__,
)
ROWS = [*PROBLEMS.values(), INTERNAL]


@pytest.mark.parametrize("kind", [kind for kind in CLASSES if kind is not errors.RungError], ids=lambda k: k.__name__)
def test_every_error_class_has_a_row_of_its_own(kind: type[errors.RungError]) -> None:
    assert kind in PROBLEMS


def test_codes_are_unique() -> None:
    codes = [row.code for row in ROWS]
    assert sorted(set(codes)) == sorted(codes)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.code)
def test_a_row_can_be_acted_on(row: Row) -> None:
    assert 400 <= row.status <= 599
    assert row.retry in {"never", "after_change", "after_sign_in", "later"}
    assert row.title
    assert row.help.endswith(".")
    if row.status >= 500 or row.status == 429:
        assert row.retry == "later"
