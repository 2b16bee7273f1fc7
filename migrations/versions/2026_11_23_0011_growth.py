"""A decision may let a dosage grow."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NO_MORE_GROWTH = "UPDATE decisions SET kind = 'hold' WHERE kind = 'grow'"
NAME = "ck_decisions_kind"
BEFORE = "kind IN ('advance', 'step_back', 'ease', 'restore', 'hold', 'pause', 'stop', 'resume')"
AFTER = "kind IN ('advance', 'step_back', 'ease', 'grow', 'restore', 'hold', 'pause', 'stop', 'resume')"


def upgrade() -> None:
    """Let another kind in. SQLite makes the table again for that."""
    with op.batch_alter_table("decisions") as decisions:
        decisions.drop_constraint(op.f(NAME), type_="check")
        decisions.create_check_constraint(op.f(NAME), AFTER)


def downgrade() -> None:
    """Close it again; whoever did more of the same exercise stayed on the rung."""
    if op.get_bind().dialect.name == "postgresql":
        # Row-level security holds the owner too, so the rows are changed clinic by clinic.
        for (clinic_id,) in op.get_bind().execute(sa.text("SELECT id FROM clinics ORDER BY id")).fetchall():
            op.execute(f"SET LOCAL app.clinic_id = '{clinic_id!s}'")
            op.execute(NO_MORE_GROWTH)
        op.execute("SET LOCAL app.clinic_id = ''")
    else:
        op.execute(NO_MORE_GROWTH)
    with op.batch_alter_table("decisions") as decisions:
        decisions.drop_constraint(op.f(NAME), type_="check")
        decisions.create_check_constraint(op.f(NAME), BEFORE)
