"""What is an exercise, and which exercises stand on a ladder together?

These are the reviewed definitions that the content floor loads and the API serves. Every statement carries the keys of
its sources (`Source.id`), or `product_default` where no source decides. This file refuses to know where definitions are
kept and in which language a reader wants them: a `Text` holds all languages.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias

from app.domain.dosage import Dosage
from app.values import dataclass

Text: TypeAlias = Mapping[str, str]
"""A text by language tag, for example {"en": "Hold.", "de": "Halten."}. English is always present."""

PRODUCT_DEFAULT = "product_default"
"""The origin of a number or sentence that no source dictates and a clinician may change."""


class Side(StrEnum):
    """Which side of the body did the work of a set."""

    LEFT = "left"
    """The left one."""
    RIGHT = "right"
    """The right one."""
    BOTH = "both"
    """Both at once."""
    NONE = "none"
    """The exercise knows no sides."""


class Sides(StrEnum):
    """How an exercise uses the sides of the body."""

    LEFT_THEN_RIGHT = "left_then_right"
    """All repetitions of one side, then of the other; each side counts for itself."""
    BOTH = "both"
    """Both sides at once."""
    ALTERNATING = "alternating"
    """One repetition left, one right; each side counts for itself."""
    NONE = "none"
    """Sides play no part."""


class Phase(StrEnum):
    """What a step does in the rhythm of an exercise, so that a timer can follow."""

    START = "start"
    """Take the position to begin from."""
    MOVE = "move"
    """Move into the end position."""
    HOLD = "hold"
    """Stay there as long as the dosage says."""
    RETURN = "return"
    """Move back."""
    SWITCH_SIDE = "switch_side"
    """Change to the other side."""
    REPEAT = "repeat"
    """Begin again until the repetitions are done."""


class SafetyKind(StrEnum):
    """What a safety note asks the patient to do."""

    ASK_PROVIDER = "ask_provider"
    """When unsure, ask the clinic before doing it."""
    DO_NOT_FORCE = "do_not_force"
    """How far to go, and not further."""
    ORDER_OF_MOVEMENT = "order_of_movement"
    """An order in which parts must move."""
    STOP_IF = "stop_if"
    """When to stop."""


class Severity(StrEnum):
    """How loudly a safety note must be shown."""

    INFO = "info"
    """Good to know."""
    CAUTION = "caution"
    """To be read before the exercise."""
    WARNING = "warning"
    """To be shown before everything else."""


class CautionAction(StrEnum):
    """What a condition of the patient means for an exercise."""

    AVOID = "avoid"
    """Not to be done while the condition is not cleared."""
    ASK = "ask"
    """To be discussed with the clinic first."""
    MODIFY = "modify"
    """To be done differently, as the text says."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where statements come from. Unknown bibliographic fields are None, never guessed.

    `note` says what a reader must know about the entry itself, such as a title that is our description. `cited_by` is
    the id of the source in which we saw this one named; such a source was not read itself and carries no statement.
    """

    id: str
    title: str
    author: str | None = None
    publisher: str | None = None
    year: int | None = None
    url: str | None = None
    note: str | None = None
    cited_by: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence or paragraph with the sources that carry it."""

    text: Text
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StartPosition:
    """The position from which step 1 begins; `code` is a shared vocabulary, for example `supine_knees_bent`."""

    code: str
    text: Text
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction, in order. `number` counts from 1."""

    number: int
    phase: Phase
    text: Text
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cue:
    """A hint for doing the exercise well: `kind` is technique, breathing, effort or relaxation."""

    id: str
    kind: str
    text: Text
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SafetyNote:
    """A sentence that keeps the patient safe. `acknowledge` asks the phone for a tap before the first time."""

    id: str
    kind: SafetyKind
    severity: Severity
    text: Text
    acknowledge: bool
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Modification:
    """An easier or different way of doing the same exercise; `when` says when to choose it.

    `off_floor`: done so, nobody needs to get down to the floor. `on_sore_days`: a resting form, told when a day eases.
    """

    id: str
    when: Text
    text: Text
    sources: tuple[str, ...]
    off_floor: bool = False
    on_sore_days: bool = False


@dataclass(frozen=True, slots=True)
class Caution:
    """What a condition (a code of the conditions catalogue) means for this exercise."""

    condition: str
    action: CautionAction
    text: Text
    sources: tuple[str, ...]


Range: TypeAlias = tuple[int, int]
"""From the lowest to the highest number, both included."""


@dataclass(frozen=True, slots=True)
class PublishedDose:
    """What one source says about how much; None where it says nothing. Sources differ up to tenfold.

    `source` is a key of the sources; `note` says in words what numbers cannot, such as what counts as one repetition.
    """

    id: str
    source: str
    sets: Range | None = None
    reps: Range | None = None
    hold_seconds: Range | None = None
    duration_seconds: Range | None = None
    rest_seconds: Range | None = None
    times_per_day: Range | None = None
    days_per_week: Range | None = None
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """Where an exercise can begin. `on_floor`: the patient must get down to the floor for it."""

    code: str
    name: Text
    on_floor: bool


@dataclass(frozen=True, slots=True)
class Equipment:
    """A thing that an exercise needs."""

    code: str
    name: Text


@dataclass(frozen=True, slots=True)
class Review:
    """Whether a clinician has signed this definition."""

    status: str
    by: str | None = None
    on: str | None = None


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise, whole. `version` grows with each change of meaning, and prescriptions pin it.

    `form_of` is the id of the exercise that this is an easier or harder form of. `needs_floor`: neither its start nor
    any of its modifications spares the patient from getting down to the floor.
    """

    id: str
    version: int
    name: Text
    also_known_as: Mapping[str, tuple[str, ...]]
    kind: str
    regions: tuple[str, ...]
    sides: Sides
    equipment: tuple[str, ...]
    purpose: tuple[Statement, ...]
    suits: tuple[Statement, ...]
    start_position: StartPosition
    steps: tuple[Step, ...]
    cues: tuple[Cue, ...]
    safety: tuple[SafetyNote, ...]
    modifications: tuple[Modification, ...]
    cautions: tuple[Caution, ...]
    dosage: Dosage
    spoken: Text
    sources: tuple[Source, ...]
    review: Review
    background: tuple[Statement, ...] = ()
    published_doses: tuple[PublishedDose, ...] = ()
    form_of: str | None = None
    needs_floor: bool = False

    @property
    def required_sides(self) -> tuple[Side, ...]:
        """The sides that each must reach the dosage before a performance is complete."""
        match self.sides:
            case Sides.LEFT_THEN_RIGHT | Sides.ALTERNATING:
                return (Side.LEFT, Side.RIGHT)
            case Sides.BOTH:
                return (Side.BOTH,)
            case Sides.NONE:
                return (Side.NONE,)


@dataclass(frozen=True, slots=True)
class Ladder:
    """Exercises from easier to harder; rung 1 is the first of `exercise_ids`.

    `rule` holds the statements behind the climb, `rule_days` how many days in a row its profile asks for, `origins`
    where the profile and this number come from. `direction` is `flexion` or `extension` where all rungs bend the spine
    one way, which helps some backs and harms others: the choice is the clinician's.
    """

    id: str
    version: int
    name: Text
    exercise_ids: tuple[str, ...]
    rule_profile: str
    rule_days: int
    origins: Mapping[str, str]
    rule: tuple[Statement, ...]
    sources: tuple[Source, ...]
    review: Review
    direction: str | None = None


@dataclass(frozen=True, slots=True)
class Symptom:
    """What a patient may report, and what the answer does.

    `symptom_class`: `emergency` stops every prescription of the patient, `stop` every prescription of `regions`,
    `contact` stops nothing and asks the patient to contact the clinic.
    """

    code: str
    symptom_class: str
    regions: tuple[str, ...]
    text: Text
    advice: Text
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that a patient may carry and that exercises may warn of."""

    code: str
    name: Text
    sources: tuple[str, ...]
