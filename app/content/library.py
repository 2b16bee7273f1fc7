"""Which exercises, ladders, symptoms, conditions and sources are there, and which exercise does a reader mean?

`load()` is the only door: it reads the package's own files once. This file refuses to know about prescriptions.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from app.content import article, loader
from app.content.article import Fact, Gap
from app.content.facets import Facets, facets_of
from app.content.search import Index, LateIndex, index_of
from app.content.table import LANGUAGES
from app.content.texts import Texts, read_texts
from app.content.vocabulary import Vocabulary, read_vocabulary
from app.domain.errors import ContentInvalid, NotFound
from app.domain.exercise import Condition, Exercise, Ladder, Source, Symptom, Text
from app.domain.own.signing import EXERCISE, LADDER, ContentKey, SignOff
from app.values import dataclass, field


@dataclass(frozen=True, slots=True)
class LadderPlace:
    """Where an exercise stands on a ladder. `rung` counts from 1; `easier` and `harder` are exercise ids or None."""

    ladder: Ladder
    rung: int
    easier: str | None
    harder: str | None


@dataclass(frozen=True, slots=True)
class Library:
    """Everything the content files say. Mappings are by id or code, in the order of the files.

    `versions` holds every exercise as it read in each version, the newest included: prescriptions pin them.
    `content_version` is a short hash over every file: it changes whenever a word changes. `article_facts` and
    `article_gaps` trace the founding article: what it says, and what it leaves open and we filled in. `index` and
    `facets` number the exercises in the order of `exercises`. Of a clinic's library, `signed` and
    `hidden` are what somebody there signed and what it does not prescribe anew; `retired` is what was its own, and
    `unreadable` what of its own this build cannot read.
    """

    exercises: Mapping[str, Exercise]
    versions: Mapping[tuple[str, int], Exercise]
    ladders: Mapping[str, Ladder]
    symptoms: Mapping[str, Symptom]
    conditions: Mapping[str, Condition]
    vocabulary: Vocabulary
    sources: Mapping[str, Source]
    article_facts: tuple[Fact, ...]
    article_gaps: tuple[Gap, ...]
    texts: Texts
    index: Index | LateIndex
    facets: Facets
    content_version: str
    languages: tuple[str, ...]
    signed: Mapping[ContentKey, SignOff] = field(default_factory=dict)
    hidden: frozenset[ContentKey] = frozenset()
    retired: frozenset[ContentKey] = frozenset()
    unreadable: Mapping[ContentKey, str] = field(default_factory=dict)

    def exercise(self, exercise_id: str) -> Exercise:
        """The exercise with this id. Raises NotFound."""
        if exercise_id not in self.exercises:
            raise NotFound("There is no such exercise.")
        return self.exercises[exercise_id]

    def ladder(self, ladder_id: str) -> Ladder:
        """The ladder with this id. Raises NotFound."""
        if ladder_id not in self.ladders:
            raise NotFound("There is no such ladder.")
        return self.ladders[ladder_id]

    def ladders_of(self, exercise_id: str) -> tuple[LadderPlace, ...]:
        """Every ladder the exercise stands on, and its neighbours there."""
        return tuple(
            _place(ladder, exercise_id) for ladder in self.ladders.values() if exercise_id in ladder.exercise_ids
        )

    def withheld_from(self, ladder_id: str) -> tuple[ContentKey, ...]:
        """What the clinic has hidden or retired of a ladder: the ladder itself, or exercises on it."""
        on_it = ((EXERCISE, exercise_id) for exercise_id in self.ladder(ladder_id).exercise_ids)
        return tuple(key for key in ((LADDER, ladder_id), *on_it) if key in self.hidden | self.retired)

    def search(self, query: str) -> tuple[Exercise, ...]:
        """The exercises that the words of a query mean, in any language, the best first; all for none."""
        exercises = tuple(self.exercises.values())
        return tuple(exercises[number] for number in self.index.find(query))


def _place(ladder: Ladder, exercise_id: str) -> LadderPlace:
    index = ladder.exercise_ids.index(exercise_id)
    return LadderPlace(
        ladder=ladder,
        rung=index + 1,
        easier=ladder.exercise_ids[index - 1] if index else None,
        harder=ladder.exercise_ids[index + 1] if index + 1 < len(ladder.exercise_ids) else None,
    )


@cache
def load() -> Library:
    """The library of this build, read once. Raises ContentInvalid when a file is wrong."""
    return read_library(files("app.content"))


def read_library(root: Traversable) -> Library:
    """The library below `root`. Raises ContentInvalid, which names the file and the field that is wrong."""
    sources = loader.read_sources(root)
    known = loader.read_by_us(sources)
    conditions = loader.read_conditions(root, known)
    symptoms = loader.read_symptoms(root, known)
    vocabulary = read_vocabulary(root)
    exercises = {
        name: loader.read_exercise(root, name, sources, conditions, vocabulary) for name in _names(root, "exercises")
    }
    versions = {(one.id, one.version): one for one in exercises.values()} | {
        (one.id, number): loader.read_exercise(root, one.id, sources, conditions, vocabulary, released=number)
        for one in exercises.values()
        for number in range(1, one.version)
    }
    ladders = {name: loader.read_ladder(root, name, sources, exercises) for name in _names(root, "ladders")}
    climbed = {exercise_id for ladder in ladders.values() for exercise_id in ladder.exercise_ids}
    for name, exercise in exercises.items():
        if name not in climbed:
            raise ContentInvalid(f"exercises/{name}.toml: no ladder names this exercise; give it one of its own.")
        if exercise.form_of is not None and exercise.form_of not in exercises:
            raise ContentInvalid(f'exercises/{name}.toml: form_of: there is no exercise "{exercise.form_of}".')
    facts, gaps = article.read_article(root)
    return Library(
        exercises=exercises,
        versions=versions,
        ladders=ladders,
        symptoms=symptoms,
        conditions=conditions,
        vocabulary=vocabulary,
        sources=sources,
        article_facts=facts,
        article_gaps=gaps,
        texts=read_texts(
            root,
            {
                "exercise": {exercise.id: exercise.name for exercise in exercises.values()},
                "symptom": {symptom.code: symptom.text for symptom in symptoms.values()},
                "condition": {condition.code: condition.name for condition in conditions.values()},
                "resting_form": resting_forms(exercises.values()),
            },
        ),
        index=index_of(exercises.values(), vocabulary),
        facets=facets_of(exercises.values(), ladders.values(), vocabulary),
        content_version=_version(root),
        languages=LANGUAGES,
    )


def resting_forms(exercises: Iterable[Exercise]) -> dict[str, Text]:
    """What to do instead on a sore day, in words, of the exercises that have such a form."""
    return {
        exercise.id: {language: f"{one.when[language]}: {one.text[language]}" for language in one.text}
        for exercise in exercises
        for one in exercise.modifications
        if one.on_sore_days
    }


def _names(root: Traversable, folder: str) -> list[str]:
    names = sorted(entry.name for entry in (root / folder).iterdir())
    return [name.removesuffix(".toml") for name in names if name.endswith(".toml")]


def _version(root: Traversable) -> str:
    digest = hashlib.sha256()
    for path, content in _files(root, ""):
        digest.update(f"{path}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:12]


def _files(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        path = f"{prefix}{entry.name}"
        if entry.is_dir():
            yield from _files(entry, f"{path}/")
        elif entry.name.endswith(".toml"):
            # Line ends are a matter of the checkout, not of the content.
            yield path, entry.read_bytes().replace(b"\r\n", b"\n")
