"""Every code is said in both languages, in words that are short, kind and true to their parameters."""

import ast
import re
from pathlib import Path

import pytest

from app.content import library
from app.content.texts import FALLBACK, PLACEHOLDER
from app.domain import standing
from app.domain.errors import ContentInvalid
from app.domain.rules.profiles import PROFILES

TEXTS = library.load().texts
ROOT = Path(__file__).parents[2]
SAID = [
    (language, kind, code, audience, sentence)
    for language, kinds in TEXTS.sentences.items()
    for kind, codes in kinds.items()
    for code, wordings in codes.items()
    for audience, sentence in wordings.items()
]
"""Every sentence there is."""

SAMPLES = {
    "counted_days": "2", "needed_days": "3", "pain": "7", "symptom": "saddle_numbness",
    "local_date": "2026-10-03",
    "worst_pain": "6", "because": "missed_day", "asks": "patient", "version": "2", "answered": "x", "accepted": "yes",
    "morning_pain": "3",
    "conditions": "pregnancy,balance_risk", "open_stops": "1", "emergency_number": "112",
    "clinic_phone": "030 555", "usual_pain": "3", "missed_days": "3", "silent_days": "7",
    "active_days": "9", "request": "unsure", "sets": "1", "reps_min": "5", "reps_max": "8", "hold_seconds_max": "5",
    "year": "2026", "page": "1", "pages": "2", "pain_min": "3", "pain_max": "5", "every_n_days": "2",
    "due_per_day": "1", "offered_per_day": "2", "duration_seconds": "30", "rest_seconds": "60",
    "how_many": "8 to 12", "said": "1 set of 8 to 12 times.", "load_kg": "2.5", "load_kg_max": "5",
}  # fmt: skip
"""A value for each parameter; a parameter that is missing here makes the tests below fail, so none is forgotten."""


def test_every_parameter_has_a_sample() -> None:
    used = {param for codes in TEXTS.params.values() for params in codes.values() for param in params}
    assert used == set(SAMPLES)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("audience", ["patient", "clinician"])
def test_every_code_is_said_whole(language: str, audience: str) -> None:
    for kind, codes in TEXTS.params.items():
        for code, params in codes.items():
            said = TEXTS.render(kind, code, {param: SAMPLES[param] for param in params}, language, audience)
            assert said
            assert "{" not in said
            assert "|" not in said


def trees_of_the_course() -> list[ast.Module]:
    """The files of the domain that decide."""
    names = ("climb", "course", "orders", "progression", "rules/profiles", "step_down", "walk")
    return [ast.parse((ROOT / "app" / "domain" / f"{name}.py").read_text(encoding="utf-8")) for name in names]


def words_in(node: ast.AST) -> set[str]:
    """Every word written out in a piece of a program."""
    return {one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)}


RULE_PROFILE = {name for name, _ in PROFILES} | {"good_days"}


def test_whatever_the_course_can_decide_can_be_said() -> None:
    """It takes in too much on purpose, every snake_case word of these files, so that no new code can slip by."""
    written = {word for tree in trees_of_the_course() for word in words_in(tree)}
    sayable = {code for kind in ("reason", "would_change_it", "progress") for code in TEXTS.params[kind]}
    params = {param for codes in TEXTS.params.values() for given in codes.values() for param in given}
    words = {word for word in written if re.fullmatch(r"[a-z]+(?:_[a-z]+)+", word)}
    assert words - sayable - params - RULE_PROFILE == set()


def test_each_code_is_of_the_kind_it_is_used_as() -> None:
    reasons, changes = set(), set()
    for tree in trees_of_the_course():
        for call in ast.walk(tree):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
                continue
            if call.func.id == "decide" and len(call.args) > 2:
                reasons |= words_in(call.args[2])
            if call.func.id == "Cause":
                reasons |= words_in(call.args[0])
            for keyword in call.keywords:
                if keyword.arg == "would_change_it":
                    value = keyword.value
                    parts = (value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,)
                    changes |= {word for part in parts for word in words_in(part)}
    assert len(reasons) > 8
    assert len(changes) > 4
    assert reasons - set(TEXTS.codes("reason")) == set()
    assert changes - set(TEXTS.codes("would_change_it")) == set()


def test_whatever_can_be_missing_can_be_said() -> None:
    assert set(TEXTS.codes("progress")) == {progress.value for progress in standing.Progress}


@pytest.mark.parametrize(
    ("days", "language", "said"),
    [
        ("1", "en", "Nothing heard from the phone for 1 day."),
        ("2", "en", "Nothing heard from the phone for 2 days."),
        ("0", "en", "Nothing heard from the phone for 0 days."),
        ("1", "de", "Seit 1 Tag nichts vom Telefon gehört."),
        ("7", "de", "Seit 7 Tagen nichts vom Telefon gehört."),
    ],
)
def test_one_and_many(days: str, language: str, said: str) -> None:
    assert TEXTS.render("worklist", "no_contact", {"silent_days": days}, language, "clinician") == said


