"""What does somebody see who opens an invitation's link without the app: the code to type in, and what to do next.

The code stands behind `#`, which browsers keep to themselves, and the page's own script shows it. Where a program has
mangled the link, so that clinic and code arrive here, they are shown by their form alone. This file refuses to know
whether a code is good: whatever the link, nothing is looked up.
"""

import re
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from urllib.parse import unquote

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from app.content.languages import wanted
from app.content.library import Library
from app.store import keys

STATIC = files("app.pages") / "static"
STYLE = (STATIC / "connect.css").read_text(encoding="utf-8")
SCRIPT = (STATIC / "connect.js").read_text(encoding="utf-8")
PAGE = Environment(loader=PackageLoader("app.pages"), autoescape=True, undefined=StrictUndefined).get_template(
    "connect.html"
)

CLINIC = r"[a-z0-9](?:-?[a-z0-9]){0,39}"
"""A clinic's short name, as sign-in takes it."""
CODE_LENGTH = 12
MANGLED = "#?&/"
"""What may follow `/connect` when a program wrote `%23` for `#`, or something else that is not ours."""
MOST_READ = 500
"""Characters of a mangled link that are looked at."""


def _allowed(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src {_allowed(STYLE)}; script-src {_allowed(SCRIPT)}; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Vary": "Accept-Language",
}
"""The page may run and look like itself, and load nothing from anywhere."""


def routes(library: Library) -> APIRouter:
    """The page in the languages of a library."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/connect", methods=["GET", "HEAD"])
    @router.api_route("/connect{mangled:path}", methods=["GET", "HEAD"])
    async def show_invitation(request: Request, mangled: str = "") -> HTMLResponse:
        """The page."""
        is_ours = not mangled or mangled[0] in MANGLED
        rest = f"{mangled}&{request.url.query}" if is_ours else ""
        language = wanted(request.headers.get("accept-language"), library.languages)
        headers = {**HEADERS, "Content-Language": language}
        return HTMLResponse(_page(library, language, rest), status_code=200 if is_ours else 404, headers=headers)

    return router


def _page(library: Library, language: str, rest: str) -> str:
    def say(code: str) -> str:
        return library.texts.render("connect", code, {}, language)

    clinic, code = given(rest)
    return PAGE.render(
        language=language,
        say=say,
        clinic=clinic,
        code=code,
        is_mangled=not code and bool(re.search(r"clinic|code", rest)),
        alphabet=keys.CODE_ALPHABET,
        clinic_form=CLINIC,
        style=Markup(STYLE),  # noqa: S704 - our own file
        script=Markup(SCRIPT),  # noqa: S704 - our own file
    )


def given(rest: str) -> tuple[str, str]:
    """Clinic and code in what is left of a mangled link; both empty unless both have their form."""
    text = unquote(rest[:MOST_READ], errors="replace").replace("&amp;", "&")
    clinic = re.search(rf"\bclinic=({CLINIC})(?![a-z0-9-])", text)
    code = re.search(r"\bcode=([0-9A-Za-z -]{4,40})", text)
    letters = keys.fold_code(code[1]) if code else ""
    if clinic is None or len(letters) != CODE_LENGTH or not set(letters) <= set(keys.CODE_ALPHABET):
        return "", ""
    return clinic[1], "-".join(letters[at : at + 4] for at in range(0, CODE_LENGTH, 4))
