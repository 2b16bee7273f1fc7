"""The examples of the document: the story, played, with everything random written the same each time.

`python -m tests.contract.examples` writes them into app/api/contract/examples; a test plays the story again and
compares.
"""

import asyncio
import base64
import json
import re
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import segno
from pydantic import SecretStr

from app.api.contract import openapi
from app.clock import MovableClock
from app.config import Settings
from app.main import configure_logging, create_app
from app.store.operating import migrate
from tests.application import names
from tests.contract.story import Json, Player, play
from tests.contract.validation import Contract
from tests.people import make_clinic

FOLDER = Path(openapi.__file__).parent / "examples"
BEGIN = datetime(2026, 1, 5, 7, 30, tzinfo=UTC)
A_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
A_REQUEST = re.compile(r"[0-9a-f]{32}")
SECRETS = ("access_token", "refresh_token")


async def played(database_url: str) -> dict[str, Json]:
    """The examples by operation, from an empty, migrated database."""
    clock = MovableClock(BEGIN)
    settings = Settings.model_construct(database_url=SecretStr(database_url), worker="apart")
    app = create_app(settings, clock, resolve=names)
    document = json.loads(json.dumps(app.openapi()))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://rung.test") as client,
    ):
        await asyncio.to_thread(make_clinic, database_url, now=clock.now())
        return steady(await play(Player(client, clock, Contract(document))))


def steady(kept: dict[str, Json]) -> dict[str, Json]:
    """The same with ids, tokens and codes that depend only on their order."""
    ids: dict[str, str] = {}
    told: dict[str, str] = {}
    for name, value in texts_of(kept):
        if name in SECRETS and value not in told:
            told[value] = f"spine.example-{name.replace('_', '-')}-{len(told) + 1}"
        if name == "request_id" and A_REQUEST.fullmatch(value):
            told[value] = "0c9d1a527f1e4c7a9f432b8f0d6f7a11"
        for one in A_UUID.findall(value):
            ids.setdefault(one, f"019b8d3c-1f40-7000-8000-{len(ids) + 1:012x}")
    invitation = kept["invite_patient"]["response"]["body"]
    told[invitation["code"]] = "7KQM-2XRT-9HBC"
    for number, name in enumerate(("create_webhook", "rotate_webhook_secret")):
        told[kept[name]["response"]["body"]["secret"]] = f"whsec_{base64.b64encode(bytes([number + 1]) * 32).decode()}"
    told[kept["create_clinician"]["response"]["body"]["first_password"]] = "4WJN-8PYD-3VTK"

    def text(value: str) -> str:
        for secret, shown in told.items():
            value = value.replace(secret, shown)
        return A_UUID.sub(lambda found: ids[found[0]], value)

    rewritten: dict[str, Json] = _mapped(kept, text)
    invitation = rewritten["invite_patient"]["response"]["body"]
    # The picture holds the code, so it is drawn again.
    invitation["qr_svg_url"] = segno.make(invitation["link"], error="m", micro=False).svg_data_uri(scale=4)
    return rewritten


def texts_of(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text with the name of its field, in order."""
    match value:
        case dict():
            for key, part in value.items():
                yield from texts_of(part, key)
        case list():
            for part in value:
                yield from texts_of(part, name)
        case str():
            yield name, value
        case _:
            pass


def _mapped(value: Any, text: Callable[[str], str]) -> Any:
    match value:
        case dict():
            return {key: _mapped(part, text) for key, part in value.items()}
        case list():
            return [_mapped(part, text) for part in value]
        case str():
            return text(value)
        case _:
            return value


def as_text(example: Json) -> str:
    """An example as its file holds it."""
    return json.dumps(example, indent=2, ensure_ascii=False) + "\n"


def write() -> None:
    """Play the story and write the files."""
    configure_logging(Settings.model_construct(log_level="error"))
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/examples.db"
        migrate.upgrade(url)
        examples = asyncio.run(played(url))
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.json"):
        if old.stem not in examples:
            old.unlink()
    for name, example in examples.items():
        (FOLDER / f"{name}.json").write_text(as_text(example), encoding="utf-8")


if __name__ == "__main__":
    write()
