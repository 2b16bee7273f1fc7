"""Ids and secrets that the server makes: UUID version 7, and random text that is stored only as its hash."""

import base64
import hashlib
import secrets
from datetime import datetime
from uuid import UUID

CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Letters and digits that a person can read aloud without mixing them up (no 0/O, 1/I/L, U)."""


def new_id(now: datetime) -> UUID:
    """A UUID version 7: its first 48 bits are the milliseconds of `now`, the rest is random, so keys grow with time."""
    milliseconds = int(now.timestamp() * 1000) & ((1 << 48) - 1)
    number = (milliseconds << 80) | (0x7 << 76) | (secrets.randbits(12) << 64) | (0b10 << 62) | secrets.randbits(62)
    return UUID(int=number)


def new_secret() -> str:
    """256 random bits as URL-safe text."""
    return secrets.token_urlsafe(32)


def new_signing_secret() -> str:
    """256 random bits as those who check a webhook's signature are given them: `whsec_...`."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def new_code(length: int = 12) -> str:
    """An invitation code, in groups of four, for example `7KQM-2XRT-9HBC` (about 58 random bits)."""
    letters = "".join(secrets.choice(CODE_ALPHABET) for _ in range(length))
    return "-".join(letters[i : i + 4] for i in range(0, length, 4))


def fold_code(code: str) -> str:
    """A code as people type it: case, spaces and dashes do not matter."""
    return "".join(c for c in code.upper() if c.isalnum())


def secret_hash(secret: str) -> bytes:
    """SHA-256 of a secret. A plain hash is enough for 256 random bits; passwords go through argon2 instead."""
    return hashlib.sha256(secret.encode()).digest()
