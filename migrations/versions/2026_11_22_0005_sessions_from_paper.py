"""A session may have been told from paper."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NO_MORE_PAPER = "UPDATE sessions SET setting = 'clinic' WHERE setting = 'paper'"
NAME = "ck_sessions_setting"


def upgrade() -> None:
    """Let the third setting in. SQLite makes the table again for that."""
    with op.batch_alter_table("sessions") as sessions:
        sessions.drop_constraint(op.f(NAME), type_="check")
        sessions.create_check_constraint(op.f(NAME), "setting IN ('home', 'clinic', 'paper')")


def downgrade() -> None:
    """Close it again; what was told from paper was told to the clinic."""
    if op.get_bind().dialect.name == "postgresql":
        # Row-level security holds the owner too, so the rows are changed clinic by clinic.
        for (clinic_id,) in op.get_bind().execute(sa.text("SELECT id FROM clinics ORDER BY id")).fetchall():
            op.execute(f"SET LOCAL app.clinic_id = '{clinic_id!s}'")
            op.execute(NO_MORE_PAPER)
        op.execute("SET LOCAL app.clinic_id = ''")
    else:
        op.execute(NO_MORE_PAPER)
    with op.batch_alter_table("sessions") as sessions:
        sessions.drop_constraint(op.f(NAME), type_="check")
        sessions.create_check_constraint(op.f(NAME), "setting IN ('home', 'clinic')")
