"""Are the content files whole and sound, and which exercises, ladders, symptoms and sources do they make?

A file with a statement or number of unknown origin, a missing translation or a reference to nothing is refused with
ContentInvalid, which names file and field. This file refuses to know who asks and in which language.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from importlib.resources.abc import Traversable

from app.content.dosages import read_dosage, read_published
from app.content.table import HOUSE, PATIENT_PLACEHOLDERS, Table, each, read
from app.content.vocabulary import (
    CUE_KINDS,
    DIRECTIONS,
    EXERCISE_KINDS,
    REGIONS,
    REVIEW_STATES,
    SYMPTOM_CLASSES,
    Vocabulary,
)
from app.domain.errors import ContentInvalid
from app.domain.exercise import (
    PRODUCT_DEFAULT,
    Caution,
    CautionAction,
    Condition,
    Cue,
    Exercise,
    Ladder,
    Modification,
    Phase,
    Review,
    SafetyKind,
    SafetyNote,
    Severity,
    Sides,
    Source,
    StartPosition,
    Statement,
    Step,
    Symptom,
)
from app.domain.own.signing import CLINIC, OWN_PREFIX
from app.domain.rules.profiles import GOOD_DAYS, PAIN_FREE_DAYS, PROFILES

Known = Mapping[str, bool]
UNSOURCED = frozenset({PRODUCT_DEFAULT, CLINIC})
"""What a statement says that rests on no source; no source is called so."""


def read_sources(root: Traversable) -> dict[str, Source]:
    """Every source by its id. A `cited_by` must name another source."""
    file = read(root, "sources.toml")
    found = sources_from(file)
    file.end()
    return found


def sources_from(file: Table) -> dict[str, Source]:
    """The sources that a table lists under `sources`, by id."""
    found: dict[str, Source] = {}
    for entry in file.tables("sources", optional=file.origins is not HOUSE):
        source = Source(
            id=entry.string("id"),
            title=entry.string("title"),
            author=entry.optional_string("author"),
            publisher=entry.optional_string("publisher"),
            year=entry.optional_integer("year", 1800, 2100),
            url=entry.optional_string("url"),
            note=entry.optional_string("note"),
            cited_by=entry.optional_string("cited_by"),
        )
        if source.id in UNSOURCED:
            entry.fail("id", f'"{source.id}" means that there is no source.')
        if source.url is not None and not source.url.startswith(("https://", "http://")):
            entry.fail("url", "must begin with https:// or http://.")
        if source.cited_by is not None and source.cited_by not in found:
            entry.fail("cited_by", f'"{source.cited_by}" is not a source above this one.')
        entry.end()
        found[source.id] = source
    return found


def read_conditions(root: Traversable, known: Known) -> dict[str, Condition]:
    """Every condition by its code."""
    file = read(root, "conditions.toml")
    found: dict[str, Condition] = {}
    for entry in file.tables("conditions", name="code"):
        condition = Condition(code=entry.string("code"), name=entry.text("name"), sources=entry.sources(known))
        entry.end()
        found[condition.code] = condition
    file.end()
    return found


def read_symptoms(root: Traversable, known: Known) -> dict[str, Symptom]:
    """Every symptom by its code. What a class does not need, such as regions of an emergency, is refused."""
    file = read(root, "symptoms.toml")
    found: dict[str, Symptom] = {}
    for entry in file.tables("symptoms", name="code"):
        symptom = Symptom(
            code=entry.string("code"),
            symptom_class=entry.one_of("class", SYMPTOM_CLASSES),
            regions=entry.strings("regions", REGIONS),
            text=entry.text("text"),
            advice=entry.text("advice", PATIENT_PLACEHOLDERS),
            sources=entry.sources(known),
        )
        if (symptom.symptom_class == "stop") != bool(symptom.regions):
            entry.fail("regions", "must name regions for the class stop, and none for the others.")
        needed = "{emergency_number}" if symptom.symptom_class == "emergency" else "{clinic_phone}"
        for language, sentence in symptom.advice.items():
            if needed not in sentence:
                entry.fail(f"advice.{language}", f"must say {needed}: whom to call now.")
        entry.end()
        found[symptom.code] = symptom
    file.end()
    return found


def read_exercise(
    root: Traversable,
    name: str,
    sources: Mapping[str, Source],
    conditions: Iterable[str],
    vocabulary: Vocabulary,
    *,
    released: int | None = None,
) -> Exercise:
    """One exercise from `exercises/<name>.toml`, or an earlier version from `released/<name>/<version>.toml`."""
    path = f"exercises/{name}.toml" if released is None else f"released/{name}/{released}.toml"
    if released is not None and not (root / path).is_file():
        raise ContentInvalid(f"{path}: is missing; keep each earlier version there, because prescriptions pin it.")
    exercise = exercise_from(read(root, path), name, sources, conditions, vocabulary)
    if released not in {None, exercise.version}:
        raise ContentInvalid(f"{path}: version: is {exercise.version}; the file's name says {released}.")
    return exercise


def exercise_from(
    file: Table, name: str, sources: Mapping[str, Source], conditions: Iterable[str], vocabulary: Vocabulary
) -> Exercise:
    """One exercise from what a file says, or from what a clinic sent in its shape."""
    known = read_by_us(sources)
    exercise_id = _named_as_file(file, name)
    dosage_table = file.table("dosage")
    spoken = dosage_table.text("spoken")
    published = read_published(file.tables("published_doses", optional=True), known)
    start = file.table("start_position")
    exercise = Exercise(
        id=exercise_id,
        version=file.integer("version", 1, 10_000),
        name=file.text("name"),
        also_known_as=file.names("also_known_as"),
        kind=file.one_of("kind", EXERCISE_KINDS),
        regions=file.strings("regions", REGIONS),
        sides=Sides(file.one_of("sides", Sides)),
        equipment=file.strings("equipment", vocabulary.equipment),
        purpose=_statements(file, "purpose", known),
        suits=_statements(file, "suits", known, optional=True),
        start_position=each(
            [start],
            lambda t: StartPosition(
                code=t.one_of("code", vocabulary.positions), text=t.text("text"), sources=t.sources(known)
            ),
        )[0],
        steps=_steps(file, known),
        cues=each(
            file.tables("cues", optional=True),
            lambda t: Cue(
                id=t.string("id"),
                kind=t.one_of("kind", CUE_KINDS),
                text=t.text("text"),
                sources=t.sources(known),
            ),
        ),
        safety=each(
            file.tables("safety"),
            lambda t: SafetyNote(
                id=t.string("id"),
                kind=SafetyKind(t.one_of("kind", SafetyKind)),
                severity=Severity(t.one_of("severity", Severity)),
                text=t.text("text"),
                acknowledge=t.boolean("acknowledge"),
                sources=t.sources(known),
            ),
        ),
        modifications=each(
            file.tables("modifications", optional=True),
            lambda t: Modification(
                id=t.string("id"),
                when=t.text("when"),
                text=t.text("text"),
                sources=t.sources(known),
                off_floor=t.has("off_floor") and t.boolean("off_floor"),
                on_sore_days=t.has("on_sore_days") and t.boolean("on_sore_days"),
            ),
        ),
        cautions=each(
            file.tables("cautions", name="condition", optional=True),
            lambda t: Caution(
                condition=t.one_of("condition", conditions),
                action=CautionAction(t.one_of("action", CautionAction)),
                text=t.text("text"),
                sources=t.sources(known),
            ),
        ),
        dosage=read_dosage(dosage_table, known, published),
        spoken=spoken,
        sources=(),
        review=_review(file),
        background=_statements(file, "background", known, optional=True),
        published_doses=published,
        form_of=file.optional_string("form_of"),
    )
    if not exercise.regions:
        file.fail("regions", "must name at least one region.")
    if not exercise.safety:
        file.fail("safety", "must hold at least one note.")
    if exercise.sides is Sides.LEFT_THEN_RIGHT and all(s.phase is not Phase.SWITCH_SIDE for s in exercise.steps):
        file.fail("steps", "must switch the side somewhere, because sides is left_then_right.")
    if exercise.form_of == exercise.id:
        file.fail("form_of", "is the exercise itself; leave it out.")
    file.end()
    starts_on_floor = vocabulary.positions[exercise.start_position.code].on_floor
    needs_floor = starts_on_floor and not any(one.off_floor for one in exercise.modifications)
    return _with_sources(replace(exercise, needs_floor=needs_floor), sources)


def read_ladder(root: Traversable, name: str, sources: Mapping[str, Source], exercises: Iterable[str]) -> Ladder:
    """One ladder from `ladders/<name>.toml`; its exercises must exist."""
    return ladder_from(read(root, f"ladders/{name}.toml"), name, sources, exercises)


def ladder_from(file: Table, name: str, sources: Mapping[str, Source], exercises: Iterable[str]) -> Ladder:
    """One ladder from what a file says, or from what a clinic sent in its shape."""
    known = read_by_us(sources)
    newest = {name: numbers for (name, _), numbers in sorted(PROFILES.items()) if not numbers.must_be_chosen}
    profile_name = file.one_of("rule_profile", newest)
    profile = newest[profile_name]
    days_key = PAIN_FREE_DAYS if profile_name == PAIN_FREE_DAYS else GOOD_DAYS
    origin_table = file.table("origins")
    origins = {key: origin_table.string(key) for key in ("rule_profile", days_key)}
    for key, origin in origins.items():
        origin_table.origin(key, origin, known)
    origin_table.end()
    rule = _statements(file, "rule", known)
    keys = dict.fromkeys(key for statement in rule for key in statement.sources)
    ladder = Ladder(
        id=_named_as_file(file, name),
        version=file.integer("version", 1, 10_000),
        name=file.text("name"),
        exercise_ids=file.strings("exercises", exercises),
        rule_profile=profile_name,
        rule_days=file.integer(days_key, profile.min_days, profile.max_days),
        origins=origins,
        rule=rule,
        sources=_cited(keys, sources),
        review=_review(file),
        direction=file.one_of("direction", DIRECTIONS) if file.has("direction") else None,
    )
    if not ladder.exercise_ids:
        file.fail("exercises", "must name at least one exercise.")
    file.end()
    return ladder


def read_by_us(sources: Mapping[str, Source]) -> dict[str, bool]:
    """Of each source id: did we read it ourselves? One that another source only cites carries no statement."""
    return {source.id: source.cited_by is None for source in sources.values()}


def _named_as_file(file: Table, name: str) -> str:
    value = file.string("id")
    if value != name:
        file.fail("id", f'is "{value}"; it must be "{name}", as the file is called.')
    if file.origins is HOUSE and value.startswith(OWN_PREFIX):
        file.fail("id", f'begins with "{OWN_PREFIX}", as the ids of clinics do.')
    return value


def _statements(file: Table, key: str, known: Known, *, optional: bool = False) -> tuple[Statement, ...]:
    def statement(entry: Table) -> Statement:
        entry.string("id")  # only the trace of the article and error messages use it
        return Statement(text=entry.text("text"), sources=entry.sources(known))

    found = each(file.tables(key, optional=optional), statement)
    if not found and not optional:
        file.fail(key, "must hold at least one statement.")
    return found


def _steps(file: Table, known: Known) -> tuple[Step, ...]:
    entries = file.tables("steps", name="number")
    positions = {id(entry): position for position, entry in enumerate(entries, start=1)}

    def step_of(entry: Table) -> Step:
        position = positions[id(entry)]
        step = Step(
            number=entry.integer("number", 1, 100),
            phase=Phase(entry.one_of("phase", Phase)),
            text=entry.text("text"),
            sources=entry.sources(known),
        )
        if step.number != position:
            entry.fail("number", f"is {step.number}; steps count 1, 2, 3 in their order, so this one is {position}.")
        if (step.phase is Phase.START) != (position == 1):
            entry.fail("phase", "the first step, and only the first, is the start.")
        return step

    found = each(entries, step_of)
    if not found:
        file.fail("steps", "must hold at least one step.")
    return found


def _review(file: Table) -> Review:
    table = file.table("review")
    review = Review(
        status=table.one_of("status", REVIEW_STATES), by=table.optional_string("by"), on=table.optional_string("on")
    )
    if (review.status == "reviewed") != (review.by is not None and review.on is not None):
        table.fail("status", "reviewed needs by and on; unreviewed has neither.")
    table.end()
    return review


def _with_sources(exercise: Exercise, sources: Mapping[str, Source]) -> Exercise:
    lists: list[tuple[str, ...]] = [statement.sources for statement in (*exercise.purpose, *exercise.suits)]
    lists.append(exercise.start_position.sources)
    lists += [step.sources for step in exercise.steps]
    lists += [cue.sources for cue in exercise.cues]
    lists += [note.sources for note in exercise.safety]
    lists += [modification.sources for modification in exercise.modifications]
    lists += [caution.sources for caution in exercise.cautions]
    lists += [statement.sources for statement in exercise.background]
    lists.append(tuple(exercise.dosage.origins.values()))
    lists.append(tuple(dose.source for dose in exercise.published_doses))
    keys = dict.fromkeys(key for keys in lists for key in keys)
    return replace(exercise, sources=_cited(keys, sources))


def _cited(keys: Iterable[str], sources: Mapping[str, Source]) -> tuple[Source, ...]:
    """The sources in the order of their first use, each followed by the works that it cites."""
    found: dict[str, Source] = {}
    for key in keys:
        if key in sources:
            found[key] = sources[key]
            found.update((s.id, s) for s in sources.values() if s.cited_by == key)
    return tuple(found.values())
