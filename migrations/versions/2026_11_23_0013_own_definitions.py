"""A clinic's own exercises and ladders."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
OWN_CLINIC = "clinic_id = nullif(current_setting('app.clinic_id', true), '')::uuid"


def upgrade() -> None:
    """Make the table and guard it."""
    op.create_table(
        "own_definitions",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("content_id", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("superseded_at", INSTANT, nullable=True),
        sa.Column("retired_by", sa.Uuid(), nullable=True),
        sa.Column("retired_at", INSTANT, nullable=True),
        sa.CheckConstraint("kind IN ('exercise', 'ladder')", name=op.f("ck_own_definitions_kind")),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_own_definitions_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "kind", "content_id", "version", name=op.f("pk_own_definitions")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE own_definitions ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE own_definitions FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own_clinic ON own_definitions USING ({OWN_CLINIC}) WITH CHECK ({OWN_CLINIC})")


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("own_definitions")
