"""How hard are the texts that patients read, by kind and language?

`rung content check` prints the levels; the limits are in tests/content/test_words.py.

English: Flesch Reading Ease, 100 very easy, 60 to 70 plain English, below 30 for academics. German: the first Wiener
Sachtextformel (Bamberger and Vanecek 1984), which tells a school year, 4 very easy, 15 very hard. Syllables are counted
by vowel groups, so a single word may be off by one; over a page that evens out.
"""

import re
from collections.abc import Iterator, Mapping

from app.content.library import Library
from app.values import dataclass

PLACEHOLDER = re.compile(r"\{[^{}|]*(?:\|([^{}|]*)\|[^{}]*)?\}")
SENTENCE = re.compile(r"[.!?:;]+(?:\s|$)")
WORD = re.compile(r"[A-Za-zÄÖÜäöüß']+")
LONG_WORD_LETTERS, LONG_WORD_SYLLABLES = 6, 3


@dataclass(frozen=True, slots=True)
class Said:
    """A text that a patient reads: where it stands and how it goes."""

    kind: str
    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Counts:
    """What the formulas need."""

    sentences: int
    words: int
    syllables: int
    many_syllables: int
    one_syllable: int
    long_words: int


def texts_of(known: Library, language: str) -> Iterator[Said]:
    """Every text of the library that a patient reads."""
    for kind, codes in known.texts.sentences[language].items():
        for code, wordings in codes.items():
            if "patient" in wordings:
                yield Said(kind, f"{kind}.{code}", wordings["patient"])
    for exercise in known.exercises.values():
        parts: Mapping[str, list[Mapping[str, str]]] = {
            "purpose": [one.text for one in (*exercise.purpose, *exercise.suits)],
            "background": [one.text for one in exercise.background],
            "step": [exercise.start_position.text, *(one.text for one in exercise.steps)],
            "cue": [one.text for one in exercise.cues],
            "safety note": [one.text for one in exercise.safety],
            "modification": [text for one in exercise.modifications for text in (one.when, one.text)],
            "caution": [one.text for one in exercise.cautions],
            "spoken": [exercise.spoken],
        }
        for kind, found in parts.items():
            for number, text in enumerate(found):
                yield Said(kind, f"{exercise.id}: {kind} {number + 1}", text.get(language) or text["en"])
    for symptom in known.symptoms.values():
        for name, text in (("symptom", symptom.text), ("advice", symptom.advice)):
            yield Said(name, f"{symptom.code}: {name}", text.get(language) or text["en"])


def plain(text: str) -> str:
    """The text without its placeholders: the word for several where there is one, else the name of a number."""
    return PLACEHOLDER.sub(lambda found: found[1] or "ten", text)


def syllables(word: str, language: str) -> int:
    """Groups of vowels; in English a silent e at the end is none."""
    folded = word.lower()
    if language == "en":
        folded = re.sub(r"(?<![aeiouyl])e$|(?<=[^td])ed$|(?<=[^szxh])es$", "", folded)
        return max(1, len(re.findall(r"[aeiouy]+", folded)))
    return max(1, len(re.findall(r"ei|ai|au|äu|eu|ie|aa|ee|oo|[aeiouyäöü]", folded)))


def counts_of(text: str, language: str) -> Counts:
    """Count one text, or several joined as sentences."""
    stripped = plain(text)
    words = WORD.findall(stripped)
    lengths = [syllables(word, language) for word in words]
    return Counts(
        sentences=max(1, len([one for one in SENTENCE.split(stripped) if WORD.search(one)])),
        words=max(1, len(words)),
        syllables=sum(lengths),
        many_syllables=sum(length >= LONG_WORD_SYLLABLES for length in lengths),
        one_syllable=sum(length == 1 for length in lengths),
        long_words=sum(len(word) > LONG_WORD_LETTERS for word in words),
    )


def flesch(counts: Counts) -> float:
    """Flesch Reading Ease."""
    return 206.835 - 1.015 * counts.words / counts.sentences - 84.6 * counts.syllables / counts.words


def wiener(counts: Counts) -> float:
    """The first Wiener Sachtextformel: a school year."""
    many = 100 * counts.many_syllables / counts.words
    length = counts.words / counts.sentences
    long = 100 * counts.long_words / counts.words
    single = 100 * counts.one_syllable / counts.words
    return 0.1935 * many + 0.1672 * length + 0.1297 * long - 0.0327 * single - 0.875


FORMULAS = {"en": flesch, "de": wiener}


def levels(known: Library, language: str) -> dict[str, float]:
    """The level of each kind of text, and of all together under `all`."""
    by_kind: dict[str, list[str]] = {}
    for said in texts_of(known, language):
        by_kind.setdefault(said.kind, []).append(said.text.rstrip(".") + ".")
        by_kind.setdefault("all", []).append(said.text.rstrip(".") + ".")
    return {kind: FORMULAS[language](counts_of(" ".join(found), language)) for kind, found in by_kind.items()}
