"""What clinicians have seen of their worklist."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base, clinic_key, code


class AcknowledgementRow(Base):
    """A clinician has seen one occurrence of a reason. Never changed, never removed: the first one counts."""

    __tablename__ = "acknowledgements"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "patient_id"], ["patients.clinic_id", "patients.id"]),
        ForeignKeyConstraint(["clinic_id", "clinician_id"], ["clinicians.clinic_id", "clinicians.id"]),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    patient_id: Mapped[UUID] = mapped_column(primary_key=True)
    reason_id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(code())
    clinician_id: Mapped[UUID]
    at: Mapped[datetime]
