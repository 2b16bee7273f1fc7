"""Whose rows: the caller, as a route hands it down, and the scope that the database finds for it."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from app.values import dataclass


class Role(StrEnum):
    """What a principal is.

    A clinic admin who also treats patients is both. An operator and the worker work by command, never by HTTP; the
    worker delivers what waits in a clinic's outbox, and sees no patient's rows.
    """

    ANONYMOUS = "anonymous"
    PATIENT = "patient"
    CLINICIAN = "clinician"
    CLINIC_ADMIN = "clinic_admin"
    OPERATOR = "operator"
    WORKER = "worker"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, unproven: a token or, for signing in, the short name of a clinic. `allowed` comes from the policy
    table.

    `is_operator` is set by commands alone, which speak for whoever may start them and are what `allowed` says.
    """

    now: datetime
    token: str | None
    allowed: frozenset[Role]
    clinic: str | None = None
    is_operator: bool = False

    @property
    def clinic_short_name(self) -> str | None:
        """The clinic that the token names (`<clinic short name>.<secret>`), or the one given for signing in."""
        return self.clinic if self.token is None else self.token.partition(".")[0]

    @property
    def token_secret(self) -> str:
        """The secret part of the token."""
        return (self.token or "").partition(".")[2]


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows this transaction may touch, proven inside it.

    `roles` has one entry or, for an admin who treats patients, two. For a patient the fields from `patient_id` on tell
    about the patient as of this transaction; they save every operation a question. `sees_care_team_only`: the clinic
    shows a clinician the patients whom they treat, and no others. `content_revision` is 0 while the clinic says nothing
    of its own about the content.
    """

    clinic_id: UUID
    clinic: str
    roles: frozenset[Role]
    clinic_revision: int = 0
    content_revision: int = 0
    sign_in_id: UUID | None = None
    clinician_id: UUID | None = None
    sees_care_team_only: bool = False
    patient_id: UUID | None = None
    patient_revision: int = 0
    time_zone: str = "UTC"
    language: str = "en"
    newest_local_date: date | None = None

    @property
    def principal_id(self) -> UUID | None:
        """The patient or the clinician, None when nobody is signed in."""
        return self.patient_id or self.clinician_id

    @property
    def is_patient(self) -> bool:
        """Is the caller a patient?"""
        return Role.PATIENT in self.roles
