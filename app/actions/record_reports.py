"""Record many reports at once, as if each had been sent alone, in order: a broken one does not hurt the others."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from app.domain.errors import RungError, Unavailable
from app.store.transaction import Transaction

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Refused:
    """A report that was refused alone, as it would have been by itself."""

    error: RungError


def record_reports(tx: Transaction, reports: Iterable[Callable[[Transaction], R]]) -> list[R | Refused]:
    """Record each report in a part of the transaction of its own, in order; what is refused leaves nothing behind.

    All of them are safe together, or none is: what cannot be stored now (Unavailable) is to be sent again as a whole.
    """
    results: list[R | Refused] = []
    for record in reports:
        try:
            with tx.part():
                results.append(record(tx))
        except Unavailable:
            raise
        except RungError as error:
            results.append(Refused(error))
    return results
