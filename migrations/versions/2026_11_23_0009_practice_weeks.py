"""Practice by week, so that a clinic's window needs few rows; made from the days that are there."""

import json
from datetime import date, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

OWN_CLINIC = "clinic_id = nullif(current_setting('app.clinic_id', true), '')::uuid"
DAYS = """
SELECT d.clinic_id, d.patient_id, d.local_date, coalesce(sum(d.kept), 0) AS kept,
       coalesce(sum(d.kept_excused), 0) AS kept_excused, coalesce(sum(d.begun), 0) AS begun
FROM practice_days AS d
WHERE d.is_current AND d.done + d.partial > 0
GROUP BY d.clinic_id, d.patient_id, d.local_date
ORDER BY d.clinic_id, d.patient_id, d.local_date
"""


def upgrade() -> None:
    """Make the table, guard it and fill it."""
    weeks = op.create_table(
        "practice_weeks",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("week_start", sa.Date(), nullable=False),
        sa.Column("week_end", sa.Date(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("kept_excused", sa.Integer(), nullable=False),
        sa.Column("begun", sa.Integer(), nullable=False),
        sa.Column("practised_on", sa.Date(), nullable=True),
        sa.Column("days", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patients.clinic_id", "patients.id"],
            name=op.f("fk_practice_weeks_clinic_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "patient_id", "week_start", name=op.f("pk_practice_weeks")),
    )
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.execute("ALTER TABLE practice_weeks ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE practice_weeks FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own_clinic ON practice_weeks USING ({OWN_CLINIC}) WITH CHECK ({OWN_CLINIC})")
        # Row-level security holds the owner too, so the rows are made clinic by clinic.
        for (clinic_id,) in connection.execute(sa.text("SELECT id FROM clinics ORDER BY id")).fetchall():
            op.execute(f"SET LOCAL app.clinic_id = '{clinic_id!s}'")
            _fill(connection, weeks)
        op.execute("SET LOCAL app.clinic_id = ''")
    else:
        _fill(connection, weeks)


def downgrade() -> None:
    """Take it down; it can be made from the days again."""
    op.drop_table("practice_weeks")


def _fill(connection: sa.Connection, weeks: sa.Table) -> None:
    typed = sa.text(DAYS).columns(
        sa.column("clinic_id", sa.Uuid()), sa.column("patient_id", sa.Uuid()), sa.column("local_date", sa.Date()),
        sa.column("kept"), sa.column("kept_excused"), sa.column("begun"),
    )  # fmt: skip
    days = connection.execute(typed).fetchall()
    made = [_week(key, list(found)) for key, found in groupby(days, key=_key)]
    for first in range(0, len(made), 1000):
        connection.execute(weeks.insert(), made[first : first + 1000])


def _key(row: Any) -> tuple[Any, Any, date]:  # noqa: ANN401 - a row of this question
    return row.clinic_id, row.patient_id, row.local_date - timedelta(days=row.local_date.weekday())


def _week(key: tuple[Any, Any, date], rows: list[Any]) -> dict[str, Any]:
    days = [[0, 0, 0, 0] for _ in range(7)]
    for row in rows:
        days[row.local_date.weekday()] = [int(row.kept), int(row.kept_excused), int(row.begun), 1]
    kept, kept_excused, begun, _ = (sum(numbers) for numbers in zip(*days, strict=True))
    return {
        "clinic_id": key[0],
        "patient_id": key[1],
        "week_start": key[2],
        "week_end": key[2] + timedelta(days=6),
        "kept": kept,
        "kept_excused": kept_excused,
        "begun": begun,
        "practised_on": rows[-1].local_date,
        "days": json.dumps(days, separators=(",", ":")),
    }
