"""Fill a new clinic: its settings, and its first person, who is administrator and clinician."""

from datetime import datetime
from uuid import UUID

from app.store import clinicians, clinics
from app.store.keys import new_id
from app.store.transaction import Transaction

DEFAULTS = {"advance": "ask_patient", "pain_free_days": 3}
"""What a clinic's prescriptions begin with until the clinic says otherwise: the founding article's own words."""


def create_clinic(
    tx: Transaction,
    *,
    name: str,
    time_zone: str,
    language: str,
    admin_name: str,
    admin_email: str,
    password_hash: str,
    now: datetime,
) -> UUID:
    """Write both; the id of the person. The clinic sets its contact and emergency number itself, before it invites."""
    values = {"name": name, "time_zone": time_zone, "language": language, "defaults": DEFAULTS}
    seen = {"who_sees_patients": "everyone"}
    nothing = dict.fromkeys(("phone", "email", "hours", "emergency_number"))
    clinics.add_settings(tx, {**values, **seen, **nothing}, now)
    clinician_id = new_id(now)
    person = {"email": admin_email, "display_name": admin_name, "password_hash": password_hash}
    clinicians.add(tx, clinician_id, {**person, "is_admin": True, "is_clinician": True}, now)
    return clinician_id
