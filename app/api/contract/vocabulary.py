"""What does each code of the contract mean? One sentence each, from whoever owns the code.

Enumerations say it in the text under each member, reasons and warnings in the clinicians' English wording, problems in
their table, and what is left in glossary.toml. Only the document is made of this: no request is answered from it.
"""

import ast
import inspect
import textwrap
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

import tomli

from app.api.problems import INTERNAL, PROBLEMS
from app.api.shapes.field_codes import FIELD_CODES
from app.content import library
from app.domain.adherence import Band
from app.domain.concerns import ConcernCode, Urgency
from app.domain.decision import ActorKind, DecisionKind, DecisionState
from app.domain.exercise import CautionAction, Phase, SafetyKind, Severity, Side, Sides
from app.domain.given_day import Act
from app.domain.prescription import AdvanceMode
from app.domain.reporting.cert import ItemStatus
from app.domain.request import RequestKind
from app.domain.session import Mark, StoppedEarly
from app.domain.simulation import Verdict
from app.domain.standing import Progress, Status
from app.domain.webhook import DeliveryState, EventType, Outcome, WebhookStatus

ENUMERATIONS: Mapping[str, type[StrEnum]] = {
    "act": Act,
    "actor": ActorKind,
    "advance_mode": AdvanceMode,
    "concern": ConcernCode,
    "urgency": Urgency,
    "band": Band,
    "item_status": ItemStatus,
    "caution_action": CautionAction,
    "decision_kind": DecisionKind,
    "decision_state": DecisionState,
    "mark": Mark,
    "phase": Phase,
    "progress": Progress,
    "safety_kind": SafetyKind,
    "severity": Severity,
    "request_kind": RequestKind,
    "side": Side,
    "sides": Sides,
    "status": Status,
    "stopped_early": StoppedEarly,
    "webhook_status": WebhookStatus,
    "event_type": EventType,
    "delivery_state": DeliveryState,
    "outcome": Outcome,
    "verdict": Verdict,
}
"""Vocabularies that are enumerations of the domain."""

TOLD_IN_WORDS = ("reason", "warning")
"""Vocabularies whose codes become sentences: kinds of app/content/texts."""


@cache
def glossary() -> Mapping[str, Mapping[str, Any]]:
    """The sentences that no code owns."""
    return tomli.loads((files("app.api.contract") / "glossary.toml").read_text(encoding="utf-8"))


@cache
def vocabulary(name: str) -> Mapping[str, str]:
    """Every code of a vocabulary with its sentence, in the order of its owner. Raises KeyError when there is none."""
    if name in ENUMERATIONS:
        return member_docs(ENUMERATIONS[name])
    if name in TOLD_IN_WORDS:
        return _told(name)
    if name == "problem":
        rows = (*PROBLEMS.values(), INTERNAL)
        return {row.code: f"{row.status}. {row.title}. {row.help}" for row in rows}
    if name in {"start_position", "equipment"}:
        words = library.load().vocabulary
        named = words.positions if name == "start_position" else words.equipment
        return {code: f"{one.name['en']}." for code, one in named.items()}
    if name == "field_problem":
        return FIELD_CODES
    found: Mapping[str, str] = glossary()["codes"][name]
    return found


def member_docs(enumeration: type[StrEnum]) -> dict[str, str]:
    """The text that stands under each member in the source. Raises LookupError for a member without one."""
    [definition] = ast.parse(textwrap.dedent(inspect.getsource(enumeration))).body
    assert isinstance(definition, ast.ClassDef)
    said: dict[str, str] = {}
    for statement, following in zip(definition.body, definition.body[1:], strict=False):
        if isinstance(statement, ast.Assign) and isinstance(following, ast.Expr):
            [target] = statement.targets
            assert isinstance(target, ast.Name)
            said[enumeration[target.id].value] = ast.literal_eval(following.value)
    silent = [member.value for member in enumeration if member.value not in said]
    if silent:
        raise LookupError(f"{enumeration.__name__}: say what these mean: {', '.join(silent)}.")
    return said


def _told(kind: str) -> dict[str, str]:
    """The clinicians' English wording of each code, with the parameters that come along."""
    texts = library.load().texts
    said = {}
    for code in texts.codes(kind):
        entry = texts.sentences["en"][kind][code]
        params = [
            f"`{name.removesuffix('?')}`{' (not always)' if name.endswith('?') else ''}"
            for name in texts.params[kind][code]
        ]
        wording = entry.get("clinician") or entry["patient"]
        said[code] = wording + (f" Parameters: {', '.join(params)}." if params else "")
    return said
