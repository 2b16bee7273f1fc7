"""The plan on paper: what stands on it and what never does, whatever names, plans and clinics are like."""

import asyncio
import re
from collections.abc import Mapping
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from fastapi import FastAPI
from pypdf import PdfReader

from app.clock import MovableClock
from app.content import library
from tests.own_content import OWN_EXERCISE, OWN_LADDER
from tests.people import PASSWORD, SignedIn, complete_clinic, connect, make_patient
from tests.phone import Phone, prescribe
from tests.world import World, canary

HOSTILE = '*Bold* _x_ #panic("x") $1$ <b>&amp;</b> `y` \\ [z] @ref = // %p {clinic_phone} "q"'
EIGHT = (
    "knees-to-chest", "bird-dog", "squat", "bridge", "neck-rotation", "hamstring-stretch-supine", "clamshell",
    "cat-camel",
)  # fmt: skip


def words(text: str) -> str:
    """The text with single spaces: a line may end anywhere."""
    return re.sub(r"[\s\u00a0\u200b]+", " ", text)


def read(pdf: bytes) -> str:
    """All words of a PDF."""
    return words(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages))


async def handout(by: SignedIn, patient_id: str, **query: str) -> bytes:
    answer = await by.get(f"/v1/patients/{patient_id}/handout.pdf", params=query or None)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf"), answer.text
    return answer.content


async def patient_of(by: SignedIn, *ladders: str, **patient: Any) -> str:
    """A patient to whom ladders are prescribed."""
    patient_id: str = (await make_patient(by, **patient))["id"]
    for ladder in ladders:
        made = await prescribe(by, patient_id, ladder_id=ladder)
        assert made.status_code == 201, made.text
    return patient_id


async def rename(anna: SignedIn, **settings: Any) -> None:
    found = await anna.get("/v1/clinic")
    body = {name: value for name, value in found.json().items() if name != "is_complete"} | settings
    answer = await anna.send("PUT", "/v1/clinic", json=body, headers={"If-Match": found.headers["ETag"]})
    assert answer.status_code == 200, answer.text


async def test_everything_a_patient_needs_stands_on_it(anna: SignedIn) -> None:
    await complete_clinic(anna)
    patient_id = await patient_of(anna, "knees-to-chest")
    said = read(await handout(anna, patient_id))
    exercise = library.load().exercises["single-knee-to-chest"]
    for text in (
        "Your exercises", "For Paula Patient", "As of 5 January 2026", "Page 1 of 2", "Your plan, version 1",
        "1. Single knee to chest", "Every day, 1 to 2 times a day", "Left and right", "Stop at once", "Chest pain",
        "Call 112", "Phone +49 30 1234", "Hours Mon-Fri 8-17", "Emergency 112", "Nobody watches",
        "http://127.0.0.1:8000/connect", "short name in the app: spine", exercise.spoken["en"],
        exercise.start_position.text["en"], *(step.text["en"] for step in exercise.steps),
        *(note.text["en"] for note in exercise.safety),
    ):  # fmt: skip
        assert words(text) in said, text
    assert said.index("Stop at once") < said.index("Single knee to chest")


@pytest.mark.parametrize(
    ("query", "size"),
    [({}, (595, 842)), ({"paper": "letter"}, (612, 792)), ({"paper": "letter", "large_type": "true"}, (612, 792))],
)
async def test_every_page_has_the_size_of_the_paper(
    anna: SignedIn, query: Mapping[str, str], size: tuple[int, int]
) -> None:
    pages = PdfReader(BytesIO(await handout(anna, await patient_of(anna, "knees-to-chest"), **query))).pages
    assert {(round(page.mediabox.width), round(page.mediabox.height)) for page in pages} == {size}
    assert f"Page {len(pages)} of {len(pages)}" in words(pages[-1].extract_text())


async def test_it_is_in_the_patients_language_or_the_one_that_is_asked_for(anna: SignedIn) -> None:
    patient_id = await patient_of(anna, "knees-to-chest", language="de")
    german, english = await handout(anna, patient_id), await handout(anna, patient_id, language="en")
    assert "Ihre Übungen" in read(german)
    assert "1. Ein Knie zur Brust" in read(german)
    assert "Stand 5. Januar 2026" in read(german)
    assert "1. Single knee to chest" in read(english)


