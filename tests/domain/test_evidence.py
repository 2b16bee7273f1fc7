"""In which order are the performances of a day kept? In one that does not depend on who read them from where."""

from dataclasses import replace
from datetime import timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from app.domain.evidence import in_order
from app.domain.facts import newest
from tests.domain.builders import performance, practice

BERLIN = ZoneInfo("Europe/Berlin")
ONE_HOUR = timezone(timedelta(hours=1))


@pytest.mark.parametrize("other", [BERLIN, ONE_HOUR], ids=["a zone by its name", "a zone by its offset"])
def test_two_versions_of_a_session_keep_their_order_whatever_their_zone_is_called(other: timezone | ZoneInfo) -> None:
    sore, good = performance("3", 1, 0, 1), performance("0", 1, 0, 1)
    assert sore.session_id == good.session_id
    assert sore.started_at == good.started_at
    expected = [good, sore]
    for here, there in ((BERLIN, other), (other, BERLIN)):
        both = [replace(one, started_at=one.started_at.astimezone(zone)) for one, zone in ((sore, here), (good, there))]
        assert list(in_order(both)) == list(in_order(reversed(both))) == expected


def test_which_snapshot_is_the_newer_does_not_depend_on_the_name_of_a_zone() -> None:
    sore, good = practice(1, "3"), practice(1, "0")
    [one] = sore.performances
    renamed = replace(sore, performances=(replace(one, started_at=one.started_at.astimezone(BERLIN)),))
    assert newest(renamed) == newest(sore)
    assert (newest(renamed) > newest(good)) is (newest(sore) > newest(good))
