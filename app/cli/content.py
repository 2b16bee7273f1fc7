"""What an operator or a content author types about the exercise library: `rung content check | show | diff`.

It prints what the files say and what they lack; it changes nothing.
"""

import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from app.cli.settings import read_settings, require_database
from app.clock import SystemClock
from app.content import figures, gaps, library, reading
from app.content.library import Library
from app.domain.exercise import PRODUCT_DEFAULT, Exercise
from app.domain.exercise import Text as Words
from app.drawing import motion
from app.queries.content_behind import behind
from app.store import patients
from app.store.database import Database
from app.store.operating.founding import short_names
from app.store.scope import Caller, Role

WIDTH = 100

content = typer.Typer(no_args_is_help=True, help="The exercise library: what it says and what it lacks.")
printed = Console(highlight=False, width=None if sys.stdout.isatty() else 2 * WIDTH)
told = Console(stderr=True, highlight=False, soft_wrap=True)

Folder = Annotated[
    Path | None,
    typer.Option(
        "--content", exists=True, file_okay=False, help="A folder of content files; those of this version without it."
    ),
]
Language = Annotated[str, typer.Option("--language", help="The language to read it in, for example de.")]


@content.command()
def check(folder: Folder = None) -> None:
    """Read every content file and print a table of all exercises with what each lacks; exit code 1 for a gap.

    A file that is wrong is named with its line and field instead, a pose that no human can take by step and joint.
    """
    known = _library(folder)
    drawn = _drawn(known, folder)
    table = Table(box=None)
    for name in ("exercise", "ladder", "dosage", "published", "sourced", "review", "lacks"):
        table.add_column(name, no_wrap=True)
    lacking = 0
    for exercise in known.exercises.values():
        places = ", ".join(f"{place.ladder.id} {place.rung}" for place in known.ladders_of(exercise.id))
        found = gaps.gaps_of(known, exercise, drawn)
        lacking += bool(found)
        sourced, count = gaps.sourced_numbers(exercise)
        doses = len(exercise.published_doses)
        told_gaps = Text(", ".join(found) or "nothing", style="red" if found else "green")
        table.add_row(
            exercise.id, places, _dose(exercise), str(doses), f"{sourced}/{count}", exercise.review.status, told_gaps
        )
    printed.print(table, soft_wrap=True)
    for language in known.languages:
        level = reading.levels(known, language)["all"]
        printed.print(f"Reading level, {language}: {level:.0f} ({LEVELS[language]}).")
    unused = [source for source, count in gaps.sources_used(known).items() if not count]
    printed.print(f"Sources that no exercise rests on: {len(unused)} of {len(known.sources)}.")
    printed.print(
        f"{len(known.exercises)} exercises on {len(known.ladders)} ladders, content {known.content_version}: "
        f"{lacking or 'none'} with a gap."
    )
    if lacking:
        raise typer.Exit(1)


LEVELS = {"en": "Flesch Reading Ease; 80 is sixth grade, more is easier", "de": "a school year; less is easier"}


@content.command()
def show(
    exercise_id: Annotated[str, typer.Argument(metavar="ID", help="An exercise, for example single-knee-to-chest.")],
    language: Language = "en",
    folder: Folder = None,
) -> None:
    """Print one exercise as a person reads it, with where each statement comes from."""
    known = _library(folder)
    if language not in known.languages:
        raise typer.BadParameter(f"one of: {', '.join(known.languages)}", param_hint="--language")
    exercise = known.exercise(exercise_id)
    page = _Page(language)
    page.heading(f"{page.said(exercise.name)} ({exercise.id}, version {exercise.version}, {exercise.review.status})")
    for place in known.ladders_of(exercise_id):
        neighbours = f"easier {place.easier or 'nothing'}, harder {place.harder or 'nothing'}"
        page.line(f"Ladder {place.ladder.id}: rung {place.rung} of {len(place.ladder.exercise_ids)}; {neighbours}.")
    needs = ", ".join(page.said(known.vocabulary.equipment[code].name) for code in exercise.equipment)
    floor = "needs the floor" if exercise.needs_floor else "no floor needed"
    page.line(
        f"{exercise.kind}; {', '.join(exercise.regions)}; sides {exercise.sides}; {needs or 'no equipment'}; {floor}."
    )
    page.part("Why", [(page.said(one.text), one.sources) for one in (*exercise.purpose, *exercise.suits)])
    page.part("Start", [(page.said(exercise.start_position.text), exercise.start_position.sources)])
    page.part("Steps", [(f"{s.number}. [{s.phase}] {page.said(s.text)}", s.sources) for s in exercise.steps])
    page.part("Cues", [(f"[{c.kind}] {page.said(c.text)}", c.sources) for c in exercise.cues])
    page.part("Safety", [(f"[{n.severity}] {page.said(n.text)}", n.sources) for n in exercise.safety])
    page.part("Cautions", [(f"[{c.condition}: {c.action}] {page.said(c.text)}", c.sources) for c in exercise.cautions])
    page.part("Other ways", [(f"{page.said(m.when)}: {page.said(m.text)}", m.sources) for m in exercise.modifications])
    page.part("How much", [(page.said(exercise.spoken), tuple(dict.fromkeys(exercise.dosage.origins.values())))])
    page.part(
        "Published", [(_published(known, exercise, dose.id, page), (dose.source,)) for dose in exercise.published_doses]
    )
    page.part("Background", [(page.said(one.text), one.sources) for one in exercise.background])
    page.part("Sources", [(f"{one.id}: {one.title}", ()) for one in exercise.sources])


