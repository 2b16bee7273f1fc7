"""Which exercises does a reader mean by some words, and which of them first?

Names, other names and purposes are searched in every language at once, whatever the reader's own is: a German clinician
types "bridge", a patient "Brücke", and both find it. This file refuses to know filters and pages.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum
from itertools import pairwise, takewhile
from typing import TypeAlias

from rapidfuzz import process
from rapidfuzz.distance import OSA

from app.content.vocabulary import Vocabulary
from app.domain.exercise import Exercise
from app.values import dataclass, field

UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
APOSTROPHES = str.maketrans("", "", "'\u2019`")
WORD = re.compile(r"[^\W_]+")
WORDS_JOINED_IN = "de"
"""German writes words together, so a German word is also found inside a longer one: "Muskeln" in "Rückenmuskeln"."""
LEAST_INSIDE = 5
LEAST_BEFORE = 3
"""So that "Rücken" is not found in "drücken"."""
FORGIVEN = ((9, 2), (5, 1))
"""Typing errors forgiven by a word's letters: two from nine letters, one from five, none in shorter words."""
MOST_KEPT = 512


class Field(IntEnum):
    """Where a word stands, the best first."""

    NAME = 0
    OTHER_NAME = 1
    REST = 2


class Fit(IntEnum):
    """How well a word fits, the best first."""

    WHOLE = 0
    BEGINNING = 1
    INSIDE = 2
    TYPO = 3


Hit: TypeAlias = tuple[bool, Field, Fit]
"""Is it a typing error, where does it stand, how well does it fit: the smallest is the best."""


@dataclass(frozen=True, slots=True)
class Index:
    """Every word of the library, made once. Exercises are numbered in the order of the library.

    `names` are whole names and `lengths` the letters of each exercise's shortest name. `places` says for each word in
    which exercises it stands and in which field of each.
    """

    names: Mapping[str, frozenset[int]]
    lengths: tuple[int, ...]
    places: Mapping[str, Mapping[int, Field]]
    words: tuple[str, ...]
    joined: tuple[str, ...]
    hits: dict[str, Mapping[int, Hit]] = field(default_factory=dict, compare=False, repr=False)
    answers: dict[str, tuple[int, ...]] = field(default_factory=dict, compare=False, repr=False)
    """Words and queries of lately: the same ones come again and again."""

    def find(self, query: str) -> tuple[int, ...]:
        """The numbers of the exercises in which every word of the query occurs, the best first; all when it is empty.

        First the exercise of just this name, then words of names, of other names, of the rest; the errors last. Among
        equals the one with the shortest name comes first.
        """
        answer = self.answers.get(query)
        if answer is None:
            if len(self.answers) >= MOST_KEPT:
                self.answers.clear()
            answer = self.answers[query] = self._found(query)
        return answer

    def _found(self, query: str) -> tuple[int, ...]:
        words = words_of(query)
        if not words:
            return tuple(range(len(self.lengths)))
        named = self.names.get(" ".join(words), frozenset())
        first, *others = [self._hits(word) for word in dict.fromkeys(words)]
        ranked = []
        for number, hit in first.items():
            hits = [hit, *(found[number] for found in others if number in found)]
            if len(hits) == len(others) + 1:
                is_typo, worst, _ = max(hits)
                closeness = sum(place for _, place, _ in hits), sum(fit for _, _, fit in hits)
                ranked.append((is_typo, number not in named, worst, closeness, self.lengths[number], number))
        return tuple(number for *_, number in sorted(ranked))

    def _hits(self, word: str) -> Mapping[int, Hit]:
        """In which exercises a word stands. Only a word that stands nowhere is taken for a typing error."""
        known = self.hits.get(word)
        if known is None:
            if len(self.hits) >= MOST_KEPT:
                self.hits.clear()
            known = self.hits[word] = self._best(self._spelled(word)) or self._best(self._meant(word))
        return known

    def _best(self, fits: Iterable[tuple[str, Fit]]) -> Mapping[int, Hit]:
        best: dict[int, Hit] = {}
        for word, fit in fits:
            for number, place in self.places[word].items():
                hit = (fit is Fit.TYPO, place, fit)
                best[number] = min(hit, best.get(number, hit))
        return best

    def _spelled(self, word: str) -> Iterator[tuple[str, Fit]]:
        start = bisect_left(self.words, word)
        for found in takewhile(lambda one: one.startswith(word), self.words[start:]):
            yield found, Fit.WHOLE if found == word else Fit.BEGINNING
        if len(word) >= LEAST_INSIDE:
            yield from ((found, Fit.INSIDE) for found in self.joined if found.find(word) >= LEAST_BEFORE)

    def _meant(self, word: str) -> Iterator[tuple[str, Fit]]:
        most = next((errors for letters, errors in FORGIVEN if len(word) >= letters), 0)
        if most:
            # An error is a letter that is wrong, missing, too many or swapped with its neighbour.
            found = process.extract(word, self.words, scorer=OSA.distance, score_cutoff=most, limit=None)
            yield from ((other, Fit.TYPO) for other, _, _ in found)


