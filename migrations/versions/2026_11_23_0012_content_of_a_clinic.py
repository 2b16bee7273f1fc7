"""What a clinic says about the content: what it signed off, and what it hides."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
OWN_CLINIC = "clinic_id = nullif(current_setting('app.clinic_id', true), '')::uuid"
TABLES = ("content_sign_offs", "hidden_content")
KINDS = "kind IN ('exercise', 'ladder')"


def upgrade() -> None:
    """Make the tables, guard them, and count the changes of a clinic's content."""
    op.add_column("clinic_settings", sa.Column("content_revision", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "content_sign_offs",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("content_id", sa.String(length=80), nullable=False),
        sa.Column("content_version", sa.Integer(), nullable=False),
        sa.Column("signed_by", sa.Uuid(), nullable=False),
        sa.Column("signed_name", sa.String(length=200), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=2000), nullable=True),
        sa.Column("signed_at", INSTANT, nullable=False),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.CheckConstraint(KINDS, name=op.f("ck_content_sign_offs_kind")),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_content_sign_offs_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_content_sign_offs")),
    )
    op.create_table(
        "hidden_content",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("content_id", sa.String(length=80), nullable=False),
        sa.Column("hidden_by", sa.Uuid(), nullable=False),
        sa.Column("hidden_at", INSTANT, nullable=False),
        sa.CheckConstraint(KINDS, name=op.f("ck_hidden_content_kind")),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_hidden_content_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "kind", "content_id", name=op.f("pk_hidden_content")),
    )
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY own_clinic ON {table} USING ({OWN_CLINIC}) WITH CHECK ({OWN_CLINIC})")


def downgrade() -> None:
    """Take them away again."""
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_column("clinic_settings", "content_revision")
