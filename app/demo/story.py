"""What do two weeks with Rung look like, for the patient and for the clinic?

One leg, a sore day, two days without a network, an offer after three pain-free days, both legs, a step back and the way
up again. Whatever is shown was answered by the server; what it must answer for the story to go on is required.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
from pydantic import SecretStr
from rich.console import Console

from app.clock import MovableClock
from app.config import Settings
from app.demo import made_up
from app.demo.people import Answer, Clinician, Differs, Phone, require
from app.demo.running import running
from app.demo.telling import Telling, said

FIRST_DAY = date(2026, 3, 2)
DAYS = 14
ONE_LEG, BOTH_LEGS = "single-knee-to-chest", "double-knee-to-chest"

MARKS = {"done": "✓", "open": "○", "not_done": "-", "excused": "·", "upcoming": "○"}
"""How the phone draws a time of doing an exercise."""

SIDES = {"left": "left", "right": "right", "both": "with both legs", "none": "times"}


def play(
    console: Console,
    database: Path,
    *,
    first_day: date = FIRST_DAY,
    prescription: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Play the two weeks into a new database file. What `prescription` changes makes the story go wrong, for tests.

    Raises Differs, with the day on which the server answered something else than the story expects.
    """
    clock = MovableClock(datetime.combine(first_day, time(17), ZoneInfo(made_up.TIME_ZONE)))
    settings = Settings.model_construct(database_url=SecretStr(f"sqlite:///{database}"))
    made_up.found_made_up_clinic(settings.url, clock.now())
    with running(settings, clock) as client:
        story = Story(Telling(console), client, clock, first_day)
        try:
            story.first_week(prescription)
            story.second_week()
            story.look_back()
        except Differs as differs:
            raise Differs(f"The demo ends on {said(story.today)}: {differs}") from differs
        except LookupError as missing:
            raise Differs(f"The demo ends on {said(story.today)}: an answer lacks {missing}.") from missing


