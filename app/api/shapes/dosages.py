"""What may a clinician ask of one rung's dosage, and in which steps are loads told?"""

import math
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from app.api.wire import Int, Strict, Text

Sets = Annotated[Int, Field(ge=1, le=20)]
Reps = Annotated[Int, Field(ge=1, le=200)]
Seconds = Annotated[Int, Field(ge=1, le=3600)]
GRAMS = 1000


def _in_tenths(load: float) -> float:
    if not math.isclose(load * 10, round(load * 10)):
        raise PydanticCustomError("too_fine", "A load is told in steps of 0.1 kg.")
    return load


Kilograms = Annotated[
    float,
    Field(
        ge=0.1,
        le=300,
        strict=True,
        allow_inf_nan=False,
        description="In steps of 0.1. A range is room to grow in, where the rule lets it.",
    ),
    AfterValidator(_in_tenths),
]


class DosageIn(Strict):
    """What differs from the catalogue's dosage; null keeps the catalogue's."""

    sets: Sets | None = None
    reps_min: Reps | None = None
    reps_max: Reps | None = None
    hold_seconds_min: Seconds | None = None
    hold_seconds_max: Seconds | None = None
    duration_seconds: Seconds | None = None
    rest_seconds: Seconds | None = None
    load: Annotated[Text, Field(min_length=1, max_length=80)] | None = None
    load_kg_min: Kilograms | None = None
    load_kg_max: Kilograms | None = None

    def to_domain(self) -> dict[str, int | str | None]:
        """The same fields in the domain's words: loads in grams."""
        asked = self.model_dump()
        for end in ("min", "max"):
            load = asked.pop(f"load_kg_{end}")
            asked[f"load_grams_{end}"] = None if load is None else round(load * GRAMS)
        return asked
