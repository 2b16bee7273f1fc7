"""Does this piece of a content file say what it must, in the form that it must?

A `Table` wraps one table of a TOML file, hands out its values with their types and refuses everything else, naming the
file and the field. It refuses to know what an exercise is; that is `loader.py`.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.resources.abc import Traversable
from typing import NoReturn, TypeVar

import tomli

from app.content.lines import line_of
from app.domain.errors import ContentInvalid, FieldError
from app.domain.exercise import PRODUCT_DEFAULT, Text
from app.values import dataclass

LANGUAGES = ("en", "de")
"""The languages every file must have, unless its own `languages` says otherwise. English can never be left out."""

PATIENT_PLACEHOLDERS = frozenset({"emergency_number", "clinic_phone"})
"""What an advice leaves open. The clinic's settings fill it in: an emergency number depends on the country."""

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
EMERGENCY_NUMBER = re.compile(r"(?<!\d)(?:000|110|111|112|117|118|119|144|911|999)(?!\d)")

MOST_LISTED = 20
"""How many allowed words a message names."""

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Origins:
    """What a statement says that rests on no source, and where the sources are listed that it may rest on."""

    unsourced: str
    listed_in: str


HOUSE = Origins(PRODUCT_DEFAULT, "sources.toml")


class Table:
    """One table of a file. Values are taken by key; `end()` refuses what nobody took, so that a typing error is found.

    `where` is the path within the file, in the notation of article.toml: `cues[chain-reaction].`, `steps[2].`;
    `pointer` is the same as a JSON pointer, for those who sent it as JSON.
    """

    def __init__(
        self,
        entries: Mapping[str, object],
        *,
        file: str,
        where: str = "",
        languages: tuple[str, ...] = LANGUAGES,
        written: str = "",
        pointer: str = "",
        origins: Origins = HOUSE,
    ) -> None:
        self._left = dict(entries)
        self.file = file
        self.where = where
        self.languages = languages
        self.written = written
        self.pointer = pointer
        self.origins = origins

    def fail(self, key: str, message: str, *, code: str = "invalid", nth: int | None = None) -> NoReturn:
        """Refuse the file. `key` may be empty for the table as a whole; `nth` counts in a list from 0."""
        place = f"{self.where}{key}".rstrip(".")
        line = line_of(self.written, place)
        at = self.file if line is None else f"{self.file}:{line}"
        parts = [self.pointer, *key.split("."), *([] if nth is None else [str(nth)])] if key else [self.pointer]
        wrong = FieldError("/".join(parts), code, message)
        raise ContentInvalid(f"{at}: {place or 'the file'}: {message}", errors=(wrong,))

    def end(self) -> None:
        """Refuse keys that nobody asked for."""
        for key in self._left:
            self.fail(key, "is not a field that belongs here; check its spelling or take it out.", code="unknown_field")

    def has(self, key: str) -> bool:
        """Is the key there and not yet taken?"""
        return key in self._left

    def left(self) -> tuple[str, ...]:
        """The keys that are there and not yet taken, in the order of the file."""
        return tuple(self._left)

    def rest(self) -> dict[str, "Table"]:
        """Everything not yet taken, each of it a table."""
        return {key: self.table(key) for key in self.left()}

    def _take(self, key: str, kind: type[Value], name: str) -> Value:
        if key not in self._left:
            self.fail(key, f"is missing; it must be {name}.", code="missing")
        value = self._left.pop(key)
        # A TOML true is a Python int, and a number nobody meant.
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.fail(key, f"must be {name}.")
        return value

    def string(self, key: str) -> str:
        """A sentence or name that is not blank."""
        value = self._take(key, str, "a text")
        if not value.strip() or value != value.strip():
            self.fail(key, "must not be empty or begin or end with a space.", code="bad_format")
        return value

    def optional_string(self, key: str) -> str | None:
        """The same, or None when the key is left out."""
        return self.string(key) if self.has(key) else None

    def integer(self, key: str, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        value = self._take(key, int, "a whole number")
        if not low <= value <= high:
            self.fail(key, f"is {value}; it must lie between {low} and {high}.", code="out_of_range")
        return value

    def optional_integer(self, key: str, low: int, high: int) -> int | None:
        """The same, or None when the key is left out."""
        return self.integer(key, low, high) if self.has(key) else None

    def integers(self, key: str, low: int, high: int, *, count: int) -> tuple[int, ...]:
        """A list of so many whole numbers, each from `low` to `high`."""
        values: list[object] = self._take(key, list, f"a list of {count} whole numbers")
        found = [value for value in values if isinstance(value, int) and not isinstance(value, bool)]
        if len(values) != count or len(found) != count:
            self.fail(key, f"must be a list of {count} whole numbers.")
        if any(not low <= value <= high for value in found):
            self.fail(key, f"is {found}; each must lie between {low} and {high}.", code="out_of_range")
        return tuple(found)

    def boolean(self, key: str) -> bool:
        """True or false."""
        return self._take(key, bool, "true or false")

    def one_of(self, key: str, allowed: Iterable[str]) -> str:
        """One of these words."""
        value, words = self.string(key), tuple(allowed)
        if value not in words:
            self.fail(key, f'is "{value}"; it must be one of {_listed(words)}.', code="not_allowed")
        return value

    def strings(self, key: str, allowed: Iterable[str] | None = None) -> tuple[str, ...]:
        """A list of texts without a repetition, each one of `allowed` when that is given."""
        values: list[object] = self._take(key, list, "a list of texts")
        words = None if allowed is None else tuple(allowed)
        strings: list[str] = []
        for nth, value in enumerate(values):
            if not isinstance(value, str) or not value.strip():
                self.fail(key, "must be a list of texts.", nth=nth)
            if words is not None and value not in words:
                detail = f'"{value}" is not known; it must be one of {_listed(words)}.'
                self.fail(key, detail, code="not_allowed", nth=nth)
            if value in strings:
                self.fail(key, f'"{value}" stands there twice.', code="duplicate", nth=nth)
            strings.append(value)
        return tuple(strings)

    def table(self, key: str) -> "Table":
        """A table within this one."""
        entries: dict[str, object] = self._take(key, dict, "a table")
        return self._within(entries, f"{self.where}{key}.", f"{self.pointer}/{key}")

    def _within(self, entries: Mapping[str, object], where: str, pointer: str) -> "Table":
        return Table(
            entries,
            file=self.file,
            where=where,
            languages=self.languages,
            written=self.written,
            pointer=pointer,
            origins=self.origins,
        )

    def tables(self, key: str, *, name: str = "id", optional: bool = False) -> list["Table"]:
        """A list of tables, each known in messages by its field `name`, or by its position when it has none."""
        if optional and not self.has(key):
            return []
        entries: list[object] = self._take(key, list, f"a list of [[{key}]]")
        found: list[Table] = []
        names: set[str] = set()
        for position, entry in enumerate(entries, start=1):
            if not isinstance(entry, dict):
                self.fail(key, f"must be a list of [[{key}]].")
            label = str(entry.get(name, position))
            if label in names:
                self.fail(key, f"{name} {label} stands there twice.", code="duplicate", nth=position - 1)
            names.add(label)
            pointer = f"{self.pointer}/{key}/{position - 1}"
            found.append(self._within(entry, f"{self.where}{key}[{label}].", pointer))
        return found

    def text(self, key: str, placeholders: frozenset[str] = frozenset()) -> Text:
        """A text in every language of the file, with no other placeholder than these and no emergency number in it."""
        inner = self.table(key)
        texts = {language: inner.string(language) for language in self.languages if inner.require(language)}
        inner.end()
        for language, sentence in texts.items():
            for placeholder in _PLACEHOLDER.findall(sentence):
                if placeholder not in placeholders:
                    inner.fail(language, f"{{{placeholder}}} is not a placeholder that may stand here.")
            if number := EMERGENCY_NUMBER.search(sentence):
                inner.fail(
                    language, f"names {number[0]}; write {{emergency_number}}, because it depends on the country."
                )
        return texts

    def names(self, key: str) -> Mapping[str, tuple[str, ...]]:
        """A list of names in every language of the file."""
        inner = self.table(key)
        names = {language: inner.strings(language) for language in self.languages if inner.require(language)}
        inner.end()
        return names

    def require(self, language: str) -> bool:
        """Refuse a text that lacks a language of its file; always True otherwise."""
        if not self.has(language):
            english = "English must always be there" if language == "en" else "or take it out of the file's languages"
            self.fail(language, f'the text in "{language}" is missing; write it ({english}).', code="missing")
        return True

    def sources(self, known: Mapping[str, bool]) -> tuple[str, ...]:
        """The keys that carry this statement: at least one. `known` says of each source whether we read it."""
        if not self.has("sources"):
            self.fail("sources", f'is missing; name the sources of this statement, or "{self.origins.unsourced}".')
        keys = self.strings("sources")
        if not keys:
            self.fail("sources", f'is empty; name the sources of this statement, or "{self.origins.unsourced}".')
        for key in keys:
            self.origin("sources", key, known)
        return keys

    def origin(self, key: str, value: str, known: Mapping[str, bool]) -> None:
        """Refuse an origin that is neither a source that was read nor what stands for none."""
        if value == self.origins.unsourced:
            return
        if value not in known:
            self.fail(key, f'"{value}" is not in {self.origins.listed_in}.', code="not_allowed")
        if not known[value]:
            self.fail(key, f'"{value}" is only cited by another source; a statement needs a source that was read.')


def read(root: Traversable, path: str) -> Table:
    """The top table of a file below `root`, with the languages it names. A syntax error names line and column."""
    resource = root
    for part in path.split("/"):
        resource = resource / part
    try:
        written = resource.read_bytes().decode("utf-8")
        entries = tomli.loads(written)
    except FileNotFoundError as error:
        raise ContentInvalid(f"{path}: the file is missing.") from error
    except UnicodeDecodeError as error:
        raise ContentInvalid(f"{path}: byte {error.start} is not UTF-8.") from error
    except tomli.TOMLDecodeError as error:
        raise ContentInvalid(f"{path}: {error}.") from error
    return top(entries, file=path, written=written)


def top(entries: Mapping[str, object], *, file: str, written: str = "", origins: Origins = HOUSE) -> Table:
    """The top table of what a file says, or somebody sent, with the languages it names."""
    table = Table(entries, file=file, written=written, origins=origins)
    if table.has("languages"):
        table.languages = table.strings("languages")
        if "en" not in table.languages:
            table.fail("languages", "must name en: English is what a reader gets when another language is missing.")
    return table


def each(tables: Iterable[Table], make: Callable[[Table], Value]) -> tuple[Value, ...]:
    """One thing made of each table; what a table holds beyond that is refused. Whatever is wrong is told together."""
    made: list[Value] = []
    wrong: list[ContentInvalid] = []
    for table in tables:
        try:
            made.append(make(table))
            table.end()
        except ContentInvalid as error:
            wrong.append(error)
    if wrong:
        raise ContentInvalid(wrong[0].detail, errors=tuple(one for error in wrong for one in error.errors))
    return tuple(made)


def _listed(words: Sequence[str]) -> str:
    more = f" and {len(words) - MOST_LISTED} more" if len(words) > MOST_LISTED else ""
    return ", ".join(words[:MOST_LISTED]) + more