@dataclass(slots=True)
class LateIndex:
    """An index that is made when it is first asked: for libraries that most readers only take exercises from."""

    exercises: tuple[Exercise, ...]
    vocabulary: Vocabulary
    made: Index | None = None

    def find(self, query: str) -> tuple[int, ...]:
        """As `Index.find`."""
        if self.made is None:
            self.made = index_of(self.exercises, self.vocabulary)
        return self.made.find(query)


def folded(text: str) -> str:
    """The text as it is compared, without case, accents and hyphens: "Brücke" is "brucke", "knee-hug" two words."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(" " if c in "-_" else c for c in decomposed if not unicodedata.combining(c))


def words_of(text: str) -> list[str]:
    """The words of a text as they are compared: without case and accents, umlauts as ae, oe, ue."""
    spelled_out = unicodedata.normalize("NFC", text.casefold()).translate(UMLAUTS).translate(APOSTROPHES)
    return WORD.findall(folded(spelled_out))


def index_of(exercises: Iterable[Exercise], vocabulary: Vocabulary) -> Index:
    """The index of a library's exercises."""
    names: dict[str, set[int]] = {}
    places: dict[str, dict[int, Field]] = {}
    joined: set[str] = set()
    lengths: list[int] = []
    for number, exercise in enumerate(exercises):
        lengths.append(min(len(name) for name in exercise.name.values()))
        for place, language, text in _texts(exercise, vocabulary):
            for words in _spellings(text):
                if place is Field.NAME:
                    names.setdefault(" ".join(words), set()).add(number)
                pairs = [one + other for one, other in pairwise(words)] if place is not Field.REST else []
                for word in (*words, *pairs):
                    its = places.setdefault(word, {})
                    its[number] = min(place, its.get(number, place))
                if language == WORDS_JOINED_IN:
                    joined.update(word for word in words if len(word) >= LEAST_INSIDE + LEAST_BEFORE)
    return Index(
        names={name: frozenset(found) for name, found in names.items()},
        lengths=tuple(lengths),
        places=places,
        words=tuple(sorted(places)),
        joined=tuple(sorted(joined)),
    )


def _texts(exercise: Exercise, vocabulary: Vocabulary) -> Iterator[tuple[Field, str, str]]:
    """Every text by which an exercise is found, with its field and language."""
    yield Field.NAME, "en", exercise.id
    yield from ((Field.NAME, language, text) for language, text in exercise.name.items())
    for language, names in exercise.also_known_as.items():
        yield from ((Field.OTHER_NAME, language, text) for text in names)
    said = [statement.text for statement in (*exercise.purpose, *exercise.suits)]
    said += [vocabulary.kinds[exercise.kind], *(vocabulary.regions[region] for region in exercise.regions)]
    said += [vocabulary.equipment[code].name for code in exercise.equipment]
    for text in said:
        yield from ((Field.REST, language, text[language]) for language in text)
    for code in (exercise.kind, *exercise.regions, *exercise.equipment):
        yield Field.REST, "en", code


def _spellings(text: str) -> list[list[str]]:
    """The words of a text, once with umlauts spelled out and once with the bare vowels: "bruecke" and "brucke"."""
    spelled, bare = words_of(text), words_of(folded(text))
    return [spelled] if spelled == bare else [spelled, bare]