@content.command()
def diff(
    only: Annotated[str | None, typer.Option("--clinic", help="The short name of one clinic; all without it.")] = None,
    folder: Folder = None,
) -> None:
    """Name the running prescriptions that hold an exercise or a ladder otherwise than the content files have it.

    They keep what they pinned until a clinician makes a new version of them. Nothing is written; ids only, no names.
    """
    settings = read_settings()
    require_database(settings)
    known = _library(folder)
    db = Database(settings.url)
    table = Table("clinic", "patient", "prescription", "what", "pinned", "library", box=None)
    try:
        for short in [only] if only else short_names(settings.url):
            operator = Caller(SystemClock().now(), None, frozenset({Role.OPERATOR}), short, is_operator=True)
            for patient_id in track(db.read_here(operator, patients.all_ids), short, console=told, transient=True):
                for one in db.read_here(operator, behind, patient_id, known):
                    newest = one.newest or "not there any more"
                    ids = str(patient_id), str(one.prescription_id)
                    table.add_row(short, *ids, one.what, one.pinned, newest)
    finally:
        db.close()
    if table.row_count:
        printed.print(table, soft_wrap=True)
    printed.print(
        f"{table.row_count or 'No'} differences between running prescriptions and content {known.content_version}."
    )


def _library(folder: Path | None) -> Library:
    return library.load() if folder is None else library.read_library(folder)


def _drawn(known: Library, folder: Path | None) -> set[str]:
    """The exercises whose figure can be drawn. Raises ContentInvalid for one that cannot."""
    found = figures.load() if folder is None else figures.read_figures(folder, known.exercises)
    for figure in found.values():
        motion.stances(figure)
    return set(found)


class _Page:
    """Statements on paper of a fixed width, each with its sources."""

    def __init__(self, language: str) -> None:
        self._language = language

    def said(self, text: Words) -> str:
        """A text in the reader's language, else in English with a mark that says so."""
        return text.get(self._language) or f"(en) {text['en']}"

    def heading(self, text: str) -> None:
        printed.print(Text(text, style="bold"), soft_wrap=True)

    def line(self, text: str) -> None:
        printed.print(Text("\n".join(textwrap.wrap(text, WIDTH))), soft_wrap=True)

    def part(self, name: str, statements: Sequence[tuple[str, tuple[str, ...]]]) -> None:
        if not statements:
            return
        printed.print(Text(f"\n{name}", style="bold"))
        for said, sources in statements:
            wrapped = "\n".join(textwrap.wrap(said, WIDTH, initial_indent="  ", subsequent_indent="    "))
            origin = f"  ({', '.join(sources)})" if sources else ""
            printed.print(
                Text.assemble(wrapped, (origin, "yellow" if PRODUCT_DEFAULT in sources else "dim")), soft_wrap=True
            )


def _dose(exercise: Exercise) -> str:
    dosage = exercise.dosage
    held = "" if dosage.hold_seconds_min is None else f", {_span(dosage.hold_seconds_min, dosage.hold_seconds_max)} s"
    often = f"{_span(dosage.due_per_day, dosage.offered_per_day)}/day, {dosage.days_per_week}/week"
    return f"{dosage.sets} x {_span(dosage.reps_min, dosage.reps_max)}{held}, {often}"


def _span(low: int | None, high: int | None) -> str:
    return f"{low}" if low == high else f"{low}-{high}"


def _published(known: Library, exercise: Exercise, dose_id: str, page: _Page) -> str:
    dose = next(one for one in exercise.published_doses if one.id == dose_id)
    names = ("sets", "reps", "hold_seconds", "duration_seconds", "rest_seconds", "times_per_day", "days_per_week")
    parts = [f"{name} {_span(*found)}" for name in names if (found := getattr(dose, name))]
    note = [] if dose.note is None else [page.said(dose.note)]
    return "; ".join([known.sources[dose.source].title, *parts, *note])
