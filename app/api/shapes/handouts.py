"""Which words does a plan have on paper, in the reader's language, and which drawings?

The clinic's numbers come from its settings only. This file refuses to know how pages are made.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from io import BytesIO

import segno

from app.api.shapes.drawings import Drawings, Wanted
from app.api.shapes.routines import counted, reactions, spoken
from app.content.library import Library
from app.domain.exercise import Exercise, SafetyKind, SafetyNote, Severity, Side, Text
from app.domain.reporting.cert import KINDS_OF_LOAD
from app.domain.rules.profiles import profile_of
from app.domain.safety import CONTACT, EMERGENCY, worst_first
from app.domain.standing import Status
from app.printing.handout import Handout, Labelled, Pain, Sheet, Signs, Still
from app.queries.plan_today import Planned
from app.store.clinics import Clinic
from app.values import dataclass

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOUDEST_FIRST = (Severity.WARNING, Severity.CAUTION, Severity.INFO)
QR = "qr"


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose hand-out it is, as of which local date.

    `clinic` is the clinic's short name. `link` is where the picture for a phone's camera leads, never with a code.
    """

    patient: str
    clinic: str
    as_of: date
    link: str


@dataclass(frozen=True, slots=True)
class Writer:
    """A plan in the words of one language."""

    library: Library
    drawings: Drawings
    clinic: Clinic
    language: str

    def handout(self, plan: Sequence[Planned], whose: Whose) -> Handout:
        """All that stands on paper."""
        now = [one for one in plan if one.is_for_now]
        numbers = self._numbers()
        has_stop = any(one.standing.open_stops for one in plan)
        return Handout(
            language=self.language,
            title=self._say("title"),
            clinic=self.clinic.name,
            patient=Labelled(self._say("for_whom"), whose.patient),
            as_of=self._say("as_of", **_written(whose.as_of)),
            page=self._say("page", page="%p", pages="%n"),
            sheet_changes=self._say("sheet_changes"),
            empty=None if now else self._say("empty"),
            not_now_title=self._say("not_now_title"),
            not_now=tuple(self._not_now(one) for one in plan if not one.is_for_now),
            do_first=self.library.texts.render("safety", "stop_first", numbers, self.language) if has_stop else None,
            signs=(
                Signs(self._say("emergency_title", **numbers), self._signs(is_emergency=True)),
                Signs(self._say("stop_title", **numbers), self._signs(is_emergency=False)),
            ),
            pain_title=self._say("pain_title"),
            pain=self._pain(now),
            sheets=tuple(self._sheet(one, whose.as_of) for one in now),
            week_title=self._say("week_title"),
            week=tuple(self.library.texts.render("weekday", name, {}, self.language) for name in WEEKDAYS),
            reach_title=self._say("reach_title"),
            reach=self._reach(),
            not_monitored=self._say("not_monitored", **numbers),
            app=self._say("app"),
            app_clinic=Labelled(self._say("app_clinic"), whose.clinic),
            link=whose.link,
        )

    def drawn(self, plan: Sequence[Planned], whose: Whose) -> dict[str, bytes]:
        """The drawings that the hand-out shows, by the names that it calls them. It takes long: not for the loop."""
        found = {QR: _qr(whose.link)}
        for one in plan:
            if one.is_for_now:
                for number, wanted in self._stills(one):
                    found[_drawing(one, number)] = self.drawings.draw(wanted)
        return found

    def _say(self, code: str, **params: str) -> str:
        return self.library.texts.render("handout", code, params, self.language)

    def _text(self, text: Text) -> str:
        return text.get(self.language) or text["en"]

    def _exercise(self, planned: Planned) -> Exercise | None:
        return self.library.exercises.get(planned.rung.exercise_id)

    def _name(self, planned: Planned) -> str:
        exercise = self._exercise(planned)
        return planned.rung.exercise_id if exercise is None else self._text(exercise.name)

    def _numbers(self) -> dict[str, str]:
        """The clinic's own numbers; where it has none, words that name nobody's."""
        texts, own = self.library.texts, self.clinic
        anyone = {code: texts.render("anyone", code, {}, self.language) for code in texts.codes("anyone")}
        return {
            "emergency_number": _unbroken(own.emergency_number) or anyone["emergency_number"],
            "clinic_phone": _unbroken(own.phone or own.email) or anyone["clinic_phone"],
        }

    def _signs(self, *, is_emergency: bool) -> tuple[str, ...]:
        found = worst_first(one for one in self.library.symptoms.values() if one.symptom_class != CONTACT)
        return tuple(self._text(one.text) for one in found if (one.symptom_class == EMERGENCY) is is_emergency)

    def _not_now(self, planned: Planned) -> Labelled:
        return Labelled(self._name(planned), self._say("stopped" if planned.status is Status.STOPPED else "paused"))

    def _pain(self, plan: Sequence[Planned]) -> tuple[Pain, ...]:
        """What to do by how strong the pain is; the exercises are named where their rules differ."""
        by_answers: dict[tuple[Labelled, ...], list[str]] = {}
        for one in plan:
            by_answers.setdefault(tuple(self._answers(one)), []).append(self._name(one))
        is_one = len(by_answers) == 1
        return tuple(Pain("" if is_one else ", ".join(names), answers) for answers, names in by_answers.items())

    def _answers(self, planned: Planned) -> Iterator[Labelled]:
        version = planned.version
        for one in reactions(self.library.texts, self.language, profile_of(version.rule), version.usual_pain):
            if "pain_during" in one["questions"]:
                low, high = str(one["pain_min"]), str(one["pain_max"])
                yield Labelled(
                    low if low == high else self._say("pain_range", pain_min=low, pain_max=high), one["text"]
                )
            elif one["do"] != "go_on":
                yield Labelled(self._say("morning"), one["text"])

    def _reach(self) -> tuple[Labelled, ...]:
        own = self.clinic
        told = {"phone": own.phone, "email": own.email, "hours": own.hours, "emergency": own.emergency_number}
        return tuple(Labelled(self._say(code), text) for code, text in told.items() if text)

    def _sheet(self, planned: Planned, today: date) -> Sheet:
        exercise, version = self._exercise(planned), planned.version
        notes = [self._say("begins_on", **_written(version.starts_on))] if version.starts_on > today else []
        notes += [self._say("ends_on", **_written(version.ends_on))] if version.ends_on else []
        notes += [self._say("eased")] if planned.status is Status.EASED else []
        waits = self.library.texts.render("progress", "needs_clearance", {}, self.language)
        warnings = [waits] if planned.standing.is_caution_held else []
        return Sheet(
            name=self._name(planned),
            version=self._say("version", version=str(version.version)),
            warnings=(*warnings, *(() if exercise else (self._say("unknown_exercise"),))),
            notes=tuple(notes),
            stills=tuple(self._shown(planned)),
            start=None if exercise is None else Labelled(self._say("start"), self._text(exercise.start_position.text)),
            steps=() if exercise is None else tuple(self._text(one.text) for one in exercise.steps),
            facts=tuple(self._facts(planned)),
            when=self._when(planned),
            due=_due(planned),
            cares_title=self._say("take_care"),
            cares=() if exercise is None else tuple(self._text(one.text) for one in sorted(exercise.safety, key=_loud)),
            more=tuple(self._more(planned)),
        )

    def _facts(self, planned: Planned) -> Iterator[Labelled]:
        yield Labelled(self._say("how_much"), " ".join(self._amount(planned)))
        if planned.dosage.load not in KINDS_OF_LOAD:
            yield Labelled(self._say("load"), str(planned.dosage.load))
        yield Labelled(self._say("when"), self._when(planned))
        sides = set(planned.rung.required_sides)
        side = "each_side" if sides >= {Side.LEFT, Side.RIGHT} else next((f"{s}_only" for s in sides & ONE_SIDE), None)
        if side is not None:
            yield Labelled(self._say("which_side"), self._say(side))

    def _amount(self, planned: Planned) -> Iterator[str]:
        """The catalogue's own sentence tells of days and times too, so it stands only where they are as prescribed."""
        dosage, version = planned.dosage, planned.version
        days = len(version.weekdays or ())
        is_usual = (dosage.due_per_day, dosage.offered_per_day, dosage.days_per_week) == (
            version.due_per_day,
            version.offered_per_day,
            days,
        )
        if is_usual and not version.as_needed:
            yield spoken(planned.rung, dosage, self.library, self.language)
            return
        yield counted(planned.rung, dosage, self.library.texts, self.language)
        if dosage.duration_seconds:
            yield self._say("duration", duration_seconds=str(dosage.duration_seconds))
        if dosage.rest_seconds:
            yield self._say("rest", rest_seconds=str(dosage.rest_seconds))

    def _when(self, planned: Planned) -> str:
        version = planned.version
        if version.as_needed:
            return self._say("as_needed")
        if version.weekdays is None:
            days = self._say("every_n_days", every_n_days=str(version.every_n_days))
            days = self._say("every_day") if version.every_n_days == 1 else days
        elif len(version.weekdays) == len(WEEKDAYS):
            days = self._say("every_day")
        else:
            names = (WEEKDAYS[number] for number in sorted(version.weekdays))
            days = ", ".join(self.library.texts.render("weekday", name, {}, self.language) for name in names)
        due, offered = version.due_per_day, version.offered_per_day
        if offered > due:
            times = self._say("up_to_times_a_day", due_per_day=str(due), offered_per_day=str(offered))
        else:
            times = self._say("once_a_day") if due == 1 else self._say("times_a_day", due_per_day=str(due))
        more = [self._say("more_as_needed")] if planned.dosage.more_as_needed and not planned.is_eased else []
        return ", ".join([days, times, *more])

    def _more(self, planned: Planned) -> Iterator[Labelled]:
        exercise = self._exercise(planned)
        for one in () if exercise is None else exercise.modifications:
            if one.id in planned.rung.modifications:
                yield Labelled(self._say("for_you"), self._text(one.text))
        instruction = planned.version.instruction_for(planned.rung)
        if instruction:
            yield Labelled(self._say("from_clinic"), instruction)

    def _shown(self, planned: Planned) -> Iterator[Still]:
        exercise = self._exercise(planned)
        for number, _ in self._stills(planned):
            assert exercise is not None
            yield Still(number, _drawing(planned, number), self._text(exercise.steps[number - 1].text))

    def _stills(self, planned: Planned) -> Iterator[tuple[int, Wanted]]:
        """Every step that looks different, on the side that is to be done."""
        exercise_id, exercise = planned.rung.exercise_id, self._exercise(planned)
        if exercise is None or not self.drawings.shows(exercise):
            return
        sides = planned.rung.required_sides
        has_sides = self.drawings.side(exercise_id) is not None
        side = sides[0] if has_sides and len(sides) == 1 and sides[0] in ONE_SIDE else None
        for step in self.drawings.figures()[exercise_id].steps:
            if step.same_as is None:
                yield step.number, Wanted(exercise_id, step=step.number, side=side)


ONE_SIDE = frozenset({Side.LEFT, Side.RIGHT})


def _loud(note: SafetyNote) -> tuple[bool, int]:
    """When to stop comes first, then the loudest."""
    return note.kind is not SafetyKind.STOP_IF, LOUDEST_FIRST.index(note.severity)


def _due(planned: Planned) -> tuple[bool, ...]:
    """On which days of a week it may be done, Monday first: on any, if it is done every few days or as needed."""
    weekdays = None if planned.version.as_needed else planned.version.weekdays
    return tuple(weekdays is None or number in weekdays for number in range(len(WEEKDAYS)))


def _written(day: date) -> dict[str, str]:
    return {"local_date": day.isoformat(), "year": str(day.year)}


def _unbroken(number: str | None) -> str:
    """A number that stays on one line."""
    return (number or "").replace(" ", "\u00a0")


def _drawing(planned: Planned, number: int) -> str:
    return f"{planned.place}-{number}"


def _qr(link: str) -> bytes:
    written = BytesIO()
    segno.make(link, error="m", micro=False).save(written, kind="svg", border=2)
    return written.getvalue()
