"""Practice by quarter in place of practice by week: a clinic's window reads two rows a patient, which lie side by side.

The quarters are made from the weeks, which say what each day adds up to; on the way back weeks are made from the days.
A service of the build before would go on writing weeks: it must be stopped.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

OWN_CLINIC = "clinic_id = nullif(current_setting('app.clinic_id', true), '')::uuid"
CLINIC_ID = sa.bindparam("clinic_id", type_=sa.Uuid())
OF_PATIENTS = (CLINIC_ID, sa.bindparam("patient_ids", type_=sa.Uuid(), expanding=True))
CLINICS = sa.text("SELECT id FROM clinics ORDER BY id").columns(id=sa.Uuid())
PATIENTS = (
    sa.text("SELECT id FROM patients WHERE clinic_id = :clinic_id ORDER BY id")
    .bindparams(CLINIC_ID)
    .columns(id=sa.Uuid())
)
WEEKS = (
    sa.text(
        "SELECT patient_id, week_start, days FROM practice_weeks"
        " WHERE clinic_id = :clinic_id AND patient_id IN :patient_ids ORDER BY patient_id, week_start"
    )
    .bindparams(*OF_PATIENTS)
    .columns(patient_id=sa.Uuid(), week_start=sa.Date(), days=sa.Text())
)
DAYS = (
    sa.text(
        "SELECT patient_id, local_date, coalesce(sum(kept), 0) AS kept,"
        " coalesce(sum(kept_excused), 0) AS kept_excused, coalesce(sum(begun), 0) AS begun FROM practice_days"
        " WHERE clinic_id = :clinic_id AND patient_id IN :patient_ids AND is_current AND done + partial > 0"
        " GROUP BY patient_id, local_date ORDER BY patient_id, local_date"
    )
    .bindparams(*OF_PATIENTS)
    .columns(
        patient_id=sa.Uuid(), local_date=sa.Date(), kept=sa.Integer(), kept_excused=sa.Integer(), begun=sa.Integer()
    )
)
AT_ONCE = 50
"""Of so many patients the practice is in memory at a time."""
MOST_A_DAY = 50_000
COUNTS = ("kept", "kept_excused", "begun", "practised")

Rows = Iterator[dict[str, Any]]


def upgrade() -> None:
    """Make the quarters, guard and fill them, and let go of the weeks."""
    quarters = op.create_table(
        "practice_quarters",
        sa.Column("clinic_id", sa.Uuid(), nullable=False),
        sa.Column("quarter_start", sa.Date(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("kept", sa.Text(), nullable=False),
        sa.Column("kept_excused", sa.Text(), nullable=False),
        sa.Column("begun", sa.Text(), nullable=False),
        sa.Column("practised", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["clinic_id", "patient_id"],
            ["patients.clinic_id", "patients.id"],
            name=op.f("fk_practice_quarters_clinic_id_patient_id"),
        ),
        sa.PrimaryKeyConstraint("clinic_id", "quarter_start", "patient_id", name=op.f("pk_practice_quarters")),
        sqlite_with_rowid=False,
    )
    _guard_and_fill(quarters, WEEKS, _quarters)
    op.create_index("ix_practice_quarters_patient", "practice_quarters", ["clinic_id", "patient_id"])
    op.drop_table("practice_weeks")


def downgrade() -> None:
    """Make the weeks, guard and fill them, and let go of the quarters."""
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
        sqlite_with_rowid=False,
    )
    _guard_and_fill(weeks, DAYS, _weeks)
    op.drop_index("ix_practice_quarters_patient", "practice_quarters")
    op.drop_table("practice_quarters")


def _guard_and_fill(table: sa.Table, question: Any, made_of: Callable[[Sequence[Any]], Rows]) -> None:  # noqa: ANN401 - a typed text
    connection = op.get_bind()
    is_guarded = connection.dialect.name == "postgresql"
    if is_guarded:
        op.execute(f"ALTER TABLE {table.name} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table.name} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own_clinic ON {table.name} USING ({OWN_CLINIC}) WITH CHECK ({OWN_CLINIC})")
    # Row-level security holds the owner too, so the rows are made clinic by clinic.
    for (clinic_id,) in connection.execute(CLINICS).fetchall():
        if is_guarded:
            op.execute(f"SET LOCAL app.clinic_id = '{clinic_id!s}'")
        ids = [row.id for row in connection.execute(PATIENTS, {"clinic_id": clinic_id})]
        for first in range(0, len(ids), AT_ONCE):
            values = {"clinic_id": clinic_id, "patient_ids": ids[first : first + AT_ONCE]}
            found = connection.execute(question, values).fetchall()
            if rows := [{"clinic_id": clinic_id, **row} for row in made_of(found)]:
                connection.execute(table.insert(), rows)
    if is_guarded:
        op.execute("SET LOCAL app.clinic_id = ''")


def _quarters(weeks: Sequence[Any]) -> Rows:
    """A week may lie in two quarters."""
    for patient_id, found in groupby(weeks, key=lambda week: week.patient_id):
        quarters: dict[date, dict[str, list[str]]] = {}
        for week in found:
            for place, numbers in enumerate(json.loads(week.days)):
                if not numbers[-1]:
                    continue
                day = week.week_start + timedelta(days=place)
                start = date(day.year, day.month - (day.month - 1) % 3, 1)
                texts = quarters.setdefault(start, {name: ["0"] * 92 for name in COUNTS})
                for name, number in zip(COUNTS, numbers, strict=True):
                    texts[name][(day - start).days] = chr(ord("0") + min(number, MOST_A_DAY))
        for start, texts in quarters.items():
            written = {name: "".join(text).rstrip("0") for name, text in texts.items()}
            yield {"patient_id": patient_id, "quarter_start": start, **written}


def _weeks(days: Sequence[Any]) -> Rows:
    def key(row: Any) -> tuple[Any, date]:  # noqa: ANN401 - a row of this question
        return row.patient_id, row.local_date - timedelta(days=row.local_date.weekday())

    for (patient_id, start), found in groupby(days, key=key):
        counts = [[0, 0, 0, 0] for _ in range(7)]
        for row in found:
            counts[row.local_date.weekday()] = [row.kept, row.kept_excused, row.begun, 1]
        kept, kept_excused, begun, _ = (sum(numbers) for numbers in zip(*counts, strict=True))
        practised = [place for place, numbers in enumerate(counts) if numbers[-1]]
        yield {
            "patient_id": patient_id,
            "week_start": start,
            "week_end": start + timedelta(days=6),
            "kept": kept,
            "kept_excused": kept_excused,
            "begun": begun,
            "practised_on": start + timedelta(days=practised[-1]),
            "days": json.dumps(counts, separators=(",", ":")),
        }
