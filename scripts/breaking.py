"""Does the contract break a promise that the last release made? Each breaking change is named; meant ones are listed.

A client that works with the released document must work with the new one. So an operation, a parameter, an answer or a
field of an answer may not go, change its kind or become absent or null; and what was accepted in a request must stay
accepted. What is added to answers, and what is loosened in requests, breaks nobody.

`openapi/released.json` is the document of the last release without its words. A break that is meant stands in
`openapi/broken.txt`, word for word as it is named here, until the release; the changelog tells why. `--release` takes
today's document as the promise.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

OPENAPI = Path(__file__).resolve().parents[1] / "openapi"
CONTRACT, RELEASED, BROKEN = OPENAPI / "openapi.json", OPENAPI / "released.json", OPENAPI / "broken.txt"
WORDS = {"description", "summary", "title", "example", "examples", "tags", "info", "servers", "securitySchemes"}
LOWER = ("minimum", "minLength", "minItems", "exclusiveMinimum")
UPPER = ("maximum", "maxLength", "maxItems", "exclusiveMaximum")
Json = dict[str, Any]


def shape(node: Any) -> Any:  # noqa: ANN401 - any part of the document
    """A part of the document without its words; names of fields are no words."""
    if isinstance(node, list):
        return [shape(one) for one in node]
    if not isinstance(node, dict):
        return node
    named = {"properties", "schemas", "headers", "paths", "responses"}
    return {
        key: {name: shape(one) for name, one in part.items()}
        if key in named and isinstance(part, dict)
        else shape(part)
        for key, part in node.items()
        if key not in WORDS
    }


def breaks(old: Json, new: Json) -> list[str]:
    """Every promise of the old document that the new one does not keep, each as one line."""
    return sorted(set(_Comparison(old, new).operations()))


class _Comparison:
    """Two documents side by side. A schema that was compared is not compared again at the same place."""

    def __init__(self, old: Json, new: Json) -> None:
        self._old, self._new = old, new
        self._seen: set[tuple[str, str, bool]] = set()

    def operations(self) -> Iterator[str]:
        """Compare every operation of the old document."""
        for path, item in self._old["paths"].items():
            for method, old in item.items():
                name = old["operationId"]
                new = self._new["paths"].get(path, {}).get(method)
                if new is None:
                    yield f"{name}: {method.upper()} {path} is gone"
                    continue
                if new["operationId"] != name:
                    yield f"{name}: is called {new['operationId']} now"
                if new.get("security") and not old.get("security"):
                    yield f"{name}: asks for a token now"
                yield from self._parameters(name, old, new)
                yield from self._body(name, old, new)
                yield from self._answers(name, old, new)

    def _parameters(self, name: str, old: Json, new: Json) -> Iterator[str]:
        before = {(one["in"], one["name"]): one for one in old.get("parameters", [])}
        now = {(one["in"], one["name"]): one for one in new.get("parameters", [])}
        for (where, parameter), one in before.items():
            at = f"{name}: {where} {parameter}"
            if (where, parameter) not in now:
                yield f"{at} is gone"
                continue
            later = now[where, parameter]
            if later.get("required") and not one.get("required"):
                yield f"{at} must be sent now"
            yield from self._schema(at, one["schema"], later["schema"], is_answer=False)
        for (where, parameter), one in now.items():
            if one.get("required") and (where, parameter) not in before:
                yield f"{name}: {where} {parameter} is new and must be sent"

    def _body(self, name: str, old: Json, new: Json) -> Iterator[str]:
        before, now = old.get("requestBody"), new.get("requestBody")
        if now is None:
            if before is not None:
                yield f"{name}: takes no body any more"
            return
        if before is None:
            if now.get("required"):
                yield f"{name}: a body must be sent now"
            return
        for kind, media in before["content"].items():
            if kind not in now["content"]:
                yield f"{name}: a body of {kind} is not taken any more"
            else:
                yield from self._schema(
                    f"{name}: body", media["schema"], now["content"][kind]["schema"], is_answer=False
                )

    def _answers(self, name: str, old: Json, new: Json) -> Iterator[str]:
        for status, before in old["responses"].items():
            now = new["responses"].get(status)
            if now is None:
                if status[0] == "2":
                    yield f"{name}: does not answer {status} any more"
                continue
            for header in before.get("headers", {}):
                if header not in now.get("headers", {}):
                    yield f"{name}: {status} has no header {header} any more"
            for kind, media in before.get("content", {}).items():
                if kind not in now.get("content", {}):
                    yield f"{name}: {status} is not {kind} any more"
                elif "schema" in media:
                    later = now["content"][kind].get("schema", {})
                    yield from self._schema(f"{name}: {status}", media["schema"], later, is_answer=True)

    def _schema(self, at: str, old: Json, new: Json, *, is_answer: bool) -> Iterator[str]:
        """Compare two schemas. References are followed, and named instead of the way to them."""
        if "$ref" in old and "$ref" in new:
            at = new["$ref"].rpartition("/")[2]
            key = (old["$ref"], new["$ref"], is_answer)
            if key in self._seen:
                return
            self._seen.add(key)
        old, new = self._followed(self._old, old), self._followed(self._new, new)
        before, now = _alternatives(self._old, old), _alternatives(self._new, new)
        gone, come = sorted(before.keys() - now.keys()), sorted(now.keys() - before.keys())
        if is_answer and come and before:
            yield f"{at} may be {', '.join(come)} now"
        if not is_answer and gone and now:
            yield f"{at} may not be {', '.join(gone)} any more"
        if gone and come and "null" not in (*gone, *come):
            yield f"{at} was {', '.join(gone)} and is {', '.join(come)}"
        for kind in before.keys() & now.keys():
            yield from self._same_kind(at, before[kind], now[kind], is_answer=is_answer)

    def _same_kind(self, at: str, old: Json, new: Json, *, is_answer: bool) -> Iterator[str]:
        strict, loose = (old, new) if is_answer else (new, old)
        if strict.get("format") != loose.get("format"):
            yield f"{at} has the form {new.get('format')}, not {old.get('format')}"
        if "enum" in strict and not is_answer:
            lost = [str(one) for one in loose.get("enum", ["other values"]) if one not in strict["enum"]]
            if lost:
                yield f"{at} does not take {', '.join(lost)} any more"
        if is_answer and "enum" in old and set(new.get("enum", ["other values"])) - set(old["enum"]):
            yield f"{at} is a closed list and may hold new values now"
        if not is_answer:
            yield from _bounds(at, old, new)
        yield from self._fields(at, old, new, is_answer=is_answer)
        if "items" in old and "items" in new:
            yield from self._schema(f"{at}[]", old["items"], new["items"], is_answer=is_answer)

    def _fields(self, at: str, old: Json, new: Json, *, is_answer: bool) -> Iterator[str]:
        before, now = old.get("properties", {}), new.get("properties", {})
        always, must = set(old.get("required", [])), set(new.get("required", []))
        for field, schema in before.items():
            if field in now:
                yield from self._schema(f"{at}.{field}", schema, now[field], is_answer=is_answer)
            elif is_answer or new.get("additionalProperties") is False:
                yield f"{at}.{field} is gone"
        if is_answer:
            yield from (f"{at}.{field} may be absent now" for field in sorted((always - must) & now.keys()))
        else:
            yield from (f"{at}.{field} must be sent now" for field in sorted(must - always))

    @staticmethod
    def _followed(document: Json, schema: Json) -> Json:
        while "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema


def _alternatives(document: Json, schema: Json) -> dict[str, Json]:
    """The kinds that a value may have, with the schema of each: {"string": {...}, "null": {...}}."""
    found: dict[str, Json] = {}
    for one in schema.get("anyOf", [schema]):
        followed = _Comparison._followed(document, one)  # noqa: SLF001 - the same file
        kinds = followed.get("type", [])
        found.update(dict.fromkeys([kinds] if isinstance(kinds, str) else kinds, followed))
    return found


def _bounds(at: str, old: Json, new: Json) -> Iterator[str]:
    """A bound of a request that is tighter than it was."""
    for name in (*LOWER, *UPPER):
        if name in new and (name not in old or (new[name] > old[name] if name in LOWER else new[name] < old[name])):
            yield f"{at}: {name} is {new[name]} now"
    if "pattern" in new and new["pattern"] != old.get("pattern"):
        yield f"{at} has to match another pattern now"


def main() -> int:
    """Compare and say what breaks, or take the document as the new promise."""
    now = json.loads(CONTRACT.read_text(encoding="utf-8"))
    if "--release" in sys.argv[1:]:
        RELEASED.write_text(json.dumps(shape(now), separators=(",", ":"), sort_keys=True) + "\n", encoding="utf-8")
        BROKEN.write_text("", encoding="utf-8")
        return 0
    found = breaks(json.loads(RELEASED.read_text(encoding="utf-8")), now)
    meant = BROKEN.read_text(encoding="utf-8").splitlines()
    wrong = [f"breaks: {one}" for one in found if one not in meant]
    wrong += [f"listed in openapi/broken.txt, but nothing breaks: {one}" for one in meant if one not in found]
    if wrong:
        print(*wrong, sep="\n")
        print("\nA client of the last release would be surprised. If that is meant: add the lines after `breaks: ` to")
        print("openapi/broken.txt and tell why in CHANGELOG.md.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
