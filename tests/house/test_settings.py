"""Every setting is documented, and every documented setting exists."""

import re

import pytest

from app.config import Settings
from tests.house.files import ROOT

NAMES = sorted(f"RUNG_{name.upper()}" for name in Settings.model_fields)


def documented() -> set[str]:
    return set(
        re.findall(r"^\| `(RUNG_[A-Z_]+)`", (ROOT / "docs/settings.md").read_text(encoding="utf-8"), re.MULTILINE)
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_is_documented(name: str) -> None:
    assert name in documented()


def test_nothing_else_is_documented() -> None:
    assert documented() - set(NAMES) == set()
