"""What is not in the document does not exist: every name and every code is described there."""

import ast
import re
from collections.abc import Iterator
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import app
from app.api.contract.vocabulary import ENUMERATIONS, glossary, member_docs, vocabulary
from app.api.problems import PYDANTIC_CODES
from app.api.shapes.field_codes import FIELD_CODES
from app.content import library
from app.content import vocabulary as words
from app.domain.own.signing import OUTDATED
from tests.contract.validation import Json, contract

DOCUMENT = contract().document
SCHEMAS: dict[str, Json] = DOCUMENT["components"]["schemas"]
OPERATIONS = [operation for operations in DOCUMENT["paths"].values() for operation in operations.values()]
APP = Path(app.__file__).parent

CODE_LIKE = re.compile(
    r"^(kind|state|status|code|phase|sides?|severity|action|class|band|retry|when|do|mark|marks|advance|profile|setting|"
    r"logging|audience|answer|weekdays|methods|features|time_precision|stopped_early|token_type|recorded_by|regions)$"
)
NOT_CODES = {
    "FacetValueOut.code": "what the facet of this name is sent",
    "ConditionOut.code": "the catalogue's, see GET /v1/conditions",
    "SymptomOut.code": "the catalogue's, see GET /v1/symptoms",
    "RedFlagOut.code": "the catalogue's, see GET /v1/symptoms",
    "InvitationOut.code": "a secret",
    "RedeemIn.code": "a secret",
    "ModificationOut.when": "a sentence",
    "Problem.status": "a number",
    "RuleIn.profile": "any; 422 lists the known ones",
}


def fields() -> Iterator[tuple[str, Json]]:
    for name, schema in SCHEMAS.items():
        for field, node in schema.get("properties", {}).items():
            yield f"{name}.{field}", node


def parts_of(node: Any) -> Iterator[Json]:
    if isinstance(node, dict):
        yield node
        for part in node.values():
            yield from parts_of(part)
    elif isinstance(node, list):
        for part in node:
            yield from parts_of(part)


def codes_in(node: Json) -> list[str]:
    """The codes that a field may hold, closed or open."""
    found: list[str] = []
    for part in parts_of(node):
        found += part.get("enum", []) + part.get("x-extensible-enum", [])
        if "$ref" in part:
            found += SCHEMAS[part["$ref"].rpartition("/")[2]].get("enum", [])
    return found


def test_every_field_is_described() -> None:
    assert [name for name, node in fields() if not node.get("description")] == []


def test_every_schema_operation_parameter_and_tag_is_described() -> None:
    assert [name for name, schema in SCHEMAS.items() if not schema.get("description")] == []
    assert [one["operationId"] for one in OPERATIONS if not one.get("description")] == []
    nameless = [
        f"{one['operationId']}: {parameter['name']}"
        for one in OPERATIONS
        for parameter in one.get("parameters", [])
        if not parameter.get("description")
    ]
    assert nameless == []
    assert [tag["name"] for tag in DOCUMENT["tags"] if not tag["description"]] == []


def test_every_code_has_its_sentence() -> None:
    silent = []
    for name, node in fields():
        schema = [SCHEMAS[part["$ref"].rpartition("/")[2]] for part in parts_of(node) if "$ref" in part]
        said = " ".join([node["description"], *(one["description"] for one in schema if "enum" in one)])
        silent += [f"{name}: {code}" for code in codes_in(node) if f"`{code}`: " not in said]
    assert silent == []


def test_whatever_looks_like_a_code_lists_its_codes() -> None:
    bare = [
        name
        for name, node in fields()
        if CODE_LIKE.match(name.rpartition(".")[2])
        and name not in NOT_CODES
        and not codes_in(node)
        and not re.search(r"\* `\w+`: ", node["description"])
        and not any("properties" in one for one in targets(node))
    ]
    assert bare == []


def targets(node: Json) -> list[Json]:
    return [SCHEMAS[part["$ref"].rpartition("/")[2]] for part in parts_of(node) if "$ref" in part]


def test_no_marker_is_left_and_no_name_is_a_path() -> None:
    left = [part for part in parts_of(DOCUMENT) if {"x-codes", "x-open-set", "ge", "le"} & set(part)]
    assert left == []
    assert [name for name in SCHEMAS if not re.fullmatch(r"[A-Z][A-Za-z]+", name)] == []


def test_bodies_have_no_unions_beyond_null() -> None:
    """Generated clients break on them."""
    unions = [
        part["anyOf"]
        for part in parts_of(DOCUMENT)
        if len([one for one in part.get("anyOf", []) if one.get("type") != "null"]) > 1 or "oneOf" in part
    ]
    assert unions == []


def test_the_glossary_has_no_word_that_is_not_used() -> None:
    used = {name for name, _ in fields()} | {name.rpartition(".")[2] for name, _ in fields()}
    assert sorted(set(glossary()["fields"]) - used) == []
    tags = {tag for one in OPERATIONS for tag in one["tags"]}
    assert set(glossary()["tags"]) == tags
    sent = {parameter["name"] for one in OPERATIONS for parameter in one.get("parameters", [])}
    assert sorted(set(glossary()["parameters"]) - sent) == []


@pytest.mark.parametrize("enumeration", ENUMERATIONS.values(), ids=lambda one: one.__name__)
def test_every_member_says_what_it_means(enumeration: type[StrEnum]) -> None:
    assert list(member_docs(enumeration)) == [member.value for member in enumeration]


def test_every_enumeration_of_the_domain_is_in_the_document() -> None:
    """How figures are drawn is no part of the contract."""
    found = set()
    for path in sorted(set((APP / "domain").rglob("*.py")) - set((APP / "domain" / "figures").rglob("*.py"))):
        module = import_module(".".join(path.relative_to(APP.parent).with_suffix("").parts))
        found |= {one for one in vars(module).values() if isinstance(one, type) and issubclass(one, StrEnum)}
    assert found - {StrEnum} == set(ENUMERATIONS.values())


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        ("region", words.REGIONS),
        ("exercise_kind", words.EXERCISE_KINDS),
        ("cue_kind", words.CUE_KINDS),
        ("symptom_class", words.SYMPTOM_CLASSES),
        ("review_status", (*words.REVIEW_STATES, OUTDATED)),
        ("direction", words.DIRECTIONS),
    ],
)
def test_the_library_has_no_other_codes(name: str, owner: tuple[str, ...]) -> None:
    assert tuple(vocabulary(name)) == owner


def test_every_reason_of_the_texts_is_listed() -> None:
    texts = library.load().texts
    assert set(vocabulary("reason")) == set(texts.codes("reason"))
    assert set(vocabulary("progress")) == set(texts.codes("progress"))


def test_every_code_of_a_wrong_field_is_listed() -> None:
    """Those that the code names, and those that Pydantic's errors become."""
    named = set(PYDANTIC_CODES.values())
    for path in APP.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                place = {"invalid": 1, "FieldError": 1, "PydanticCustomError": 0}.get(node.func.id)
                argument = node.args[place] if place is not None and len(node.args) > place else None
                if isinstance(argument, ast.Constant):
                    named.add(str(argument.value))
    assert sorted(named - set(FIELD_CODES)) == []
    assert sorted(set(FIELD_CODES) - named - {"missing", "invalid"}) == []


def test_who_may_choose_a_language_is_told_which_one_came() -> None:
    silent = [
        one["operationId"]
        for one in OPERATIONS
        if any(parameter["name"] == "Accept-Language" for parameter in one.get("parameters", []))
        for status, response in one["responses"].items()
        if status[0] == "2" and "Content-Language" not in response["headers"]
    ]
    assert silent == []
