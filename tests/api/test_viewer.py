"""The page that shows the contract works on a machine without any network but this server."""

import re

import httpx

from app.api.contract.viewer import POLICY


async def test_everything_the_page_loads_comes_from_here(client: httpx.AsyncClient) -> None:
    page = await client.get("/docs")
    assert (page.status_code, page.headers["Content-Security-Policy"]) == (200, POLICY)
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(loaded) == 4
    for name in loaded:
        answer = await client.get(f"/{name}")
        assert answer.status_code == 200, name
        kinds = {"js": "text/javascript", "css": "text/css", "png": "image/png"}
        assert answer.headers["Content-Type"].split(";")[0] == kinds[name.rpartition(".")[2]]
        # Without `nosniff` a browser may guess what a file is.
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_the_policy_lets_nothing_in(client: httpx.AsyncClient) -> None:
    assert "http" not in POLICY
    [scripts] = [part for part in POLICY.split("; ") if part.startswith("script-src")]
    assert scripts == "script-src 'self'"
    page = (await client.get("/docs")).text
    assert re.findall(r"<script(?! src=)|\son\w+=|javascript:|//", page) == []


async def test_the_viewer_is_told_where_the_document_is(client: httpx.AsyncClient) -> None:
    [url] = re.findall(r'url: "([^"]+)"', (await client.get("/docs/start.js")).text)
    assert (await client.get(f"/{url}")).json()["openapi"].startswith("3.1")
    css = (await client.get("/docs/viewer.css")).text
    assert re.findall(r"url\((?!\"?data:)[^)]*\)|@import", css) == []
