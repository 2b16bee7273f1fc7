"""How are callers proven who ask at the same moment? One question for all of a clinic, one hop, one transaction.

An answer that is remembered under a revision needs nothing of the database but who asks and what revision stands, and
on PostgreSQL that costs three round trips and a hop between threads, many times what the answer costs. So whoever comes
while a clinic's callers are being proven waits for the next question, and shares it with all who wait. Each is proven
by what stands in the database at that moment, and refused alone. This file refuses to know how a token is proven.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from app.domain.errors import Unavailable
from app.store.scope import Caller, Scope
from app.store.together.waking import Waiter, waiter, wake
from app.values import dataclass

MOST_CALLERS = 16
"""In one question; its words are remembered for each number of callers."""

Proof = Scope | BaseException
"""What a token opens, or why it opens nothing."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    caller: Caller
    waiter: Waiter


class ProvenTogether:
    """Those who wait, by clinic. `prove` asks for several callers of one clinic, in a thread of the pool."""

    def __init__(self, prove: Callable[[UUID, Sequence[Caller]], Sequence[Proof]], threads: ThreadPoolExecutor) -> None:
        self._prove = prove
        self._threads = threads
        self._waiting: dict[UUID, deque[_Waiting]] = {}
        self._lock = threading.Lock()

    async def scope(self, clinic_id: UUID, caller: Caller) -> Scope:
        """Wait until the caller is proven. Raises what `prove` gave, or Unavailable."""
        one = _Waiting(caller, waiter())
        with self._lock:
            others = self._waiting.get(clinic_id)
            if others is None:
                # Nobody of this clinic is being proven: begin at once, and let those wait who come meanwhile.
                self._waiting[clinic_id] = deque([one])
                self._begin(clinic_id)
            else:
                others.append(one)
        scope: Scope = await one.waiter.future
        return scope

    def _begin(self, clinic_id: UUID) -> None:
        try:
            self._threads.submit(self._serve, clinic_id)
        except RuntimeError as error:
            gone = self._waiting.pop(clinic_id)
            wake((one.waiter, None, _unavailable(error)) for one in gone)

    def _serve(self, clinic_id: UUID) -> None:
        """Prove those who wait now; whoever came meanwhile comes behind what other threads' work waits in the pool."""
        with self._lock:
            waiting = self._waiting[clinic_id]
            group = [waiting.popleft() for _ in range(min(len(waiting), MOST_CALLERS))]
        try:
            proofs = self._prove(clinic_id, [one.caller for one in group])
        except Exception as error:  # noqa: BLE001 - whatever it is, somebody waits for it
            proofs = [error] * len(group)
        wake(
            (one.waiter, None, proof) if isinstance(proof, BaseException) else (one.waiter, proof, None)
            for one, proof in zip(group, proofs, strict=True)
        )
        with self._lock:
            if waiting:
                self._begin(clinic_id)
            else:
                del self._waiting[clinic_id]


def _unavailable(error: BaseException) -> Unavailable:
    unavailable = Unavailable("The server is ending; send the same again.")
    unavailable.__cause__ = error
    return unavailable
