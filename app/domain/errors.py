"""Everything that can be wrong, as classes, drawn first. `api/problems.py` has one row for each.

    RungError
    ├── Invalid                     what was sent cannot be understood; carries one entry a field
    ├── NotFound                    not there, or not yours: the same answer
    ├── Unauthorized, TokenExpired, DeviceRevoked, SignInFailed, CodeInvalid
    ├── Forbidden
    ├── Conflict: SessionDiffers, CheckInDiffers, RequestDiffers, OfferGone, ClinicIncomplete, NeedsClearance, ...
    ├── PreconditionRequired, PreconditionFailed
    ├── Gone: PatientClosed
    ├── TooLarge, UnsupportedMedia, MethodNotAllowed, TooManyAttempts
    ├── Busy                        too many wait for what takes long to make; try again later
    └── Unavailable                 the database does not answer; try again later

An error carries what a developer needs to act on it. It never carries what a patient wrote.
"""

from datetime import date

from app.values import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one field.

    `pointer` is a JSON pointer into the body, or `query/limit`, `header/If-Match`.
    """

    pointer: str
    code: str
    detail: str


class RungError(Exception):
    """The root. `detail` is a sentence for the developer of the client; `headers` go onto the answer."""

    def __init__(
        self, detail: str = "", *, errors: tuple[FieldError, ...] = (), headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}

    def within(self, place: str) -> list[FieldError]:
        """Its entries about a body that is a part of another: `/starts_on` within `/items/2`."""
        return [FieldError(f"{place}{one.pointer}", one.code, one.detail) for one in self.errors]


class Invalid(RungError):
    """The request cannot be understood; each entry of `errors` names a field."""


def invalid(pointer: str, code: str, detail: str) -> Invalid:
    """An Invalid about one field."""
    return Invalid(detail, errors=(FieldError(pointer, code, detail),))


class MalformedJson(RungError):
    """The body is not JSON in UTF-8."""


class NotFound(RungError):
    """There is no such thing for this caller: not there, or not theirs."""


class MethodNotAllowed(RungError):
    """The path exists, but not with this method."""


class Unauthorized(RungError):
    """No token, or none that is known."""


class TokenExpired(RungError):
    """The access token was good and is too old: refresh it."""


class DeviceRevoked(RungError):
    """This device was signed out, by its owner, by the clinic, or because a used refresh token came back."""


class SignInFailed(RungError):
    """Clinic, email and password do not belong together; which of them is wrong is not said."""


class CodeInvalid(RungError):
    """The invitation code is unknown, used or too old; which of them is not said."""


class Forbidden(RungError):
    """The caller is known and this operation is not for their role."""


class Conflict(RungError):
    """What was asked contradicts what is there."""


class SessionDiffers(Conflict):
    """A session with this id is stored with other content; send `If-Match` with its ETag to correct it."""


class CheckInDiffers(Conflict):
    """A check-in of this date is stored with other content; send `If-Match` with its ETag to correct it."""


class RequestDiffers(Conflict):
    """A request with this id is stored with other content; another request needs an id of its own."""


class OfferGone(Conflict):
    """The offer has been superseded or answered differently."""


class ClinicIncomplete(Conflict):
    """Patients cannot be invited before the clinic's contact and emergency number are set."""


class EmailTaken(Conflict):
    """Somebody of this clinic's staff has this email address."""


class LastAdmin(Conflict):
    """A clinic always has an administrator."""


class PatientsLeftAlone(Conflict):
    """Some patients would be treated by nobody."""


class PatientDischarged(Conflict):
    """The patient's treatment has ended, so nothing new begins."""


class LadderAlreadyPrescribed(Conflict):
    """The patient already has a running prescription of this ladder."""


class NeedsClearance(Conflict):
    """The patient carries a condition for which the exercise must be avoided unless a clinician clears it."""


class ContentWithheld(Conflict):
    """The clinic does not prescribe this ladder, or an exercise on it, any more."""


class StopNotNamed(Conflict):
    """A resume must name the stops that it clears."""


class IdempotencyKeyReused(Conflict):
    """The same Idempotency-Key came with another body."""


class PreconditionRequired(RungError):
    """This change needs `If-Match` with the ETag of what was read."""


class PreconditionFailed(RungError):
    """It was changed since it was read."""


class PatientClosed(RungError):
    """The patient has been discharged or closed."""


class BodyTooLarge(RungError):
    """The body is larger than the limit."""


class UnsupportedMediaType(RungError):
    """The body must be application/json."""


class TooManyAttempts(RungError):
    """Too many failed attempts; `Retry-After` says when to try again."""


class Busy(RungError):
    """Too many wait for pictures or pages that take long to make; try again later."""


class Unavailable(RungError):
    """The database does not answer or cannot write. Nothing was stored; try again later."""


class ContentInvalid(RungError):
    """An exercise file is wrong; the message names file, field and what to do."""


class Unmigrated(RungError):
    """The database's schema is older or newer than this build; the message names the command."""


class UnsafeSettings(RungError):
    """The settings would be unsafe or contradict each other; the message names the setting."""


def out_of_range_date(name: str, value: date) -> Invalid:
    """A date outside the years that the service can hold."""
    return invalid(name, "out_of_range", f"{value.isoformat()} is outside 2000-01-01 to 2100-12-31.")
