"""Sign-ins, tokens, invitations, failed attempts and remembered answers of clinicians' POSTs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.store.tables.base import Base, clinic_key, code, one_of


class SignInRow(Base):
    """One device signed in as one principal: the family of all tokens that came from it. Revoking it ends them all."""

    __tablename__ = "sign_ins"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "patient_id"], ["patients.clinic_id", "patients.id"]),
        ForeignKeyConstraint(["clinic_id", "clinician_id"], ["clinicians.clinic_id", "clinicians.id"]),
        one_of("principal_kind", "patient", "clinician"),
        Index("ix_sign_ins_patient", "clinic_id", "patient_id"),
        Index("ix_sign_ins_clinician", "clinic_id", "clinician_id"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    id: Mapped[UUID] = mapped_column(primary_key=True)
    principal_kind: Mapped[str] = mapped_column(code())
    patient_id: Mapped[UUID | None]
    clinician_id: Mapped[UUID | None]
    device_id: Mapped[str | None] = mapped_column(String(64))
    device_name: Mapped[str | None] = mapped_column(String(200))
    platform: Mapped[str | None] = mapped_column(String(40))
    app_version: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_because: Mapped[str | None] = mapped_column(code())


class TokenRow(Base):
    """An access or refresh token, by the hash of its secret.

    A refresh token names its `parent`, the one it was exchanged for. A parent works until one of its successors is
    first used (`superseded_at`): so a reply that was lost costs nothing, and a stolen old token ends the family.
    """

    __tablename__ = "tokens"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "sign_in_id"], ["sign_ins.clinic_id", "sign_ins.id"]),
        one_of("kind", "access", "refresh"),
        Index("ix_tokens_sign_in", "clinic_id", "sign_in_id", "expires_at"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    sign_in_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(code())
    parent: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]


class InvitationRow(Base):
    """A single-use code with which a phone becomes a patient's."""

    __tablename__ = "invitations"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id", "patient_id"], ["patients.clinic_id", "patients.id"]),
        UniqueConstraint("clinic_id", "code_hash"),
        Index("ix_invitations_patient", "clinic_id", "patient_id"),
        one_of("kind", "first", "reconnect"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    id: Mapped[UUID] = mapped_column(primary_key=True)
    patient_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(code())
    code_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[datetime]
    created_by: Mapped[UUID]
    expires_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    redeemed_at: Mapped[datetime | None]
    redeemed_by_device: Mapped[str | None] = mapped_column(String(64))


class AttemptRow(Base):
    """A failed try at a password or a code. `subject` is a hash of what was tried on; nothing typed is kept."""

    __tablename__ = "attempts"
    __table_args__ = (
        ForeignKeyConstraint(["clinic_id"], ["clinics.id"]),
        Index("ix_attempts_subject", "clinic_id", "subject", "at"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    id: Mapped[UUID] = mapped_column(primary_key=True)
    subject: Mapped[bytes] = mapped_column(LargeBinary(32))
    at: Mapped[datetime]


class RememberedAnswerRow(Base):
    """The answer to a POST that carried an Idempotency-Key, so that the same POST again gets the same answer."""

    __tablename__ = "remembered_answers"
    __table_args__ = (ForeignKeyConstraint(["clinic_id"], ["clinics.id"]),)

    clinic_id: Mapped[UUID] = clinic_key()
    principal_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    operation: Mapped[str] = mapped_column(String(80))
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary(32))
    answer: Mapped[dict[str, Any]]
    at: Mapped[datetime]
