"""How does a clinic come into being? Its row and what fills it are written in one transaction, which is its first."""

import contextlib
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import DBAPIError

from app.domain.errors import Conflict, Unavailable
from app.store import engines
from app.store.guard import CLINIC
from app.store.keys import new_id
from app.store.scope import Role, Scope
from app.store.tables.clinics import ClinicRow
from app.store.transaction import Transaction
from app.store.wording import Speaker

INSERT = insert(ClinicRow).values(id=CLINIC, short_name=bindparam("new_short_name"))
NAMES = select(ClinicRow.short_name).order_by(ClinicRow.short_name)
TAKEN = select(ClinicRow.id).where(ClinicRow.short_name == bindparam("short_name"))


def found_clinic(url: str, short_name: str, fill: Callable[[Transaction], object], now: datetime) -> UUID:
    """Make a clinic and let `fill` write its settings and staff; its id. For commands, not for requests.

    Raises Conflict when the short name is taken, Unavailable when the database does not answer.
    """
    engine = engines.create(url)
    clinic_id = new_id(now)
    try:
        with engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.execute(engines.begin(connection.dialect.name, clinic_id=clinic_id, writes=True))
            with contextlib.ExitStack() as undo:
                undo.callback(driver.execute, "ROLLBACK")
                tx = Transaction(
                    connection, Speaker(connection.dialect), Scope(clinic_id, short_name, frozenset({Role.OPERATOR}))
                )
                if connection.execute(TAKEN, {"short_name": short_name}).first() is not None:
                    raise Conflict(f"There is a clinic with the short name {short_name} already.")
                tx.write(INSERT, new_short_name=short_name)
                fill(tx)
                driver.execute("COMMIT")
                undo.pop_all()
    except (DBAPIError, engine.dialect.loaded_dbapi.Error) as error:
        raise Unavailable(f"The database does not answer: {str(error).splitlines()[0]}") from error
    finally:
        engine.dispose()
    return clinic_id


def short_names(url: str) -> list[str]:
    """The short names of all clinics of this installation; for commands. Raises Unavailable."""
    engine = engines.create(url)
    try:
        with engine.connect() as connection:
            return list(connection.execute(NAMES).scalars())
    except (DBAPIError, engine.dialect.loaded_dbapi.Error) as error:
        raise Unavailable(f"The database does not answer: {str(error).splitlines()[0]}") from error
    finally:
        engine.dispose()
