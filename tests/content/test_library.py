"""What the library offers: the pair of exercises whole, in both languages, findable, and with every origin named."""

from collections.abc import Iterator

import pytest

from app.content import library
from app.domain.exercise import PRODUCT_DEFAULT, CautionAction, Exercise, Phase, Side, Text

LIBRARY = library.load()
SINGLE = LIBRARY.exercise("single-knee-to-chest")
DOUBLE = LIBRARY.exercise("double-knee-to-chest")


def test_it_is_read_once() -> None:
    assert library.load() is LIBRARY


def texts_of(exercise: Exercise) -> Iterator[Text]:
    yield exercise.name
    yield exercise.spoken
    yield exercise.start_position.text
    for modification in exercise.modifications:
        yield modification.when
        yield modification.text
    for statement in (*exercise.purpose, *exercise.suits, *exercise.background):
        yield statement.text
    for step in exercise.steps:
        yield step.text
    for cue in exercise.cues:
        yield cue.text
    for note in exercise.safety:
        yield note.text
    for caution in exercise.cautions:
        yield caution.text


def every_text() -> list[Text]:
    texts = [text for exercise in LIBRARY.exercises.values() for text in texts_of(exercise)]
    for ladder in LIBRARY.ladders.values():
        texts += [ladder.name, *(statement.text for statement in ladder.rule)]
    for symptom in LIBRARY.symptoms.values():
        texts += [symptom.text, symptom.advice]
    texts += [condition.name for condition in LIBRARY.conditions.values()]
    return texts


def test_german_is_complete_and_not_the_english() -> None:
    for text in every_text():
        assert set(text) == {"en", "de"}
        assert text["en"] != text["de"]


def test_german_addresses_the_reader_formally() -> None:
    words = {word.strip(".,:;!?„“()") for text in every_text() for word in text["de"].split()}
    assert words.isdisjoint({"du", "dich", "dir", "dein", "deine", "deinen", "deinem", "deiner", "euch", "euer"})


def test_the_steps_of_one_leg() -> None:
    assert [step.phase for step in SINGLE.steps] == [
        Phase.START, Phase.MOVE, Phase.MOVE, Phase.MOVE, Phase.HOLD, Phase.RETURN, Phase.SWITCH_SIDE, Phase.REPEAT,
    ]  # fmt: skip
    assert SINGLE.required_sides == (Side.LEFT, Side.RIGHT)


def test_the_steps_of_both_legs_raise_one_after_the_other() -> None:
    assert [step.phase for step in DOUBLE.steps] == [
        Phase.START, Phase.MOVE, Phase.MOVE, Phase.MOVE, Phase.MOVE, Phase.HOLD, Phase.RETURN, Phase.REPEAT,
    ]  # fmt: skip
    assert DOUBLE.required_sides == (Side.BOTH,)
    note = next(note for note in DOUBLE.safety if note.id == "one-leg-after-the-other")
    assert note.acknowledge
    assert note.severity == "warning"


@pytest.mark.parametrize("exercise", [SINGLE, DOUBLE], ids=lambda exercise: exercise.id)
class TestThePair:
    def test_the_dosage_is_the_article_and_named_defaults(self, exercise: Exercise) -> None:
        dosage = exercise.dosage
        assert (dosage.reps_min, dosage.reps_max, dosage.hold_seconds_min, dosage.hold_seconds_max) == (10, 15, 3, 5)
        assert (dosage.sets, dosage.due_per_day, dosage.offered_per_day, dosage.days_per_week) == (1, 1, 2, 7)
        assert dosage.more_as_needed
        article = {name for name, origin in dosage.origins.items() if origin == "article"}
        assert article == {"reps_min", "reps_max", "due_per_day", "offered_per_day", "days_per_week", "more_as_needed"}
        ours = {name for name, origin in dosage.origins.items() if origin == PRODUCT_DEFAULT}
        assert ours == {"sets", "hold_seconds_min", "hold_seconds_max", "rest_seconds"}

    def test_the_spoken_dosage_says_its_numbers(self, exercise: Exercise) -> None:
        for language in ("en", "de"):
            assert all(number in exercise.spoken[language] for number in ("10", "15", "3", "5"))

    def test_steps_name_no_number_because_the_prescription_decides(self, exercise: Exercise) -> None:
        said = " ".join(text for step in exercise.steps for text in step.text.values())
        assert not any(character.isdigit() for character in said)

    def test_its_steps_are_short(self, exercise: Exercise) -> None:
        for step in exercise.steps:
            for sentence in step.text.values():
                assert max(len(part.split()) for part in sentence.split(". ")) <= 20, sentence

    def test_who_must_not_do_it_without_clearance(self, exercise: Exercise) -> None:
        avoid = {caution.condition for caution in exercise.cautions if caution.action is CautionAction.AVOID}
        assert avoid == {
            "osteoporosis_or_vertebral_fracture",
            "acute_disc_herniation_or_leg_symptoms",
            "hip_replacement_posterior_precautions",
        }
        for caution in exercise.cautions:
            if caution.action is CautionAction.AVOID:
                assert PRODUCT_DEFAULT not in caution.sources

    def test_its_sources_are_those_it_uses_and_what_the_article_cites(self, exercise: Exercise) -> None:
        ids = [source.id for source in exercise.sources]
        assert ids[:3] == ["article", "ace-manual-1999", "rajter-interview-2011"]
        assert len(ids) == len(set(ids))
        assert PRODUCT_DEFAULT not in ids

    def test_nobody_has_signed_it(self, exercise: Exercise) -> None:
        assert (exercise.review.status, exercise.review.by, exercise.review.on) == ("unreviewed", None, None)


