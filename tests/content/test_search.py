"""What is found for some words, in which order: on a made-up library, so that no exercise's text decides a test."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.content import library
from app.content.search import index_of, words_of
from app.domain.exercise import Exercise, Statement, Text

LIBRARY = library.load()
SINGLE = LIBRARY.exercise("single-knee-to-chest")


def exercise(id_: str, name: Text, also: dict[str, tuple[str, ...]], purpose: Text) -> Exercise:
    said = (Statement(text=purpose, sources=("article",)),)
    return replace(
        SINGLE, id=id_, name=name, also_known_as=also, purpose=said, suits=(), kind="strength", regions=("neck",)
    )


MADE_UP = (
    exercise(
        "piriformis-stretch", {"en": "Piriformis stretch", "de": "Piriformis-Dehnung"},
        {"en": ("Figure four",), "de": ("Liegende Vier",)},
        {"en": "Lets a deep muscle of the seat let go.", "de": "Lockert einen tiefen Gesäßmuskel, ohne zu drücken."},
    ),
    exercise(
        "knee-to-chest", {"en": "Knee to chest", "de": "Knie zur Brust"},
        {"en": ("Knee hug",), "de": ("Knie umarmen",)},
        {"en": "A comfortable stretch for the back.", "de": "Entspannt die Rückenmuskeln."},
    ),
    exercise(
        "march", {"en": "Marching bridge", "de": "Brücke mit Marschieren"}, {"en": ("Bridge",), "de": ()},
        {"en": "Hips and legs.", "de": "Hüfte und Beine."},
    ),
    exercise(
        "bridge", {"en": "Bridge", "de": "Brücke"}, {"en": ("Hip lift",), "de": ("Becken heben",)},
        {"en": "Makes the seat strong.", "de": "Kräftigt das Gesäß."},
    ),
    exercise(
        "wrist", {"en": "Wrist circles", "de": "Handgelenke kreisen"}, {"en": ("Child's play",), "de": ()},
        {"en": "Before you lift things.", "de": "Vor dem Heben."},
    ),
    exercise(
        "walk", {"en": "Walking", "de": "Gehen"}, {"en": (), "de": ()},
        {"en": "After a bridge, or a day at the table.", "de": "Nach einem Tag am Tisch, für die Taille."},
    ),
)  # fmt: skip
INDEX = index_of(MADE_UP, LIBRARY.vocabulary)


def found(query: str) -> list[str]:
    return [MADE_UP[number].id for number in INDEX.find(query)]


FOUND = {
    "nothing asked": ("", [one.id for one in MADE_UP]),
    "blanks and marks alone": (" -- ", [one.id for one in MADE_UP]),
    "its name": ("knee to chest", ["knee-to-chest"]),
    "its name in the other language": ("KNIE ZUR BRUST", ["knee-to-chest"]),
    "words of both languages": ("brust hug", ["knee-to-chest"]),
    "another name": ("knee hug", ["knee-to-chest"]),
    "another name without its blank": ("kneehug", ["knee-to-chest"]),
    "an umlaut": ("Brücke mit", ["march"]),
    "an umlaut as ue": ("Bruecke mit", ["march"]),
    "an umlaut without its dots": ("brucke mit", ["march"]),
    "an umlaut in two characters": ("Bru\u0308cke mit", ["march"]),
    "a sharp s": ("gesass kräftigt", ["bridge"]),
    "an apostrophe": ("childs", ["wrist"]),
    "another apostrophe": ("child\u2019s", ["wrist"]),
    "the beginning of a word": ("piri", ["piriformis-stretch"]),
    "a part of a German word": ("muskeln", ["knee-to-chest"]),
    "a part of a German word is no word's tail": ("rücken", ["knee-to-chest"]),
    "no part of an English word": ("table", ["walk"]),
    "the exact name, words of names, other names, the rest": ("bridge", ["bridge", "march", "walk"]),
    "the whole word before its beginning": ("heben", ["bridge", "wrist"]),
    "a letter missing": ("pirifomis", ["piriformis-stretch"]),
    "two letters wrong in a long word": ("pyriformus", ["piriformis-stretch"]),
    "two letters swapped": ("brigde", ["bridge", "march", "walk"]),
    "a typing error beside a right word": ("knee brust chesd", ["knee-to-chest"]),
    "three letters wrong": ("pyrifurmus", []),
    "no error in a word of four letters": ("hugg", []),
    "a known word is no error of another": ("wrist", ["wrist"]),
    "an unknown short word": ("hog", []),
    "every word must occur": ("bridge chest", []),
    "a word of no language": ("xyzzyx", []),
}


@pytest.mark.parametrize(("query", "expected"), FOUND.values(), ids=FOUND)
def test_it_is_found(query: str, expected: list[str]) -> None:
    assert found(query) == expected


def test_a_typing_error_forgiven_stands_behind_what_was_spelled_so() -> None:
    """`Brigde` once stands in a purpose: then it is a word, and nothing is forgiven."""
    odd = replace(MADE_UP[5], purpose=(Statement(text={"en": "Brigde.", "de": "Brigde."}, sources=("article",)),))
    assert index_of([*MADE_UP, odd], LIBRARY.vocabulary).find("brigde") == (6,)


@pytest.mark.parametrize("typed", ["brigde", "brdge", "bridgee", "bredge"])
def test_one_error_is_forgiven_in_six_letters(typed: str) -> None:
    """Swapped, left out, too many, wrong."""
    assert INDEX.find(typed) == INDEX.find("bridge")


def test_two_errors_are_not_forgiven_in_six_letters() -> None:
    assert INDEX.find("bregde") == ()


@given(st.text(max_size=200))
def test_whatever_is_asked_is_answered(query: str) -> None:
    numbers = INDEX.find(query)
    assert len(set(numbers)) == len(numbers)
    if not words_of(query):
        assert len(numbers) == len(MADE_UP)


@given(st.sampled_from(sorted(word for word in INDEX.words if len(word) >= 5)), st.data())
def test_one_letter_left_out_is_forgiven(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(word) - 1))
    shorter = word[:place] + word[place + 1 :]
    assert len(shorter) < 5 or INDEX.find(shorter) != ()


def test_every_exercise_is_found_by_each_of_its_names_first_by_its_own() -> None:
    for one in LIBRARY.exercises.values():
        for name in one.name.values():
            assert name in LIBRARY.search(name)[0].name.values()
        for names in one.also_known_as.values():
            assert all(one in LIBRARY.search(name) for name in names)
