"""What is remembered of patients weighs about what is counted, so that the bounds are bounds of memory."""

import enum
import gc
import sys
from types import BuiltinFunctionType, FunctionType, ModuleType
from uuid import UUID

from fastapi import FastAPI

from app.store import prescriptions
from tests.phone import Phone

SHARED = (type, enum.Enum, ModuleType, FunctionType, BuiltinFunctionType)


def real_bytes(*roots: object) -> int:
    """What they weigh with everything that hangs on them."""
    seen: dict[int, object] = {}
    waiting = list(roots)
    while waiting:
        one = waiting.pop()
        if id(one) not in seen and not isinstance(one, SHARED):
            seen[id(one)] = one
            waiting += gc.get_referents(one)
    return sum(map(sys.getsizeof, seen.values()))


async def test_what_stands_of_a_patient(phone: Phone) -> None:
    for _ in range(14):
        await phone.routine()
        await phone.practise()
        phone.sleep()
    await phone.routine()
    everybody = prescriptions._of_patients._kept  # noqa: SLF001 - only their weight is asked for
    [(stand, _)] = [one for key, one in everybody.items() if key[1] == UUID(phone.patient_id)]
    assert 0.7 < real_bytes(stand) / prescriptions.weight_bytes(stand) < 1.3


async def test_a_routine_in_words(app: FastAPI, phone: Phone) -> None:
    await phone.routine()
    [made] = app.state.house.routines._kept.values()  # noqa: SLF001 - ditto
    assert 0.7 < real_bytes(made) / made.weight_bytes < 1.3
