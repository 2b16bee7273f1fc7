"""How a person's password is kept and compared: argon2id, 46 MiB, two passes, in a small pool of its own.

Hashing is slow on purpose and memory-hungry, so at most two run at once and none while a transaction is open.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12

_hasher = PasswordHasher(time_cost=2, memory_cost=46 * 1024, parallelism=1)
_pool = ThreadPoolExecutor(2, "password")


def hash_here(password: str) -> str:
    """The hash to keep, in the calling thread; for commands."""
    return _hasher.hash(password)


@cache
def _of_nobody() -> str:
    """A hash to compare with where there is none. Made when it is first needed: no start waits for it."""
    return _hasher.hash("a password that nobody has")


def _fits(kept: str | None, password: str) -> bool:
    try:
        _hasher.verify(kept or _of_nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


async def fits(kept: str | None, password: str) -> bool:
    """Is this the password behind the kept hash? None takes as long and is never."""
    return await asyncio.get_running_loop().run_in_executor(_pool, _fits, kept, password)


async def hashed(password: str) -> str:
    """The hash to keep."""
    return await asyncio.get_running_loop().run_in_executor(_pool, hash_here, password)