async def test_letters_are_larger_where_that_is_asked_for(anna: SignedIn) -> None:
    patient_id = await patient_of(anna, "knees-to-chest")
    usual, large = [PdfReader(BytesIO(await handout(anna, patient_id, large_type=is_so))) for is_so in ("no", "yes")]
    assert len(large.pages) > len(usual.pages)


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"paper": "a5"}, "query/paper"),
        ({"language": "fr"}, "query/language"),
        ({"language": "../x"}, "query/language"),
        ({"large_type": "huge"}, "query/large_type"),
    ],
)
async def test_what_nobody_can_print(anna: SignedIn, query: dict[str, str], pointer: str) -> None:
    answer = await anna.get(f"/v1/patients/{await patient_of(anna)}/handout.pdf", params=query)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_all_exercises_of_the_patient_and_none_of_anothers(anna: SignedIn) -> None:
    one = read(await handout(anna, await patient_of(anna, "knees-to-chest", "bird-dog", name="One")))
    other = read(await handout(anna, await patient_of(anna, "neck-rotation", name="Other")))
    assert ("1. Single knee to chest" in one, "2. Bird dog with one leg" in one, "Neck turn" in one) == (
        True,
        True,
        False,
    )
    assert ("Single knee" in other, "Bird dog" in other, "1. Neck turn" in other) == (False, False, True)
    assert ("For One" in one, "For Other" in other) == (True, True)


async def test_names_and_words_of_people_are_never_markup(anna: SignedIn) -> None:
    await rename(anna, name=f"C {HOSTILE}", contact={"phone": None, "email": "*a*@#b.$c$", "hours": f"H {HOSTILE}"})
    patient_id = await patient_of(anna, name=f"N {HOSTILE}")
    rungs = [{"rung": 1, "instruction": f"I {HOSTILE}\nand a line", "dosage": {"load": f"L {HOSTILE}"[:80]}}]
    assert (await prescribe(anna, patient_id, rungs=rungs)).status_code == 201
    said = read(await handout(anna, patient_id))
    said = said.replace(" ", "")  # a line may end after a slash, too
    for begins in "CHNI":
        assert f"{begins} {HOSTILE}".replace(" ", "") in said
    assert "L*Bold*_x_#panic" in said
    assert "andaline" in said


@pytest.mark.parametrize(
    "name", ["W" * 200, "Ana-María Ærøskøbing-Łukasiewicz " * 6, "Παπαδοπούλου Іваненко", "e\u0301 \u202e x"]
)
async def test_long_and_unusual_names_stay_on_the_paper(anna: SignedIn, name: str) -> None:
    pdf = await handout(anna, await patient_of(anna, "knees-to-chest", name=name.strip()))
    reader = PdfReader(BytesIO(pdf))
    places: list[float] = []
    for page in reader.pages:
        page.extract_text(visitor_text=lambda _t, _cm, tm, _f, _s: places.append(tm[4]))
    assert all(0 <= place < 595 for place in places)
    said = read(pdf)
    assert "".join(name.replace("\u202e", "").split())[:150] in said.replace(" ", "")
    assert f"As of 5 January 2026 Page {len(reader.pages)} of" in said


async def test_an_empty_plan_says_so_and_still_says_whom_to_call(anna: SignedIn) -> None:
    await complete_clinic(anna)
    said = read(await handout(anna, await patient_of(anna)))
    assert "There is no exercise in your plan at the moment" in said
    assert "Phone +49 30 1234" in said
    assert "Your week" not in said


async def test_a_clinic_without_numbers_gets_none_from_us(anna: SignedIn) -> None:
    said = read(await handout(anna, await patient_of(anna, "knees-to-chest")))
    assert "Call your local emergency number" in said
    assert "call your clinic on the same day: your healthcare provider" in said
    assert ("112" in said, "911" in said, "Emergency" in said.split("How to reach")[1]) == (False, False, False)


