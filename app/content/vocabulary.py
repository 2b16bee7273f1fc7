"""By which words are exercises sorted: for what, of what kind, from which position, with which things?

The words stand in vocabulary.toml with their names in every language. This file refuses to know any exercise.
"""

from collections.abc import Mapping
from importlib.resources.abc import Traversable

from app.content.table import Table, each, read
from app.domain.exercise import Equipment, Position, Text
from app.values import dataclass

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
    """Positions and equipment by their codes, and the names of regions and kinds."""

    regions: Mapping[str, Text]
    kinds: Mapping[str, Text]
    positions: Mapping[str, Position]
    equipment: Mapping[str, Equipment]


def read_vocabulary(root: Traversable) -> Vocabulary:
    """The words of vocabulary.toml. Raises ContentInvalid."""
    file = read(root, "vocabulary.toml")
    regions = _names(file, "regions", REGIONS)
    kinds = _names(file, "kinds", EXERCISE_KINDS)
    positions = each(
        file.tables("positions", name="code"),
        lambda t: Position(code=t.string("code"), name=t.text("name"), on_floor=t.boolean("on_floor")),
    )
    equipment = each(
        file.tables("equipment", name="code"), lambda t: Equipment(code=t.string("code"), name=t.text("name"))
    )
    file.end()
    return Vocabulary(regions, kinds, {one.code: one for one in positions}, {one.code: one for one in equipment})


def _names(file: Table, key: str, codes: tuple[str, ...]) -> dict[str, Text]:
    named = dict(each(file.tables(key, name="code"), lambda t: (t.string("code"), t.text("name"))))
    if tuple(named) != codes:
        file.fail(key, f"must name these, in this order: {', '.join(codes)}.")
    return named
