"""Keep a plan that the clinic makes often, change it, forget it. What could not be prescribed is not kept."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.actions.prescribe import defaults_of, require_offered, version_of
from app.content.library import Library
from app.domain.errors import Conflict, ContentWithheld, FieldError, Invalid
from app.domain.prescribing import Wish
from app.store.keys import new_id
from app.store.plans import templates
from app.store.plans.templates import PlanTemplate
from app.store.transaction import Transaction

MOST_TEMPLATES = 200

Require = Callable[[PlanTemplate], None]
"""Raises when what is stored is not what the caller has seen."""


def keep_plan_template(
    tx: Transaction, values: Mapping[str, Any], wishes: Sequence[Wish], library: Library, now: datetime
) -> PlanTemplate:
    """Keep a new template. `wishes` are its items; raises Invalid with pointers into them, Conflict for too many."""
    if templates.count(tx) >= MOST_TEMPLATES:
        raise Conflict(f"A clinic has at most {MOST_TEMPLATES} plan templates; remove one first.")
    _require_possible(tx, wishes, library, kept=frozenset())
    template_id = new_id(now)
    templates.add(tx, template_id, values, now)
    return templates.get(tx, template_id)


def change_plan_template(
    tx: Transaction,
    template_id: UUID,
    values: Mapping[str, Any],
    wishes: Sequence[Wish] | None,
    library: Library,
    require: Require,
) -> PlanTemplate:
    """Change some values; `wishes` are new items, None when they stay. Raises NotFound, Invalid."""
    before = templates.locked(tx, template_id)
    require(before)
    if wishes is not None:
        _require_possible(tx, wishes, library, kept=frozenset(one["ladder_id"] for one in before.items))
    kept = {"name": before.name, "description": before.description, "items": before.items}
    templates.replace(tx, template_id, kept | dict(values))
    return templates.get(tx, template_id)


def remove_plan_template(tx: Transaction, template_id: UUID) -> None:
    """Forget a template. Raises NotFound."""
    templates.locked(tx, template_id)
    templates.remove(tx, template_id)


def _require_possible(tx: Transaction, wishes: Sequence[Wish], library: Library, *, kept: frozenset[str]) -> None:
    """Could each item be prescribed to somebody, and all of them to the same person?

    A ladder that the template `kept` so far may stay, though the clinic has withheld it since.
    """
    defaults = defaults_of(tx)
    found: list[FieldError] = []
    ladders: set[str] = set()
    for number, wish in enumerate(wishes):
        try:
            version_of(wish, library, defaults, number=1, effective_on=wish.starts_on)
            if wish.ladder_id not in kept:
                require_offered(library, wish.ladder_id)
        except (Invalid, ContentWithheld) as error:
            found += error.within(f"/items/{number}")
        if wish.ladder_id in ladders:
            detail = "A patient has one running prescription of a ladder at a time."
            found.append(FieldError(f"/items/{number}/ladder_id", "duplicate", detail))
        ladders.add(wish.ladder_id)
    if found:
        raise Invalid("The template holds what cannot be prescribed.", errors=tuple(found))
