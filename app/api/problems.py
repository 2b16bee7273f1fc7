"""What does the client get when something is wrong? The one table: error class -> status, code, title, retry.

Every 4xx and 5xx of this service is `application/problem+json` (RFC 9457). `retry` tells a phone what to do with what
it keeps: `never`, `after_change`, `after_sign_in` or `later`.
"""

from typing import Annotated, Any

from fastapi import Request
from pydantic import BaseModel, Field
from pydantic_core import to_json
from starlette.responses import Response

from app.api.shapes.field_codes import FIELD_CODES
from app.api.wire import Codes
from app.domain import errors as e
from app.values import dataclass

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5
CODES = "x-problem-codes"
"""Where the document lists which problems a status stands for."""


@dataclass(frozen=True, slots=True)
class Row:
    """How one error class reaches the wire. `help` is the text of the page behind `type`."""

    status: int
    code: str
    title: str
    retry: str
    help: str


PROBLEMS: dict[type[e.RungError], Row] = {
    e.Invalid: Row(
        422,
        "invalid",
        "The request cannot be understood",
        "after_change",
        "One or more fields are missing, of the wrong kind or out of range. `errors` names each with a JSON pointer.",
    ),
    e.MalformedJson: Row(
        400,
        "malformed_json",
        "The body is not JSON",
        "after_change",
        "Send one JSON object in UTF-8, without lone surrogates, with numbers of a sane length.",
    ),
    e.Unauthorized: Row(
        401,
        "unauthorized",
        "Sign in first",
        "after_sign_in",
        "Send `Authorization: Bearer <access token>`. A token that is not known will never be known again: sign in "
        "anew, and send what you keep only as the same `principal.id`.",
    ),
    e.TokenExpired: Row(
        401,
        "token_expired",
        "The access token is too old",
        "after_sign_in",
        "Exchange the refresh token at `POST /v1/auth/refresh`, keep your queue, and send the request again.",
    ),
    e.DeviceRevoked: Row(
        401,
        "device_revoked",
        "This device was signed out",
        "after_sign_in",
        "The device was signed out by its owner or by the clinic, or an old refresh token came back. Keep the queue, "
        "let the person sign in or reconnect, and send the queue only as the same `principal.id`.",
    ),
    e.SignInFailed: Row(
        401,
        "sign_in_failed",
        "Signing in did not work",
        "after_change",
        "Clinic, email and password do not belong together. Which of them is wrong is not said.",
    ),
    e.CodeInvalid: Row(
        401,
        "code_invalid",
        "The invitation code is not valid",
        "after_change",
        "The code is unknown, used, withdrawn or too old. Ask the clinic for a new one.",
    ),
    e.Forbidden: Row(
        403, "forbidden", "Not for this role", "never", "You are signed in, but this operation is for another role."
    ),
    e.NotFound: Row(
        404,
        "not_found",
        "Not found",
        "never",
        "There is no such thing for you: it does not exist, or it belongs to somebody else. Both get this same answer.",
    ),
    e.MethodNotAllowed: Row(
        405, "method_not_allowed", "This path has no such method", "never", "The header `Allow` lists the methods."
    ),
    e.SessionDiffers: Row(
        409,
        "session_differs",
        "Stored with other content",
        "after_change",
        "A session with this id is stored and differs from what you sent. The header `ETag` names the stored one; send "
        "it as `If-Match` to correct the session. The earlier content is kept.",
    ),
    e.CheckInDiffers: Row(
        409,
        "check_in_differs",
        "Stored with other content",
        "after_change",
        "A check-in of this date is stored and differs from what you sent. The header `ETag` names the stored one; "
        "send it as `If-Match` to correct the check-in. The earlier content is kept.",
    ),
    e.RequestDiffers: Row(
        409,
        "request_differs",
        "Stored with other content",
        "never",
        "A request with this id is stored and differs from what you sent. A request is never corrected: whoever asks "
        "for something else makes another one, with an id of its own.",
    ),
    e.OfferGone: Row(
        409,
        "offer_gone",
        "This offer no longer stands",
        "never",
        "A later day changed the picture, or the offer was answered differently before. Fetch the routine again.",
    ),
    e.ClinicIncomplete: Row(
        409,
        "clinic_incomplete",
        "The clinic's settings are incomplete",
        "after_change",
        "Set the clinic's contact and emergency number with `PUT /v1/clinic` before inviting patients: a phone "
        "shows both.",
    ),
    e.EmailTaken: Row(
        409,
        "email_taken",
        "This email address is taken",
        "after_change",
        "Somebody of this clinic's staff has it, perhaps with a disabled account, which can be made active again.",
    ),
    e.LastAdmin: Row(
        409,
        "last_admin",
        "A clinic always has an administrator",
        "after_change",
        "This is the last active administrator. Make somebody else one first.",
    ),
    e.PatientsLeftAlone: Row(
        409,
        "patients_left_alone",
        "Some patients would be treated by nobody",
        "after_change",
        "Name in `patients_pass_to` who treats this person's patients from now on.",
    ),
    e.PatientDischarged: Row(
        409,
        "patient_discharged",
        "The patient was discharged",
        "after_change",
        'Take the patient back first: `PATCH /v1/patients/{patient_id}` with `{"status": "active"}`.',
    ),
    e.LadderAlreadyPrescribed: Row(
        409,
        "ladder_already_prescribed",
        "This ladder is already prescribed",
        "after_change",
        "The patient has a running prescription of this ladder. Change that one, or end it first.",
    ),
    e.NeedsClearance: Row(
        409,
        "needs_clearance",
        "A condition speaks against this exercise",
        "after_change",
        "The patient carries a condition for which the exercise is to be avoided. Clear the condition for this patient "
        "with a reason, or choose another rung.",
    ),
    e.StopNotNamed: Row(
        409,
        "stop_not_named",
        "A resume must name the stops it clears",
        "after_change",
        "List every open stop in `clears`; no resume clears stops that it does not name.",
    ),
    e.IdempotencyKeyReused: Row(
        409,
        "idempotency_key_reused",
        "This Idempotency-Key was used for another request",
        "after_change",
        "Use a new key for a new request; the same key is only for sending the same request again.",
    ),
    e.ContentWithheld: Row(
        409,
        "content_withheld",
        "The clinic does not prescribe this any more",
        "after_change",
        "The clinic has hidden or retired the ladder or an exercise on it; `detail` names it. Prescribe another, or "
        "take it up again. What is running goes on.",
    ),
    e.Conflict: Row(409, "conflict", "This contradicts what is there", "after_change", "`detail` says what it is."),
    e.PatientClosed: Row(
        410,
        "patient_closed",
        "This patient's account is closed",
        "never",
        "The clinic has discharged the patient. Show the clinic's contact, which the phone has from its last routine. "
        "Send nothing by itself, and keep what was not sent: the clinic may take the patient back. When "
        "the app is opened, `GET /v1/me` tells; then the queue goes as always: what is late is marked, not refused.",
    ),
    e.PreconditionFailed: Row(
        412,
        "precondition_failed",
        "It was changed since you read it",
        "after_change",
        "Read it again, look at what changed, and send your change with the new `ETag` in `If-Match`.",
    ),
    e.BodyTooLarge: Row(
        413, "body_too_large", "The body is too large", "never", "Bodies are limited to 1 MiB. Send less at a time."
    ),
    e.UnsupportedMediaType: Row(
        415, "unsupported_media_type", "The body must be JSON", "after_change", "Send `Content-Type: application/json`."
    ),
    e.PreconditionRequired: Row(
        428,
        "precondition_required",
        "This change needs If-Match",
        "after_change",
        "Send the `ETag` of what you read in the header `If-Match`, so that nobody's change is lost.",
    ),
    e.TooManyAttempts: Row(
        429,
        "too_many_attempts",
        "Too many attempts",
        "later",
        "Too many failed attempts. Wait as many seconds as the header `Retry-After` says.",
    ),
    e.Busy: Row(
        503, "busy", "Too many are waiting", "later", "Pictures and pages are made one at a time; the line is full."
    ),
    e.Unavailable: Row(
        503,
        "unavailable",
        "Not available right now",
        "later",
        "The database does not answer or cannot write. Nothing of this request was stored unless the same request is "
        "answered as a repetition later. Keep it and try again after `Retry-After` seconds.",
    ),
    e.ContentInvalid: Row(
        500, "content_invalid", "The exercise library is broken", "later", "An operator must mend a content file."
    ),
    e.Unmigrated: Row(
        503, "unmigrated", "The database is not migrated", "later", "An operator must run `rung migrate`."
    ),
    e.UnsafeSettings: Row(500, "unsafe_settings", "The settings are unsafe", "later", "An operator must mend them."),
}

