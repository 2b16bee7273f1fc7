"""Check-ins: what a patient tells in the morning, and what it adds to the evidence of a day."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
OWN_CLINIC = "clinic_id = nullif(current_setting('app.clinic_id', true), '')::uuid"


def upgrade() -> None:
    """Make the table and guard it; a day of which no check-in told is a day without soreness and symptom from one."""
    op.create_table(
        "check_ins",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("is_withdrawn", sa.Boolean(), nullable=False),
        sa.Column("known_on", sa.Date(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("unknown_fields", JSON, nullable=True),
        sa.Column("marks", JSON, nullable=False),
        sa.Column("outcome", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patients.clinic_id", "patients.id"],
            name=op.f("fk_check_ins_clinic_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "patient_id", "local_date", "revision", name=op.f("pk_check_ins")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE check_ins ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE check_ins FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own_clinic ON check_ins USING ({OWN_CLINIC}) WITH CHECK ({OWN_CLINIC})")
    op.add_column("patients", sa.Column("newest_check_in_on", sa.Date(), nullable=True))
    with op.batch_alter_table("practice_days") as days:
        days.add_column(sa.Column("next_morning", sa.Integer(), nullable=True))
        days.add_column(sa.Column("has_symptom", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("practice_days") as days:
        days.alter_column("has_symptom", server_default=None)


def downgrade() -> None:
    """Take it all away again."""
    with op.batch_alter_table("practice_days") as days:
        days.drop_column("has_symptom")
        days.drop_column("next_morning")
    op.drop_column("patients", "newest_check_in_on")
    op.drop_table("check_ins")
