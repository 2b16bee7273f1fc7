"""How is a code said to a patient or a clinician, in their language?

Decisions, progress and questions travel as codes with parameters; here they become sentences when they are read. A
missing language falls back to English, an unknown code to the general sentence of its kind. This file refuses to know
what a code means and who may read it.

A sentence may hold `{name}` (the parameter as it is), `{name|day|days}` (the first word for 1, else the second),
`{name:date}` (a local date, written out), `{name:number}` (a number with the language's decimal sign), and
`{name:exercise}`, `{name:symptom}` or `{name:condition}` (the name of one id, or of several with commas between them).
"""

import re
from collections.abc import Mapping
from datetime import date
from importlib.resources.abc import Traversable

from app.content.table import EMERGENCY_NUMBER, LANGUAGES, Table, read
from app.domain.errors import ContentInvalid
from app.domain.exercise import Text
from app.values import dataclass, field

AUDIENCES = ("patient", "clinician")
FOR_CLINICIANS = frozenset({"cert", "cert_item", "warning", "worklist"})
"""Kinds that no patient reads; every other code must have a wording for patients."""
FALLBACK = "unknown"
"""The code that every kind of sentence about a stored code has, for codes from a newer build."""

PLACEHOLDER = re.compile(r"\{(?P<name>[a-z_]+)(?::(?P<form>[a-z]+)|\|(?P<one>[^{}|]*)\|(?P<other>[^{}|]*))?\}")
MONTHS = 12
MOST_SAID = 8192

Names = Mapping[str, Mapping[str, Text]]
"""Names of things by form and id: {"exercise": {"single-knee-to-chest": {"en": ..., "de": ...}}}."""


@dataclass(frozen=True, slots=True)
class Texts:
    """Every sentence, by language, kind, code and audience. `params` says which parameters a code of a kind has."""

    sentences: Mapping[str, Mapping[str, Mapping[str, Mapping[str, str]]]]
    params: Mapping[str, Mapping[str, tuple[str, ...]]]
    months: Mapping[str, tuple[str, ...]]
    dates: Mapping[str, str]
    decimal_signs: Mapping[str, str]
    names: Names
    said: dict[tuple[object, ...], str] = field(default_factory=dict, compare=False, repr=False)
    """What was said lately: most sentences are said again and again."""

    def render(
        self, kind: str, code: str, params: Mapping[str, str], language: str = "en", audience: str = "patient"
    ) -> str:
        """The sentence of a code, filled in. An audience without a wording of its own reads the other's.

        A missing parameter gives the wording that does without, if the code has one in `<kind>_without`. Otherwise it
        gives the kind's general sentence, as an unknown code does, because a reader is better served by a vague
        sentence than by none. Raises ContentInvalid when the kind has no general sentence.
        """
        key = (kind, code, language, audience, *params.items())
        sentence = self.said.get(key)
        if sentence is None:
            if len(self.said) >= MOST_SAID:
                self.said.clear()
            sentence = self.said[key] = self._rendered(kind, code, params, language, audience)
        return sentence

    def _rendered(self, kind: str, code: str, params: Mapping[str, str], language: str, audience: str) -> str:
        spoken = self.language_for(language)
        entry = self.sentences[spoken].get(kind, {}).get(code)
        if entry is not None:
            wanted = entry.get(audience) or next(iter(entry.values()))
            if all(match["name"] in params for match in PLACEHOLDER.finditer(wanted)):
                return self.fill(wanted, params, spoken)
        if code in self.params.get(f"{kind}_without", {}):
            return self.render(f"{kind}_without", code, params, spoken, audience)
        if code == FALLBACK or FALLBACK not in self.sentences[spoken].get(kind, {}):
            given = ", ".join(sorted(params)) or "none"
            raise ContentInvalid(
                f"texts/{spoken}.toml: {kind}.{code}: is not there, or lacks parameters (given: {given})."
            )
        return self.render(kind, FALLBACK, params, spoken, audience)

    def fill(self, sentence: str, params: Mapping[str, str], language: str = "en") -> str:
        """Any sentence of the content with its placeholders filled in; those without a parameter are left as they are.

        This is also how a symptom's advice gets its `emergency_number` and `clinic_phone`.
        """
        spoken = self.language_for(language)

        def filled(match: re.Match[str]) -> str:
            value = params.get(match["name"])
            if value is None:
                return match[0]
            if match["one"] is not None:
                return match["one"] if value == "1" else match["other"]
            if match["form"] == "date":
                return self._date(value, spoken)
            if match["form"] == "number":
                return value.replace(".", self.decimal_signs[spoken])
            if match["form"] is not None:
                return ", ".join(self._name(match["form"], id_, spoken) for id_ in value.split(","))
            return value

        return PLACEHOLDER.sub(filled, sentence)

    def language_for(self, tag: str) -> str:
        """The language we have for a tag: "de-AT" is "de", what we do not have is "en"."""
        primary = tag.replace("_", "-").split("-")[0].lower()
        return primary if primary in self.sentences else "en"

    def codes(self, kind: str) -> tuple[str, ...]:
        """The published codes of a kind, for the contract."""
        return tuple(code for code in self.params.get(kind, {}) if code != FALLBACK)

    def _name(self, form: str, id_: str, language: str) -> str:
        name = self.names.get(form, {}).get(id_)
        return id_ if name is None else name.get(language, name["en"])

    def _date(self, value: str, language: str) -> str:
        try:
            day = date.fromisoformat(value)
        except ValueError:
            return value
        written = {"day": str(day.day), "month": self.months[language][day.month - 1], "year": str(day.year)}
        return PLACEHOLDER.sub(lambda match: written.get(match["name"], match[0]), self.dates[language])


