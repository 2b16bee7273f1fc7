"""The loader refuses content that is wrong, and says where."""

import re
from pathlib import Path

import pytest

from app.content import library
from app.domain.errors import ContentInvalid, NotFound
from tests.second_ladder import copy_of_content

SINGLE = "exercises/single-knee-to-chest.toml"
LADDER = "ladders/knees-to-chest.toml"
DOSE = '[[published_doses]]\nid = "one"\nsource = "spine-exercises"\n'
BREATHING = 'Keep breathing in and out all the time."'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return copy_of_content(tmp_path)


def change(root: Path, file: str, was: str, becomes: str) -> None:
    text = (root / file).read_text(encoding="utf-8")
    assert was in text, f"{file} does not hold {was}"
    (root / file).write_text(text.replace(was, becomes, 1), encoding="utf-8")


def test_what_is_there_is_sound(root: Path) -> None:
    assert library.read_library(root).content_version == library.load().content_version


def test_no_file_takes_an_id_that_is_for_clinics(root: Path) -> None:
    text = (root / SINGLE).read_text(encoding="utf-8").replace('id = "single-knee-to-chest"', 'id = "own-knee"', 1)
    (root / "exercises" / "own-knee.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ContentInvalid, match=r'own-knee\.toml:\d+: id: begins with "own-"'):
        library.read_library(root)


REFUSED = {
    "a statement without sources": (
        SINGLE, 'sources = ["spine-exercises"]\n\n[[cues]]', "\n[[cues]]",
        r"cues\[keep-breathing\]\.sources: is missing"),
    "a statement with an empty list of sources": (
        SINGLE, 'sources = ["spine-exercises"]\n\n[[cues]]', "sources = []\n\n[[cues]]",
        r"cues\[keep-breathing\]\.sources: is empty"),
    "a source that is not in the list": (
        SINGLE, 'sources = ["life-in-motion"]', 'sources = ["my-aunt"]', r'"my-aunt" is not in sources\.toml'),
    "a source that nobody read": (
        SINGLE, 'sources = ["life-in-motion"]', 'sources = ["ace-manual-1999"]', "is only cited by another source"),
    "a number without an origin": (
        SINGLE, 'sets = "product_default"\n', "", r"dosage\.origins\.sets: is missing"),
    "a number with an unknown origin": (
        SINGLE, 'sets = "product_default"', 'sets = "habit"', r'dosage\.origins\.sets: "habit" is not in sources'),
    "an origin of a number that does not exist": (
        SINGLE, 'sets = "product_default"', 'sets = "article"\ntempo = "article"',
        r"dosage\.origins\.tempo: is not a field"),
    "an unknown phase": (
        SINGLE, 'phase = "hold"', 'phase = "wait"', r'steps\[5\]\.phase: is "wait"; it must be one of start, move'),
    "steps that skip a number": (
        SINGLE, "number = 3", "number = 9", r"steps\[9\]\.number: is 9; .* so this one is 3"),
    "a step number twice": (SINGLE, "number = 3", "number = 2", r"steps: number 2 stands there twice"),
    "a second start": (SINGLE, 'phase = "return"', 'phase = "start"', r"steps\[6\]\.phase: the first step"),
    "one side after the other without a switch": (
        SINGLE, 'phase = "switch_side"', 'phase = "move"', "steps: must switch the side"),
    "missing English": (
        SINGLE, f'text.en = "{BREATHING}\n', "", r'cues\[keep-breathing\]\.text\.en: the text in "en" is missing'),
    "missing German": (
        SINGLE, 'text.de = "Atmen Sie die ganze Zeit ruhig ein und aus."\n', "",
        r'cues\[keep-breathing\]\.text\.de: the text in "de" is missing'),
    "missing German in the list of names": (
        SINGLE, "also_known_as.de = [", "also_known_as.fr = [", r"also_known_as\.de: the text in"),
    "a language that the file does not name": (
        SINGLE, 'text.de = "Atmen', 'text.fr = "Respirez."\ntext.de = "Atmen', r"text\.fr: is not a field"),
    "a file without English": (SINGLE, 'languages = ["en", "de"]', 'languages = ["de"]', "languages: must name en"),
    "a blank sentence": (SINGLE, BREATHING, ' "', r"cues\[keep-breathing\]\.text\.en: must not be empty"),
    "an unknown position": (
        SINGLE, 'code = "supine_knees_bent"', 'code = "upside_down"', r'start_position\.code: is "upside_down"'),
    "equipment nobody knows": (
        SINGLE, "equipment = []", 'equipment = ["trampoline"]', 'equipment: "trampoline" is not known'),
    "a form of nothing": (
        SINGLE, "version = 1", 'version = 1\nform_of = "nothing"', 'form_of: there is no exercise "nothing"'),
    "a form of itself": (
        SINGLE, "version = 1", 'version = 1\nform_of = "single-knee-to-chest"', "form_of: is the exercise itself"),
    "a ladder in a direction of its own": (LADDER, 'direction = "flexion"', 'direction = "up"', 'direction: is "up"'),
    "a published dose that says nothing": (
        SINGLE, "[dosage]", f"{DOSE}\n[dosage]", r"published_doses\[one\]: says neither"),
    "a published dose of nobody": (
        SINGLE, "[dosage]", '[[published_doses]]\nid = "one"\nsource = "my-aunt"\n[dosage]',
        r'published_doses\[one\]\.source: "my-aunt" is not'),
    "a published dose upside down": (
        SINGLE, "[dosage]", f"{DOSE}reps = [9, 5]\n[dosage]", r"published_doses\[one\]\.reps: is upside down: 9"),
    "a published dose with one end": (
        SINGLE, "[dosage]", f"{DOSE}reps = [9]\n[dosage]", "reps: must be a list of 2 whole numbers"),
    "a number of ours outside all published doses": (
        SINGLE, "[dosage]", f"{DOSE}sets = [2, 3]\n[dosage]", "dosage.sets: is 1; the published doses .* say 2 to 3"),
    "a number that its source does not say": (
        SINGLE, 'sets = "product_default"', 'sets = "spine-exercises"', "sets: is 1, which no published dose of"),
    "repetitions upside down": (
        SINGLE, "reps_min = 10", "reps_min = 16", r"dosage\.reps_min: is 16, more than reps_max"),
    "holds upside down": (
        SINGLE, "hold_seconds_min = 3", "hold_seconds_min = 6", r"dosage\.hold_seconds_min: is 6, more than"),
    "half a hold": (
        SINGLE, "hold_seconds_max = 5\n", "", r"dosage\.hold_seconds_min: needs both ends"),
    "more due than offered": (SINGLE, "due_per_day = 1", "due_per_day = 3", r"dosage\.due_per_day: is 3, more than"),
    "no repetition": (SINGLE, "reps_min = 10", "reps_min = 0", r"dosage\.reps_min: is 0; it must lie between 1"),
    "eight days a week": (SINGLE, "days_per_week = 7", "days_per_week = 8", r"dosage\.days_per_week: is 8"),
    "a number as text": (SINGLE, "sets = 1", 'sets = "1"', r"dosage\.sets: must be a whole number"),
    "true as a number": (SINGLE, "sets = 1", "sets = true", r"dosage\.sets: must be a whole number"),
    "a dosage without repetitions": (SINGLE, "reps_min = 10\n", "", r"dosage\.reps_min: is missing"),
    "a misspelt field": (SINGLE, "equipment = []", "equipment = []\nequipement = []", "equipement: is not a field"),
    "an id that is not the file's name": (
        SINGLE, 'id = "single-knee-to-chest"', 'id = "knee-to-chest"', 'id: is "knee-to-chest"; it must be'),
    "an unknown region": (SINGLE, 'regions = ["low_back"]', 'regions = ["tail"]', 'regions: "tail" is not known'),
    "an unknown condition": (SINGLE, 'condition = "pregnancy"', 'condition = "hiccups"', r'condition: is "hiccups"'),
    "two cues of one id": (
        SINGLE, 'id = "keep-breathing"', 'id = "other-leg"', "cues: id other-leg stands there twice"),
    "a placeholder in an exercise": (
        SINGLE, BREATHING, 'Breathe {count} times."', r"text\.en: \{count\} is not a placeholder"),
    "an emergency number in a sentence": (SINGLE, BREATHING, 'Call 112 if you feel faint."', r"text\.en: names 112"),
    "a review without a name": (
        SINGLE, 'status = "unreviewed"', 'status = "reviewed"', r"review\.status: reviewed needs"),
    "a ladder to an exercise that is not there": (
        LADDER, '"double-knee-to-chest"]', '"triple-knee-to-chest"]', 'exercises: "triple-knee-to-chest" is not known'),
    "an exercise on no ladder": (
        LADDER, ', "double-knee-to-chest"]', "]",
        r"exercises/double-knee-to-chest\.toml: no ladder names this exercise"),
    "an empty ladder": (
        LADDER, '["single-knee-to-chest", "double-knee-to-chest"]', "[]", "exercises: must name at least one"),
    "an exercise twice on a ladder": (
        LADDER, '"double-knee-to-chest"]', '"double-knee-to-chest", "double-knee-to-chest"]', "stands there twice"),
    "two pain-free days": (
        LADDER, "pain_free_days = 3", "pain_free_days = 2", "pain_free_days: is 2; it must lie between 3"),
    "a rule of no origin": (
        LADDER, 'origins.pain_free_days = "product_default"\n', "", r"origins\.pain_free_days: is missing"),
    "an unknown rule profile": (
        LADDER, 'rule_profile = "pain_free_days"', 'rule_profile = "hope"', 'rule_profile: is "hope"'),
    "an emergency without the number to call": (
        "symptoms.toml", "Call {emergency_number} or go", "Go", r"symptoms\[saddle_numbness\]\.advice\.en: must say"),
    "an emergency of one region": (
        "symptoms.toml", "regions = []", 'regions = ["hip"]', r"regions: must name regions for"),
    "a stop without regions": (
        "symptoms.toml", 'regions = ["low_back", "hip", "thigh"]', "regions = []", r"regions: must name regions for"),
    "an advice with another placeholder": (
        "symptoms.toml", "Call {emergency_number} or go", "Call {emergency_number} or {doctor} or go",
        r"\{doctor\} is not"),
    "a class of symptom that does nothing": (
        "symptoms.toml", 'class = "contact"', 'class = "shrug"', r'class: is "shrug"; it must be one of emergency'),
    "a source called as our own default": (
        "sources.toml", 'id = "mayo-stretching"', 'id = "product_default"', "means that there is no source"),
    "a source cited by nobody we know": (
        "sources.toml", 'cited_by = "article"', 'cited_by = "rumour"', r'cited_by: "rumour" is not a source'),
    "a source at no web address": (
        "sources.toml", 'url = "https://www.mayoclinic', 'url = "www.mayoclinic', r"url: must begin with https"),
    "a gap that claims a source": (
        "article.toml", 'origin = "product_default"', 'origin = "article"', r'gaps\[G1\]\.origin: is "article"'),
    "a code without a sentence": (
        "texts/de.toml", 'clean_day.patient = "Ein', 'cleanday.patient = "Ein',
        r"texts/de\.toml: would_change_it\.clean_day\.patient: is missing"),
    "a sentence without a code": (
        "texts/codes.toml", "sore_day = []\n", "", r"texts/en\.toml: would_change_it\.sore_day: is not a field"),
    "a sentence with a parameter that its code lacks": (
        "texts/en.toml", "lot: {worst_pain} out", "lot: {pane} out", r"reason\.pain_high\.patient: \{pane\} is not"),
    "a sentence that rests on what may be missing": (
        "texts/en.toml", "It was sore on two days.", "It was sore: {worst_pain}.",
        r"\{worst_pain\} is not always given"),
    "a sentence with an unknown form": (
        "texts/en.toml", "On {local_date:date} you", "On {local_date:day} you", "has an unknown form"),
    "a sentence with a stray brace": (
        "texts/en.toml", "lot: {worst_pain} out", "lot: {worst_pain out", "holds a brace"),
    "an emergency number in a text": (
        "texts/en.toml", "now: call {emergency_number}", "now: call 999",
        r"safety\.emergency_first\.patient: names 999"),
    "eleven months": ("texts/de.toml", '"Januar", ', "", "months: must be 12 names"),
}  # fmt: skip


@pytest.mark.parametrize(("file", "was", "becomes", "says"), REFUSED.values(), ids=REFUSED.keys())
def test_refused(root: Path, file: str, was: str, becomes: str, says: str) -> None:
    change(root, file, was, becomes)
    with pytest.raises(ContentInvalid) as refused:
        library.read_library(root)
    without_line = re.sub(r"\.toml:\d+: ", ".toml: ", refused.value.detail)
    assert re.search(says, without_line), refused.value.detail
    assert re.match(r"(exercises|ladders|texts)/[a-z-]+\.toml: |[a-z]+\.toml: ", without_line)


def test_a_mistake_names_file_line_and_field(root: Path) -> None:
    change(root, SINGLE, 'phase = "hold"', 'phase = "wait"')
    line = (root / SINGLE).read_text(encoding="utf-8").splitlines().index('phase = "wait"') + 1
    with pytest.raises(ContentInvalid, match=rf"^{SINGLE}:{line}: steps\[5\]\.phase: "):
        library.read_library(root)


def test_a_syntax_error_names_its_line(root: Path) -> None:
    change(root, SINGLE, "sets = 1\n", "sets = \n")
    line = (root / SINGLE).read_text(encoding="utf-8").splitlines().index("sets = ") + 1
    with pytest.raises(ContentInvalid, match=rf"exercises/single-knee-to-chest\.toml: .*line {line}"):
        library.read_library(root)


def test_a_missing_file_is_named(root: Path) -> None:
    (root / "symptoms.toml").unlink()
    with pytest.raises(ContentInvalid, match=r"symptoms\.toml: the file is missing"):
        library.read_library(root)


def test_a_file_that_is_not_utf8_is_named(root: Path) -> None:
    (root / SINGLE).write_bytes("id = 'Brücke'".encode("latin-1"))
    with pytest.raises(ContentInvalid, match=r"single-knee-to-chest\.toml: byte 8 is not UTF-8"):
        library.read_library(root)


def test_an_exercise_may_say_that_it_has_no_german_yet(root: Path) -> None:
    english = re.sub(r"^[\w.]+\.de = .*\n", "", (root / SINGLE).read_text(encoding="utf-8"), flags=re.MULTILINE)
    (root / SINGLE).write_text(english.replace('languages = ["en", "de"]', 'languages = ["en"]'), encoding="utf-8")
    loaded = library.read_library(root)
    assert set(loaded.exercises["single-knee-to-chest"].name) == {"en"}


def test_every_word_counts_for_the_version(root: Path) -> None:
    before = library.read_library(root).content_version
    change(root, SINGLE, BREATHING, 'Keep breathing."')
    after = library.read_library(root).content_version
    assert before != after
    assert re.fullmatch(r"[0-9a-f]{12}", after)


def test_line_ends_do_not_count_for_the_version(root: Path) -> None:
    before = library.read_library(root).content_version
    (root / SINGLE).write_bytes((root / SINGLE).read_bytes().replace(b"\n", b"\r\n"))
    assert library.read_library(root).content_version == before


def test_what_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        library.load().exercise("triple-knee-to-chest")
    with pytest.raises(NotFound):
        library.load().ladder("stairs")
