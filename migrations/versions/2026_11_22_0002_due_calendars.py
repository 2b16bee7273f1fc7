"""What a clinic's adherence is counted from: due calendars, and of each practice day the due slots that were done.

All of it is derived. Rows that are there already are null here until `rung rebuild` has made it; until then their
patients are counted one by one, which is right and slow. A build of before writes null, too.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

COUNTS = ("kept", "kept_excused", "begun")


def upgrade() -> None:
    """Add the columns, and the index that one window of all patients is read from."""
    op.add_column("prescriptions", sa.Column("due_calendar", sa.Text(), nullable=True))
    for name in COUNTS:
        op.add_column("practice_days", sa.Column(name, sa.Integer(), nullable=True))
    op.drop_index("ix_practice_days_clinic_date", table_name="practice_days")
    op.create_index(
        "ix_practice_days_window",
        "practice_days",
        ["clinic_id", "patient_id", "local_date", "is_current", *COUNTS, "done", "partial"],
        unique=False,
    )


def downgrade() -> None:
    """Take them away; nothing is lost that cannot be derived again."""
    op.drop_index("ix_practice_days_window", table_name="practice_days")
    op.create_index(
        "ix_practice_days_clinic_date",
        "practice_days",
        ["clinic_id", "local_date", "patient_id", "done", "worst_pain"],
        unique=False,
    )
    for name in reversed(COUNTS):
        op.drop_column("practice_days", name)
    op.drop_column("prescriptions", "due_calendar")
