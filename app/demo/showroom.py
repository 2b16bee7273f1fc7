"""On which clinic can a developer try things out? On one that has lived through the story, in a database of its own.

Made once, then kept: whatever is tried out stays. Only for development, because its password is published.
"""

import os
import tempfile
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from rich.console import Console

from app.clock import SystemClock
from app.config import Settings
from app.demo import made_up
from app.demo.people import Clinician, Differs, require
from app.demo.running import running
from app.demo.story import DAYS, play
from app.domain.errors import UnsafeSettings
from app.store.operating import embedded

URL = "sqlite:///var/demo.db"


def furnish(settings: Settings) -> Settings:
    """The same settings on the demo's own database, in which the story ended yesterday if it was just made.

    Raises UnsafeSettings in production, Differs when the story does not go as expected.
    """
    if settings.environment == "production":
        raise UnsafeSettings("The demo clinic has a published password; RUNG_ENVIRONMENT=production refuses it.")
    path = embedded.path_of(URL)
    if not path.exists():
        today = SystemClock().now().astimezone(ZoneInfo(made_up.TIME_ZONE)).date()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder, Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            played = Path(folder) / "played.db"
            play(Console(file=nowhere), played, first_day=today - timedelta(days=DAYS))
            embedded.copy(played, path)
    return settings.model_copy(update={"database_url": SecretStr(URL), "owner_database_url": None})


def welcome(settings: Settings, address: str) -> list[str]:
    """How to get in: the clinician's words, and a fresh code for a phone. Raises Differs when nobody can sign in."""
    with running(settings, SystemClock()) as client:
        anna = Clinician(client)
        try:
            anna.sign_in()
        except Differs as differs:
            raise Differs(f"{differs} To begin anew, remove {embedded.path_of(URL)}.") from differs
        found = anna.ask("GET", "/patients?status=active").body["items"]
        require(bool(found), f"The demo clinic has no patient left. To begin anew, remove {embedded.path_of(URL)}.")
        patient = next((one for one in found if one["display_name"] == made_up.PATIENT), found[0])
        code = anna.invite(patient["id"], kind="reconnect").body["code"]
    return [
        f"A made-up clinic to try things out on, kept in {embedded.path_of(URL)}. Never for real patients.",
        f"  documents  {address}/docs",
        f"  clinician  POST /v1/auth/sign-in  {made_up.sign_in_words()}",
        f"  phone      POST /v1/auth/redeem   clinic {made_up.CLINIC}, code {code} ({patient['display_name']})",
    ]
