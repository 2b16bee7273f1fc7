"""The first tables: clinics, patients, signing in, prescriptions, practice.

On PostgreSQL every table of a clinic has row-level security, enabled and forced: a transaction sees the rows of the
clinic that it set with `SET LOCAL app.clinic_id`, and none without it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
OWN_CLINIC = "clinic_id = nullif(current_setting('app.clinic_id', true), '')::uuid"
TABLES_OF_A_CLINIC = (
    "attempts",
    "clinic_settings",
    "clinicians",
    "patients",
    "remembered_answers",
    "invitations",
    "patient_conditions",
    "prescriptions",
    "sessions",
    "sign_ins",
    "course_facts",
    "decisions",
    "practice_days",
    "prescription_versions",
    "tokens",
)


def upgrade() -> None:
    """Make the tables, then guard them."""
    op.create_table(
        "clinics",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("short_name", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clinics")),
        sa.UniqueConstraint("short_name", name=op.f("uq_clinics_short_name")),
    )
    op.create_table(
        "attempts",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.LargeBinary(length=32), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_attempts_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_attempts")),
    )
    op.create_index("ix_attempts_subject", "attempts", ["clinic_id", "subject", "at"], unique=False)
    op.create_table(
        "clinic_settings",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("email", sa.String(length=200), nullable=True),
        sa.Column("hours", sa.String(length=500), nullable=True),
        sa.Column("emergency_number", sa.String(length=20), nullable=True),
        sa.Column("defaults", JSON, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_clinic_settings_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", name=op.f("pk_clinic_settings")),
    )
    op.create_table(
        "clinicians",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("display_name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.String(length=300), nullable=False),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("is_clinician", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("status IN ('active', 'disabled')", name=op.f("ck_clinicians_status")),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_clinicians_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_clinicians")),
        sa.UniqueConstraint("clinic_id", "email", name=op.f("uq_clinicians_clinic_id_email")),
    )
    op.create_table(
        "patients",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("display_name", sa.String(length=200), nullable=False),
        sa.Column("search_name", sa.String(length=400), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("birth_year", sa.Integer(), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("identifiers", JSON, nullable=False),
        sa.Column("logging", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("newest_local_date", sa.Date(), nullable=True),
        sa.Column("newest_fact_on", sa.Date(), nullable=True),
        sa.Column("first_connected_on", sa.Date(), nullable=True),
        sa.Column("last_heard_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("logging IN ('phone', 'clinic')", name=op.f("ck_patients_logging")),
        sa.CheckConstraint("status IN ('active', 'discharged', 'closed')", name=op.f("ck_patients_status")),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_patients_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_patients")),
    )
    op.create_index("ix_patients_search", "patients", ["clinic_id", "search_name", "id"], unique=False)
    op.create_table(
        "remembered_answers",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("principal_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("operation", sa.String(length=80), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("answer", JSON, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["clinic_id"], ["clinics.id"], name=op.f("fk_remembered_answers_clinic_id")),
        sa.PrimaryKeyConstraint("clinic_id", "principal_id", "key", name=op.f("pk_remembered_answers")),
    )
    op.create_table(
        "invitations",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("redeemed_at", INSTANT, nullable=True),
        sa.Column("redeemed_by_device", sa.String(length=64), nullable=True),
        sa.CheckConstraint("kind IN ('first', 'reconnect')", name=op.f("ck_invitations_kind")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patients.clinic_id", "patients.id"],
            name=op.f("fk_invitations_clinic_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("clinic_id", "code_hash", name=op.f("uq_invitations_clinic_id_code_hash")),
    )
    op.create_table(
        "patient_conditions",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("condition", sa.String(length=80), nullable=False),
        sa.Column("known_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("cleared_on", sa.Date(), nullable=True),
        sa.Column("cleared_as", sa.String(length=40), nullable=True),
        sa.Column("cleared_by", sa.Uuid(), nullable=True),
        sa.Column("note", sa.String(length=2000), nullable=True),
        sa.CheckConstraint("cleared_as IN ('cleared', 'removed')", name=op.f("ck_patient_conditions_cleared_as")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patients.clinic_id", "patients.id"],
            name=op.f("fk_patient_conditions_clinic_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "patient_id", "id", name=op.f("pk_patient_conditions")),
    )
    op.create_table(
        "prescriptions",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ladder_id", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_void", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("settled", sa.Text(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("wakes_on", sa.Date(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patients.clinic_id", "patients.id"],
            name=op.f("fk_prescriptions_clinic_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "patient_id", "id", name=op.f("pk_prescriptions")),
    )
    op.create_table(
        "sessions",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("is_withdrawn", sa.Boolean(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("known_on", sa.Date(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("proofs", sa.Text(), nullable=False),
        sa.Column("unknown_fields", JSON, nullable=True),
        sa.Column("marks", JSON, nullable=False),
        sa.Column("setting", sa.String(length=40), nullable=False),
        sa.Column("recorded_by_kind", sa.String(length=40), nullable=False),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", JSON, nullable=False),
        sa.CheckConstraint("recorded_by_kind IN ('patient', 'clinician')", name=op.f("ck_sessions_recorded_by_kind")),
        sa.CheckConstraint("setting IN ('home', 'clinic')", name=op.f("ck_sessions_setting")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patients.clinic_id", "patients.id"],
            name=op.f("fk_sessions_clinic_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "patient_id", "id", "revision", name=op.f("pk_sessions")),
    )
    op.create_index(
        "ix_sessions_local_date",
        "sessions",
        ["clinic_id", "patient_id", "local_date", "started_at", "id"],
        unique=False,
        sqlite_where=sa.text("is_current"),
        postgresql_where=sa.text("is_current"),
    )
    op.create_table(
        "sign_ins",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("principal_kind", sa.String(length=40), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("clinician_id", sa.Uuid(), nullable=True),
        sa.Column("device_id", sa.String(length=64), nullable=True),
        sa.Column("device_name", sa.String(length=200), nullable=True),
        sa.Column("platform", sa.String(length=40), nullable=True),
        sa.Column("app_version", sa.String(length=40), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.Column("revoked_because", sa.String(length=40), nullable=True),
        sa.CheckConstraint("principal_kind IN ('patient', 'clinician')", name=op.f("ck_sign_ins_principal_kind")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "clinician_id"],
            ["clinicians.clinic_id", "clinicians.id"],
            name=op.f("fk_sign_ins_clinic_id_clinician_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patients.clinic_id", "patients.id"],
            name=op.f("fk_sign_ins_clinic_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "id", name=op.f("pk_sign_ins")),
    )
    op.create_index("ix_sign_ins_clinician", "sign_ins", ["clinic_id", "clinician_id"], unique=False)
    op.create_index("ix_sign_ins_patient", "sign_ins", ["clinic_id", "patient_id"], unique=False)
    op.create_table(
        "course_facts",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("prescription_id", sa.Uuid(), nullable=True),
        sa.Column("known_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.CheckConstraint("kind IN ('stop', 'order', 'answer')", name=op.f("ck_course_facts_kind")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id", "prescription_id"],
            ["prescriptions.clinic_id", "prescriptions.patient_id", "prescriptions.id"],
            name=op.f("fk_course_facts_clinic_id_patient_id_prescription_id"),
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patients.clinic_id", "patients.id"],
            name=op.f("fk_course_facts_clinic_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "patient_id", "id", name=op.f("pk_course_facts")),
    )
    op.create_index("ix_course_facts_known_on", "course_facts", ["clinic_id", "patient_id", "known_on"], unique=False)
    op.create_table(
        "decisions",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("prescription_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("from_rung", sa.Integer(), nullable=False),
        sa.Column("to_rung", sa.Integer(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("by_kind", sa.String(length=40), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("reason", JSON, nullable=False),
        sa.Column("supersedes", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.CheckConstraint("by_kind IN ('rule', 'patient', 'clinician')", name=op.f("ck_decisions_by_kind")),
        sa.CheckConstraint(
            "kind IN ('advance', 'step_back', 'ease', 'restore', 'hold', 'pause', 'stop', 'resume')",
            name=op.f("ck_decisions_kind"),
        ),
        sa.CheckConstraint(
            "state IN ('offered', 'applied', 'declined', 'superseded', 'blocked')", name=op.f("ck_decisions_state")
        ),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id", "prescription_id"],
            ["prescriptions.clinic_id", "prescriptions.patient_id", "prescriptions.id"],
            name=op.f("fk_decisions_clinic_id_patient_id_prescription_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "patient_id", "id", name=op.f("pk_decisions")),
    )
    op.create_index(
        "ix_decisions_decided_on", "decisions", ["clinic_id", "patient_id", "decided_on", "id"], unique=False
    )
    op.create_index("ix_decisions_supersedes", "decisions", ["clinic_id", "patient_id", "supersedes"], unique=False)
    op.create_table(
        "practice_days",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("prescription_id", sa.Uuid(), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("known_on", sa.Date(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("performances", sa.Text(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("partial", sa.Integer(), nullable=False),
        sa.Column("worst_pain", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id", "prescription_id"],
            ["prescriptions.clinic_id", "prescriptions.patient_id", "prescriptions.id"],
            name=op.f("fk_practice_days_clinic_id_patient_id_prescription_id"),
        ),
        sa.PrimaryKeyConstraint(
            "clinic_id", "patient_id", "prescription_id", "local_date", "known_on", name=op.f("pk_practice_days")
        ),
    )
    op.create_index(
        "ix_practice_days_clinic_date",
        "practice_days",
        ["clinic_id", "local_date", "patient_id", "done", "worst_pain"],
        unique=False,
    )
    op.create_table(
        "prescription_versions",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("prescription_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("request", JSON, nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id", "prescription_id"],
            ["prescriptions.clinic_id", "prescriptions.patient_id", "prescriptions.id"],
            name=op.f("fk_prescription_versions_clinic_id_patient_id_prescription_id"),
        ),
        sa.PrimaryKeyConstraint(
            "clinic_id", "patient_id", "prescription_id", "version", name=op.f("pk_prescription_versions")
        ),
    )
    op.create_table(
        "tokens",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sign_in_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("parent", sa.LargeBinary(length=32), nullable=True),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("superseded_at", INSTANT, nullable=True),
        sa.CheckConstraint("kind IN ('access', 'refresh')", name=op.f("ck_tokens_kind")),
        sa.ForeignKeyConstraint(
            ["clinic_id", "sign_in_id"],
            ["sign_ins.clinic_id", "sign_ins.id"],
            name=op.f("fk_tokens_clinic_id_sign_in_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "hash", name=op.f("pk_tokens")),
    )
    op.create_index("ix_tokens_sign_in", "tokens", ["clinic_id", "sign_in_id", "expires_at"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES_OF_A_CLINIC:
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY own_clinic ON {table} USING ({OWN_CLINIC}) WITH CHECK ({OWN_CLINIC})")


def downgrade() -> None:
    """Drop them, in the other order; their policies go with them."""
    for table in (*reversed(TABLES_OF_A_CLINIC), "clinics"):
        op.drop_table(table)