async def test_what_is_stopped_or_paused_is_named_and_not_shown(phone: Phone, anna: SignedIn) -> None:
    await prescribe(anna, phone.patient_id, ladder_id="neck-rotation")
    await phone.order("pause")
    said = read(await handout(anna, phone.patient_id))
    assert "Please do not do these for now Single knee to chest Paused until" in said
    assert "1. Neck turn" in said
    assert "Interlace your fingers" not in said
    await phone.order("stop")
    said = read(await handout(anna, phone.patient_id))
    assert "Single knee to chest Stopped. Only your clinic can start it again" in said


async def test_a_stop_comes_first(phone: Phone, anna: SignedIn) -> None:
    assert (await phone.practise(symptoms=["saddle_numbness"])).status_code == 201
    said = read(await handout(anna, phone.patient_id))
    assert "Stop this exercise now. Call your clinic today" in said
    assert said.index("Stop this exercise now") < said.index("Stop at once if you notice")
    assert "There is no exercise in your plan at the moment" in said


async def test_the_dosage_is_the_one_in_force(phone: Phone, anna: SignedIn) -> None:
    full = read(await handout(anna, phone.patient_id))
    await phone.practise(pain=4)
    phone.sleep()
    eased = read(await handout(await _again(phone), phone.patient_id))
    assert "Half the repetitions for now" not in full
    assert "Half the repetitions for now, until a day feels calmer." in eased
    assert "1 set of 5 to 8 times on each side." in eased


async def _again(phone: Phone) -> SignedIn:
    """A clinician signed in anew, after a night."""
    answer = await phone.client.post(
        "/v1/auth/sign-in", json={"clinic": "spine", "email": "anna@spine.example", "password": PASSWORD}
    )
    return SignedIn(phone.client, answer.json()["access_token"], answer.json()["refresh_token"], "")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"weekdays": ["mon", "thu"]}, "When Mon, Thu, 1 to 2 times a day"),
        ({"every_n_days": 2}, "When Every 2 days, 1 to 2 times a day"),
        ({"due_per_day": 3, "offered_per_day": 3}, "When Every day, 3 times a day"),
        ({"due_per_day": 1, "offered_per_day": 1}, "When Every day, once a day"),
        ({"as_needed": True}, "When As needed"),
        ({"starts_on": "2026-01-09", "ends_on": "2026-02-01"}, "From 9 January 2026 Until 1 February 2026"),
        ({"rungs": [{"rung": 1, "side": "left"}]}, "Side Left side only"),
        ({"rungs": [{"rung": 1, "dosage": {"load": "2 kg"}}]}, "Weight or band 2 kg"),
    ],
)
async def test_days_sides_and_loads_are_those_prescribed(anna: SignedIn, asked: dict[str, Any], said: str) -> None:
    patient_id = await patient_of(anna)
    assert (await prescribe(anna, patient_id, **asked)).status_code == 201
    found = read(await handout(anna, patient_id))
    assert said in found
    # The catalogue's own sentence speaks of days, so it stands only beside the days that it means.
    is_usual = not {"weekdays", "every_n_days", "due_per_day", "as_needed", "rungs"} & set(asked)
    assert ("Ideally every day" in found) is is_usual


async def test_the_left_side_alone_is_drawn_as_the_left_side(anna: SignedIn) -> None:
    left, right = await patient_of(anna), await patient_of(anna)
    for patient_id, side in ((left, "left"), (right, "right")):
        await prescribe(anna, patient_id, rungs=[{"rung": 1, "side": side}])
    pages = [await handout(anna, one) for one in (left, right)]
    contents = [[page.get_contents() for page in PdfReader(BytesIO(one)).pages] for one in pages]
    drawn = [[one.get_data() for one in found if one is not None] for found in contents]
    assert len(drawn[0]) == len(drawn[1]) == 2
    assert drawn[0][1] != drawn[1][1]


async def test_an_exercise_without_a_figure_has_its_words(anna: SignedIn, app: FastAPI) -> None:
    drawings = app.state.house.drawings
    object.__setattr__(drawings, "drawn", frozenset(drawings.drawn - {"single-knee-to-chest"}))
    said = read(await handout(anna, await patient_of(anna, "knees-to-chest")))
    assert "Interlace your fingers just under the knee." in said


