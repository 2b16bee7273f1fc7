"""The part of the story in which a clinic says something about the library, and adds to it."""

from collections.abc import Awaitable, Callable

import httpx

from tests.own_content import OWN_EXERCISE, OWN_LADDER


async def clinics_content(do: Callable[..., Awaitable[httpx.Response]]) -> None:
    """What the clinic says about the library: signed, hidden, content of its own, and all of it taken back."""
    climb = OWN_LADDER | {"exercises": ["own-counter-bend", "single-knee-to-chest"]}
    kinds = {"exercise": ("glute-bridge", "side-plank", "own-counter-bend", OWN_EXERCISE)}
    kinds["ladder"] = ("knees-to-chest", "side-plank", "own-from-standing", climb)
    for kind, (liked, hidden, own, body) in kinds.items():
        await do(f"sign_off_{kind}", "anna", {"version": 1, "note": "Read."}, path={f"{kind}_id": liked})
        await do(f"hide_{kind}", "anna", path={f"{kind}_id": hidden})
        path = {f"{kind}_id": own}
        await do(f"put_clinic_{kind}", "anna", body, path=path, headers={"If-None-Match": "*"})
        tag = (await do(f"get_clinic_{kind}", "anna", path=path)).headers["ETag"]
        changed = body | {"name": {"en": "Standing", "de": "Im Stehen"}}
        await do(f"put_clinic_{kind}", "anna", changed, path=path, headers={"If-Match": tag})
    await do("search_clinic_exercises", "anna", query={"q": "knee to chest"})
    await do("list_clinic_ladders", "anna")
    for kind, (liked, hidden, own, _) in kinds.items():
        await do(f"retire_clinic_{kind}", "anna", path={f"{kind}_id": own})
        await do(f"show_{kind}", "anna", path={f"{kind}_id": hidden})
        await do(f"withdraw_{kind}_sign_off", "anna", path={f"{kind}_id": liked})
