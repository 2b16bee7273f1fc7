"""The tables, as declarative models, one module a noun. Importing this package knows them all."""

from app.store.tables import (
    clinics,
    own,
    patients,
    plan_templates,
    practice,
    prescriptions,
    requests,
    signing_in,
    webhooks,
    worklist,
)
from app.store.tables.base import Base

__all__ = [
    "Base",
    "clinics",
    "own",
    "patients",
    "plan_templates",
    "practice",
    "prescriptions",
    "requests",
    "signing_in",
    "webhooks",
    "worklist",
]
