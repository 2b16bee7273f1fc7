"""Where does an exercise begin and what does it need: which words may a content file use for that?

The words stand in vocabulary.toml with their names in every language. This file refuses to know any exercise.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable

from app.content.table import each, read
from app.domain.exercise import Equipment, Position

REGIONS = (
    "neck", "upper_back", "low_back", "shoulder", "elbow", "wrist", "hip", "thigh", "knee", "calf", "ankle",
)  # fmt: skip
"""The parts of the body an exercise works on; a symptom of class `stop` stops every exercise of its regions."""

EXERCISE_KINDS = ("stretch", "mobility", "strength", "balance", "endurance", "relaxation")
CUE_KINDS = ("technique", "breathing", "effort", "relaxation")
SYMPTOM_CLASSES = ("emergency", "stop", "contact")
REVIEW_STATES = ("unreviewed", "reviewed")
DIRECTIONS = ("flexion", "extension")
LOADS = ("body_weight", "band", "weight")
"""What the catalogue says an exercise works against; how heavy is the clinician's word."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Positions and equipment by their codes."""

    positions: Mapping[str, Position]
    equipment: Mapping[str, Equipment]


def read_vocabulary(root: Traversable) -> Vocabulary:
    """The words of vocabulary.toml. Raises ContentInvalid."""
    file = read(root, "vocabulary.toml")
    positions = each(
        file.tables("positions", name="code"),
        lambda t: Position(code=t.string("code"), name=t.text("name"), on_floor=t.boolean("on_floor")),
    )
    equipment = each(
        file.tables("equipment", name="code"), lambda t: Equipment(code=t.string("code"), name=t.text("name"))
    )
    file.end()
    return Vocabulary({one.code: one for one in positions}, {one.code: one for one in equipment})
