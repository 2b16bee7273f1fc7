"""The statements of the store: module constants, found by importing every module and looking."""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Executable
from sqlalchemy.sql.elements import ClauseElement

from app import store


@dataclass(frozen=True, slots=True)
class Constant:
    """A statement and where it stands: `app.store.sessions:CURRENT`."""

    module: str
    name: str
    statement: ClauseElement

    def __str__(self) -> str:
        return f"{self.module}:{self.name}"


def statements() -> list[Constant]:
    """Every statement that a module of the store holds, alone or in a tuple, a list or a dict; not what it imports."""
    found: list[Constant] = []
    seen: set[int] = set()
    for module in pkgutil.walk_packages(store.__path__, f"{store.__name__}."):
        for name, value in vars(importlib.import_module(module.name)).items():
            for key, statement in _inside(name, value):
                if id(statement) not in seen:
                    seen.add(id(statement))
                    found.append(Constant(module.name, key, statement))
    return found


def _inside(name: str, value: object) -> Iterator[tuple[str, ClauseElement]]:
    if isinstance(value, ClauseElement) and isinstance(value, Executable) and not isinstance(value, type):
        yield name, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _inside(f"{name}[{key}]", part)
    elif isinstance(value, list | tuple | set | frozenset):
        for number, part in enumerate(value):
            yield from _inside(f"{name}[{number}]", part)
