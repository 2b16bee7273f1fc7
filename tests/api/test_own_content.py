"""A clinic's own exercises and ladders: what is sound is kept, seen by this clinic alone, prescribed, and given up."""

import asyncio
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.api.own.keeping import definition_as
from app.api.shapes.own_bodies import OwnExerciseIn
from app.clock import MovableClock
from app.config import Settings
from app.main import create_app
from app.store.own.definitions import Kept
from tests.application import names
from tests.own_content import OWN_EXERCISE, OWN_LADDER
from tests.people import SignedIn
from tests.phone import Phone, make_patient, prescribe

Json = dict[str, Any]
EXERCISES, LADDERS = "/v1/clinic/exercises", "/v1/clinic/ladders"
BEND, CLIMB = f"{EXERCISES}/own-bend", f"{LADDERS}/own-climb"
UP = OWN_LADDER | {"exercises": ["own-bend", "single-knee-to-chest"]}


async def put(anna: SignedIn, url: str, body: Json, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await anna.send("PUT", url, json=body, headers=named)


async def climb(anna: SignedIn) -> None:
    """The exercise and the ladder of the clinic's own."""
    assert (await put(anna, BEND, OWN_EXERCISE)).status_code == 201
    answer = await put(anna, CLIMB, UP)
    assert answer.status_code == 201, answer.text


def wrong(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(one["pointer"], one["code"]) for one in answer.json()["errors"]]


def changed(body: Json, path: str, value: Any) -> Json:
    """The body with another value at a path; None takes it out."""
    copy = deepcopy(body)
    *parents, last = [int(part) if part.isdigit() else part for part in path.split("/")]
    inner: Any = copy
    for part in parents:
        inner = inner[part]
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    return copy


class TestKeeping:
    async def test_it_is_shown_as_it_was_sent_and_as_patients_read_it(self, anna: SignedIn) -> None:
        made = await put(anna, BEND, OWN_EXERCISE, If_None_Match="*")
        assert (made.status_code, made.headers["ETag"]) == (201, '"own-1-in-use"')
        read = await anna.get(BEND, headers={"Accept-Language": "de"})
        assert read.headers["ETag"] == made.headers["ETag"]
        shown = read.json()
        assert (shown["origin"], shown["version"], shown["is_retired"], shown["problem"]) == ("own", 1, False, None)
        exercise = shown["exercise"]
        assert (exercise["name"], exercise["figure"]) == ("Beugen an der Arbeitsplatte", None)
        assert exercise["review"] == {"status": "unreviewed", "by": None, "on": None}
        assert exercise["ladders"] == []
        assert {one["origin"] for one in exercise["dosage"]["origins"]} == {"clinic", "own-leaflet"}
        assert [one["id"] for one in exercise["sources"]] == ["own-leaflet"]
        again = await put(anna, BEND, shown["definition"])
        assert (again.status_code, again.headers["ETag"]) == (200, made.headers["ETag"])

    async def test_it_is_found_in_the_clinics_list_alone(self, anna: SignedIn, other: SignedIn) -> None:
        await put(anna, BEND, OWN_EXERCISE)
        page = (await anna.get(f"{EXERCISES}?q=kuchenbeuge")).json()
        assert [(one["id"], one["origin"]) for one in page["items"]] == [("own-bend", "own")]
        assert [one["id"] for one in (await anna.get(f"{EXERCISES}?origin=own")).json()["items"]] == ["own-bend"]
        assert (await other.get(f"{EXERCISES}?q=kuchenbeuge")).json()["items"] == []
        assert (await anna.client.get("/v1/exercises?q=kuchenbeuge")).json()["items"] == []
        for url in (BEND, f"{BEND}/review", f"{BEND}/hidden"):
            method = "GET" if url == BEND else "DELETE"
            assert (await other.send(method, url)).status_code == 404
        assert (await anna.client.get("/v1/exercises/own-bend")).status_code == 404
        mine = await put(other, BEND, changed(OWN_EXERCISE, "name/en", "Another"))
        assert mine.status_code == 201
        assert (await anna.get(BEND)).json()["exercise"]["name"] == "Bend at the counter"

    async def test_each_change_is_another_version_that_nobody_has_signed(self, anna: SignedIn) -> None:
        tag = (await put(anna, BEND, OWN_EXERCISE)).headers["ETag"]
        await anna.send("PUT", f"{BEND}/review", json={"version": 1})
        assert (await anna.get(BEND)).json()["exercise"]["review"]["status"] == "reviewed"
        body = changed(OWN_EXERCISE, "name/en", "Bend at the table")
        assert (await put(anna, BEND, body)).status_code == 428
        assert (await put(anna, BEND, body, If_None_Match="*")).status_code == 412
        answer = await put(anna, BEND, body, If_Match=tag)
        assert (answer.status_code, answer.json()["version"]) == (200, 2)
        assert answer.json()["exercise"]["review"]["status"] == "outdated"
        stale = await put(anna, BEND, OWN_EXERCISE, If_Match=tag)
        assert (stale.status_code, stale.headers["ETag"]) == (412, answer.headers["ETag"])
        assert (await put(anna, f"{EXERCISES}/own-new", body, If_Match="*")).status_code == 412

    async def test_of_two_at_once_one_is_kept(self, anna: SignedIn) -> None:
        bodies = [changed(OWN_EXERCISE, "name/en", f"Bend {number}") for number in range(4)]
        answers = await asyncio.gather(*(put(anna, BEND, body) for body in bodies))
        assert sorted(one.status_code for one in answers) == [201, 428, 428, 428]
        tag = (await anna.get(BEND)).headers["ETag"]
        changes = [changed(OWN_EXERCISE, "name/en", f"Stretch {number}") for number in range(4)]
        answers = await asyncio.gather(*(put(anna, BEND, body, If_Match=tag) for body in changes))
        assert sorted(one.status_code for one in answers) == [200, 412, 412, 412]
        assert (await anna.get(BEND)).json()["version"] == 2

    async def test_no_more_than_fit(self, anna: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("app.actions.own.keep_definition.MOST", {"exercise": 1, "ladder": 1})
        await climb(anna)
        assert (await put(anna, f"{EXERCISES}/own-two", OWN_EXERCISE)).status_code == 409
        assert (await put(anna, f"{LADDERS}/own-two", UP)).status_code == 409
        long = said_at_length()
        assert wrong(await put(anna, f"{EXERCISES}/own-two", long)) == [("", "too_long")]


def said_at_length() -> Json:
    """A body that is longer than it may be, each text of it within its bounds."""
    return OWN_EXERCISE | {
        "background": [
            {"id": f"b{n}", "text": {"en": "a " * 499 + "a", "de": "b " * 499 + "b"}, "sources": ["clinic"]}
            for n in range(40)
        ],
        "suits": [
            {"id": f"s{n}", "text": {"en": "a " * 499 + "a", "de": "b " * 499 + "b"}, "sources": ["clinic"]}
            for n in range(40)
        ],
    }


class TestRefusing:
    """The shape is judged by the contract, what it says by the code that reads the house's files."""

    @pytest.mark.parametrize(
        ("path", "value", "pointer", "code"),
        [
            ("colour", "red", "/colour", "unknown_field"),
            ("steps/1/colour", "red", "/steps/1/colour", "unknown_field"),
            ("name/de", None, "/name/de", "missing"),
            ("steps/2/text/de", None, "/steps/2/text/de", "missing"),
            ("name/en", None, "/name/en", "missing"),
            ("dosage/reps_max", 11, "/dosage/reps_max", "out_of_range"),
            ("dosage/reps_min", 4, "/dosage/reps_min", "out_of_range"),
            ("dosage/sets", 21, "/dosage/sets", "out_of_range"),
            ("dosage/sets", "3", "/dosage/sets", "not_an_integer"),
            ("dosage/reps_min", 9, "/dosage/reps_min", "upside_down"),
            ("dosage/origins/sets", None, "/dosage/origins/sets", "missing"),
            ("dosage/origins/sets", "product_default", "/dosage/origins/sets", "not_allowed"),
            ("dosage/origins/sets", "article", "/dosage/origins/sets", "not_allowed"),
            ("cues/0/sources", ["aafp-low-back"], "/cues/0/sources", "not_allowed"),
            ("cues/0/sources", [], "/cues/0/sources", "too_short"),
            ("sources/0/id", "mayo-stretching", "/sources/0/id", "bad_format"),
            ("sources/0/url", "javascript:alert(1)", "/sources/0/url", "invalid"),
            ("regions", ["soul"], "/regions/0", "not_allowed"),
            ("equipment", ["table", "table"], "/equipment/1", "duplicate"),
            ("kind", "magic", "/kind", "not_allowed"),
            ("steps/1/number", 7, "/steps/1/number", "invalid"),
            ("steps/1/phase", "start", "/steps/1/phase", "invalid"),
            ("cautions/0/condition", "bad-luck", "/cautions/0/condition", "not_allowed"),
            ("form_of", "own-nothing", "/form_of", "not_allowed"),
            ("purpose/0/text/en", "Call {clinic_phone}.", "/purpose/0/text/en", "invalid"),
            ("purpose/0/text/en", "Call 112 at once.", "/purpose/0/text/en", "invalid"),
            ("languages", ["de"], "/languages", "invalid"),
            ("name/en", "a" * 1001, "/name/en", "too_long"),
            ("name/en", "\x00", "/name/en", "bad_text"),
        ],
    )
    async def test_what_is_not_sound(self, anna: SignedIn, path: str, value: Any, pointer: str, code: str) -> None:
        answer = await put(anna, BEND, changed(OWN_EXERCISE, path, value))
        assert wrong(answer) == [(pointer, code)]
        assert (await anna.get(BEND)).status_code == 404

    async def test_all_that_lacks_a_language_in_one_list_is_told_together(self, anna: SignedIn) -> None:
        body = deepcopy(OWN_EXERCISE)
        for step in body["steps"]:
            del step["text"]["de"]
        assert wrong(await put(anna, BEND, body)) == [(f"/steps/{n}/text/de", "missing") for n in range(3)]
        english = without_german(OWN_EXERCISE) | {"languages": ["en"]}
        assert (await put(anna, BEND, english)).status_code == 201
        german = (await anna.get(BEND, headers={"Accept-Language": "de"})).json()
        assert german["exercise"]["name"] == "Bend at the counter"

    @pytest.mark.parametrize(
        ("path", "value", "pointer", "code"),
        [
            ("exercises", ["single-knee-to-chest", "no-such"], "/exercises/1", "not_allowed"),
            ("exercises", ["own-bend"], "/exercises/0", "not_allowed"),
            ("exercises", ["clamshell", "clamshell"], "/exercises/1", "duplicate"),
            ("exercises", [], "/exercises", "too_short"),
            ("pain_free_days", 2, "/pain_free_days", "out_of_range"),
            ("pain_free_days", None, "/pain_free_days", "missing"),
            ("good_days", 3, "/good_days", "unknown_field"),
            ("rule_profile", "quota", "/rule_profile", "not_allowed"),
            ("origins/pain_free_days", "article", "/origins/pain_free_days", "not_allowed"),
            ("name/de", None, "/name/de", "missing"),
            ("rungs", 3, "/rungs", "unknown_field"),
        ],
    )
    async def test_a_ladder_that_is_not_sound(
        self, anna: SignedIn, path: str, value: Any, pointer: str, code: str
    ) -> None:
        assert wrong(await put(anna, CLIMB, changed(OWN_LADDER, path, value))) == [(pointer, code)]

    @pytest.mark.parametrize("name", ["clamshell", "bend", "owned", "own_bend"])
    async def test_an_id_of_its_own_begins_with_own(self, anna: SignedIn, name: str) -> None:
        assert wrong(await put(anna, f"{EXERCISES}/{name}", OWN_EXERCISE)) == [("path/exercise_id", "not_allowed")]
        assert wrong(await put(anna, f"{LADDERS}/{name}", OWN_LADDER)) == [("path/ladder_id", "not_allowed")]
        assert (await anna.send("DELETE", f"{EXERCISES}/{name}")).status_code == 404

    async def test_markup_stays_the_text_that_it_is(self, anna: SignedIn) -> None:
        evil = '<script>alert("1")</script> & <b>bold</b>'
        answer = await put(anna, BEND, changed(OWN_EXERCISE, "name/en", evil))
        assert answer.json()["exercise"]["name"] == evil


def without_german(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_german(each) for name, each in value.items() if name != "de"}
    return [without_german(each) for each in value] if isinstance(value, list) else value


class TestPrescribing:
    async def test_a_patient_is_shown_it_and_moves_on(self, anna: SignedIn, phone: Phone) -> None:
        await climb(anna)
        assert (await phone.amend(ladder_id="own-climb")).status_code == 200
        routine = (await phone.routine()).json()
        [item] = routine["days"][0]["items"]
        assert (item["exercise_id"], item["rungs"]) == ("own-bend", 2)
        assert item["dosage"]["spoken"] == "5 to 8 times."
        shown = {one["id"]: one for one in routine["exercises"]}
        assert list(shown) == ["own-bend", "single-knee-to-chest"]
        place = {"id": "own-climb", "rung": 1, "rungs": 2, "easier": None, "harder": "single-knee-to-chest"}
        assert shown["own-bend"]["ladders"] == [place]
        assert "own-climb" in [one["id"] for one in shown["single-knee-to-chest"]["ladders"]]
        told = await phone.put("0197f0c0-0000-7000-8000-00000000cafe", done(phone, item))
        assert told.status_code == 201, told.text
        again = (await phone.routine()).json()["days"][0]["items"][0]
        assert again["slots"][0]["status"] == "done"

    async def test_an_eased_day_tells_its_resting_form(self, anna: SignedIn, phone: Phone) -> None:
        lean = {"id": "lean", "on_sore_days": True, "sources": ["clinic"]} | {
            "when": {"en": "If bending hurts today", "de": "Wenn das Beugen heute wehtut"},
            "text": {"en": "Only lean on the counter.", "de": "Lehnen Sie sich nur an."},
        }
        assert (await put(anna, BEND, OWN_EXERCISE | {"modifications": [lean]})).status_code == 201
        assert (await put(anna, CLIMB, UP)).status_code == 201
        await phone.amend(ladder_id="own-climb")
        sore = done(phone, await phone.item())
        sore["performances"][0]["pain_during"] = 4
        answer = await phone.put(str(uuid4()), sore)
        for text in (answer.json()["progress"][0]["text"], (await phone.item())["progress"]["text"]):
            assert text.endswith("If bending hurts today: Only lean on the counter.")
        german = await phone.send("GET", "/v1/me/progress", headers={"Accept-Language": "de"})
        assert german.json()["items"][0]["text"].endswith("Wenn das Beugen heute wehtut: Lehnen Sie sich nur an.")

    async def test_its_origin_is_the_clinic_and_never_a_published_source(self, anna: SignedIn) -> None:
        await climb(anna)
        made = (await prescribe(anna, await make_patient(anna), ladder_id="own-climb")).json()
        first = {one["field"]: one["origin"] for one in made["rungs"][0]["dosage"]["origins"]}
        assert (first["sets"], first["reps_min"]) == ("clinic", "own-leaflet")
        assert {one["field"]: one["origin"] for one in made["origins"]}["pain_free_days"] == "clinic"
        assert [one["code"] for one in made["warnings"]] == ["unreviewed_content"]

    async def test_what_runs_keeps_what_it_pinned(self, anna: SignedIn, phone: Phone) -> None:
        await climb(anna)
        await phone.amend(ladder_id="own-climb")
        stronger = deepcopy(OWN_EXERCISE)
        stronger["dosage"] |= {"reps_min": 6, "reps_max": 10}
        tag = (await anna.get(BEND)).headers["ETag"]
        assert (await put(anna, BEND, stronger, If_Match=tag)).status_code == 200
        item = await phone.item()
        assert (item["exercise_version"], item["dosage"]["reps_min"]) == (1, 5)
        url = f"/v1/patients/{phone.patient_id}/prescriptions/{phone.prescription_id}"
        cert = (await anna.get(f"{url}/cert")).json()
        assert cert["items"][7]["status"] == "stated"
        assert (await phone.amend(due_per_day=2)).json()["rungs"][0]["exercise_version"] == 2

    async def test_what_is_retired_is_not_prescribed_anew(self, anna: SignedIn, phone: Phone) -> None:
        await climb(anna)
        await phone.amend(ladder_id="own-climb")
        patient = await make_patient(anna)
        for url, named in ((CLIMB, "ladder own-climb"), (BEND, "exercise own-bend")):
            for _ in range(2):
                assert (await anna.send("DELETE", url)).status_code == 204
            refused = await prescribe(anna, patient, ladder_id="own-climb")
            assert (refused.status_code, refused.json()["code"]) == (409, "content_withheld")
            assert refused.json()["detail"] == f"The clinic has retired the {named}."
            tag = (await anna.get(url)).headers["ETag"]
            assert (await anna.get(url)).json()["is_retired"]
            assert (await put(anna, url, UP if url == CLIMB else OWN_EXERCISE, If_Match=tag)).status_code == 200
        await anna.send("DELETE", BEND)
        assert (await phone.item())["exercise_id"] == "own-bend"
        assert (await phone.amend(due_per_day=2)).status_code == 200
        listed = (await anna.get(f"{LADDERS}/own-climb")).json()
        assert (listed["withheld_exercises"], listed["is_retired"]) == (["own-bend"], False)
        assert (await anna.get(f"{EXERCISES}?q=kuchenbeuge")).json()["items"] == []
        assert wrong(await put(anna, f"{LADDERS}/own-other", UP)) == [("/exercises/0", "not_allowed")]

    async def test_another_clinic_cannot_prescribe_it(self, anna: SignedIn, other: SignedIn) -> None:
        await climb(anna)
        theirs = await make_patient(other)
        refused = await prescribe(other, theirs, ladder_id="own-climb")
        assert wrong(refused) == [("/ladder_id", "not_allowed")]
        assert "own-" not in refused.text.replace('"own-climb"', "")
        assert wrong(await put(other, CLIMB, UP)) == [("/exercises/0", "not_allowed")]

    async def test_a_phone_lists_nothing_of_it(self, anna: SignedIn, phone: Phone) -> None:
        await climb(anna)
        for url in (EXERCISES, LADDERS, BEND, CLIMB):
            assert (await phone.send("GET", url)).status_code == 403
        body = {"prescription": {"ladder_id": "own-climb", "starts_on": "2026-01-05"}, "to": "2026-01-06"}
        refused = await phone.send("POST", "/v1/rules/simulate", json=body)
        assert (refused.status_code, "own-" in refused.text) == (422, False)
        assert (await anna.post("/v1/rules/simulate", json=body)).status_code == 200

    async def test_a_build_that_cannot_read_it_serves_its_patients(
        self, anna: SignedIn, phone: Phone, settings: Settings, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await climb(anna)
        await phone.amend(ladder_id="own-climb")
        monkeypatch.setattr("app.content.loader.EXERCISE_KINDS", ("stretch", "strength"))
        later = create_app(settings, clock, resolve=names)
        async with (
            later.router.lifespan_context(later),
            httpx.AsyncClient(transport=httpx.ASGITransport(later), base_url="http://rung.test") as client,
        ):
            now = SignedIn(client, anna.token, anna.refresh_token, anna.id)
            seen = (await now.get(BEND)).json()
            assert (seen["exercise"], "mobility" in seen["problem"]) == (None, True)
            routine = await now.get(f"/v1/patients/{phone.patient_id}/routine")
            assert routine.json()["days"][0]["items"][0]["exercise_id"] == "own-bend"
            mended = await put(now, BEND, OWN_EXERCISE | {"kind": "stretch"}, If_Match=seen_tag(await now.get(BEND)))
            assert (mended.status_code, mended.json()["problem"]) == (200, None)
            assert (await now.get(CLIMB)).json()["problem"] is None


def test_what_was_kept_in_a_shape_that_is_gone_is_no_definition() -> None:
    at = datetime(2026, 1, 5, tzinfo=UTC)
    kept = Kept(("exercise", "own-bend"), 1, {"shape": "of another build"}, uuid4(), at, None)
    assert definition_as(OwnExerciseIn, kept) is None
    assert definition_as(OwnExerciseIn, replace(kept, body=OWN_EXERCISE)) is not None


def seen_tag(answer: httpx.Response) -> str:
    return answer.headers["ETag"]


def done(phone: Phone, item: Json) -> Json:
    """A session that did what the item asks."""
    body = phone.session(exercise=item["exercise_id"])
    body["performances"][0] |= {
        "prescription_version": item["prescription_version"],
        "sets": [{"side": "none", "reps": 8}],
    }
    return body
