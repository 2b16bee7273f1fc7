"""The signs that a patient is asked about are those of the sources, and each does what the sources ask for.

Groups as a clinician would check them: what needs help now, what a doctor should see the same day, what comes after
surgery, and what ends an exercise at once.
"""

import re

import pytest

from app.content import library

SYMPTOMS = library.load().symptoms

NOW = "emergency"
SAME_DAY = "contact"
STOPS = "stop"

SIGNS = {
    "help now, with back pain": {
        NOW: "both_legs saddle_numbness bladder_or_bowel new_sexual_dysfunction chest_pain after_serious_accident"
        " rapid_leg_weakness",
    },
    "a doctor the same day": {
        SAME_DAY: "fever unexplained_weight_loss lump_or_shape_change night_pain worse_with_cough_or_sneeze"
        " upper_back_pain",
    },
    "after surgery": {
        NOW: "sudden_breathlessness chest_pain",
        STOPS: "calf_swelling new_joint_instability",
        SAME_DAY: "fever wound_redness_or_drainage",
    },
    "ends an exercise": {
        NOW: "chest_pain sudden_breathlessness vision_speech_or_collapse",
        STOPS: "leg_symptoms_spreading_down new_numbness_or_weakness new_arm_numbness_or_weakness",
        SAME_DAY: "dizziness sudden_sharp_pain new_swelling",
    },
}
FLAT = [
    (group, kind, code) for group, kinds in SIGNS.items() for kind, codes in kinds.items() for code in codes.split()
]


@pytest.mark.parametrize(("group", "kind", "code"), FLAT)
def test_a_sign_does_what_its_group_asks_for(group: str, kind: str, code: str) -> None:
    assert SYMPTOMS[code].symptom_class == kind, group


def test_every_sign_stands_in_a_group() -> None:
    assert {code for _, _, code in FLAT} == set(SYMPTOMS)


@pytest.mark.parametrize("code", SYMPTOMS)
@pytest.mark.parametrize("language", ["en", "de"])
def test_whom_to_call_comes_from_the_clinics_settings_and_is_never_guessed(code: str, language: str) -> None:
    symptom = SYMPTOMS[code]
    assert not re.search(r"\d{2,}", symptom.text[language] + symptom.advice[language])
    wanted = "{emergency_number}" if symptom.symptom_class == NOW else "{clinic_phone}"
    assert wanted in symptom.advice[language]