def read_texts(root: Traversable, names: Names) -> Texts:
    """The sentences of `texts/codes.toml` and one file a language. Raises ContentInvalid.

    Each language must have every code and no other, and a sentence only the parameters that its code has.
    """
    declared = _read_codes(root)
    sentences: dict[str, Mapping[str, Mapping[str, Mapping[str, str]]]] = {}
    months: dict[str, tuple[str, ...]] = {}
    dates: dict[str, str] = {}
    decimal_signs: dict[str, str] = {}
    for language in LANGUAGES:
        file = read(root, f"texts/{language}.toml")
        months[language] = file.strings("months")
        if len(months[language]) != MONTHS:
            file.fail("months", f"must be {MONTHS} names.")
        dates[language] = file.string("date")
        decimal_signs[language] = file.string("decimal_sign")
        sentences[language] = {kind: _read_kind(file.table(kind), kind, codes) for kind, codes in declared.items()}
        file.end()
    params = {
        kind: {code: tuple(name.rstrip("?") for name in names_) for code, names_ in codes.items()}
        for kind, codes in declared.items()
    }
    return Texts(
        sentences=sentences, params=params, months=months, dates=dates, decimal_signs=decimal_signs, names=names
    )


def _read_codes(root: Traversable) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    file = read(root, "texts/codes.toml")
    return {kind: {code: table.strings(code) for code in table.left()} for kind, table in file.rest().items()}


def _read_kind(table: Table, kind: str, codes: Mapping[str, tuple[str, ...]]) -> Mapping[str, Mapping[str, str]]:
    found: dict[str, Mapping[str, str]] = {}
    for code, params in codes.items():
        entry = table.table(code)
        needed = "clinician" if kind in FOR_CLINICIANS else "patient"
        wordings = {
            audience: entry.string(audience) for audience in AUDIENCES if audience == needed or entry.has(audience)
        }
        for audience, sentence in wordings.items():
            _check(entry, audience, sentence, params)
        entry.end()
        found[code] = wordings
    table.end()
    return found


def _check(entry: Table, audience: str, sentence: str, params: tuple[str, ...]) -> None:
    for match in PLACEHOLDER.finditer(sentence):
        if f"{match['name']}?" in params:
            entry.fail(audience, f"{{{match['name']}}} is not always given, so no sentence may rest on it.")
        if match["name"] not in params:
            entry.fail(audience, f"{{{match['name']}}} is not a parameter of this code in codes.toml.")
        if match["form"] not in {None, "date", "number", "exercise", "symptom", "condition"}:
            entry.fail(audience, f"{match[0]} has an unknown form.")
    if "{" in PLACEHOLDER.sub("", sentence) or "}" in PLACEHOLDER.sub("", sentence):
        entry.fail(audience, "holds a brace that is not part of a placeholder.")
    if number := EMERGENCY_NUMBER.search(sentence):
        entry.fail(audience, f"names {number[0]}; write {{emergency_number}}, because it depends on the country.")
