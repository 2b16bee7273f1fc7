"""A patient's phones from the clinic's side: which are connected, and signing one out that was lost."""

from datetime import datetime
from uuid import UUID

from starlette.responses import Response

from app.api.deps import CallerDep, HouseDep, routes
from app.api.problems import STAFF, responses
from app.api.shapes.devices import DevicesOut, devices_out
from app.api.wire import Id, json_response
from app.domain.errors import NotFound
from app.store import patients, sign_ins
from app.store.sign_ins import SignedInDevice
from app.store.transaction import Transaction

router = routes("patients")


@router.get("/patients/{patient_id}/devices", response_model=DevicesOut, responses=responses(*STAFF, NotFound))
async def list_patient_devices(patient_id: Id, caller: CallerDep, house: HouseDep) -> Response:
    """The phones that speak for a patient. An invitation signs none of them out, not even when it is redeemed."""
    found = await house.db.read(caller, _devices, patient_id)
    return json_response(devices_out(found), headers={"Cache-Control": "private, no-cache"})


@router.delete(
    "/patients/{patient_id}/devices/{sign_in_id}",
    status_code=204,
    response_class=Response,
    responses=responses(*STAFF, NotFound),
)
async def revoke_patient_device(patient_id: Id, sign_in_id: Id, caller: CallerDep, house: HouseDep) -> Response:
    """Sign a phone out that was lost or given away. It hears 401 `device_revoked` and keeps its queue."""
    await house.db.write(caller, _revoke, patient_id, sign_in_id, caller.now)
    return Response(status_code=204)


def _devices(tx: Transaction, patient_id: UUID) -> list[SignedInDevice]:
    patients.get(tx, patient_id)
    return sign_ins.devices_of_patient(tx, patient_id)


def _revoke(tx: Transaction, patient_id: UUID, sign_in_id: UUID, now: datetime) -> None:
    patients.get(tx, patient_id)
    if not sign_ins.revoke_of_patient(tx, patient_id, sign_in_id, because="signed_out_by_clinic", now=now):
        raise NotFound("There is no such device, or it is signed out.")
