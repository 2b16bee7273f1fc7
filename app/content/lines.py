"""On which line of a TOML file does a field stand?

The parser forgets lines, so they are looked up when something is wrong: the header of the table, then the key below it.
A place is written as in article.toml: `cues[chain-reaction].text.en`, `steps[2].phase`, `dosage.origins.sets`.
"""

import re

HEADER = re.compile(r"^\s*\[\[?\s*([\w.-]+)\s*\]\]?\s*(?:#.*)?$")
LABEL = re.compile(r"""^\s*(?:id|number|code|condition)\s*=\s*["']?([^"'#\s]+)""")
KEY = re.compile(r"^\s*([\w.-]+)\s*=")
LISTED = re.compile(r"^(\w+)\[([^\]]+)\]$")


def line_of(written: str, place: str) -> int | None:
    """The line, counting from 1, of a field, or of the table it is missing from; None for the file as a whole."""
    parts = place.split(".") if place else []
    if not parts:
        return None
    lines = written.split("\n")
    # The longest beginning of the place that is a table of its own, then what of the rest stands as a key in it.
    for depth in range(len(parts), -1, -1):
        begin = _table(lines, parts[:depth])
        if begin is not None:
            return _key(lines, begin, parts[depth:]) or (begin if depth else None)
    return None


def _table(lines: list[str], parts: list[str]) -> int | None:
    """The line of a table's header; 0 for the top of the file."""
    if not parts:
        return 0
    listed = LISTED.match(parts[-1])
    header = ".".join([*parts[:-1], listed[1] if listed else parts[-1]])
    nth = 0
    for number, line in enumerate(lines, start=1):
        found = HEADER.match(line)
        if not found or found[1] != header:
            continue
        nth += 1
        if (
            listed is None
            or _label(lines, number) == listed[2]
            or (str(nth) == listed[2] and _label(lines, number) is None)
        ):
            return number
    return None


def _label(lines: list[str], begin: int) -> str | None:
    for line in lines[begin:]:
        if HEADER.match(line):
            return None
        found = LABEL.match(line)
        if found:
            return found[1]
    return None


def _key(lines: list[str], begin: int, rest: list[str]) -> int | None:
    for length in range(len(rest), 0, -1):
        wanted = ".".join(rest[:length])
        for number, line in enumerate(lines[begin:], start=begin + 1):
            if HEADER.match(line):
                break
            found = KEY.match(line)
            if found and (found[1] == wanted or found[1].startswith(f"{wanted}.")):
                return number
    return None
