"""The second guard alone: with row-level security switched off, no statement of a transaction reaches another clinic.

Also the keys under all three guards: a row cannot point into another clinic, and no key tells that another clinic's row
exists. With the guards switched off the same statements do find the other clinic's rows, so the test can tell.
"""

import sqlite3
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import (
    Connection,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    delete,
    func,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.dml import Insert, UpdateBase
from sqlalchemy.sql.elements import ClauseElement

from app.domain.errors import NotFound
from app.store import clinics, practice_days, sessions
from app.store.guard import CLINIC_BIND, UnguardedStatement
from app.store.scope import Role, Scope
from app.store.transaction import Transaction
from app.store.wording import Speaker
from tests import reach, rows
from tests.databases import DatabaseUrls
from tests.reach import OF_A_CLINIC, TABLES, connected, make_findable, reached, rows_of, undone, values_for

SPINE, KNEE = rows.id_of("spine", "clinic"), rows.id_of("knee", "clinic")


STATEMENTS = dict(reach.guarded())
INSERTING = {name: one for name, one in STATEMENTS.items() if isinstance(one, Insert)}
ASKING_AND_CHANGING = {name: one for name, one in STATEMENTS.items() if name not in INSERTING}


@pytest.fixture
def two_clinics(database: DatabaseUrls) -> DatabaseUrls:
    """A row in every table of each of two clinics, and on PostgreSQL no row-level security."""
    rows.fill(database.owner_url, "spine", "knee")
    switch_off_row_level_security(database)
    return database


@pytest.fixture
def our_empty_clinic(database: DatabaseUrls) -> DatabaseUrls:
    """The same with nothing in our own clinic: whatever a statement finds is theirs."""
    rows.fill(database.owner_url, "knee")
    switch_off_row_level_security(database)
    with connected(database.owner_url) as connection:
        connection.execute(insert(TABLES["clinics"]), {"id": SPINE, "short_name": "spine"})
        make_findable(connection, "knee")
    return database


def switch_off_row_level_security(database: DatabaseUrls) -> None:
    if database.kind == "postgresql":
        with connected(database.owner_url) as owner:
            for name in OF_A_CLINIC:
                owner.execute(text(f"ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY"))


def transaction(connection: Connection) -> Transaction:
    """A transaction of the first clinic, whose caller may see all of its patients."""
    return Transaction(connection, Speaker(connection.dialect), Scope(SPINE, "spine", frozenset({Role.OPERATOR})))


def test_no_statement_reaches_another_clinic(our_empty_clinic: DatabaseUrls) -> None:
    met, would_meet = {}, {}
    with connected(our_empty_clinic.app_url) as connection:
        theirs = rows_of(connection, KNEE)
        for name, statement in ASKING_AND_CHANGING.items():
            values = values_for(statement, theirs)
            with undone(connection):
                # Their clinic's id is passed by hand as well: the transaction puts its own in its place.
                values_of_theirs = {**values, CLINIC_BIND: KNEE}
                met[name] = told(transaction(connection), statement, values_of_theirs)
            with undone(connection):
                would_meet[name] = reached(connection, statement, {**values, CLINIC_BIND: KNEE})
    assert met == dict.fromkeys(ASKING_AND_CHANGING, 0)
    assert {name for name, found in would_meet.items() if not found} == reach.FINDS_NOTHING


def told(tx: Transaction, statement: ClauseElement, values: dict[str, Any]) -> int:
    """How many rows the transaction found or met."""
    if isinstance(statement, UpdateBase) and not statement.exported_columns:
        return tx.write(statement, **values)
    return sum(any(row) for row in tx.rows(statement, **values))  # type: ignore[arg-type]


def test_nobody_passes_a_clinic_by_hand(two_clinics: DatabaseUrls) -> None:
    with connected(two_clinics.app_url) as connection:
        tx = transaction(connection)
        again = {"patient_id": rows.id_of("knee", "patient")}
        with undone(connection), pytest.raises(UnguardedStatement):
            tx.write(clinics.INSERT_SETTINGS, clinic_id=KNEE)
        with undone(connection), pytest.raises(UnguardedStatement):
            tx.write_all(practice_days.INSERT, [again, {**again, "clinic_id": KNEE}])
        with undone(connection), pytest.raises(UnguardedStatement):
            tx.write(sessions.NO_LONGER_CURRENT, patient_id=KNEE)  # it would set the column


def test_no_row_of_many_is_another_patients(two_clinics: DatabaseUrls) -> None:
    """Neither by what all rows share, nor by what one of them says, nor by saying it against what they share."""
    own, other = UUID(int=1), UUID(int=2)
    days = {"of_prescription": UUID(int=3), "on_date": date(2026, 11, 2), "on_known_on": date(2026, 11, 2)}
    heard: list[str] = []
    with connected(two_clinics.app_url) as connection:
        speaker = Speaker(connection.dialect)
        speaker.listeners.append(lambda _words, parameters, _is_many: heard.append(repr(parameters)))
        tx = Transaction(connection, speaker, Scope(SPINE, "spine", frozenset({Role.PATIENT}), patient_id=own))
        with pytest.raises(NotFound):
            tx.write_all(practice_days.DROP, [days, days], of_patient=other)
        with pytest.raises(NotFound):
            tx.write_all(practice_days.DROP, [{**days, "of_patient": own}, {**days, "of_patient": other}])
        assert heard == []
        with undone(connection):
            tx.write_all(practice_days.DROP, [days, {**days, "of_patient": other}], of_patient=own)
    assert len(heard) == 1
    assert own.hex in heard[0] or str(own) in heard[0]
    assert other.hex not in heard[0]
    assert str(other) not in heard[0]


def test_no_insert_lands_in_another_clinic(two_clinics: DatabaseUrls) -> None:
    """Their own row once more, under their own ids: it lands in ours or nowhere."""
    landed = {}
    with connected(two_clinics.app_url) as connection:
        theirs = rows_of(connection, KNEE)
        for name, statement in INSERTING.items():
            table = statement.table
            clinic = table.c.id if table.name == "clinics" else table.c.clinic_id
            of_theirs = select(func.count()).where(clinic == KNEE)
            with undone(connection):
                before = connection.execute(of_theirs).scalar_one()
                try:
                    transaction(connection).write(statement, **values_for(statement, theirs))
                except (sqlite3.IntegrityError, psycopg.IntegrityError):
                    landed[name] = 0
                else:
                    landed[name] = connection.execute(of_theirs).scalar_one() - before
    assert landed == dict.fromkeys(INSERTING, 0)


POINTING = [
    (name, key)
    for name in OF_A_CLINIC
    for key in sorted(TABLES[name].foreign_key_constraints, key=lambda key: str(key.name))
    if key.referred_table.name != "clinics"
]


def test_a_row_cannot_point_into_another_clinic(two_clinics: DatabaseUrls) -> None:
    """Another row of ours, once with our parent's id and once with theirs: there is no such parent in our clinic."""
    assert len(POINTING) > 10
    with connected(two_clinics.app_url) as connection:
        ours = rows_of(connection, SPINE)
        for name, key in POINTING:
            table = TABLES[name]
            columns = [column for column in key.column_keys if column != "clinic_id"]
            another = another_row(table, ours[name])
            keys = [one for one in table.constraints if isinstance(one, PrimaryKeyConstraint | UniqueConstraint)]
            is_all_parents = any(all(another[it.name] == ours[name][it.name] for it in one.columns) for one in keys)
            with undone(connection):
                if is_all_parents:
                    connection.execute(delete(table).where(table.c.clinic_id == SPINE))
                connection.execute(insert(table), {**another, **parents("spine", columns)})
            with undone(connection), pytest.raises(IntegrityError):
                connection.execute(insert(table), {**another, **parents("knee", columns)})


def parents(clinic: str, columns: list[str]) -> dict[str, UUID]:
    return {column: rows.id_of(clinic, column.removesuffix("_id")) for column in columns}


def another_row(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """The same row with another key of its own."""
    kept = {column.name for key in table.foreign_key_constraints for column in key.columns}
    own = {column.name for column in table.primary_key.columns} | {"code_hash"} & set(table.c.keys())
    return {**row, **{name: changed(row[name]) for name in own - kept}}


def changed(value: Any) -> Any:
    if isinstance(value, UUID):
        return uuid4()
    if isinstance(value, date):
        return value + timedelta(days=1)
    return value[::-1] if isinstance(value, bytes) else value + 1


class TestKeys:
    """Every key of a clinic's table begins with the clinic, in the models and in the migrated database."""

    def test_in_the_database(self, database: DatabaseUrls) -> None:
        with connected(database.owner_url) as connection:
            found = inspect(connection)
            for name in OF_A_CLINIC:
                firsts = [found.get_pk_constraint(name)["constrained_columns"][0]]
                firsts += [one["column_names"][0] for one in found.get_unique_constraints(name)]
                firsts += [str(one["column_names"][0]) for one in found.get_indexes(name)]
                pointing = found.get_foreign_keys(name)
                firsts += [one["constrained_columns"][0] for one in pointing]
                assert {*firsts} == {"clinic_id"}, name
                assert {(one["referred_table"] == "clinics", one["referred_columns"][0]) for one in pointing} in (
                    {(True, "id")},
                    {(False, "clinic_id")},
                ), name

    def test_in_the_models(self) -> None:
        for name in OF_A_CLINIC:
            table = TABLES[name]
            unique = [one for one in table.constraints if isinstance(one, UniqueConstraint | PrimaryKeyConstraint)]
            assert {next(iter(key.columns)).name for key in (*unique, *table.indexes)} == {"clinic_id"}, name
            assert {key.column_keys[0] for key in table.foreign_key_constraints} == {"clinic_id"}, name

    def test_only_clinics_is_global(self) -> None:
        assert sorted(set(TABLES) - set(OF_A_CLINIC)) == ["clinics"]
        assert sorted(TABLES["clinics"].c.keys()) == ["id", "short_name"]
