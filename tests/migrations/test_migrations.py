"""The schema comes, goes and comes again on both databases, keeps every row, and is exactly what the models say."""

import re
from datetime import date

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, create_engine, inspect, text
from sqlalchemy.pool import NullPool

from app.domain.errors import Unavailable, Unmigrated
from app.store.operating import migrate
from app.store.tables import Base
from tests import rows
from tests.databases import APP, KINDS, DatabaseUrls, FreshDatabase, Kind
from tests.reach import connected

CLINICS = ("spine", "knee")
OWN_CLINIC = "(clinic_id = (NULLIF(current_setting('app.clinic_id'::text, true), ''::text))::uuid)"


@pytest.fixture(params=KINDS)
def empty(request: pytest.FixtureRequest, fresh_database: FreshDatabase) -> DatabaseUrls:
    """A database with nothing in it."""
    kind: Kind = request.param
    return fresh_database(kind, is_migrated=False)


@pytest.fixture
def postgresql(fresh_database: FreshDatabase) -> DatabaseUrls:
    """A migrated database on PostgreSQL."""
    return fresh_database("postgresql")


def upgrade(database: DatabaseUrls) -> None:
    migrate.upgrade(database.owner_url, app_role=APP)


def left_behind(database: DatabaseUrls) -> list[str]:
    """Everything with a name that a schema can hold, but Alembic's own table."""
    with connected(database.owner_url) as connection:
        if database.kind == "sqlite":
            found = connection.exec_driver_sql("SELECT name FROM sqlite_master")
        else:
            found = connection.exec_driver_sql(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                " UNION SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype <> 'b'"
                " UNION SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
                " UNION SELECT polname FROM pg_policy"
            )
        return sorted(name for (name,) in found if "alembic_version" not in name)


def test_up_down_and_up_again_with_rows_in_every_table(empty: DatabaseUrls) -> None:
    for _ in range(2):
        upgrade(empty)
        assert migrate.current(empty.owner_url) == migrate.head()
        rows.fill(empty.owner_url, "spine", "knee")
        assert {len(found) for found in rows.everything(empty.owner_url).values()} == {2}
        migrate.downgrade(empty.owner_url, to="base")
        assert left_behind(empty) == []
        assert migrate.current(empty.owner_url) is None


def test_upgrading_what_is_up_to_date_changes_nothing(database: DatabaseUrls) -> None:
    rows.fill(database.owner_url, "spine", "knee")
    before, names = rows.everything(database.owner_url), left_behind(database)
    upgrade(database)
    assert rows.everything(database.owner_url) == before
    assert left_behind(database) == names


def test_files_are_called_by_their_revisions() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate.SCRIPTS))
    upwards = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][::-1]
    assert upwards[-1] == migrate.head()
    assert {name: migrate.revision(name) for name in upwards} == dict(zip(upwards, upwards, strict=True))
    files = sorted(path.name for path in (migrate.SCRIPTS / "versions").glob("*.py"))
    assert [name.split("_")[3] for name in files] == upwards


def test_every_way_up_passes_every_revision() -> None:
    assert migrate.revision("head") == migrate.head()
    with pytest.raises(Unmigrated, match="no revision 9999"):
        migrate.revision("9999")