class Story:
    """Anna at her clinic, Paul with his phone, and a clock that moves."""

    def __init__(self, telling: Telling, client: httpx.Client, clock: MovableClock, first_day: date) -> None:
        self.tell = telling
        self.clock = clock
        self.anna = Clinician(client)
        self.phone = Phone(client, clock=clock)
        self.patient_id = ""
        self.first_day = self.today = first_day

    def first_week(self, prescription: Mapping[str, Any]) -> None:
        """From the prescription to both legs."""
        self.tell.line("Two weeks at a made-up clinic. The server is real; only its clock is moved.", "bold")
        self.tell.line("In “quotes”: what the server says. At the right: the call that asked for it.", "dim")
        self.connect(self.prescribe(prescription))
        self.hurt()
        self.calm_down()
        self.be_offline()
        self.climb()

    def second_week(self) -> None:
        """Too much, a day left out, and five pain-free days."""
        self.fall_back()
        self.miss_a_day()
        self.climb_again()

    # The clinic begins.

    def prescribe(self, prescription: Mapping[str, Any]) -> str:
        """The clinic becomes complete, a patient is made, the ladder prescribed, the phone invited; the code for it."""
        self.tell.day(self.today)
        self.tell.clinic(f"{made_up.CLINICIAN}, physiotherapist, signs in.", self.anna.sign_in().call)
        clinic = self.anna.complete_clinic()
        require(clinic.body["is_complete"], "the clinic is not complete.")
        phone, emergency = clinic.body["contact"]["phone"], clinic.body["emergency_number"]
        self.tell.clinic(f"Sets contact {phone} and emergency number {emergency}.", clinic.call)
        patient = self.anna.make_patient()
        self.patient_id = patient.body["id"]
        self.tell.clinic(f"Adds a patient: {patient.body['display_name']}.", patient.call)
        made = self.anna.prescribe(self.patient_id, self.today.isoformat(), **prescription)
        days = made.body["rule"]["pain_free_days"]
        self.tell.clinic(f"Prescribes knees to chest: up after {days} pain-free days.", made.call)
        for warning in made.body["warnings"]:
            self.tell.quote(warning["text"])
        invitation = self.anna.invite(self.patient_id)
        require(invitation.body["qr_svg_url"].startswith("data:image/svg+xml"), "the invitation has no picture.")
        expires_on = datetime.fromisoformat(invitation.body["expires_at"]).date()
        until = f"{expires_on.day} {expires_on:%B}"
        self.tell.clinic(f"Invites him: code, link and QR picture until {until}.", invitation.call)
        return str(invitation.body["code"])

    def connect(self, code: str) -> None:
        """The phone redeems the code, shows today, and reports twice because a reply was lost."""
        self.move_to(self.today, hour=18)
        redeemed = self.phone.redeem(code)
        require(redeemed.body["principal"]["id"] == self.patient_id, "the phone became somebody else's.")
        self.tell.phone("Paul scans the picture; now it is his phone.", redeemed.call)
        self.show_today()
        report = self.phone.report(self.item(), before=0, during=0, after=0)
        session_id = uuid4()
        first = self.phone.send(session_id, report)
        self.tell.phone(practised(first), first.call)
        self.tell.quote(progress_of(first))
        again = self.phone.send(session_id, report, expects=200)
        require(again.body == first.body, "the same session, sent again, was answered differently.")
        listed = self.phone.ask("GET", "/me/sessions")
        require(len(listed.body["items"]) == 1, "the same session, sent again, was counted twice.")
        self.tell.phone("Reply lost? Sent again: the same answer, counted once.", again.call)

    # The first week.

    def hurt(self) -> None:
        """Pain 4 of 10, above what was there before: half the repetitions."""
        self.wake_up()
        sore = self.practise(before=1, during=4, after=2)
        self.tell.phone(practised(sore), sore.call)
        self.tell.quote(decided(sore, "ease")["reason"]["text"])

    def calm_down(self) -> None:
        """The eased day goes well; full repetitions from the next day on."""
        self.wake_up()
        fetched = self.phone.routine()
        item = item_of(fetched)
        require(item["status"] == "eased", "the routine is not eased after a sore day.")
        self.tell.phone("Today's screen asks for less:", fetched.call)
        self.tell.quote(item["dosage"]["spoken"])
        calm = self.practise(before=0, during=0, after=0)
        self.tell.phone(practised(calm), calm.call)
        self.tell.quote(decided(calm, "restore")["reason"]["text"])

    def be_offline(self) -> None:
        """A good day, then two without a network: the phone keeps what was done and goes on from what it knows."""
        self.wake_up()
        good = self.practise(before=0, during=0, after=0)
        self.tell.phone(practised(good), good.call)
        self.tell.quote(progress_of(good))
        fetched = self.phone.routine()
        same = self.phone.ask("GET", "/me/routine", expects=304, headers={"If-None-Match": fetched.etag})
        self.tell.phone("Opens the app again: nothing has changed, so nothing is sent.", same.call)
        queue = []
        self.tell.day(self.today + timedelta(days=1))
        self.tell.phone("No network, today and tomorrow. Paul does his exercise; the phone keeps both reports.")
        for _ in range(2):
            self.sleep()
            queue.append((uuid4(), self.phone.report(item_of(fetched), before=0, during=0, after=0)))
        self.wake_up()
        late = [self.phone.send(session_id, report) for session_id, report in queue]
        for (_, report), answer in zip(queue, late, strict=True):
            stored = answer.body["session"]
            done_on, known_on = (date.fromisoformat(stored[name]) for name in ("local_date", "known_on"))
            require(done_on.isoformat() == report["started_at"][:10], "a late session lies on another day.")
            require(known_on == self.today, "a late session was not received today.")
            self.tell.phone(f"Done on {done_on:%A}, received on {known_on:%A}: counts for {done_on:%A}.", answer.call)
        decided(late[-1], "advance", state="offered")

    def climb(self) -> None:
        """The offer, in two languages, with the sentence that must stand beside it; yes; both legs."""
        fetched, offer = self.offer()
        self.tell.phone("The app asks:", fetched.call)
        self.tell.quote(offer["text"])
        self.tell.quote(offer["ask_if_unsure"])
        german = self.phone.routine(language="de")
        require(german.language == "de", "the German routine is not in German.")
        [angebot] = german.body["offers"]
        self.tell.phone("The same sentence for a phone that asks for German:", "Accept-Language: de")
        self.tell.quote(angebot["ask_if_unsure"])
        self.accept(offer)
        self.show_today()
        require(self.item()["exercise_id"] == BOTH_LEGS, "the patient did not reach both legs.")
        done = self.practise(before=0, during=0, after=0)
        self.tell.phone(practised(done), done.call)

    # The second week.

    def fall_back(self) -> None:
        """Pain 6 of 10 with both legs: back to one."""
        self.wake_up()
        sore = self.practise(before=0, during=6, after=3)
        self.tell.phone(practised(sore), sore.call)
        back = decided(sore, "step_back")
        require((back["from_rung"], back["to_rung"]) == (2, 1), "the step back does not lead to one leg.")
        self.tell.quote(back["reason"]["text"])

    def miss_a_day(self) -> None:
        """A day goes by without practice."""
        self.wake_up()
        self.tell.phone("A long day. Paul does not open the app.")

    def climb_again(self) -> None:
        """Five pain-free days this time, then the same question; yes, from tomorrow."""
        self.wake_up()
        fetched = self.phone.routine()
        self.tell.phone("Opens it again, to one leg:", fetched.call)
        self.tell.quote(item_of(fetched)["progress"]["text"])
        answers = [self.practise(before=0, during=0, after=0)]
        self.tell.phone(practised(answers[0]), answers[0].call)
        for _ in range(4):
            self.sleep()
            answers.append(self.practise(before=0, during=0, after=0))
        counted = ", ".join(str(answer.body["progress"][0]["counted_days"]) for answer in answers)
        self.tell.day(self.today)
        self.tell.phone(f"Five days without pain; the count went {counted}.", answers[-1].call)
        self.tell.quote(decided(answers[-1], "advance", state="offered")["reason"]["text"])
        self.accept(self.offer()[1])
        require(self.item()["exercise_id"] == ONE_LEG, "a new rung began on a day that was practised already.")

    # What the clinic sees.

    def look_back(self) -> None:
        """Every change with its reason, and adherence with its own arithmetic."""
        self.move_to(self.today, hour=17)
        self.tell.later("that evening")
        self.anna.sign_in()
        found = self.anna.ask("GET", f"/patients/{self.patient_id}/decisions")
        self.tell.clinic(f"{made_up.CLINICIAN} looks at what changed, who decided, and why:", found.call)
        self.tell.decisions([row_of(decision) for decision in reversed(found.body["items"])])
        window = f"from={self.first_day.isoformat()}&to={self.today.isoformat()}"
        adherence = self.anna.ask("GET", f"/patients/{self.patient_id}/adherence?{window}")
        body = adherence.body
        check_arithmetic(body)
        figure = f"{body['done']} of {body['expected']} due = {body['ratio']}, {body['band'].replace('_', ' ')}"
        self.tell.clinic(f"How much was done: {figure}.", adherence.call)
        self.tell.strip(body["days"])
        progress = self.anna.ask("GET", f"/patients/{self.patient_id}/progress")
        require(progress.body["items"][0]["code"] == "advance_tomorrow", "both legs do not begin tomorrow.")
        self.tell.line()
        self.tell.line("To keep a server running: make serve, then open http://127.0.0.1:8000/docs", "bold")
        self.tell.line(f"The clinician: {made_up.sign_in_words()}.")

    # What is done again and again.

    def practise(self, *, before: int, during: int, after: int) -> Answer:
        """Do what the routine says and report it."""
        return self.phone.send(uuid4(), self.phone.report(self.item(), before=before, during=during, after=after))

    def item(self) -> dict[str, Any]:
        """The one exercise of today's routine."""
        return item_of(self.phone.routine())

    def show_today(self) -> None:
        """What the phone makes of one call."""
        fetched = self.phone.routine()
        body, item = fetched.body, item_of(fetched)
        require(body["as_of"] == self.today.isoformat(), f"the routine is one of {body['as_of']}.")
        exercise = next(one for one in body["exercises"] if one["id"] == item["exercise_id"])
        times = [
            f"{MARKS[slot['status']]} {'to do' if slot['due'] else 'again, if you like'}" for slot in item["slots"]
        ]
        self.tell.phone("One call draws today's screen:", fetched.call)
        self.tell.screen(
            exercise["name"],
            f"step {item['rung']} of {item['rungs']}",
            [
                item["dosage"]["spoken"],
                f"! {exercise['safety'][0]['text']}",
                "   ".join(times),
                item["progress"]["text"],
            ],
        )

    def offer(self) -> tuple[Answer, dict[str, Any]]:
        """The routine with its open question whether to try both legs, and that question."""
        fetched = self.phone.routine()
        [offer] = fetched.body["offers"]
        require(offer["exercise_id"] == BOTH_LEGS, "the offer is not about both legs.")
        require(bool(offer["ask_if_unsure"]), "the offer does not say to ask if unsure.")
        return fetched, offer

    def accept(self, offer: dict[str, Any]) -> None:
        """Yes to an offer, a little later."""
        self.clock.move_by(timedelta(minutes=5))
        accepted = self.phone.accept(offer["decision_id"])
        effective_on = date.fromisoformat(accepted.body["effective_on"])
        require(accepted.body["state"] == "accepted", "the yes to the offer was not taken.")
        days = (effective_on - self.today).days
        require(days in {0, 1}, f"the accepted offer begins on {said(effective_on)}.")
        self.tell.phone(f"Taps “{offer['accept_text']}”: it begins {('today', 'tomorrow')[days]}.", accepted.call)

    def wake_up(self) -> None:
        """The next day, told."""
        self.sleep()
        self.tell.day(self.today)

    def sleep(self) -> None:
        """Go on the next morning."""
        self.move_to(self.today + timedelta(days=1), hour=8)

    def move_to(self, day: date, *, hour: int) -> None:
        """Stand at an hour of a day, in the patient's zone."""
        self.today = day
        self.clock.move_to(datetime.combine(day, time(hour), ZoneInfo(made_up.TIME_ZONE)))


