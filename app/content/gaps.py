"""What does an exercise still lack that a physiotherapist would expect of it?

The loader refuses what is wrong; this file names what is missing and may be. It refuses to know how that is shown.
"""

from collections.abc import Collection, Mapping

from app.content.library import Library
from app.domain.exercise import PRODUCT_DEFAULT, Exercise, SafetyKind

LEAST_STEPS = 3


def gaps_of(library: Library, exercise: Exercise, drawn: Collection[str]) -> tuple[str, ...]:
    """What is missing, in a few words each, in a fixed order. `drawn` are the exercises that have a figure."""
    kinds = {note.kind for note in exercise.safety}
    places = library.ladders_of(exercise.id)
    has_easier = any(place.easier for place in places) or bool(exercise.modifications)
    lacks = {
        **{f"no {language}": language not in exercise.name for language in library.languages},
        "no other name": not any(exercise.also_known_as.values()),
        "few steps": len(exercise.steps) < LEAST_STEPS,
        "no cue": not exercise.cues,
        "no breathing": all(cue.kind != "breathing" for cue in exercise.cues),
        "no figure": exercise.id not in drawn,
        "no reason to stop": SafetyKind.STOP_IF not in kinds,
        "nobody to ask": SafetyKind.ASK_PROVIDER not in kinds,
        "nothing easier": not has_easier,
        "no published dose": not exercise.published_doses and exercise.form_of is None,
        "hold without a step": exercise.dosage.hold_seconds_min is not None
        and all(step.phase != "hold" for step in exercise.steps),
    }
    return tuple(gap for gap, is_so in lacks.items() if is_so)


def sourced_numbers(exercise: Exercise) -> tuple[int, int]:
    """How many numbers of the dosage have a source, and how many there are."""
    origins = exercise.dosage.origins
    return sum(origin != PRODUCT_DEFAULT for origin in origins.values()), len(origins)


def sources_used(library: Library) -> Mapping[str, int]:
    """How many exercises rest on each source; a source that none uses is there with 0."""
    used = dict.fromkeys(library.sources, 0)
    for exercise in library.exercises.values():
        for source in exercise.sources:
            used[source.id] += 1
    return used
