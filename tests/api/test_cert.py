"""A prescription held against the reporting template through HTTP, in both languages."""

import httpx

from tests.people import SignedIn
from tests.phone import make_patient


async def test_what_a_plan_states(anna: SignedIn, other: SignedIn) -> None:
    patient = await make_patient(anna)
    asked = {
        "ladder_id": "knees-to-chest", "starts_on": "2026-01-05", "ends_on": "2026-03-01", "due_per_day": 2,
        "rungs": [{"rung": 1, "dosage": {"reps_min": 5}, "instruction": "Slowly."}], "reason": "Stiff in the morning.",
    }  # fmt: skip
    made = (await anna.post(f"/v1/patients/{patient}/prescriptions", json=asked)).json()
    url = f"/v1/patients/{patient}/prescriptions/{made['id']}/cert"
    answer = await anna.get(url)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    counts = [found[name] for name in ("stated", "partly", "missing")]
    assert counts == [8, 5, 3]
    assert sum(counts) == len(found["items"]) == 16
    [tailoring] = [one for one in found["items"] if one["number"] == 14]
    assert {(one["at"], one["says"]) for one in tailoring["evidence"]} == {
        ("due_per_day", "clinician"),
        ("rungs[1].dosage", "reps_min, reps_max"),
        ("rungs[1].instruction", "Slowly."),
        ("versions[].reason", "Stiff in the morning."),
    }
    german = await anna.get(url, headers={"Accept-Language": "de"})
    assert german.headers["Content-Language"] == "de"
    assert german.json()["items"][0]["name"] == "Hilfsmittel"
    assert all(one["text"] != two["text"] for one, two in zip(found["items"], german.json()["items"], strict=True))
    assert (await other.get(url)).status_code == 404
    assert (await anna.get(url.replace(made["id"], patient))).status_code == 404


async def test_it_speaks_of_the_newest_version(anna: SignedIn, client: httpx.AsyncClient) -> None:
    patient = await make_patient(anna)
    asked = {"ladder_id": "knees-to-chest", "starts_on": "2026-01-05"}
    made = await anna.post(f"/v1/patients/{patient}/prescriptions", json=asked)
    url = made.headers["Location"]
    change = {"ends_on": "2026-02-01", "reason": "Four weeks."}
    await anna.send("PATCH", url, json=change, headers={"If-Match": made.headers["ETag"]})
    found = (await anna.get(f"{url}/cert")).json()
    assert (found["version"], found["items"][12]["status"]) == (2, "stated")
