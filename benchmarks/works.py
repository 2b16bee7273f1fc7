"""What is measured: the works, their floors, their promises, and the requests they are made of."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx

from benchmarks.seed import TODAY, Seeded, session_body

BASE = "http://127.0.0.1"
HELLO, RAW = "hello, bare", "raw, writing"
BATCH = 200
OFFLINE_DAYS, PRACTISED_DAYS = 70, 3
"""The phones of the batch: prescribed so long ago, practised on so many days, then offline."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of each. Days are batches of sessions; one more in each round warms up."""

    rounds: int
    phones: int
    days: int
    history: int
    long_history: int
    first_readers: int
    reads: int
    hellos: int
    batches: int
    clinic_patients: int
    clinic_days: int
    lists: int


@dataclass(frozen=True, slots=True)
class Promise:
    """What a work should reach, as a share of the rate of its floor: SQLite, PostgreSQL. `counts_as`: of how many."""

    floor: str
    first: tuple[float, float] | None
    goal: tuple[float, float] | None
    counts_as: int = 1


PROMISES = {
    "hello, bare": Promise(HELLO, None, None),
    "hello": Promise(HELLO, None, None),
    "exercise": Promise(HELLO, (0.70, 0.70), (0.85, 0.85)),
    "search": Promise(HELLO, (0.50, 0.50), None),
    "figure": Promise(HELLO, (0.70, 0.70), None),
    "routine": Promise(HELLO, (0.22, 0.12), (0.50, 0.30)),
    "routine, first time": Promise(HELLO, None, None),
    "routine, 304": Promise(HELLO, (0.25, 0.18), (0.60, 0.60)),
    "raw, reading": Promise(HELLO, None, None),
    "raw, writing": Promise(RAW, None, None),
    "session": Promise(RAW, (0.45, 0.45), (0.80, 0.60)),
    "session, 3 years": Promise(RAW, (0.45, 0.45), (0.80, 0.60)),
    "batch of 200": Promise("session", (5, 5), (10, 10), counts_as=BATCH),
    "clinic adherence": Promise(HELLO, None, None),
    "clinic adherence, SQL": Promise(HELLO, None, None),
    "worklist": Promise(HELLO, None, None),
    "worklist, SQL": Promise(HELLO, None, None),
    "hand-out": Promise(HELLO, None, None),
}
MOST_MS: dict[str, tuple[int, int] | None] = {
    "clinic adherence": None,
    "clinic adherence, SQL": (120, 10),
    "worklist": None,
    "worklist, SQL": (40, 1),
    "hand-out": (1000, 300),
}
"""For what a person waits, how long at most by the middle of the answers: first reach and goal, in milliseconds."""
WINDOW_DAYS = 90
ONE_OF_TROUBLED = 50
TROUBLES: tuple[Mapping[str, Any], ...] = (
    {"symptoms": ["new_numbness_or_weakness"]},
    {"note": "It hurts.", "pain_after": 8},
)
"""Of every so many patients one ended like the first, and one like the second: they wait on the worklist."""
EXPLAINED = {
    "hello, bare": "the floor: an async route answering 2 KB of ready bytes, in a FastAPI with nothing else",
    "hello": "the same route inside the service, with its layers",
    "exercise": "`GET /v1/exercises/{id}`",
    "search": "`GET /v1/exercises?q=knee`, with facets",
    "figure": "`GET /v1/exercises/{id}/figure.svg`, the moving picture",
    "routine": "`GET /v1/me/routine`, six exercises, token to bytes; 64 phones ask again and again, so all but the "
    "exercises and the caller's scope is remembered",
    "routine, first time": "the same for 800 phones in turn, so that nothing of the patient is remembered",
    "routine, 304": "the same with the `ETag` of what the phone has",
    "raw, reading": "the driver alone with the statements of a routine's first time, one connection",
    "raw, writing": "the floor: the driver alone with the session's statements and commits",
    "session": "`PUT /v1/me/sessions/{id}`, six exercises: rule, decisions, roll-up; 16 writers",
    "session, 3 years": "the same with three years of daily practice behind every patient",
    "batch of 200": "`POST /v1/me/reports/batch`, 200 such sessions of 67 days offline; shared out by sessions",
    "clinic adherence": "`GET /v1/adherence` over 90 days of a clinic of 5,000 patients with 3 years of "
    "practice each, one clinician asking",
    "clinic adherence, SQL": "the driver alone with the questions of that answer, one connection",
    "worklist": "`GET /v1/worklist` of that clinic, the first 50 of the 200 and more who need a look",
    "worklist, SQL": "the driver alone with the questions of that answer, one connection",
    "hand-out": "`GET /v1/me/handout.pdf` of eight exercises; drawn before",
}


def plan_of(*, quick: bool, rounds: int) -> Plan:
    """The plan of `make bench`, or of a smoke run."""
    if quick:
        return Plan(
            rounds, phones=4, days=2, history=3, long_history=6, first_readers=8, reads=80, hellos=80,
            batches=2, clinic_patients=40, clinic_days=10, lists=4,
        )  # fmt: skip
    return Plan(
        rounds, phones=64, days=3, history=14, long_history=1095, first_readers=800, reads=800, hellos=2000,
        batches=16, clinic_patients=5000, clinic_days=1095, lists=10,
    )  # fmt: skip


def get(path: str, *, token: str | None = None, tag: str | None = None) -> httpx.Request:
    """A GET request."""
    headers = {"Host": "127.0.0.1", "Accept": "application/json", "User-Agent": "benchmark"}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    headers |= {"If-None-Match": tag} if tag else {}
    return httpx.Request("GET", BASE + path, headers=headers)


def session(one: Seeded, day: int) -> httpx.Request:
    """The report of a day after the past: half an hour before the clock's time of that day."""
    body = session_body(one.prescription_ids, day, TODAY + timedelta(days=day) - timedelta(minutes=30))
    headers = {
        "Host": "127.0.0.1",
        "Authorization": f"Bearer {one.token}",
        "Content-Type": "application/json",
        "User-Agent": "benchmark",
    }
    return httpx.Request("PUT", f"{BASE}/v1/me/sessions/{uuid4()}", headers=headers, content=json.dumps(body).encode())


def days_of(phones: Sequence[Seeded], first: int, count: int) -> list[list[httpx.Request]]:
    """One batch a day: a session of every phone."""
    return [[session(one, day) for one in phones] for day in range(first, first + count)]


def batch(one: Seeded) -> httpx.Request:
    """What a phone kept while it was offline: the days that it did not report, two or three sessions each."""
    days = range(PRACTISED_DAYS - OFFLINE_DAYS, 0)
    kept = []
    for number in range(BATCH):
        day = days[number * len(days) // BATCH]
        started_at = TODAY + timedelta(days=day, minutes=-30 - number % 3)
        kept.append({"session_id": str(uuid4()), **session_body(one.prescription_ids, day % 28, started_at)})
    headers = {
        "Host": "127.0.0.1",
        "Authorization": f"Bearer {one.token}",
        "Content-Type": "application/json",
        "User-Agent": "benchmark",
    }
    content = json.dumps({"sessions": kept}).encode()
    return httpx.Request("POST", f"{BASE}/v1/me/reports/batch", headers=headers, content=content)


def on_the_wire(request: httpx.Request) -> bytes:
    """A request as bytes."""
    head = [f"{request.method} {request.url.raw_path.decode()} HTTP/1.1"]
    head += [f"{name}: {value}" for name, value in request.headers.items()]
    return "\r\n".join([*head, "", ""]).encode() + request.content
