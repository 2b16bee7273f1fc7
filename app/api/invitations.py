"""Inviting a patient's phone: a code to read aloud, a link to send, a picture to hold a camera at."""

from datetime import datetime
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from uuid import UUID

import segno
from pydantic import Field
from starlette.responses import Response

from app.actions.invite_patient import invite_patient as invite
from app.api.deps import CallerDep, HouseDep, IdempotencyKey, routes
from app.api.problems import responses
from app.api.wire import Codes, Id, Out, Strict, fingerprint, json_response
from app.domain.errors import (
    ClinicIncomplete,
    DeviceRevoked,
    Forbidden,
    IdempotencyKeyReused,
    NotFound,
    PatientDischarged,
    TokenExpired,
    Unauthorized,
)
from app.store.remembered_answers import remember
from app.store.transaction import Transaction

router = routes("patients")


class InvitationIn(Strict):
    """What the code is for."""

    kind: Annotated[
        Literal["first", "reconnect"], Codes("invitation_kind"), Field(description="What the code is for.")
    ] = "first"


class InvitationOut(Out):
    """A single-use code. It is shown here once; the server keeps only its hash."""

    clinic: str
    code: str
    expires_at: datetime
    link: Annotated[str, Field(description="Opens the app. The code stands behind `#`, so no server logs it.")]
    # The code is kept only as its hash, so a picture cannot be drawn later, and an address with the code in it would
    # end up in logs: the picture itself comes along, as an address that holds it.
    qr_svg_url: Annotated[str, Field(description="The link as a QR code: a `data:image/svg+xml` address.")]


@router.post(
    "/patients/{patient_id}/invitations",
    status_code=201,
    response_model=InvitationOut,
    responses=responses(
        Unauthorized,
        TokenExpired,
        DeviceRevoked,
        Forbidden,
        NotFound,
        ClinicIncomplete,
        PatientDischarged,
        IdempotencyKeyReused,
    ),
)
async def invite_patient(
    patient_id: Id, body: InvitationIn, caller: CallerDep, house: HouseDep, idempotency_key: IdempotencyKey = None
) -> Response:
    """Make a code for the patient's phone. Earlier codes that nobody used stop working."""
    good_for_seconds = house.settings.invitation_seconds
    made = await house.db.write(
        caller, _invite_once, patient_id, body, idempotency_key, good_for_seconds=good_for_seconds, now=caller.now
    )
    fragment = urlencode({"clinic": made["clinic"], "code": made["code"]})
    link = f"{house.settings.public_url.rstrip('/')}/connect#{fragment}"
    shown = InvitationOut(
        clinic=made["clinic"],
        code=made["code"],
        expires_at=made["expires_at"],
        link=link,
        qr_svg_url=segno.make(link, error="m", micro=False).svg_data_uri(scale=4),
    )
    return json_response(shown, status=201, headers={"Cache-Control": "no-store"})


def _invite_once(
    tx: Transaction, patient_id: UUID, body: InvitationIn, key: str | None, *, good_for_seconds: int, now: datetime
) -> dict[str, Any]:
    def make() -> dict[str, Any]:
        made = invite(tx, patient_id, body.kind, good_for_seconds=good_for_seconds, now=now)
        return {"clinic": made.clinic, "code": made.code, "expires_at": made.expires_at.isoformat()}

    return remember(tx, key, "invite_patient", fingerprint(patient_id, body), now=now, make=make)
