"""The two databases that tests stand on are what they claim to be."""

import psycopg
import pytest

from tests.databases import DatabaseUrls, FreshDatabase


@pytest.fixture
def empty(fresh_database: FreshDatabase) -> DatabaseUrls:
    return fresh_database("postgresql", is_migrated=False)


@pytest.mark.parametrize("which", ["app_url", "owner_url"])
def test_the_roles_cannot_pass_row_level_security(empty: DatabaseUrls, which: str) -> None:
    with psycopg.connect(getattr(empty, which)) as connection:
        powers = connection.execute(
            "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert powers == (False, False, False, False)


def test_the_app_may_not_change_the_schema(empty: DatabaseUrls) -> None:
    with psycopg.connect(empty.app_url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("CREATE TABLE stray (id int)")


def test_every_call_makes_another_database(fresh_database: FreshDatabase) -> None:
    one, other = (fresh_database("postgresql", is_migrated=False) for _ in range(2))
    assert one.app_url != other.app_url
