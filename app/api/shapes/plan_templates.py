"""The shapes of plan templates: wishes without a date, and what is different when they are prescribed to somebody."""

from datetime import date, timedelta
from typing import Annotated

from pydantic import Field, StrictBool

from app.api.shapes.prescriptions import PlanIn, PrescriptionEdit, PrescriptionIn
from app.api.wire import Codes, Int, LocalDate, Note, Out, Strict
from app.domain.errors import invalid


class PlanItemIn(PlanIn):
    """One prescription of a template: as in `POST .../prescriptions`, with days counted instead of dates."""

    starts_after_days: Annotated[
        Int, Field(ge=0, le=365, description="Days after the template's first day on which it begins.")
    ] = 0
    lasts_days: Annotated[
        Int | None, Field(ge=1, le=3650, description="Its last day is so many days after its first; null for no end.")
    ] = None

    def on(self, starts_on: date) -> PrescriptionIn:
        """The prescription that it is when the template begins on this day."""
        first = starts_on + timedelta(days=self.starts_after_days)
        last = None if self.lasts_days is None else first + timedelta(days=self.lasts_days - 1)
        plan = self.model_dump(mode="json", exclude={"starts_after_days", "lasts_days"})
        dates = {"starts_on": first.isoformat(), "ends_on": None if last is None else last.isoformat()}
        return PrescriptionIn.model_validate(plan | dates)


class ItemChangeIn(Strict):
    """What is different for this patient in one item."""

    item: Annotated[Int, Field(ge=0, le=19, description="The place of the item in the template, counting from 0.")]
    leave_out: Annotated[StrictBool, Field(description="Do not prescribe it.")] = False
    prescription: Annotated[
        PrescriptionEdit | None,
        Field(description="Fields that differ; null goes back to the default, what is left out is the template's."),
    ] = None


class TemplateApplyIn(Strict):
    """When it begins, and what is different for this patient."""

    starts_on: LocalDate
    reason: Annotated[Note | None, Field(description="Why; for all items that have no reason of their own.")] = None
    changes: Annotated[tuple[ItemChangeIn, ...], Field(max_length=20, description="At most one for each item.")] = ()

    def by_item(self, count: int) -> dict[int, ItemChangeIn]:
        """The changes by the places of the template's items, of which there are so many. Raises Invalid."""
        changes: dict[int, ItemChangeIn] = {}
        for place, change in enumerate(self.changes):
            at = f"/changes/{place}/item"
            if change.item >= count:
                raise invalid(at, "out_of_range", f"The template has the items 0 to {count - 1}.")
            if change.item in changes:
                raise invalid(at, "duplicate", "One change for each item.")
            changes[change.item] = change
        return changes


class PlanDosageOut(Out):
    """What differs from the catalogue's dosage; null keeps the catalogue's."""

    sets: int | None
    reps_min: int | None
    reps_max: int | None
    hold_seconds_min: int | None
    hold_seconds_max: int | None
    duration_seconds: int | None
    rest_seconds: int | None
    load: str | None
    load_kg_min: float | None = None
    load_kg_max: float | None = None


class PlanRungOut(Out):
    """What is asked for one rung."""

    rung: int
    dosage: PlanDosageOut | None
    side: Annotated[str, Codes("side")] | None
    modifications: list[str]
    instruction: str | None


class PlanRuleOut(Out):
    """The rule that is asked for; null takes the ladder's profile, and the clinic's number of days or the profile's."""

    profile: Annotated[str, Codes("rule_profile")] | None
    pain_free_days: int | None
    good_days: int | None


class PlanItemOut(Out):
    """One prescription of a template, as it was sent; null takes the default when it is prescribed."""

    ladder_id: str
    starts_after_days: Annotated[int, Field(description="Days after the template's first day on which it begins.")]
    lasts_days: Annotated[int | None, Field(description="On how many days it runs; null for no end.")]
    start_rung: int
    max_rung: int | None
    position: int | None
    weekdays: list[Annotated[str, Codes("weekday")]] | None
    every_n_days: int | None
    due_per_day: int | None
    offered_per_day: int | None
    as_needed: bool
    usual_pain: int | None
    instruction: str | None
    rungs: list[PlanRungOut]
    rule: PlanRuleOut
    advance: Annotated[str, Codes("advance_mode")] | None
    reason: str | None