def test_the_neighbours_on_the_ladder() -> None:
    [single] = LIBRARY.ladders_of(SINGLE.id)
    assert (single.ladder.id, single.rung, single.easier, single.harder) == ("knees-to-chest", 1, None, DOUBLE.id)
    [double] = LIBRARY.ladders_of(DOUBLE.id)
    assert (double.rung, double.easier, double.harder) == (2, SINGLE.id, None)
    assert LIBRARY.ladders_of("nothing") == ()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", {SINGLE.id, DOUBLE.id}),
        ("KNEE", {SINGLE.id, DOUBLE.id}),
        ("knee-to-chest single", {SINGLE.id}),
        ("two legged", {DOUBLE.id}),
        ("hug", {SINGLE.id}),
        ("gardening", {SINGLE.id, DOUBLE.id}),
        ("ruckenmuskeln", {SINGLE.id, DOUBLE.id}),
        ("Rückenmuskeln", {SINGLE.id, DOUBLE.id}),
        ("umarmen", {SINGLE.id}),
        ("low_back stretch", {SINGLE.id, DOUBLE.id}),
        ("unterer dehnung", {SINGLE.id, DOUBLE.id}),
    ],
)
def test_search_finds_of_the_pair(query: str, found: set[str]) -> None:
    """What else the library holds may be found too."""
    assert {exercise.id for exercise in LIBRARY.search(query)} & {SINGLE.id, DOUBLE.id} == found


def test_an_empty_query_finds_everything() -> None:
    assert {exercise.id for exercise in LIBRARY.search("")} == set(LIBRARY.exercises)


def test_names_are_found_first() -> None:
    """Those that are called so come before those whose texts only speak of it."""
    called_so = [
        "knee" in " ".join((one.id, one.name["en"], *one.also_known_as["en"])).lower() for one in LIBRARY.search("knee")
    ]
    assert set(called_so) == {True, False}
    assert called_so == sorted(called_so, reverse=True)
    assert LIBRARY.search("single knee to chest")[0] is SINGLE


def test_every_emergency_says_to_get_it_checked_now_and_diagnoses_nothing() -> None:
    emergencies = [symptom for symptom in LIBRARY.symptoms.values() if symptom.symptom_class == "emergency"]
    assert {"saddle_numbness", "bladder_or_bowel", "both_legs", "new_sexual_dysfunction", "chest_pain"} <= {
        symptom.code for symptom in emergencies
    }
    for symptom in emergencies:
        assert "serious" in symptom.advice["en"]
        assert "checked now" in symptom.advice["en"]
        assert "ernst" in symptom.advice["de"]
        assert "jetzt untersuchen" in symptom.advice["de"]
    said = " ".join(
        s for symptom in LIBRARY.symptoms.values() for s in (*symptom.text.values(), *symptom.advice.values())
    )
    assert not any(illness in said.lower() for illness in ("cauda", "thrombos", "infarct", "cancer", "krebs", "stroke"))


def test_symptoms_that_stop_reach_the_exercises_they_are_about() -> None:
    for code in ("leg_symptoms_spreading_down", "new_numbness_or_weakness"):
        assert set(SINGLE.regions) & set(LIBRARY.symptoms[code].regions)


def test_the_vocabulary_of_conditions() -> None:
    assert len(LIBRARY.conditions) == 12
