"""What a clinic's adherence and worklist are read from: due calendars, the due slots that were done, what needs a look.

But for what clinicians acknowledge, all of it is derived. Rows that are there already are null here until `rung
rebuild` has made it; until then their patients are looked at one by one, which is right and slow. A build of before
writes null, too.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

COUNTS = ("kept", "kept_excused", "begun")
WATCHED = (("due_calendar", sa.Text), ("concerns", sa.Text), ("practised_on", sa.Date), ("missed_on", sa.Date))
NEEDS_A_LOOK = "concerns IS NOT NULL OR due_calendar IS NULL"
OWN_CLINIC = "clinic_id = nullif(current_setting('app.clinic_id', true), '')::uuid"


def upgrade() -> None:
    """Add the columns, the indexes that the lists of all patients are read from, and what was acknowledged."""
    for name, kind in WATCHED:
        op.add_column("prescriptions", sa.Column(name, kind(), nullable=True))
    for name in COUNTS:
        op.add_column("practice_days", sa.Column(name, sa.Integer(), nullable=True))
    op.drop_index("ix_practice_days_clinic_date", table_name="practice_days")
    op.create_index(
        "ix_practice_days_window",
        "practice_days",
        ["clinic_id", "patient_id", "local_date", "is_current", *COUNTS, "done", "partial"],
        unique=False,
    )
    op.create_index(
        "ix_prescriptions_concerns",
        "prescriptions",
        ["clinic_id", "patient_id"],
        unique=False,
        sqlite_where=sa.text(NEEDS_A_LOOK),
        postgresql_where=sa.text(NEEDS_A_LOOK),
    )
    op.create_index("ix_prescriptions_missed", "prescriptions", ["clinic_id", "missed_on", "patient_id"], unique=False)
    op.create_index("ix_patients_heard", "patients", ["clinic_id", "status", "last_heard_at"], unique=False)
    op.create_index("ix_invitations_patient", "invitations", ["clinic_id", "patient_id"], unique=False)
    op.create_index(
        "ix_course_facts_stops",
        "course_facts",
        ["clinic_id", "patient_id"],
        unique=False,
        sqlite_where=sa.text("kind = 'stop'"),
        postgresql_where=sa.text("kind = 'stop'"),
    )
    op.create_table(
        "acknowledgements",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("reason_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("clinician_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patients.clinic_id", "patients.id"],
            name=op.f("fk_acknowledgements_clinic_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "clinician_id"],
            ["clinicians.clinic_id", "clinicians.id"],
            name=op.f("fk_acknowledgements_clinic_id_clinician_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "patient_id", "reason_id", name=op.f("pk_acknowledgements")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE acknowledgements ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE acknowledgements FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own_clinic ON acknowledgements USING ({OWN_CLINIC}) WITH CHECK ({OWN_CLINIC})")


def downgrade() -> None:
    """Take them away. Only who acknowledged what is lost; the rest can be derived again."""
    op.drop_table("acknowledgements")
    op.drop_index("ix_course_facts_stops", table_name="course_facts")
    op.drop_index("ix_invitations_patient", table_name="invitations")
    op.drop_index("ix_patients_heard", table_name="patients")
    op.drop_index("ix_prescriptions_missed", table_name="prescriptions")
    op.drop_index("ix_prescriptions_concerns", table_name="prescriptions")
    op.drop_index("ix_practice_days_window", table_name="practice_days")
    op.create_index(
        "ix_practice_days_clinic_date",
        "practice_days",
        ["clinic_id", "local_date", "patient_id", "done", "worst_pain"],
        unique=False,
    )
    for name in reversed(COUNTS):
        op.drop_column("practice_days", name)
    for name, _ in reversed(WATCHED):
        op.drop_column("prescriptions", name)
