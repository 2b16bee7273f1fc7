"""How does a clinic get patients with a past, by the thousand, in seconds?

One patient lives through the product: every session is recorded by the action that phones use. Then that patient's rows
are copied for the others, inside the database. A routine of six exercises is six ladders, all of them for every day:
four of one exercise, two that can be climbed.

    python -m benchmarks.seed --url sqlite:///var/many.db --patients 5000 --days 365 --prescriptions 1
"""

import argparse
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4, uuid5

from rich.console import Console
from rich.progress import Progress
from sqlalchemy import Column, Connection, Executable, MetaData, Table, Text, Uuid, cast, func, insert, literal, select
from sqlalchemy.sql.elements import ColumnElement

from app.actions.create_clinic import create_clinic
from app.actions.create_patient import create_patient
from app.actions.prescribe import defaults_of
from app.actions.record_session import Report, record_session
from app.api.shapes.sessions import SessionIn
from app.content import library
from app.domain.course import follow
from app.domain.exercise import Sides
from app.domain.prescribing import Wish, resolve
from app.domain.prescription import Prescription
from app.domain.watch import watch_after
from app.store import clinics, engines, prescriptions, sign_ins
from app.store.database import Database
from app.store.keys import new_id, new_secret, secret_hash
from app.store.operating import embedded
from app.store.operating.founding import found_clinic
from app.store.scope import Caller, Role
from app.store.tables.patients import PatientRow
from app.store.tables.practice import PracticeDayRow, PracticeQuarterRow, SessionRow
from app.store.tables.prescriptions import CourseFactRow, DecisionRow, PrescriptionRow, PrescriptionVersionRow
from app.store.tables.signing_in import SignInRow, TokenRow
from app.store.transaction import Transaction

SHORT_NAME = "many"
TODAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
"""When the made-up past ends."""

FOREVER = 100 * 365 * 86_400
UUIDS = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
CONTACT = {"phone": "+49 30 5550100", "email": None, "hours": "Mon-Fri 8-17", "emergency_number": "112"}
LADDER_IDS = (
    "knees-to-chest",
    "cat-camel",
    "hamstring-stretch-supine",
    "shoulder-forward-slide",
    "half-kneeling-hip-flexor",
    "piriformis-figure-four",
    "childs-pose",
    "scapular-retraction",
)
"""What is prescribed, in this order; every one daily."""

