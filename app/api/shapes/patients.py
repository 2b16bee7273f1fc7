"""The shapes of patients on the wire."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from app.api.wire import Codes, Int, Name, Note, Out, Phone, Slug, Strict, Text, TimeZone
from app.store.clinicians import Member
from app.store.patients import Caution, Discharge, Patient

Language = Annotated[Text, Field(min_length=2, max_length=8, description="One of `languages` of `GET /v1/server`.")]
BirthYear = Annotated[Int, Field(ge=1900, le=2100)]
Logging = Annotated[
    Literal["phone", "clinic"],
    Codes("logging"),
    Field(description="Who reports what was done."),
]
# A note is kept beside the one from when the condition was recorded, so two of them must fit.
CautionNote = Annotated[Note, Field(max_length=900)]


class IdentifierIn(Strict):
    """A number that another system has for the patient."""

    system: Annotated[Text, Field(min_length=1, max_length=200, description="For example `https://his.example/mrn`.")]
    value: Annotated[Text, Field(min_length=1, max_length=200)]


class CautionIn(Strict):
    """A condition that the patient carries."""

    condition: Annotated[Slug, Field(description="A code of `GET /v1/conditions`.")]


class CautionChangeIn(Strict):
    """A change of what the patient carries."""

    condition: Annotated[Slug, Field(description="A code of `GET /v1/conditions`.")]
    action: Annotated[
        Literal["add", "clear", "remove"],
        Codes("caution_change"),
        Field(description="What to do with it."),
    ]
    note: CautionNote | None = None

    @model_validator(mode="after")
    def _clearing_says_why(self) -> "CautionChangeIn":
        if self.action == "clear" and not (self.note or "").strip():
            raise PydanticCustomError("note_missing", "Clearing a condition needs a note that says why.")
        return self


CareTeam = Annotated[
    tuple[UUID, ...],
    Field(min_length=1, max_length=50, description="Ids of `GET /v1/clinicians`: who treats the patient."),
]


class PatientIn(Strict):
    """A new patient."""

    display_name: Name
    time_zone: Annotated[TimeZone | None, Field(description="The clinic's unless given.")] = None
    language: Annotated[Language | None, Field(description="The clinic's unless given.")] = None
    birth_year: BirthYear | None = None
    phone: Phone | None = None
    identifiers: Annotated[tuple[IdentifierIn, ...], Field(max_length=20)] = ()
    cautions: Annotated[tuple[CautionIn, ...], Field(max_length=100)] = ()
    logging: Logging = "phone"
    care_team: Annotated[CareTeam | None, Field(description="Whoever makes the patient unless given.")] = None


def _left_out() -> Any:  # noqa: ANN401 - stands for a field that was not sent; `model_fields_set` tells
    return None


class PatientChangesIn(Strict):
    """What to change; a field that is left out stays. `birth_year` and `phone` are taken away with null."""

    display_name: Name = Field(default_factory=_left_out)
    time_zone: TimeZone = Field(default_factory=_left_out)
    language: Language = Field(default_factory=_left_out)
    birth_year: BirthYear | None = None
    phone: Phone | None = None
    identifiers: Annotated[tuple[IdentifierIn, ...], Field(max_length=20)] = Field(default_factory=_left_out)
    cautions: Annotated[tuple[CautionChangeIn, ...], Field(max_length=100)] = ()
    logging: Logging = Field(default_factory=_left_out)
    status: Annotated[
        Literal["active"],
        Codes("patient_status"),
        Field(description="Takes a discharged patient back. Discharging has an operation of its own."),
    ] = Field(default_factory=_left_out)
    care_team: CareTeam = Field(default_factory=_left_out)

    def values(self) -> dict[str, Any]:
        """The fields of the patient's own row that were sent."""
        return self.model_dump(exclude_unset=True, exclude={"cautions", "care_team", "status"})


class IdentifierOut(Out):
    """A number that another system has for the patient."""

    system: str
    value: str


class PatientCautionOut(Out):
    """A condition that the patient carries, or carried until `cleared_on`."""

    condition: str
    known_on: Annotated[date, Field(description="The patient's local date on which it was recorded.")]
    cleared_on: date | None
    cleared_as: Annotated[Annotated[str, Codes("cleared_as")] | None, Field(description="Null while it is carried.")]
    note: str | None


class DischargeIn(Strict):
    """Why the treatment ends."""

    reason: Annotated[
        Literal["completed", "moved_away", "no_response", "patient_wish", "referred", "died", "other"],
        Codes("discharge_reason"),
        Field(description="Why the treatment ends."),
    ]
    note: Note | None = None


class DischargeOut(Out):
    """Why and when the treatment ended."""

    reason: Annotated[str, Codes("discharge_reason")]
    note: str | None
    discharged_on: Annotated[date, Field(description="The patient's local date.")]


class CareTeamMemberOut(Out):
    """A clinician who treats the patient."""

    id: UUID
    display_name: str


class PatientOut(Out):
    """A patient of the clinic."""

    id: UUID
    status: Annotated[str, Codes("patient_status")]
    version: Annotated[int, Field(description="Grows with each change by the clinic.")]
    display_name: str
    time_zone: str
    language: str
    birth_year: int | None
    phone: str | None
    identifiers: list[IdentifierOut]
    cautions: list[PatientCautionOut]
    logging: Annotated[str, Codes("logging")]
    care_team: Annotated[list[CareTeamMemberOut], Field(description="Who treats the patient, by name.")]
    discharge: Annotated[DischargeOut | None, Field(description="Why the treatment ended; null while it goes on.")]
    first_connected_on: Annotated[date | None, Field(description="The local date of a phone's first connection.")]
    last_heard_at: Annotated[datetime | None, Field(description="When the phone last reported.")]
    created_at: datetime


def patient_out(
    patient: Patient, cautions: list[Caution], team: list[Member], discharge: Discharge | None
) -> PatientOut:
    """A patient on the wire."""
    return PatientOut(
        id=patient.id,
        status=patient.status,
        version=patient.version,
        display_name=patient.display_name,
        time_zone=patient.time_zone,
        language=patient.language,
        birth_year=patient.birth_year,
        phone=patient.phone,
        identifiers=[IdentifierOut(system=one["system"], value=one["value"]) for one in patient.identifiers],
        cautions=[
            PatientCautionOut(
                condition=one.condition,
                known_on=one.known_on,
                cleared_on=one.cleared_on,
                cleared_as=one.cleared_as,
                note=one.note,
            )
            for one in cautions
        ],
        logging=patient.logging,
        care_team=[CareTeamMemberOut(id=one.id, display_name=one.display_name) for one in team],
        discharge=DischargeOut(reason=discharge.reason, note=discharge.note, discharged_on=discharge.discharged_on)
        if discharge
        else None,
        first_connected_on=patient.first_connected_on,
        last_heard_at=patient.last_heard_at,
        created_at=patient.created_at,
    )
