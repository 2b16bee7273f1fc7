"""The committed document is what the code says, and stands by itself."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openapi_spec_validator import validate

from app.config import Settings
from app.main import create_app

COMMITTED = Path(__file__).resolve().parents[2] / "openapi" / "openapi.json"


def test_the_committed_document_is_what_the_code_says() -> None:
    """If this fails and the code is right: `make openapi`, look at the difference, and commit the file."""
    stored = parts(json.loads(COMMITTED.read_text(encoding="utf-8")))
    fresh = parts(json.loads(json.dumps(create_app(Settings.model_construct()).openapi())))
    assert [name for name in sorted({*stored, *fresh}) if stored.get(name) != fresh.get(name)] == []


def parts(document: Any) -> dict[str, Any]:
    """The document in pieces that can be named, because a difference between two wholes is too long to be shown."""
    rest = {name: part for name, part in document.items() if name not in {"paths", "components"}}
    found = rest | {f"components: {sorted(document['components'])}, paths: {len(document['paths'])}": None}
    found |= {f"path {name}": part for name, part in document["paths"].items()}
    for kind, named in document["components"].items():
        found |= {f"{kind} {name}": part for name, part in named.items()}
    return found


def test_it_is_an_openapi_document() -> None:
    validate(json.loads(COMMITTED.read_text(encoding="utf-8")))


def references(node: Any) -> Iterator[str]:
    """Every `$ref` in a part of the document."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for part in node.values():
            yield from references(part)
    elif isinstance(node, list):
        for part in node:
            yield from references(part)


def test_no_reference_leads_nowhere() -> None:
    document = json.loads(COMMITTED.read_text(encoding="utf-8"))
    for reference in set(references(document)):
        node: Any = document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part.replace("~1", "/").replace("~0", "~")]
        assert isinstance(node, dict), reference
