"""How Alembic reaches the database: by the address that `operating.migrate` hands over, one transaction for all."""

from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from app.store.tables import Base


def run() -> None:
    """Run the asked migrations online; there is no offline mode."""
    engine = create_engine(context.config.attributes["url"], poolclass=NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=engine.dialect.name == "sqlite",
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    engine.dispose()


run()