def test_migrations_and_models_do_not_drift(database: DatabaseUrls) -> None:
    engine = create_engine(database.owner_url.replace("postgresql://", "postgresql+psycopg://"), poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_constraints_have_the_names_and_words_of_the_models(database: DatabaseUrls) -> None:
    with connected(database.owner_url) as connection:
        found = inspect(connection)
        for table in Base.metadata.sorted_tables:
            named: set[object] = {one.name for one in table.constraints} | {one.name for one in table.indexes}
            in_database: set[object] = {found.get_pk_constraint(table.name)["name"]}
            in_database |= {one["name"] for one in found.get_foreign_keys(table.name)}
            in_database |= {one["name"] for one in found.get_check_constraints(table.name)}
            in_database |= {one["name"] for one in found.get_unique_constraints(table.name)}
            in_database |= {one["name"] for one in found.get_indexes(table.name)}
            assert shortened(in_database) == shortened(named), table.name
            checks = {one["name"]: one["sqltext"] for one in found.get_check_constraints(table.name)}
            for check in (one for one in table.constraints if isinstance(one, CheckConstraint)):
                assert codes(checks[str(check.name)]) == codes(str(check.sqltext))


def shortened(names: set[object]) -> set[str]:
    """PostgreSQL keeps 63 characters of a name, and SQLAlchemy ends a longer one in a digest of it."""
    return {str(name) if len(str(name)) <= 55 else str(name)[:55] for name in names}


def codes(check: str) -> list[str]:
    return re.findall(r"'(\w+)'", check)


@pytest.mark.parametrize("is_made_by_a_clinician", [True, False])
def test_patients_from_before_care_teams_are_treated_by_somebody(
    database: DatabaseUrls, *, is_made_by_a_clinician: bool
) -> None:
    rows.fill(database.owner_url, "spine", "knee")
    with connected(database.owner_url) as owner:
        for clinic in CLINICS if is_made_by_a_clinician else ():
            if database.kind == "postgresql":
                owner.exec_driver_sql(f"SET app.clinic_id = '{rows.id_of(clinic, 'clinic')}'")
            patients = Base.metadata.tables["patients"]
            mine = patients.c.clinic_id == rows.id_of(clinic, "clinic")
            owner.execute(patients.update().where(mine).values(created_by=rows.id_of(clinic, "clinician")))
    migrate.downgrade(database.owner_url, to="0002")
    upgrade(database)
    treated = {tuple(rows.id_of(clinic, noun) for noun in ("clinic", "patient", "clinician")) for clinic in CLINICS}
    assert set(rows.everything(database.owner_url)["care_teams"]) == treated


@pytest.mark.parametrize("to", ["0014", "0008"])
def test_quarters_are_made_of_the_days_that_are_there(database: DatabaseUrls, to: str) -> None:
    rows.fill(database.owner_url, "spine", "knee")
    migrate.downgrade(database.owner_url, to=to)
    upgrade(database)
    assert set(rows.everything(database.owner_url)["practice_quarters"]) == {
        (
            *(rows.id_of(clinic, "clinic"), date(2026, 1, 1), rows.id_of(clinic, "patient")),
            *("00003", "00003", "00003", "00001"),
        )
        for clinic in CLINICS
    }


def test_weeks_are_made_of_the_days_that_are_there(database: DatabaseUrls) -> None:
    rows.fill(database.owner_url, "spine")
    migrate.downgrade(database.owner_url, to="0014")
    with connected(database.owner_url) as owner:
        if database.kind == "postgresql":
            owner.exec_driver_sql(f"SET app.clinic_id = '{rows.id_of('spine', 'clinic')}'")
        [found] = owner.exec_driver_sql(
            "SELECT week_start, week_end, kept, kept_excused, begun, practised_on, days FROM practice_weeks"
        )
    empty = ",[0,0,0,0]" * 6
    assert [str(one) for one in found] == [
        *("2026-01-05", "2026-01-11", "3", "3", "3", "2026-01-05", f"[[3,3,3,1]{empty}]")
    ]


class TestRowLevelSecurity:
    """After the migrations every table that has a clinic is guarded, whoever added it."""

    def tables_with_a_clinic(self, connection: Connection) -> list[str]:
        found = connection.exec_driver_sql(
            "SELECT table_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND column_name = 'clinic_id' ORDER BY 1"
        )
        return list(found.scalars())

    def test_it_is_enabled_and_forced(self, postgresql: DatabaseUrls) -> None:
        with connected(postgresql.owner_url) as owner:
            guarded = owner.exec_driver_sql(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
                " AND relrowsecurity AND relforcerowsecurity ORDER BY 1"
            )
            assert list(guarded.scalars()) == self.tables_with_a_clinic(owner)

    def test_one_policy_for_all_commands_and_all_roles(self, postgresql: DatabaseUrls) -> None:
        with connected(postgresql.owner_url) as owner:
            found = owner.exec_driver_sql(
                "SELECT tablename, policyname, permissive, roles::text, cmd, qual, with_check"
                " FROM pg_policies ORDER BY 1"
            )
            own_clinic = ("own_clinic", "PERMISSIVE", "{public}", "ALL", OWN_CLINIC, OWN_CLINIC)
            assert [tuple(one) for one in found] == [(name, *own_clinic) for name in self.tables_with_a_clinic(owner)]

    def test_every_table_but_one_has_a_clinic(self, postgresql: DatabaseUrls) -> None:
        with connected(postgresql.owner_url) as owner:
            everything = set(inspect(owner).get_table_names())
            assert everything - set(self.tables_with_a_clinic(owner)) == {"clinics", "alembic_version"}


class TestRights:
    """The schema belongs to its owner; the service's role works with rows."""

    def test_the_service_cannot_migrate_an_empty_database(self, fresh_database: FreshDatabase) -> None:
        empty = fresh_database("postgresql", is_migrated=False)
        with pytest.raises(Unavailable, match="permission denied"):
            migrate.upgrade(empty.app_url)
        assert left_behind(empty) == []

    def test_the_service_cannot_take_the_schema_down(self, postgresql: DatabaseUrls) -> None:
        rows.fill(postgresql.owner_url, "spine")
        before = rows.everything(postgresql.owner_url)
        with pytest.raises(Unavailable, match=r"must be owner|permission denied"):
            migrate.downgrade(postgresql.app_url, to="base")
        assert rows.everything(postgresql.owner_url) == before
        assert migrate.current(postgresql.owner_url) == migrate.head()

    def test_the_service_reads_and_writes_rows_and_nothing_else(self, postgresql: DatabaseUrls) -> None:
        with connected(postgresql.owner_url) as owner:
            granted = owner.execute(
                text(
                    "SELECT table_name, string_agg(privilege_type, ' ' ORDER BY privilege_type)"
                    " FROM information_schema.role_table_grants WHERE grantee = :role GROUP BY 1 ORDER BY 1"
                ),
                {"role": APP},
            )
            expected = dict.fromkeys(Base.metadata.tables, "DELETE INSERT SELECT UPDATE") | {
                "alembic_version": "SELECT"
            }
            assert {one[0]: one[1] for one in granted} == expected


class TestRequireHead:
    """The service says what is wrong with the schema, and which command mends it."""

    def test_the_newest_schema_is_fine(self, database: DatabaseUrls) -> None:
        migrate.require_head(database.app_url)

    def test_an_empty_database(self, empty: DatabaseUrls) -> None:
        with pytest.raises(Unmigrated, match=r"is empty, this build needs \w+\. Run `rung migrate`"):
            migrate.require_head(empty.app_url)

    def test_a_schema_that_was_taken_down(self, database: DatabaseUrls) -> None:
        migrate.downgrade(database.owner_url, to="base")
        with pytest.raises(Unmigrated, match="is empty"):
            migrate.require_head(database.owner_url)

    def test_a_schema_from_a_newer_build(self, database: DatabaseUrls) -> None:
        with connected(database.owner_url) as owner:
            owner.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(Unmigrated, match="revision 9999, which this build does not know"):
            migrate.require_head(database.app_url)

    def test_a_database_that_is_not_there(self) -> None:
        with pytest.raises(Unavailable):
            migrate.require_head("postgresql+psycopg://rung:x@127.0.0.1:1/rung?connect_timeout=2")
