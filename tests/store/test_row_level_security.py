"""The third guard alone: PostgreSQL itself shows the service's role one clinic's rows, whatever is asked.

Everything here goes past the transaction and past the guard of statements, on a plain connection of the service's role.
Without the policies the same statements find the other clinic's rows (test_isolation.py counts them).
"""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, Table, delete, func, insert, select, text, update
from sqlalchemy.exc import DatabaseError, ProgrammingError
from sqlalchemy.sql.dml import Insert

from app.domain.errors import UnsafeSettings
from app.store import engines
from app.store.guard import CLINIC_BIND
from app.store.operating.privileges import require_modest_role
from tests import reach, rows
from tests.databases import DatabaseUrls, FreshDatabase
from tests.reach import OF_A_CLINIC, TABLES, connected, make_findable, reached, rows_of, undone, values_for

SPINE, KNEE = rows.id_of("spine", "clinic"), rows.id_of("knee", "clinic")
NOBODY = UUID(int=0)
TABLES_OF_A_CLINIC = [TABLES[name] for name in OF_A_CLINIC]
STATEMENTS = {name: one for name, one in reach.guarded() if not isinstance(one, Insert)}


def begin(clinic: UUID) -> str:
    """How the service begins a transaction that writes."""
    return engines.begin("postgresql", clinic_id=clinic, writes=True)


@pytest.fixture
def postgresql(fresh_database: FreshDatabase) -> DatabaseUrls:
    """Two clinics with a row in every table."""
    made = fresh_database("postgresql")
    rows.fill(made.owner_url, "spine", "knee")
    return made


@pytest.fixture
def app(postgresql: DatabaseUrls) -> Iterator[Connection]:
    """A plain connection of the service's role."""
    with connected(postgresql.app_url) as connection:
        yield connection


def count(connection: Connection, table: Table = TABLES["patients"]) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_one_sees_the_rows_of_the_clinic_that_was_set(app: Connection) -> None:
    for table in TABLES_OF_A_CLINIC:
        with undone(app, begin(SPINE)):
            assert app.execute(select(table.c.clinic_id)).scalars().all() == [SPINE]
            assert app.execute(select(table).where(table.c.clinic_id == KNEE)).all() == []
        with undone(app, begin(NOBODY)):
            assert count(app, table) == 0


def test_one_sees_nothing_when_none_was_set(app: Connection) -> None:
    for table in TABLES_OF_A_CLINIC:
        assert count(app, table) == 0
        with undone(app):
            assert count(app, table) == 0
        with undone(app, "BEGIN; SET LOCAL app.clinic_id = ''"):
            assert count(app, table) == 0


def test_what_was_set_ends_with_its_transaction(app: Connection) -> None:
    for end in ("COMMIT", "ROLLBACK"):
        app.exec_driver_sql(begin(SPINE))
        assert count(app) == 1
        app.exec_driver_sql(end)
        assert count(app) == 0


def test_what_is_no_clinic_is_an_error_not_a_sight(app: Connection) -> None:
    with undone(app, "BEGIN; SET LOCAL app.clinic_id = 'spine'"), pytest.raises(DatabaseError):
        count(app)


def test_changing_and_deleting_meet_only_what_is_seen(app: Connection) -> None:
    for table in TABLES_OF_A_CLINIC:
        column = table.c[list(table.c.keys())[-1]]
        with undone(app, begin(SPINE)):
            assert app.execute(update(table).values({column.name: column})).rowcount == 1
            theirs = update(table).where(table.c.clinic_id == KNEE)
            assert app.execute(theirs.values({column.name: column})).rowcount == 0
            assert app.execute(delete(table).where(table.c.clinic_id == KNEE)).rowcount == 0
        with undone(app):
            assert app.execute(delete(table)).rowcount == 0


def test_no_row_is_put_into_another_clinic(app: Connection) -> None:
    with undone(app, begin(KNEE)):
        theirs = rows_of(app, KNEE)
    for table in TABLES_OF_A_CLINIC:
        for setting in (begin(SPINE), "BEGIN"):
            with undone(app, setting), pytest.raises(ProgrammingError, match="row-level security"):
                app.execute(insert(table), dict(theirs[table.name]))


def test_no_row_is_moved_into_another_clinic(app: Connection) -> None:
    for table in TABLES_OF_A_CLINIC:
        with undone(app, begin(SPINE)), pytest.raises(ProgrammingError, match="row-level security"):
            app.execute(update(table).values(clinic_id=KNEE))