PAIN = (0, 1, 0, 0, 1, 0, 1, 0, 0, 4, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1, 0, 2, 1, 0, 0, 1, 0)
"""Pain by the day: mostly little, twice in four weeks enough for the rule to speak."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """A patient, the secret token of a phone, and the prescriptions in their order."""

    patient_id: UUID
    token: str
    prescription_ids: tuple[UUID, ...]


def session_body(prescription_ids: tuple[UUID, ...], day: int, started_at: datetime) -> dict[str, Any]:
    """What a phone reports on a day: every exercise, whole."""
    performances = [
        {
            "prescription_id": str(one),
            "prescription_version": 1,
            "pain_during": PAIN[(day + 5 * place) % len(PAIN)],
            "effort": 4,
            **_done(ladder_id),
        }
        for place, (one, ladder_id) in enumerate(zip(prescription_ids, LADDER_IDS, strict=False))
    ]
    return {
        "started_at": started_at.isoformat(),
        "finished_at": (started_at + timedelta(minutes=20)).isoformat(),
        "time_zone": "Europe/Berlin",
        "pain_before": 0,
        "pain_after": 0,
        "performances": performances,
    }


def _done(ladder_id: str) -> dict[str, Any]:
    """The first exercise of a ladder, as much of it as the library says at most."""
    known = library.load()
    exercise = known.exercises[known.ladders[ladder_id].exercise_ids[0]]
    dosage = exercise.dosage
    one = {"reps": dosage.reps_max, "hold_seconds": dosage.hold_seconds_min}
    sides = ("left", "right") if exercise.sides is Sides.LEFT_THEN_RIGHT else ("both",)
    return {"exercise_id": exercise.id, "sets": [{"side": side, **one} for side in sides for _ in range(dosage.sets)]}


class Seeder:
    """Writes made-up patients into an empty, migrated database. `owner_url` may make temporary tables."""

    def __init__(self, url: str, owner_url: str | None = None) -> None:
        self._url = url
        self._owner_url = owner_url or url
        self._library = library.load()
        self._clinician = Seeded(UUID(int=0), f"{SHORT_NAME}.{new_secret()}", ())
        self._db = Database(url)
        self.clinician_token = self._clinician.token

    def close(self) -> None:
        """Let go of the connections."""
        self._db.close()

    def clinic(self) -> UUID:
        """A clinic with one clinician who is signed in; its id."""

        def fill(tx: Transaction) -> None:
            clinician_id = create_clinic(
                tx,
                name="Spine Centre",
                time_zone="Europe/Berlin",
                language="en",
                admin_name="Anna Admin",
                admin_email="anna@many.example",
                password_hash="none",  # noqa: S106 - nobody signs in with it
                now=TODAY,
            )
            kept = clinics.settings(tx)
            names = {name: getattr(kept, name) for name in clinics.EDITABLE}
            clinics.replace_settings(tx, kept.revision, {**names, **CONTACT})
            _sign_in(tx, self._clinician.token, clinician_id=clinician_id)

        return found_clinic(self._url, SHORT_NAME, fill, TODAY)

    def live(
        self, *, days: int, practised: int | None = None, count: int = 6, at_last: Mapping[str, Any] | None = None
    ) -> Seeded:
        """One patient with `count` prescriptions for the last `days` days, who practised on each, or on the first.

        `at_last` is what the last session says otherwise, such as a symptom that stops.
        """
        now = TODAY - timedelta(days=days)
        caller = partial(Caller, token=self._clinician.token, allowed=frozenset(Role))
        made = self._db.write_here(caller(now=now), self._prescribed, count, now)
        for day in range(days if practised is None else practised):
            now = TODAY - timedelta(days=days - day)
            said = session_body(made.prescription_ids, day, now - timedelta(minutes=30))
            if at_last and day == days - 1:
                said = {**said, **at_last}
            body = SessionIn.model_validate(said)
            phone = Caller(now=now, token=made.token, allowed=frozenset(Role))
            report = Report(body.to_domain(uuid4()), None, {})
            self._db.write_here(phone, record_session, made.patient_id, report, self._library.symptoms, now)
        return made

    def _prescribed(self, tx: Transaction, count: int, now: datetime) -> Seeded:
        values = {"display_name": "Pat Example", "time_zone": None, "language": None, "birth_year": 1980, "phone": None}
        patient_id = create_patient(tx, {**values, "identifiers": [], "logging": "phone"}, [], [], now)
        starts_on = now.date()
        nothing: dict[str, Any] = dict.fromkeys(Wish.__dataclass_fields__)
        asked = {**nothing, "start_rung": 1, "starts_on": starts_on, "as_needed": False, "rungs": ()}
        assert tx.scope.clinician_id is not None
        ids = tuple(new_id(now) for _ in range(count))
        defaults = defaults_of(tx)
        for position, (one, ladder_id) in enumerate(zip(ids, LADDER_IDS, strict=False), start=1):
            wish = Wish(**{**asked, "ladder_id": ladder_id})
            ladder = self._library.ladders[ladder_id]
            exercises = [self._library.exercises[each] for each in ladder.exercise_ids]
            version = resolve(wish, ladder, exercises, defaults, version=1, effective_on=starts_on)
            prescription = Prescription(one, patient_id, wish.ladder_id, position, (version,))
            course = follow(prescription, [], until=starts_on)
            by = tx.scope.clinician_id
            watch = watch_after(prescription, course, (), None, None, settled_on=date.min, now=now)
            prescriptions.add(tx, prescription, course, watch, created_by=by, now=now)
            prescriptions.add_version(tx, prescription, request={}, reason=None, created_by=by, now=now)
        token = f"{SHORT_NAME}.{new_secret()}"
        _sign_in(tx, token, patient_id=patient_id)
        sign_ins.note_connected(tx, patient_id, starts_on)
        return Seeded(patient_id, token, ids)

    def copy(self, clinic_id: UUID, lived: Seeded, copies: int, *, with_reports: bool = True) -> list[Seeded]:
        """So many other patients with the same past, under ids of their own.

        Without reports they have all that is derived from their sessions, but not the sessions themselves.
        """
        made = [
            Seeded(new_id(TODAY), f"{SHORT_NAME}.{new_secret()}", tuple(new_id(TODAY) for _ in lived.prescription_ids))
            for _ in range(copies)
        ]
        engine = engines.create(self._owner_url)
        with engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.execute(engines.begin(connection.dialect.name, clinic_id=clinic_id, writes=True))
            _copy(connection, clinic_id, lived, made, with_reports=with_reports)
            driver.execute("COMMIT")
            driver.execute("ANALYZE")
        engine.dispose()
        return made


def _sign_in(tx: Transaction, token: str, *, patient_id: UUID | None = None, clinician_id: UUID | None = None) -> None:
    device = sign_ins.Device("benchmark", "benchmark", "android", "1.0.0")
    sign_in_id = sign_ins.open_sign_in(tx, patient_id=patient_id, clinician_id=clinician_id, device=device, now=TODAY)
    secret = token.partition(".")[2]
    long_ago = TODAY - timedelta(days=9 * 365)
    sign_ins.add_token(tx, sign_in_id, kind="access", secret=secret, parent=None, now=long_ago, seconds=FOREVER)


def _copy(connection: Connection, clinic_id: UUID, lived: Seeded, made: list[Seeded], *, with_reports: bool) -> None:
    """Small tables row by row, with ids of their own in them; the large ones inside the database."""
    own = PatientRow.clinic_id == clinic_id
    [patient] = _dicts(connection, select(PatientRow.__table__).where(own, PatientRow.id == lived.patient_id))
    rows = [{**patient, "id": one.patient_id} for one in made]
    connection.execute(insert(PatientRow), rows)
    [sign_in] = _dicts(connection, select(SignInRow.__table__).where(SignInRow.patient_id == lived.patient_id))
    [token] = _dicts(connection, select(TokenRow.__table__).where(TokenRow.sign_in_id == sign_in["id"]))
    opened = [(one, uuid4()) for one in made]
    connection.execute(insert(SignInRow), [{**sign_in, "id": key, "patient_id": one.patient_id} for one, key in opened])
    hashes = [(secret_hash(one.token.partition(".")[2]), key) for one, key in opened]
    connection.execute(insert(TokenRow), [{**token, "hash": h, "sign_in_id": key} for h, key in hashes])
    for table, key in ((PrescriptionRow, "id"), (PrescriptionVersionRow, "prescription_id")):
        found = _dicts(connection, select(table.__table__).where(table.__table__.c.patient_id == lived.patient_id))
        by_id = {row[key]: row for row in found}
        rows = [
            _own_texts({**by_id[old], "patient_id": one.patient_id, key: new}, one.patient_id)
            for one in made
            for old, new in zip(lived.prescription_ids, one.prescription_ids, strict=True)
        ]
        connection.execute(insert(table), rows)
    _copy_inside(connection, lived, made, with_reports=with_reports)


def _own_texts(row: dict[str, Any], patient_id: UUID) -> dict[str, Any]:
    """A standing names sessions: other ones for each patient, because equal texts would be remembered as one."""
    new: dict[str, str] = {}
    for name in ("settled", "standing"):
        if name in row:
            row[name] = UUIDS.sub(lambda found: new.setdefault(found[0], str(uuid5(patient_id, found[0]))), row[name])
    return row


def _copy_inside(connection: Connection, lived: Seeded, made: list[Seeded], *, with_reports: bool) -> None:
    """Sessions, days and decisions: one INSERT ... SELECT a table."""
    count = len(lived.prescription_ids)
    texts = [Column(f"text_{n}", Text()) for n in range(count)]
    copies = Table(
        "copies",
        MetaData(),
        Column("patient", Uuid(), primary_key=True),
        *(Column(f"id_{n}", Uuid()) for n in range(count)),
        *texts,
        prefixes=["TEMPORARY"],
    )
    copies.create(connection, checkfirst=False)
    values = [
        {
            "patient": one.patient_id,
            **{f"id_{n}": new for n, new in enumerate(one.prescription_ids)},
            **{f"text_{n}": str(new) for n, new in enumerate(one.prescription_ids)},
        }
        for one in made
    ]
    connection.execute(insert(copies), values)

    def rewritten(column: ColumnElement[Any]) -> ColumnElement[Any]:
        is_sqlite = connection.dialect.name == "sqlite"
        text: ColumnElement[Any] = column if is_sqlite else cast(column, Text())
        for n, old in enumerate(lived.prescription_ids):
            text = func.replace(text, str(old), copies.c[f"text_{n}"], type_=Text())
        return text if is_sqlite else cast(text, column.type)

    for row, by_prescription, with_ids in (
        *(((SessionRow, False, ("body", "outcome")),) if with_reports else ()),
        (PracticeDayRow, True, ()),
        (PracticeQuarterRow, False, ()),
        (DecisionRow, True, ()),
        (CourseFactRow, False, ()),
    ):
        table: Table = row.__table__  # type: ignore[assignment]
        for n, old in enumerate(lived.prescription_ids if by_prescription else (None,)):
            new: dict[str, Any] = {"patient_id": copies.c.patient}
            if old is not None:
                new["prescription_id"] = copies.c[f"id_{n}"]
            new |= {name: rewritten(table.c[name]) for name in with_ids}
            wanted = [new.get(column.name, column) for column in table.c]
            source = select(*wanted).select_from(table.join(copies, literal(1) == 1))
            source = source.where(table.c.patient_id == lived.patient_id)
            source = source if old is None else source.where(table.c.prescription_id == old)
            connection.execute(insert(table).from_select([column.name for column in table.c], source))
    copies.drop(connection)


def _dicts(connection: Connection, question: Executable) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(question).mappings()]


def main() -> None:
    """Fill a SQLite file, or a migrated and empty PostgreSQL database."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True)
    parser.add_argument("--owner-url", help="PostgreSQL: the role that may make temporary tables")
    parser.add_argument("--patients", type=int, default=5000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--prescriptions", type=int, default=1)
    asked = parser.parse_args()
    told = Console()
    if asked.url.startswith("sqlite"):
        embedded.prepare(asked.url)
    began = time.perf_counter()
    seeder = Seeder(asked.url, asked.owner_url)
    with told.status("One patient lives through the product"):
        clinic_id = seeder.clinic()
        lived = seeder.live(days=asked.days, count=asked.prescriptions)
    with Progress(console=told) as progress:
        task = progress.add_task("Copying the others", total=asked.patients - 1)
        while (left := int(progress.tasks[task].remaining or 0)) > 0:
            size = min(left, 500)
            seeder.copy(clinic_id, lived, size)
            progress.advance(task, size)
    seeder.close()
    told.print(
        f"{asked.patients} patients, {asked.days} days, {asked.prescriptions} prescriptions each: "
        f"{time.perf_counter() - began:.0f} s"
    )


if __name__ == "__main__":
    main()
