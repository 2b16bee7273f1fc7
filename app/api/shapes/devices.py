"""The shapes of signed-in devices on the wire."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from app.api.wire import Out
from app.store.sign_ins import SignedInDevice


class SignedInDeviceOut(Out):
    """A device on which somebody is signed in."""

    sign_in_id: UUID
    device_id: str | None
    name: str | None
    platform: str | None
    app_version: str | None
    signed_in_at: datetime


class DevicesOut(Out):
    """Devices, newest first."""

    items: list[SignedInDeviceOut]
    next_cursor: str | None = None


def devices_out(found: Iterable[SignedInDevice]) -> DevicesOut:
    """Devices on the wire."""
    return DevicesOut(
        items=[
            SignedInDeviceOut(
                sign_in_id=one.sign_in_id,
                device_id=one.device.id,
                name=one.device.name,
                platform=one.device.platform,
                app_version=one.device.app_version,
                signed_in_at=one.since,
            )
            for one in found
        ]
    )
