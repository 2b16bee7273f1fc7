"""Which running prescriptions hold exercises or ladders as they were, and not as the library has them now?

They stay as they are until a clinician makes a new version of them. Nothing is written.
"""

from collections.abc import Iterator
from uuid import UUID

from app.content.library import Library
from app.domain.own.signing import OWN_PREFIX
from app.domain.prescription import Version
from app.domain.standing import Status
from app.store import prescriptions
from app.store.transaction import Transaction
from app.values import dataclass

OVER = frozenset({Status.ENDED, Status.COMPLETED})


@dataclass(frozen=True, slots=True)
class Behind:
    """One thing a prescription holds otherwise than the library: `what` is an exercise's or a ladder's id.

    `pinned` and `newest` are versions, or rungs as text for a ladder; `newest` is None for what the library has not.
    """

    patient_id: UUID
    prescription_id: UUID
    what: str
    pinned: str
    newest: str | None


def behind(tx: Transaction, patient_id: UUID, library: Library) -> tuple[Behind, ...]:
    """What the patient's running prescriptions hold otherwise, in their order."""
    return tuple(
        Behind(patient_id, one.prescription.id, *found)
        for one in prescriptions.of_patient(tx, patient_id)
        if one.standing.status not in OVER
        for found in differences(one.prescription.latest, library)
    )


def differences(version: Version, library: Library) -> Iterator[tuple[str, str, str | None]]:
    """What a version pins otherwise than the library says it: what, pinned, newest.

    What is a clinic's own is in no file, so no file can say it otherwise.
    """
    ladder = library.ladders.get(version.ladder_id)
    pinned = tuple(rung.exercise_id for rung in version.rungs)
    if version.ladder_id.startswith(OWN_PREFIX):
        pass
    elif ladder is None:
        yield version.ladder_id, f"{len(pinned)} rungs", None
    elif ladder.exercise_ids != pinned:
        yield version.ladder_id, ", ".join(pinned), ", ".join(ladder.exercise_ids)
    for rung in version.rungs:
        exercise = library.exercises.get(rung.exercise_id)
        if rung.exercise_id.startswith(OWN_PREFIX):
            continue
        if exercise is None:
            yield rung.exercise_id, f"version {rung.exercise_version}", None
        elif exercise.version != rung.exercise_version:
            yield rung.exercise_id, f"version {rung.exercise_version}", f"version {exercise.version}"