INTERNAL = Row(
    500,
    "internal",
    "Something went wrong on our side",
    "later",
    "A defect of the server. `request_id` leads its operator to the cause. Keep what you sent and try again later.",
)


class FieldProblem(BaseModel):
    """One thing wrong with one field."""

    pointer: str = Field(description="A JSON pointer into the body, or `query/…`, `path/…`, `header/…`.")
    code: Annotated[str, Codes("field_problem")] = Field(description="What is wrong with it.")
    detail: str = Field(description="A sentence for the developer.")


class Problem(BaseModel):
    """What is wrong, in the form of RFC 9457."""

    type: str = Field(description="A page that explains this problem.")
    title: str
    status: int
    detail: str = Field(description="A sentence for the developer of the client; not for patients.")
    code: Annotated[str, Codes("problem")] = Field(description="The stable name of the problem: decide by it.")
    request_id: str = Field(description="Tell this to the operator.")
    retry: Annotated[str, Codes("retry")] = Field(description="What to do with the request.")
    errors: list[FieldProblem] = Field(default_factory=list)


def row_of(error: e.RungError) -> Row:
    """The row of an error: its own class's, or the nearest ancestor's."""
    return next(PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS)


# What can always go wrong for those who must be signed in: at the clinic, or on a patient's phone.
STAFF = (e.Unauthorized, e.TokenExpired, e.DeviceRevoked, e.Forbidden)
PHONE = (*STAFF, e.PatientClosed)


