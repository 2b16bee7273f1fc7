"""Who is in the demo? One clinic, one physiotherapist, one patient. None of them exists.

The password is printed in the documents, so this clinic is only ever made in a database of its own. This file refuses
to know what happens there.
"""

from datetime import datetime
from functools import partial
from typing import Any

from app.actions.create_clinic import create_clinic
from app.domain.errors import Conflict
from app.store import passwords
from app.store.operating import embedded
from app.store.operating.founding import found_clinic

CLINIC = "demo"
EMAIL = "anna@clinic.example"
PASSWORD = "one-leg-then-both"  # noqa: S105 - published on purpose, it only opens a made-up clinic
CLINICIAN = "Anna Example"
PATIENT = "Paul Example"
TIME_ZONE = "Europe/Berlin"

# The telephone number is one of those that are kept free for films. Nobody can be reached under it.
CONTACT: dict[str, Any] = {"phone": "+49 30 23125 014", "email": None, "hours": "Mon-Fri 8-17"}
EMERGENCY_NUMBER = "112"


def found_made_up_clinic(url: str, now: datetime) -> bool:
    """Make the database and the clinic with its first person, as `rung clinic create` does; False when it was there."""
    embedded.prepare(url)
    fill = partial(
        create_clinic,
        name="Example Clinic",
        time_zone=TIME_ZONE,
        language="en",
        admin_name=CLINICIAN,
        admin_email=EMAIL,
        password_hash=passwords.hash_here(PASSWORD),
        now=now,
    )
    try:
        found_clinic(url, CLINIC, fill, now)
    except Conflict:
        return False
    return True


def sign_in_words() -> str:
    """What the clinician signs in with, as the documents say it."""
    return f"clinic {CLINIC}, email {EMAIL}, password {PASSWORD}"
