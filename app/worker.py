"""Who brings what lies in the clinics' outboxes to their webhooks, and sees when it does not arrive?

A worker enters one clinic after the other, because nothing is known across them but their names, and there only what
belongs to the outbox: no patient's rows. Any number of workers share the work. This file refuses to know how anything
is stored or sent.
"""

import asyncio
import contextlib
import signal
from collections.abc import Callable
from datetime import datetime

import structlog

from app.actions.webhooks.deliver import TakenUp, note_attempt, take_up_deliveries
from app.domain.errors import RungError
from app.posting.addresses import Gate
from app.posting.sender import Sender
from app.store.database import Database
from app.store.scope import Caller, Role
from app.store.webhooks import outbox
from app.store.webhooks.outbox import Backlog
from app.values import dataclass

POLL_SECONDS = 2.0
"""So often every outbox is looked into."""

WATCH_SECONDS = 30.0
"""So often what does not arrive is counted."""

log = structlog.get_logger()


@dataclass(slots=True)
class Worker:
    """Delivers for all clinics of a database."""

    db: Database
    sender: Sender
    now: Callable[[], datetime]
    poll_seconds: float = POLL_SECONDS

    async def run(self) -> None:
        """Deliver until cancelled. A clinic whose webhooks are slow holds up no other clinic."""
        busy: dict[str, asyncio.Task[int]] = {}
        try:
            while True:
                try:
                    for clinic in await self.db.clinics():
                        if clinic not in busy and await self._is_anything_due(clinic):
                            busy[clinic] = asyncio.create_task(self._deliver_or_log(clinic))
                except RungError as error:
                    log.warning("worker_waits", error=type(error).__name__)
                await asyncio.sleep(self.poll_seconds)
                busy = {clinic: task for clinic, task in busy.items() if not task.done()}
        finally:
            for task in busy.values():
                task.cancel()
            await asyncio.gather(*busy.values(), return_exceptions=True)

    async def go_round(self) -> int:
        """Deliver all that is due now; how many attempts were made."""
        return sum([await self.deliver(clinic) for clinic in await self.db.clinics()])

    async def deliver(self, clinic: str) -> int:
        """The same for one clinic."""
        attempts = 0
        while await self._is_anything_due(clinic):
            taken = await self.db.write(_caller(clinic, self.now()), take_up_deliveries, self.now())
            await asyncio.gather(*(self._attempt(clinic, one) for one in taken))
            attempts += len(taken)
        return attempts

    async def _deliver_or_log(self, clinic: str) -> int:
        try:
            return await self.deliver(clinic)
        except Exception as defect:  # one clinic's trouble must not end the others' deliveries
            log.exception("delivering_failed", clinic=clinic, exc_info=defect)
            return 0

    async def _is_anything_due(self, clinic: str) -> bool:
        return await self.db.read(_caller(clinic, self.now()), outbox.is_anything_due, self.now())

    async def _attempt(self, clinic: str, taken: TakenUp) -> None:
        posted = await self.sender.post(taken.letter, self.now())
        state = await self.db.write(_caller(clinic, self.now()), note_attempt, taken, posted, self.now())
        log.info(
            "webhook_attempt",
            clinic=clinic,
            delivery=str(taken.delivery_id),
            attempt=taken.attempt_count,
            outcome=posted.outcome.value,
            status=posted.status,
            milliseconds=posted.milliseconds,
            state=state.value,
        )


async def work_alone(db: Database, gate: Gate, now: Callable[[], datetime], *, build: str) -> None:
    """Deliver, in a process of its own, until it is told to stop."""
    async with Sender(gate, build=build) as sender:
        working = asyncio.create_task(Worker(db, sender, now).run())
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, working.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await working


async def watch(db: Database, now: Callable[[], datetime], tell: Callable[[Backlog], None]) -> None:
    """Count again and again what has not arrived, over all clinics, whoever should have delivered it."""
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        try:
            tell(await backlog(db, now()))
        except RungError as error:
            log.warning("watch_waits", error=type(error).__name__)


async def backlog(db: Database, now: datetime) -> Backlog:
    """What has not arrived, over all clinics."""
    total = Backlog(0, 0, None, None)
    for clinic in await db.clinics():
        total += await db.read(_caller(clinic, now), outbox.backlog)
    return total


def _caller(clinic: str, now: datetime) -> Caller:
    return Caller(now, None, frozenset({Role.WORKER}), clinic, is_operator=True)
