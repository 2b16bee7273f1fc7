"""Everything comes back from a backup: on either database, on the other one, and while others were writing."""

import contextlib
import gzip
import sqlite3
import threading
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from app.cli import app
from app.clock import SystemClock
from app.store import patients
from app.store.database import Database
from app.store.keys import new_id
from app.store.operating import backup
from app.store.scope import Caller, Role
from app.store.transaction import Transaction
from tests import people, rows
from tests.databases import KINDS, DatabaseUrls, FreshDatabase, Kind

NOW = SystemClock().now()


def rung(*words: str, database: DatabaseUrls) -> Result:
    env = {"RUNG_DATABASE_URL": database.app_url, "RUNG_OWNER_DATABASE_URL": database.owner_url}
    return CliRunner().invoke(app, words, env=env, catch_exceptions=False)


def without_remembered(database: DatabaseUrls) -> dict[str, list[tuple[object, ...]]]:
    found = rows.everything(database.owner_url)
    del found["remembered_answers"]
    return found


@pytest.mark.parametrize("source", KINDS)
@pytest.mark.parametrize("target", KINDS)
def test_every_row_of_every_table_comes_back(
    fresh_database: FreshDatabase, tmp_path: Path, source: Kind, target: Kind
) -> None:
    before = fresh_database(source)
    rows.fill(before.owner_url, "spine", "knee")
    assert all(len(found) == 2 for found in rows.everything(before.owner_url).values())
    file = tmp_path / "all.rung"
    written = rung("backup", "--to", str(file), database=before)
    assert written.exit_code == 0, written.stderr
    assert file.stat().st_mode & 0o777 == 0o600
    after = fresh_database(target, is_migrated=False)
    restored = rung("restore", "--from", str(file), database=after)
    assert restored.exit_code == 0, restored.stderr
    assert without_remembered(after) == without_remembered(before)
    assert rows.everything(after.owner_url)["remembered_answers"] == []
    # The restored one is a whole installation: the service's role reads and writes it.
    people.make_clinic(after.app_url, "third", now=NOW)
    again = rung("backup", "--to", str(file), "--force", database=after)
    assert again.exit_code == 0, again.stderr


def test_a_backup_under_writes_holds_one_moment(
    database: DatabaseUrls, fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    """Each transaction adds a patient and that patient's condition: a backup has both or neither."""
    people.make_clinic(database.app_url, now=NOW)
    stop = threading.Event()
    written: list[UUID] = []

    def add(tx: Transaction) -> None:
        patient_id = new_id(SystemClock().now())
        values = {"display_name": "P", "time_zone": "UTC", "language": "en", "birth_year": None, "phone": None}
        patients.add(tx, patient_id, {**values, "identifiers": [], "logging": "phone"}, created_by=new_id(NOW), now=NOW)
        recorded = {"condition": "pregnancy", "known_on": NOW.date(), "recorded_at": NOW, "recorded_by": new_id(NOW)}
        tx.write(patients.INSERT_CAUTION, patient_id=patient_id, id=new_id(NOW), **recorded)
        written.append(patient_id)

    def write() -> None:
        operator = Caller(NOW, None, frozenset({Role.OPERATOR}), "spine", is_operator=True)
        with contextlib.closing(Database(database.app_url)) as db:
            while not stop.is_set():
                db.write_here(operator, add)

    writer = threading.Thread(target=write)
    writer.start()
    files = [tmp_path / f"{number}.rung" for number in range(5)]
    try:
        for file in files:
            backup.write(database.app_url, file, build="test", now=NOW)
    finally:
        stop.set()
        writer.join()
    counts = [backup.read_summary(file).rows for file in files]
    assert [one.get("patients", 0) == one.get("patient_conditions", 0) for one in counts] == [True] * 5
    assert counts[0].get("patients", 0) < counts[-1].get("patients", 0) <= len(written)
    after = fresh_database(database.kind, is_migrated=False)
    assert rung("restore", "--from", str(files[-1]), database=after).exit_code == 0
    assert len(rows.everything(after.owner_url)["patients"]) == counts[-1]["patients"]


@pytest.mark.parametrize("harm", ["cut off", "a byte", "a row less", "a word", "more behind it", "not ours", "nothing"])
def test_a_damaged_backup_is_refused(fresh_database: FreshDatabase, tmp_path: Path, harm: str) -> None:
    before, file = fresh_database("sqlite"), tmp_path / "all.rung"
    rows.fill(before.app_url, "spine")
    backup.write(before.app_url, file, build="test", now=NOW)
    packed = file.read_bytes()
    lines = gzip.decompress(packed).splitlines(keepends=True)
    spoilt = {
        "cut off": packed[:-30],
        "a byte": packed[:200] + bytes([packed[200] ^ 1]) + packed[201:],
        "a row less": gzip.compress(b"".join(lines[:4] + lines[5:])),
        "a word": gzip.compress(b"".join(lines).replace(b"curly", b"curvy")),
        "more behind it": gzip.compress(b"".join([*lines, lines[3]])),
        "not ours": gzip.compress(b'{"some": "JSON"}\n'),
        "nothing": b"",
    }[harm]
    file.write_bytes(spoilt)
    after = fresh_database("sqlite", is_migrated=False)
    refused = rung("restore", "--from", str(file), database=after)
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
    assert not Path(after.app_url.removeprefix("sqlite:///")).exists()


def test_a_database_with_clinics_is_not_written_over(database: DatabaseUrls, tmp_path: Path) -> None:
    rows.fill(database.owner_url, "spine")
    file = tmp_path / "all.rung"
    assert rung("backup", "--to", str(file), database=database).exit_code == 0
    again = rung("backup", "--to", str(file), database=database)
    assert (again.exit_code, "exists" in again.stderr) == (1, True)
    refused = rung("restore", "--from", str(file), database=database)
    assert refused.exit_code == 1
    assert ("exists" if database.kind == "sqlite" else "has clinics already") in refused.stderr


def test_force_copies_the_present_file_aside_but_never_under_a_running_service(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    one, two = fresh_database("sqlite"), fresh_database("sqlite")
    rows.fill(one.app_url, "spine")
    rows.fill(two.app_url, "knee")
    file = tmp_path / "one.rung"
    assert rung("backup", "--to", str(file), database=one).exit_code == 0
    path = Path(two.app_url.removeprefix("sqlite:///"))
    kept, restored = without_remembered(two), without_remembered(one)
    running = Database(two.app_url)
    assert running.is_ready()
    running_connection = sqlite3.connect(path)
    running_connection.execute("SELECT count(*) FROM clinics").fetchone()
    refused = rung("restore", "--from", str(file), "--force", database=two)
    assert (refused.exit_code, "is in use" in refused.stderr) == (1, True), refused.stderr
    assert without_remembered(two) == kept
    running_connection.close()
    running.close()
    assert rung("restore", "--from", str(file), "--force", database=two).exit_code == 0
    assert without_remembered(two) == restored
    (aside,) = path.parent.glob(f"{path.stem}-before-restore-*.db")
    assert without_remembered(DatabaseUrls("sqlite", f"sqlite:///{aside}", f"sqlite:///{aside}")) == kept
    assert sorted(it.name for it in path.parent.iterdir() if "restoring" in it.name) == []
