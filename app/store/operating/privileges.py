"""May the role of the running service do more than it should? On PostgreSQL it reads and writes rows, and nothing else.

Row-level security does not hold a superuser, nor a role with BYPASSRLS, and the owner of a table could take it away.
"""

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from app.domain.errors import UnsafeSettings
from app.store.operating.migrate import plainly

POWERS = text(
    "SELECT current_user, rolsuper, rolbypassrls, EXISTS ("
    "SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
    " AND pg_has_role(current_user, relowner, 'MEMBER')"
    ") FROM pg_roles WHERE rolname = current_user"
)


def require_modest_role(url: str) -> None:
    """Raise UnsafeSettings when the role of this PostgreSQL address could pass row-level security."""
    engine = create_engine(url, poolclass=NullPool)
    with plainly(), engine.connect() as connection:
        name, is_super, passes, owns = connection.execute(POWERS).one()
    engine.dispose()
    found = "is a superuser" if is_super else "has BYPASSRLS" if passes else "owns tables" if owns else None
    if found:
        raise UnsafeSettings(
            f"RUNG_DATABASE_URL: the role {name} {found}, so row-level security would not hold it."
            " Give the service a role of its own, and RUNG_OWNER_DATABASE_URL the owner."
        )
