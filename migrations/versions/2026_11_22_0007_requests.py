"""What patients ask for, and which decisions they have read."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
OWN_CLINIC = "clinic_id = nullif(current_setting('app.clinic_id', true), '')::uuid"


def upgrade() -> None:
    """Make the table and guard it."""
    op.create_table(
        "requests",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("known_on", sa.Date(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("unknown_fields", JSON, nullable=True),
        sa.Column("marks", JSON, nullable=False),
        sa.Column("outcome", JSON, nullable=False),
        sa.Column("answer", sa.String(length=2000), nullable=True),
        sa.Column("answered_at", INSTANT, nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state IN ('done', 'waiting', 'answered')", name=op.f("ck_requests_state")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patients.clinic_id", "patients.id"],
            name=op.f("fk_requests_clinic_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "patient_id", "id", name=op.f("pk_requests")),
    )
    op.create_index("ix_requests_state", "requests", ["clinic_id", "state", "received_at", "patient_id"], unique=False)
    op.create_index(
        "ix_requests_received_at", "requests", ["clinic_id", "patient_id", "received_at", "id"], unique=False
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE requests ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE requests FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own_clinic ON requests USING ({OWN_CLINIC}) WITH CHECK ({OWN_CLINIC})")
    op.add_column("decisions", sa.Column("acknowledged_at", INSTANT, nullable=True))


def downgrade() -> None:
    """Take it all away again."""
    op.drop_column("decisions", "acknowledged_at")
    op.drop_table("requests")
