"""What patients read is short, plain and kind: reading level, words that must not appear, words for the ear, and what a
lock screen may show. `rung content check` prints the levels.
"""

import re

import pytest

from app.content import library, reading
from app.content.library import Library
from app.content.reading import Said

LIBRARY: Library = library.load()
LANGUAGES = sorted(LIBRARY.languages)
NO_SENTENCES = {"anyone", "facet", "origin", "background", "purpose"}
"""Pieces of sentences such as "your clinic", names of books, and for whom an exercise is, which names conditions."""

MOST_WORDS = 30
HARDEST_ALLOWED = {"en": (80, 65), "de": (6, 9)}
"""For all texts together, and for any one kind. English: Flesch, at least; German: school year, at most."""

SHAMING = {
    "en": (
        *"fail failed failure failing lazy guilty guilt shame ashamed blame disappointed disappointing".split(),
        *"excuse excuses".split(),
        *"forgot weak poor poorly mistake punish streak lost missed skipped cheat non-compliant".split(),
        *"noncompliant forgotten".split(),
        *(
            "your fault",
            "should have",
            "not enough",
            "at least",
            "try harder",
            "fallen behind",
            "went wrong",
            "bad day",
            "wrong with you",
            "must do better",
            "lost your",
            "only managed",
        ),
    ),
    "de": (
        *"leider verloren".split(),
        *"versagt versagen faul schuld schuldig schämen enttäuscht enttäuschend ausrede ausreden".split(),
        *"vergessen schwach".split(),
        *"schlecht falsch fehler verpasst versäumt ausgelassen geschummelt wenigstens bestraft serie".split(),
        *("nur geschafft", "hätten sollen", "nicht genug", "im rückstand", "selbst schuld"),
    ),
}
"""Words that make somebody feel judged."""

JARGON = {
    "en": (
        *"rung dosage dose adherence compliance compliant protocol regimen supine prone lumbar thoracic".split(),
        *"cervical".split(),
        *"flexion extension abduction adduction proximal distal bilateral unilateral acute chronic".split(),
        *"symptomatic".split(),
        *"contraindicated contraindication prescription intervention outcome baseline reps ROM NRS VAS".split(),
        *"MCID regression exacerbation superseded".split(),
    ),
    "de": (
        *"sprosse dosierung dosis adhärenz compliance protokoll lumbal thorakal zervikal flexion".split(),
        *"extension progression".split(),
        *"abduktion adduktion proximal distal bilateral unilateral akut chronisch symptomatisch".split(),
        *"kontraindiziert".split(),
        *"kontraindikation verordnung intervention outcome baseline wdh NRS VAS".split(),
    ),
}
"""Words of the trade, and of this code."""


def said(language: str) -> list[Said]:
    return list(reading.texts_of(LIBRARY, language))


def found_in(text: str, words: tuple[str, ...]) -> list[str]:
    return [word for word in words if re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("words", [SHAMING, JARGON], ids=["shaming", "jargon"])
def test_words_that_must_not_appear(language: str, words: dict[str, tuple[str, ...]]) -> None:
    found = [
        f"{one.place}: {word}"
        for one in said(language)
        for word in found_in(reading.PLACEHOLDER.sub(" ", one.text), words[language])
    ]
    assert found == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lists_find_what_they_are_for(language: str) -> None:
    """An evil sentence per language is caught, a kind one is not."""
    evil = {"en": "You failed again: try harder.", "de": "Sie haben versagt, das war nicht genug."}[language]
    kind = {"en": "Good that you are here.", "de": "Gut, dass Sie da sind."}[language]
    assert len(found_in(evil, SHAMING[language])) > 1
    assert found_in(kind, SHAMING[language]) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_reading_level(language: str) -> None:
    """Understood at 12: Flesch 80 is sixth grade, the German formula tells the school year itself."""
    of_all, of_kind = HARDEST_ALLOWED[language]
    # Upside down for English, so that in both languages more is harder.
    harder = -1 if language == "en" else 1
    found = reading.levels(LIBRARY, language)
    assert harder * found.pop("all") <= harder * of_all
    hard = {kind: round(level) for kind, level in found.items() if harder * level > harder * of_kind}
    assert {kind: level for kind, level in hard.items() if kind not in NO_SENTENCES} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_long(language: str) -> None:
    long = [
        f"{one.place}: {sentence}"
        for one in said(language)
        for sentence in re.split(r"[.!?:;]+(?:\s|$)", reading.plain(one.text))
        if len(reading.WORD.findall(sentence)) > MOST_WORDS and one.kind != "background"
    ]
    assert long == []


@pytest.mark.parametrize(
    ("language", "easy", "hard"),
    [
        (
            "en",
            "Lie on your back. Bend your knees. Pull one knee to your chest.",
            "Symptomatic degenerative alterations necessitate multidisciplinary consideration.",
        ),
        (
            "de",
            "Legen Sie sich auf den Rücken. Ziehen Sie ein Knie zur Brust. Halten Sie es kurz.",
            "Die Berücksichtigung degenerativer Veränderungen der Lendenwirbelsäule erfordert Differenzierung.",
        ),
    ],
)
def test_the_formulas_tell_easy_from_hard(language: str, easy: str, hard: str) -> None:
    of_all, _ = HARDEST_ALLOWED[language]
    levels = [reading.FORMULAS[language](reading.counts_of(text, language)) for text in (easy, hard)]
    assert levels[0] > of_all > levels[1] if language == "en" else levels[0] < of_all < levels[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_spoken_forms_are_for_the_ear(language: str) -> None:
    """Whole sentences: no dash between numbers, no sign, no abbreviation that a screen reader would spell."""
    spoken = [one for one in said(language) if one.kind in {"spoken", "dosage"}]
    assert spoken
    wrong = [
        one.place
        for one in spoken
        if re.search(
            r"\d\s*[-\u2013x/]\s*\d|[\u00d7/&%<>=~]|\b(min|sec|sek|reps|wdh|kg|e\.g|z\. ?B)\b\.?",
            one.text,
            re.IGNORECASE,
        )
    ]
    assert wrong == []
    assert [one.place for one in spoken if one.kind == "spoken" and not one.text.endswith(".")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_lock_screen_is_told_nothing(language: str) -> None:
    """Whoever picks the phone up learns neither that its owner is a patient nor what hurts. Nothing is filled in."""
    telling = (
        r"pain|hurt|sore|exercis|clinic|doctor|knee|back|leg|body|step|symptom|health|therap|patient|rehab|train|medic|"
        r"emergency|stop|schmerz|weh|übung|üben|praxis|arzt|ärzt|knie|rücken|bein|körper|stufe|gesund|krank|notfall"
    )
    shown = [one for one in said(language) if one.kind == "notification"]
    assert shown
    assert [one.place for one in shown if re.search(telling, one.text, re.IGNORECASE) or "{" in one.text] == []