def responses(*kinds: type[e.RungError]) -> dict[int | str, dict[str, Any]]:
    """The problems of a route, for its OpenAPI document. 422 and 503 come along by themselves."""
    described: dict[int | str, dict[str, Any]] = {}
    for kind in (*kinds, e.Invalid, e.Unavailable):
        row = PROBLEMS[kind]
        entry = described.setdefault(row.status, {"model": Problem, "description": "", CODES: []})
        entry["description"] += f"{', ' if entry['description'] else ''}`{row.code}`: {row.title}"
        entry[CODES].append(row.code)
    return described


def problem_of(request_id: str, row: Row, detail: str, error: e.RungError | None = None) -> dict[str, Any]:
    """A problem of the table as the body of an answer, or as a part of one."""
    return {
        "type": f"/problems/{row.code}",
        "title": row.title,
        "status": row.status,
        "detail": detail or row.title,
        "code": row.code,
        "request_id": request_id,
        "retry": row.retry,
        "errors": [
            {"pointer": one.pointer, "code": one.code, "detail": one.detail} for one in (error.errors if error else ())
        ],
    }


def problem_response(request: Request, row: Row, detail: str, *, error: e.RungError | None = None) -> Response:
    """The answer for a row of the table."""
    problem = problem_of(request.scope.get("request_id", ""), row, detail, error)
    headers = dict(error.headers) if error else {}
    if row.status == 401:  # noqa: PLR2004 - RFC 9110 asks for the challenge with a 401
        headers.setdefault("WWW-Authenticate", "Bearer")
    if row.status in {429, 503}:
        headers.setdefault("Retry-After", str(RETRY_AFTER_SECONDS))
    headers["Cache-Control"] = "no-store"
    return Response(to_json(problem), status_code=row.status, headers=headers, media_type=MEDIA_TYPE)


PYDANTIC_NAMES = {
    "unknown_field": "extra_forbidden",
    "too_long": "string_too_long",
    "too_short": "string_too_short",
    "out_of_range": "greater_than greater_than_equal less_than less_than_equal int_parsing_size",
    "not_allowed": "literal_error enum",
    "bad_format": "string_pattern_mismatch",
    "not_a_string": "string_type",
    "not_an_integer": "int_type int_parsing int_from_float finite_number",
    "not_a_number": "float_type float_parsing",
    "not_a_boolean": "bool_type bool_parsing",
    "not_an_object": "model_type model_attributes_type dict_type",
    "not_a_list": "list_type tuple_type",
    "not_a_uuid": "uuid_type uuid_parsing uuid_version",
    "not_a_date": "date_type date_parsing date_from_datetime_parsing date_from_datetime_inexact",
    "not_an_instant": "datetime_type datetime_parsing datetime_from_date_parsing timezone_aware "
    "datetime_object_invalid",
}
PYDANTIC_CODES = {kind: code for code, kinds in PYDANTIC_NAMES.items() for kind in kinds.split()}


def field_error(found: dict[str, Any]) -> e.FieldError:
    """One of Pydantic's findings in our words, with a JSON pointer into the body."""
    where, *rest = found["loc"] or ("body",)
    path = "/".join(_pointer_part(str(part)) for part in rest)
    pointer = f"/{path}" if where == "body" else f"{where}/{path}"
    kind = found["type"]
    code = PYDANTIC_CODES.get(kind, kind if kind in FIELD_CODES else "invalid")
    return e.FieldError(pointer, code, str(found["msg"])[:300])


def _pointer_part(part: str) -> str:
    """A key as part of a JSON pointer; what cannot be encoded is shown as a question mark."""
    return part.replace("~", "~0").replace("/", "~1").encode("utf-8", "replace").decode()[:100]
