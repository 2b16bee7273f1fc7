"""Staff with first passwords, who sees which patients, and care teams.

A patient who is there already is treated by whoever made their record, or, where that one is gone, by every clinician.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OWN_CLINIC = "clinic_id = nullif(current_setting('app.clinic_id', true), '')::uuid"
TREATED_BY_THEIR_MAKER = """
INSERT INTO care_teams (clinic_id, patient_id, clinician_id)
SELECT patients.clinic_id, patients.id, clinicians.id FROM patients JOIN clinicians
ON clinicians.clinic_id = patients.clinic_id AND clinicians.id = patients.created_by
WHERE clinicians.status = 'active' AND clinicians.is_clinician
"""
OTHERS_BY_ALL = """
INSERT INTO care_teams (clinic_id, patient_id, clinician_id)
SELECT patients.clinic_id, patients.id, clinicians.id FROM patients JOIN clinicians
ON clinicians.clinic_id = patients.clinic_id
WHERE clinicians.status = 'active' AND clinicians.is_clinician AND NOT EXISTS (
    SELECT 1 FROM care_teams WHERE care_teams.clinic_id = patients.clinic_id AND care_teams.patient_id = patients.id
)
"""


def upgrade() -> None:
    """Add the columns and the table, guard it, and fill it."""
    # One sentence for both databases: SQLite takes a check with a new column, and lets it go with the column.
    op.execute(
        "ALTER TABLE clinic_settings ADD COLUMN who_sees_patients VARCHAR(40) DEFAULT 'everyone' NOT NULL "
        "CONSTRAINT ck_clinic_settings_who_sees_patients CHECK (who_sees_patients IN ('everyone', 'care_team'))"
    )
    op.add_column("clinicians", sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False))
    op.add_column("clinicians", sa.Column("first_password_until", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "care_teams",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("clinician_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patients.clinic_id", "patients.id"],
            name=op.f("fk_care_teams_clinic_id_patient_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "clinician_id"],
            ["clinicians.clinic_id", "clinicians.id"],
            name=op.f("fk_care_teams_clinic_id_clinician_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "patient_id", "clinician_id", name=op.f("pk_care_teams")),
    )
    op.create_index("ix_care_teams_clinician", "care_teams", ["clinic_id", "clinician_id", "patient_id"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE care_teams ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE care_teams FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own_clinic ON care_teams USING ({OWN_CLINIC}) WITH CHECK ({OWN_CLINIC})")
        # Row-level security holds the owner too, so the rows are made clinic by clinic.
        for (clinic_id,) in op.get_bind().execute(sa.text("SELECT id FROM clinics ORDER BY id")).fetchall():
            op.execute(f"SET LOCAL app.clinic_id = '{clinic_id!s}'")
            op.execute(TREATED_BY_THEIR_MAKER)
            op.execute(OTHERS_BY_ALL)
        op.execute("SET LOCAL app.clinic_id = ''")
    else:
        op.execute(TREATED_BY_THEIR_MAKER)
        op.execute(OTHERS_BY_ALL)


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("care_teams")
    op.drop_column("clinicians", "first_password_until")
    op.drop_column("clinicians", "version")
    op.drop_column("clinic_settings", "who_sees_patients")
