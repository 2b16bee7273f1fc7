"""Print the hand-out of the example clinic's patient, and set its pages side by side on docs/handout.png.

Run by `make handout`; nothing else needs the picture. An argument names a file that the PDF itself is written to.
"""

import json
import sys
import tempfile
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import typst
from pydantic import SecretStr

from app.clock import MovableClock
from app.config import Settings
from app.demo import made_up
from app.demo.people import Clinician
from app.demo.running import running

ROOT = Path(__file__).resolve().parents[1]
TO = ROOT / "docs" / "handout.png"
DAY = date(2026, 3, 16)
PLAN: tuple[dict[str, Any], ...] = (
    {"ladder_id": "knees-to-chest", "rungs": [{"rung": 1, "instruction": "A rolled towel under your head is fine."}]},
    {"ladder_id": "bird-dog"},
    {"ladder_id": "squat", "start_rung": 2},
    {"ladder_id": "lower-trunk-rotation"},
)
"""What the patient of the picture does."""
SIDE_BY_SIDE = """#set page(width: auto, height: auto, margin: 12pt, fill: rgb("#8b9196"))
#let handout = bytes(json("handout.json"))
#let sheet(number) = box(fill: white, image(handout, format: "pdf", page: number, width: 420pt))
#grid(columns: json("pages.json"), gutter: 12pt, ..range(1, json("pages.json") + 1).map(sheet))
"""


def printed(query: str = "") -> bytes:
    """The PDF that the server answers."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.model_construct(
            database_url=SecretStr(f"sqlite:///{folder}/handout.db"), public_url="https://rehab.clinic.example"
        )
        clock = MovableClock(datetime.combine(DAY, time(9), ZoneInfo(made_up.TIME_ZONE)))
        made_up.found_made_up_clinic(settings.url, clock.now())
        with running(settings, clock) as client:
            anna = Clinician(client)
            anna.sign_in()
            anna.complete_clinic()
            patient_id = anna.make_patient().body["id"]
            for one in PLAN:
                anna.prescribe(patient_id, **({"starts_on": DAY.isoformat()} | one))
            path = f"/v1/patients/{patient_id}/handout.pdf{query}"
            answer = client.get(path, headers={"Authorization": f"Bearer {anna.tokens['access_token']}"})
            return answer.raise_for_status().content


def side_by_side(pdf: bytes, pages: int) -> bytes:
    """The first pages of a PDF as one PNG."""
    files: Any = {
        "main.typ": SIDE_BY_SIDE.encode(),
        "handout.json": json.dumps(list(pdf)).encode(),
        "pages.json": json.dumps(pages).encode(),
    }
    made: Any = typst.compile(files, format="png", ppi=110, ignore_system_fonts=True)
    return bytes(made)


def main() -> None:
    """Both files."""
    pdf = printed()
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_bytes(pdf)
    TO.write_bytes(side_by_side(pdf, 3))
    print(f"{TO.relative_to(ROOT)}: {TO.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
