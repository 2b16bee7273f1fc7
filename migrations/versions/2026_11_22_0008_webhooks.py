"""Webhooks, and the outbox of what they are told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
OWN_CLINIC = "clinic_id = nullif(current_setting('app.clinic_id', true), '')::uuid"
TABLES = ("webhooks", "events", "deliveries")


def upgrade() -> None:
    """Make the tables and guard them."""
    op.create_table(
        "webhooks",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=True),
        sa.Column("secret", sa.String(length=100), nullable=False),
        sa.Column("old_secret", sa.String(length=100), nullable=True),
        sa.Column("old_secret_until", INSTANT, nullable=True),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("failing_since", INSTANT, nullable=True),
        sa.Column("delivered_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("status IN ('active', 'disabled', 'gone', 'removed')", name=op.f("ck_webhooks_status")),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_webhooks_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_webhooks")),
    )
    op.create_table(
        "events",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("spread_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patients.clinic_id", "patients.id"],
            name=op.f("fk_events_clinic_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_events")),
    )
    op.create_index(
        "ix_events_spread_at",
        "events",
        ["clinic_id", "recorded_at"],
        unique=False,
        sqlite_where=sa.text("spread_at IS NULL"),
        postgresql_where=sa.text("spread_at IS NULL"),
    )
    op.create_table(
        "deliveries",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("attempt_count", sa.Integer(), nullable=False),
        sa.Column("attempts", JSON, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("delivered_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'delivered', 'given_up', 'cancelled')", name=op.f("ck_deliveries_state")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "webhook_id"],
            ["webhooks.clinic_id", "webhooks.id"],
            name=op.f("fk_deliveries_clinic_id_webhook_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "event_id"], ["events.clinic_id", "events.id"], name=op.f("fk_deliveries_clinic_id_event_id")
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint(
            "clinic_id", "webhook_id", "event_id", name=op.f("uq_deliveries_clinic_id_webhook_id_event_id")
        ),
    )
    op.create_index("ix_deliveries_state", "deliveries", ["clinic_id", "state", "due_at"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        for name in TABLES:
            op.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY own_clinic ON {name} USING ({OWN_CLINIC}) WITH CHECK ({OWN_CLINIC})")


def downgrade() -> None:
    """Take it all away again."""
    for name in reversed(TABLES):
        op.drop_table(name)
