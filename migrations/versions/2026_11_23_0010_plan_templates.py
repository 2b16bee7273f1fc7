"""Plans that a clinic makes often."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
OWN_CLINIC = "clinic_id = nullif(current_setting('app.clinic_id', true), '')::uuid"


def upgrade() -> None:
    """Make the table and guard it."""
    op.create_table(
        "plan_templates",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.String(length=2000), nullable=True),
        sa.Column("items", JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_plan_templates_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_plan_templates")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE plan_templates ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE plan_templates FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own_clinic ON plan_templates USING ({OWN_CLINIC}) WITH CHECK ({OWN_CLINIC})")


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("plan_templates")
