"""What a clinic's lists ask of a database: how often, however many patients there are, and always by an index."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.config import Settings
from benchmarks.seed import Seeder
from tests.application import settings
from tests.databases import DatabaseUrls
from tests.store.test_statements import Phones, planned, served

__all__ = ["settings"]

WINDOW = {"from": "2026-01-02", "to": "2026-01-05"}


def clinic_of(database: DatabaseUrls, copies: int, days: int) -> tuple[Any, str]:
    """A clinic of patients with so many days behind them, and the clinician's token."""
    seeder = Seeder(database.app_url, database.owner_url)
    clinic_id = seeder.clinic()
    seeder.copy(clinic_id, seeder.live(days=days, count=1), copies)
    seeder.close()
    return clinic_id, seeder.clinician_token


async def ask(phones: Phones, token: str, path: str, **query: Any) -> httpx.Response:
    answer = await phones.client.get(path, params=query, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200, answer.text
    return answer


@pytest.mark.parametrize(("copies", "days"), [(1, 4), (30, 40)])
async def test_a_clinics_adherence_is_five_questions_by_index(
    database: DatabaseUrls, settings: Settings, copies: int, days: int
) -> None:
    """Who asks, the clinic's zone, and three for all patients together. No quarter outside the window is read."""
    clinic_id, token = await asyncio.to_thread(clinic_of, database, copies, days)
    async with served(settings, clinic_id) as phones:
        await ask(phones, token, "/v1/adherence")  # the clinic's id is asked for once in a process
        for path in ("/v1/adherence", "/v1/adherence/export"):
            with phones.listening() as said:
                await ask(phones, token, path, **WINDOW)
            assert len(said) == 5, path
            plans = [plan for one in said for plan in planned(phones, one) if " practice_quarters " in f"{plan} "]
            assert len(plans) == 1
            for plan in plans if copies > 1 else ():  # a table of two rows is read as a whole
                assert plan.startswith("SEARCH")
                assert "quarter_start" in plan
        body = (await ask(phones, token, "/v1/adherence", **WINDOW, limit=200)).json()
        assert len(body["items"]) == copies + 1


@pytest.mark.parametrize(("copies", "days"), [(1, 4), (30, 40)])
async def test_a_worklist_is_eleven_questions_whoever_is_on_it(
    database: DatabaseUrls, settings: Settings, copies: int, days: int
) -> None:
    """Who asks, whether alarms arrive, and the rest for all patients together.

    No sessions and no practice days are read, and no past.
    """
    clinic_id, token = await asyncio.to_thread(clinic_of, database, copies, days)
    async with served(settings, clinic_id) as phones:
        phones.clock.move_by(timedelta(days=4))
        await ask(phones, token, "/v1/worklist")
        with phones.listening() as said:
            found = (await ask(phones, token, "/v1/worklist", limit=200)).json()["items"]
        assert len(said) == 11
        plans = [plan for one in said for plan in planned(phones, one)]
        # Tables of a few rows are read whole by any planner; these grow.
        growing = ("prescriptions", "course_facts", "invitations", "acknowledgements", "tokens")
        assert [plan for plan in plans if plan.split()[0] == "SCAN" and plan.split()[1] in growing] == []
        assert [plan for plan in plans if " practice_days " in plan or " sessions " in plan] == []
        if copies > 1:
            assert any("ix_prescriptions_concerns" in plan for plan in plans) or not database.app_url.startswith(
                "sqlite"
            )
    assert len(found) in {0, copies + 1}