def test_the_statements_of_the_store_find_nothing_of_another_clinic(fresh_database: FreshDatabase) -> None:
    """Each with the other clinic's id in its bind, as if the second guard had filled in the wrong one."""
    made = fresh_database("postgresql")
    rows.fill(made.owner_url, "spine", "knee")
    with connected(made.owner_url) as owner:
        owner.exec_driver_sql(f"SET app.clinic_id = '{KNEE}'")
        make_findable(owner, "knee")
    met, would_meet = dict.fromkeys(STATEMENTS, 0), {}
    with connected(made.app_url) as app:
        with undone(app, begin(KNEE)):
            theirs = rows_of(app, KNEE)
        for name, statement in STATEMENTS.items():
            values = {**values_for(statement, theirs), CLINIC_BIND: KNEE}
            for setting in (begin(SPINE), "BEGIN"):
                with undone(app, setting):
                    met[name] += reached(app, statement, values)
            with undone(app, begin(KNEE)):
                would_meet[name] = reached(app, statement, values)
    assert met == dict.fromkeys(STATEMENTS, 0)
    assert {name for name, found in would_meet.items() if not found} == reach.FINDS_NOTHING


TAKING_AWAY = (
    "DROP POLICY own_clinic ON patients",
    "ALTER POLICY own_clinic ON patients USING (true)",
    "CREATE POLICY mine ON patients USING (true)",
    "ALTER TABLE patients DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE patients NO FORCE ROW LEVEL SECURITY",
    "ALTER TABLE patients OWNER TO rung_app",
    "DROP TABLE patients",
    "TRUNCATE patients CASCADE",
    "CREATE TABLE copy AS SELECT * FROM patients",
    "CREATE VIEW all_patients AS SELECT * FROM patients",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "SET ROLE rung_owner",
    "SET SESSION AUTHORIZATION rung_owner",
    "ALTER ROLE rung_app BYPASSRLS",
    "GRANT rung_owner TO rung_app",
    "COPY patients TO PROGRAM 'cat'",
    "UPDATE alembic_version SET version_num = '0000'",
)


class TestRoles:
    """The service's role can neither pass the policies nor take them away, and its owner is held by them too."""

    def test_the_service_is_modest(self, postgresql: DatabaseUrls) -> None:
        require_modest_role(postgresql.app_url)

    def test_an_owner_is_refused_as_the_service(self, postgresql: DatabaseUrls) -> None:
        with pytest.raises(UnsafeSettings, match="owns tables"):
            require_modest_role(postgresql.owner_url)

    def test_the_service_owns_nothing(self, app: Connection) -> None:
        owned = app.exec_driver_sql(
            "SELECT relname FROM pg_class WHERE pg_has_role(current_user, relowner, 'MEMBER')"
            " UNION SELECT nspname FROM pg_namespace WHERE pg_has_role(current_user, nspowner, 'MEMBER')"
            " UNION SELECT datname FROM pg_database WHERE pg_has_role(current_user, datdba, 'MEMBER')"
        )
        assert owned.fetchall() == []

    def test_the_service_belongs_to_no_other_role(self, app: Connection) -> None:
        found = app.exec_driver_sql(
            "SELECT rolname FROM pg_roles WHERE rolname <> current_user AND pg_has_role(current_user, oid, 'MEMBER')"
        )
        assert found.fetchall() == []

    def test_the_service_cannot_take_the_policies_away(self, app: Connection) -> None:
        for statement in TAKING_AWAY:
            with undone(app, begin(SPINE)), pytest.raises(DatabaseError):
                app.exec_driver_sql(statement)

    def test_switching_row_security_off_makes_questions_fail(self, app: Connection) -> None:
        with undone(app, f"{begin(SPINE)}; SET LOCAL row_security = off"), pytest.raises(DatabaseError):
            count(app)

    def test_the_owner_is_held_too(self, postgresql: DatabaseUrls) -> None:
        with connected(postgresql.owner_url) as owner:
            for table in TABLES_OF_A_CLINIC:
                assert count(owner, table) == 0
                with undone(owner, begin(SPINE)):
                    assert owner.execute(select(table.c.clinic_id)).scalars().all() == [SPINE]


def test_a_clinic_is_set_by_its_id_only() -> None:
    with pytest.raises(AttributeError):
        engines.begin("postgresql", clinic_id="x'; SET app.clinic_id = '", writes=True)  # type: ignore[arg-type]


def test_a_policy_that_is_missing_lets_everything_through(postgresql: DatabaseUrls) -> None:
    """What the tests above would see if a migration forgot a table."""
    with connected(postgresql.owner_url) as owner:
        owner.execute(text("ALTER TABLE patients DISABLE ROW LEVEL SECURITY"))
    with connected(postgresql.app_url) as app, undone(app, begin(uuid4())):
        assert count(app) == 2