def test_patient_and_clinician_read_different_words() -> None:
    params = {"worst_pain": "7", "local_date": "2026-10-03", "needed_days": "5"}
    assert TEXTS.render("reason", "pain_high", params) != TEXTS.render("reason", "pain_high", params, "en", "clinician")


@pytest.mark.parametrize(
    ("tag", "spoken"), [("en", "en"), ("de", "de"), ("de-AT", "de"), ("DE_ch", "de"), ("fr", "en"), ("", "en")]
)
def test_a_language_we_lack_is_english(tag: str, spoken: str) -> None:
    assert TEXTS.language_for(tag) == spoken
    assert TEXTS.render("reason", "clinician_order", {}, tag) == TEXTS.render("reason", "clinician_order", {}, spoken)


def test_an_unknown_code_is_said_in_general() -> None:
    assert TEXTS.render("reason", "from_a_newer_build", {"x": "1"}, "de") == TEXTS.render("reason", FALLBACK, {}, "de")


def test_a_missing_parameter_is_said_in_general() -> None:
    assert TEXTS.render("reason", "pain_high", {}) == TEXTS.render("reason", FALLBACK, {})


@pytest.mark.parametrize(
    ("language", "audience", "begins"),
    [
        ("en", "patient", "It was sore after your exercise on 9 March. So do half the repetitions for now"),
        ("en", "clinician", "Sore after the practice of 9 March, how much is not known: repetitions halved."),
        ("de", "patient", "Nach dem Üben am 9. März hat es wehgetan. Machen Sie deshalb vorerst die Hälfte"),
        (
            "de",
            "clinician",
            "Schmerzen nach dem Üben am 9. März, wie stark ist nicht bekannt: Wiederholungen halbiert.",
        ),
    ],
)
def test_a_sore_day_without_a_number_still_says_what_to_do(language: str, audience: str, begins: str) -> None:
    said = TEXTS.render("reason", "sore_day", {"local_date": "2026-03-09"}, language, audience)
    assert said.startswith(begins)


def test_a_kind_without_a_general_sentence_refuses() -> None:
    with pytest.raises(ContentInvalid, match=r"question\.favourite_colour"):
        TEXTS.render("question", "favourite_colour", {})


def test_kinds_about_stored_codes_have_a_general_sentence() -> None:
    for kind in (
        "progress",
        "reason",
        "would_change_it",
        "notice",
        "notification",
        "warning",
        "request",
        "worklist",
        "origin",
    ):
        assert FALLBACK in TEXTS.params[kind]


def test_dates_and_names_are_written_out() -> None:
    params = {"symptom": "chest_pain", "local_date": "2026-10-03"}
    assert 'On 3 October you told us: "Chest pain".' in TEXTS.render("reason", "symptom_emergency", params)
    assert "Am 3. Oktober haben Sie uns gesagt: „Schmerzen in der Brust“." in TEXTS.render(
        "reason", "symptom_emergency", params, "de"
    )


def test_several_conditions_are_named_one_after_the_other() -> None:
    said = TEXTS.render("reason", "needs_clearance", {"conditions": "pregnancy,spinal_stenosis"}, "en", "clinician")
    assert "Pregnancy, Spinal stenosis (a narrowed spinal canal)" in said


def test_an_id_that_the_catalogue_no_longer_knows_is_shown_as_it_is() -> None:
    assert "hiccups" in TEXTS.render("reason", "symptom_stop", {"symptom": "hiccups", "local_date": "someday"})


def test_a_parameter_is_never_read_as_a_template() -> None:
    assert "{pain} out of 10" in TEXTS.render("worklist", "pain_high", {"pain": "{pain}"}, "en", "clinician")


def test_advice_gets_the_clinics_numbers() -> None:
    for symptom in library.load().symptoms.values():
        for language in ("en", "de"):
            said = TEXTS.fill(
                symptom.advice[language], {"emergency_number": "112", "clinic_phone": "030 555"}, language
            )
            assert "{" not in said
            assert "112" in said or "030 555" in said


@pytest.mark.parametrize("said", [row for row in SAID if row[3] == "patient"], ids="/".join)
def test_what_a_patient_reads_is_short(said: tuple[str, str, str, str, str]) -> None:
    sentence = PLACEHOLDER.sub("x", said[4])
    parts = [part for part in re.split(r"(?<=[.!?:])\s", sentence) if part]
    assert max(len(part.split()) for part in parts) <= 25
    assert len(parts) <= 5


@pytest.mark.parametrize("language", ["en", "de"])
def test_safety_words(language: str) -> None:
    numbers = {"emergency_number": "112", "clinic_phone": "030 555", "local_date": "2026-10-03"}
    for code in ("emergency_first", "stop_first", "is_not_monitored"):
        assert "112" in TEXTS.render("safety", code, numbers, language)
    assert "{" not in TEXTS.render("safety", "late_report", numbers, language)


def test_the_offer_is_advice_and_says_whom_to_ask() -> None:
    assert "likely time" in TEXTS.render("offer", "likely_time", {})
    assert "healthcare provider before you try" in TEXTS.render("offer", "ask_if_unsure", {})