async def test_a_clinics_own_exercise_stands_on_it_in_the_clinics_words(anna: SignedIn) -> None:
    hostile = f"Stand {HOSTILE}".replace("{clinic_phone}", "")
    step = {"phase": "start", "text": {"en": hostile, "de": "Stehen Sie."}}
    own = OWN_EXERCISE | {"steps": [OWN_EXERCISE["steps"][0] | step, *OWN_EXERCISE["steps"][1:]]}
    for kind, name, body in (
        ("exercises", "own-bend", own),
        ("ladders", "own-climb", OWN_LADDER | {"exercises": ["own-bend", "single-knee-to-chest"]}),
    ):
        made = await anna.send("PUT", f"/v1/clinic/{kind}/{name}", json=body)
        assert made.status_code == 201, made.text
    said = read(await handout(anna, await patient_of(anna, "own-climb")))
    assert f"1. {OWN_EXERCISE['name']['en']}" in said
    assert hostile.replace(" ", "") in said.replace(" ", "")
    assert "How much 5 to 8 times." in said


async def test_a_patient_prints_their_own(anna: SignedIn) -> None:
    await complete_clinic(anna)
    patient_id = await patient_of(anna, "knees-to-chest")
    phone = await connect(anna, patient_id)
    mine = await phone.get("/v1/me/handout.pdf")
    assert mine.status_code == 200
    assert mine.headers["Cache-Control"] == "private, no-store"
    assert mine.headers["Content-Disposition"] == 'inline; filename="handout.pdf"'
    assert read(mine.content) == read(await handout(anna, patient_id))


async def test_it_says_no_more_of_the_patient_than_the_name(anna: SignedIn) -> None:
    await complete_clinic(anna)
    patient_id = await patient_of(
        anna, "knees-to-chest", birth_year=1958, phone="+49 30 999", identifiers=[{"system": "mrn", "value": "4711-x"}],
        cautions=[{"condition": "spondylolisthesis"}],
    )  # fmt: skip
    invited = await anna.post(f"/v1/patients/{patient_id}/invitations", {})
    pdf = await handout(anna, patient_id)
    said = read(pdf)
    for secret in ("1958", "999", "4711", "pondylolisthesis", patient_id, invited.json()["code"], "#clinic", "code="):
        assert secret not in said
    told = PdfReader(BytesIO(pdf)).metadata
    assert told is not None
    assert (told.title, told.author) == ("Your exercises", None)


async def test_the_same_plan_gives_the_same_bytes(anna: SignedIn, clock: MovableClock) -> None:
    patient_id = await patient_of(anna, "knees-to-chest")
    clock.move_by(timedelta(microseconds=7))
    assert await handout(anna, patient_id) == await handout(anna, patient_id)


async def test_questions_to_the_database_do_not_grow_with_the_plan(anna: SignedIn, app: FastAPI) -> None:
    heard: list[str] = []
    one, eight = await patient_of(anna, "knees-to-chest"), await patient_of(anna, *EIGHT)
    app.state.house.db.speaker.listeners.append(lambda sql, _parameters, _many: heard.append(sql))
    counts = []
    for patient_id in (one, eight):
        heard.clear()
        await handout(anna, patient_id)
        counts.append(len([sql for sql in heard if sql.lstrip().upper().startswith("SELECT")]))
    assert counts[0] == counts[1] <= 6


async def test_others_are_answered_while_it_is_printed(anna: SignedIn, app: FastAPI) -> None:
    patient_id = await patient_of(anna, *EIGHT)
    asked = [asyncio.create_task(handout(anna, patient_id)) for _ in range(3)]
    while app.state.house.printing.waiting < 3:  # noqa: ASYNC110 - the desk tells nobody
        await asyncio.sleep(0.001)
    assert (await anna.client.get("/v1/server")).status_code == 200
    assert app.state.house.printing.waiting > 0
    assert len(set(await asyncio.gather(*asked))) == 1


async def test_no_page_holds_a_word_of_another_patient_or_clinic(world: World) -> None:
    for name, whose in world.patients.items():
        by = next(one for one in world.principals.values() if one.knows(whose) and "clinician" in one.roles)
        answer = await world.send(by, "GET", f"/v1/patients/{whose.patient_id}/handout.pdf")
        assert answer.status_code == 200
        said = read(answer.content)
        assert not [other for other in world.patients if other != name and canary(other) in said]