def item_of(routine: Answer) -> dict[str, Any]:
    """The one exercise of a routine's first day."""
    [item] = routine.body["days"][0]["items"]
    found: dict[str, Any] = item
    return found


def progress_of(answer: Answer) -> str:
    """Where the patient is after a session, in the server's words."""
    return str(answer.body["progress"][0]["text"])


def practised(answer: Answer) -> str:
    """What a stored session says was done."""
    session = answer.body["session"]
    [performance] = session["performances"]
    reps = ", ".join(f"{one['reps']} {SIDES[one['side']]}" for one in performance["sets"])
    pain, before = performance["pain_during"], session["pain_before"]
    return f"Practised: {reps}. Pain {pain} of 10{f', before it {before}' if pain else ''}."


def decided(answer: Answer, kind: str, *, state: str = "applied") -> dict[str, Any]:
    """The decision of one kind that an answer brings. Raises Differs when there is none."""
    found: list[dict[str, Any]] = answer.body["decisions"]
    for decision in found:
        if (decision["kind"], decision["state"]) == (kind, state):
            return decision
    came = ", ".join(f"{one['kind']} {one['state']}" for one in found) or "none"
    raise Differs(f"the decision {kind} {state} was expected, but {came} came.")


def row_of(decision: dict[str, Any]) -> tuple[str, str, str, str]:
    """A decision as the clinic reads it: when, what, who, why."""
    day = date.fromisoformat(decision["decided_on"])
    rungs = "" if decision["from_rung"] == decision["to_rung"] else f" {decision['from_rung']}→{decision['to_rung']}"
    kind = "offer" if decision["state"] == "accepted" else decision["kind"].replace("_", " ")
    what = f"{kind}{rungs}"
    return f"{day:%a} {day.day}", what, decision["decided_by"]["kind"], decision["reason"]["text"]


def check_arithmetic(adherence: dict[str, Any]) -> None:
    """The figure is the sum of the days beside it, and one day of the fourteen was missed. Raises Differs."""
    done, expected = (sum(day[name] for day in adherence["days"]) for name in ("done", "expected"))
    require((done, expected) == (adherence["done"], adherence["expected"]), "adherence is not the sum of its days.")
    require(adherence["ratio"] == round(done / expected, 3), "the ratio is not done by expected.")
    require((done, expected) == (DAYS - 1, DAYS), f"{done} of {expected} were counted, not {DAYS - 1} of {DAYS}.")
