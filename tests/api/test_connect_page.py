"""The page behind an invitation's link: what it says, what it never does, and that the code is written down nowhere."""

import asyncio
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import which
from typing import Any

import httpx
import pytest

from app.config import Settings
from app.pages import connect
from tests import people
from tests.people import SignedIn
from tests.rows import everything

CODE = "7KQM-2XRT-9HBC"
FRAGMENT = f"clinic=spine&code={CODE}"
NO_NUMBERS = re.compile(r"\b(?:1\d\d|9\d\d)\b")


class Page(HTMLParser):
    """What can be seen without a script: text outside of hidden elements, script and style; and every address."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.addresses: list[str] = []
        self.language: str | None = None
        self._open: list[tuple[str, bool]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href", "action", "srcset", "data"}]
        self.language = found.get("lang") or self.language
        if tag != "meta":
            self._open.append((tag, "hidden" in found or tag in {"script", "style", "title"}))

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1][0] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if data.strip() and not any(is_hidden for _, is_hidden in self._open):
            self.seen.append(data.strip())

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(self.seen)


async def opened(
    client: httpx.AsyncClient, path: str = "/connect", language: str = "en"
) -> tuple[httpx.Response, Page]:
    answer = await client.get(path, headers={"Accept-Language": language})
    return answer, Page(answer.text)


class TestWhatItSays:
    @pytest.mark.parametrize(
        ("language", "spoken", "said"),
        [
            ("en-GB, en;q=0.9", "en", "Connect your phone"),
            ("de-AT", "de", "Ihr Telefon verbinden"),
            ("fr, it;q=0.5", "en", "Connect your phone"),
        ],
    )
    async def test_in_the_readers_language(
        self, client: httpx.AsyncClient, language: str, spoken: str, said: str
    ) -> None:
        answer, page = await opened(client, language=language)
        assert answer.status_code == 200
        assert page.language == answer.headers["Content-Language"] == spoken
        assert said in page.text
        assert answer.headers["Vary"] == "Accept-Language"

    async def test_without_a_script_it_says_where_the_code_stands(self, client: httpx.AsyncClient) -> None:
        _, page = await opened(client)
        assert "at the end of the address of this page" in page.text
        assert "did not arrive whole" not in page.text
        assert "Type in the short name of the clinic and the code" in page.text

    @pytest.mark.parametrize("language", ["en", "de"])
    async def test_it_invents_no_emergency_number(self, client: httpx.AsyncClient, language: str) -> None:
        _, page = await opened(client, language=language)
        assert not NO_NUMBERS.search(page.text)
        assert {"en": "emergency number of the country", "de": "Notrufnummer des Landes"}[language] in page.text


class TestAMangledLink:
    @pytest.mark.parametrize(
        "path",
        [
            f"/connect%23{FRAGMENT}",
            f"/connect?{FRAGMENT}",
            f"/connect/?{FRAGMENT}",
            f"/connect%3F{FRAGMENT}",
            "/connect?clinic=spine&amp;code=7kqm2xrt9hbc",
            "/connect?utm_source=mail&clinic=spine&code=7kqm%202xrt%209hbc",
        ],
    )
    async def test_what_arrived_is_shown(self, client: httpx.AsyncClient, path: str) -> None:
        answer, page = await opened(client, path)
        assert answer.status_code == 200
        assert CODE in page.seen
        assert "spine" in page.seen

    @pytest.mark.parametrize(
        "path",
        [
            "/connect?clinic=spine",
            "/connect?code=7KQM-2XRT-9HBC",
            "/connect?clinic=spine&code=7KQM-2XRT",
            "/connect?clinic=spine&code=7KQM-2XRT-9HBO",
            "/connect?clinic=Spine%20Centre&code=%3Cscript%3Ealert(1)%3C/script%3E",
            "/connect%23clinic=%3Cb%3Espine%3C/b%3E&code=7KQM-2XRT-9HBC",
            "/connect?clinic=spine&code=%FF%FE%00",
            "/connect?code=" + "A" * 5000,
        ],
    )
    async def test_the_rest_is_met_kindly(self, client: httpx.AsyncClient, path: str) -> None:
        answer, page = await opened(client, path)
        assert answer.status_code == 200
        assert "This link did not arrive whole. That happens." in page.text
        assert "<script>alert" not in answer.text
        assert "<b>" not in answer.text
        assert CODE not in page.seen

    async def test_another_address_is_not_there(self, client: httpx.AsyncClient) -> None:
        answer, _ = await opened(client, "/connections")
        assert answer.status_code == 404


class TestWhatItNeverDoes:
    async def test_it_tells_nobody_whether_a_code_is_good(self, anna: SignedIn, settings: Settings) -> None:
        await people.complete_clinic(anna)
        invited = await people.invite(anna, (await people.make_patient(anna))["id"])
        good = {"clinic": invited["clinic"], "code": invited["code"]}
        before = everything(settings.owner_url)
        shown = []
        for given in (good, good | {"code": CODE}, good | {"clinic": "nobody"}):
            answer = await anna.client.get("/connect", params=given)
            shown.append(answer.text.replace(given["code"], "CODE").replace(f">{given['clinic']}<", ">CLINIC<"))
            assert "CODE" in shown[-1]
        assert shown[0] == shown[1] == shown[2]
        assert everything(settings.owner_url) == before
        assert (await people.redeem(anna.client, invited)).status_code == 200

    async def test_it_loads_nothing_and_says_so_to_the_browser(self, client: httpx.AsyncClient) -> None:
        answer, page = await opened(client)
        assert page.addresses == []
        assert "://" not in answer.text
        rules = dict(rule.strip().split(" ", 1) for rule in answer.headers["Content-Security-Policy"].split(";"))
        assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == rules["frame-ancestors"] == "'none'"
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"

    @pytest.mark.parametrize("path", [f"/connect?{FRAGMENT}", f"/connect%23{FRAGMENT}", f"/connectx{FRAGMENT}"])
    async def test_no_log_line_holds_the_code(
        self, client: httpx.AsyncClient, capsys: pytest.CaptureFixture[str], path: str
    ) -> None:
        await client.get(path)
        logged = capsys.readouterr()
        assert "operation=show_invitation" in logged.out
        assert CODE not in logged.out + logged.err
        assert "spine" not in logged.out + logged.err
        assert CODE not in (await client.get("/metrics")).text

    async def test_head_answers_the_same_without_a_body(self, client: httpx.AsyncClient) -> None:
        answer = await client.head("/connect")
        assert (answer.status_code, answer.content) == (200, b"")

    async def test_the_link_of_an_invitation_leads_here_and_keeps_the_code_to_itself(self, anna: SignedIn) -> None:
        await people.complete_clinic(anna)
        invited = await people.invite(anna, (await people.make_patient(anna))["id"])
        link = httpx.URL(invited["link"])
        assert (link.path, link.query) == ("/connect", b"")
        assert connect.given(f"#{link.fragment}") == (invited["clinic"], invited["code"])


def browser() -> str:
    found = which("chromium") or which("chromium-browser") or which("google-chrome")
    assert found, "this test needs Chromium: apt-get install chromium"
    return found


def dumped(address: str, profile: Path) -> str:
    """What a browser makes of a page, after its script has run."""
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", f"--user-data-dir={profile}"]
    command = [browser(), *flags, address]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


@contextmanager
def served(html: str, headers: dict[str, str]) -> Iterator[str]:
    """The page at an address of this machine, for a browser."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.check
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("fragment", "is_shown", "is_mangled"),
    [
        (f"#{FRAGMENT}", True, False),
        ("#clinic=spine&code=7kqm2xrt9hbc", True, False),
        ("#clinic=spine&code=7KQM-2XRT-9HB0", False, True),
        ("#clinic=%3Cimg%20src=x%20onerror=alert(1)%3E&code=7KQM-2XRT-9HBC", False, True),
        ("", False, False),
    ],
)
async def test_a_real_browser_shows_the_code(
    client: httpx.AsyncClient, tmp_path: Path, fragment: str, is_shown: bool, is_mangled: bool
) -> None:
    answer, _ = await opened(client)
    sent = {name: value for name, value in answer.headers.items() if name not in {"content-length", "x-request-id"}}
    with served(answer.text, sent) as address:
        dom = await asyncio.to_thread(dumped, f"{address}/connect{fragment}", tmp_path)
    page = Page(dom)
    assert (CODE in page.seen) is is_shown
    assert ("spine" in page.seen) is is_shown
    assert ("This link did not arrive whole" in page.text) is is_mangled
    assert ("at the end of the address of this page" in page.text) is (not fragment)
    assert "onerror" not in dom
