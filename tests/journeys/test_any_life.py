"""Any life that a patient and a phone can lead, found by Hypothesis, held against the diary of a physiotherapist.

Every step is one request or a few; after each, what the phone and the clinic read is held against `diary.py`. At the
end every report is sent once more, everything derived is derived anew, and a second patient lives the same days with
what the phone sent on each day in another order: both must stand at the same place.
"""

from datetime import date, datetime, timedelta
from uuid import UUID

import hypothesis
import pytest
from hypothesis import HealthCheck, event, note
from hypothesis.stateful import invariant, run_state_machine_as_test

from app.actions.rebuild_patient import Differences, rebuild_patient
from app.actions.replay_decisions import replay_decisions
from app.config import Settings
from app.store.scope import Caller, Role
from tests.journeys import diary
from tests.journeys.stage import Body, staged
from tests.journeys.twin import WithTwin

SHARES = 4
"""How many tests share the lives, so that they run beside each other."""

CODES = {"pain_free_run_met", "offer_accepted"}
"""What says that a run stands."""


class AnyLife(WithTwin):
    """What must be so after each step, and at the end."""

    @invariant()
    def all_that_is_read_agrees(self) -> None:
        if not hasattr(self, "phone"):
            return
        routine, [progress] = self.read("/v1/me/routine"), self.read("/v1/me/progress")["items"]
        plan = self.clinic("GET", f"/prescriptions/{self.phone.prescription_id}").json()
        [item] = routine["days"][0]["items"] or [{**progress}]
        seen = [(one["rung"], one["status"]) for one in (item, progress, plan["progress"])]
        assert len(set(seen)) == 1, seen
        assert 1 <= progress["rung"] <= progress["rungs"] == 2
        assert item["exercise_id"] == list(diary.LADDER)[progress["rung"] - 1]
        self.stops_stay(plan)
        self.climbs_stand(routine, progress)
        self.slots_add_up(date.fromisoformat(routine["as_of"]))

    def stops_stay(self, plan: Body) -> None:
        """A stop that was told is open until a resume names it, and nothing is to be done meanwhile."""
        found = set(plan["open_stops"])
        assert found >= self.open_stops
        assert len(found - self.open_stops) == self.stops_expected
        assert (plan["progress"]["status"] == "stopped") == bool(found)
        self.open_stops, self.stops_expected = found, 0

    def climbs_stand(self, routine: Body, progress: Body) -> None:
        """No rung is offered or given without the whole run of pain-free days."""
        decisions = self.decisions()[::-1]
        today = date.fromisoformat(routine["as_of"])
        for number, one in enumerate(decisions):
            if one["id"] not in self.seen and one["reason"]["code"] in CODES and diary.holds(one):
                self.stands(decisions[:number], date.fromisoformat(one["decided_on"]))
                event("a run stood")
        self.seen = {one["id"] for one in decisions}
        if routine["offers"]:
            assert progress["status"] in {"active", "held"}
            self.stands(decisions, today)
            event("an offer stood")

    def stands(self, before: list[Body], today: date) -> None:
        run = self.diary.run(1, today, diary.counts_since(before, self.diary.plan, today))
        assert run >= diary.days_needed(before), (run, diary.days_needed(before), today)

    def slots_add_up(self, today: date) -> None:
        """Every due slot is done, missed, excused or still open; what was done is what was told."""
        window = {"from": str(max(self.diary.plan.starts_on, today - timedelta(days=300))), "to": str(today)}
        found = self.clinic("GET", "/adherence", params=window).json()
        for name in ("expected", "done", "partial", "excused"):
            assert found[name] == sum(day[name] for day in found["days"]), name
            assert found[name] == sum(one[name] for one in found["by_prescription"]), name
        assert found["ratio"] == (round(found["done"] / found["expected"], 3) if found["expected"] else None)
        pages = list(self.diary.standing().values())
        for day in found["days"]:
            on = date.fromisoformat(day["date"])
            due = int(self.diary.plan.is_due(on))
            open_slots = found["open"] if on == today else 0
            assert day["expected"] + day["excused"] + open_slots == due, day
            done = [one for page in pages if page.day == on and page.body for one in page.body["performances"]]
            easy = [one for one in done if diary.rung_of(one) == 1 and diary.has_done(one, diary.ENOUGH)]
            least, most = len(easy), sum(diary.has_done(one, diary.ENOUGH_EASED) for one in done)
            assert min(due, least) <= day["done"] <= min(due, most), day

    # What must be so at the end

    def teardown(self) -> None:
        if not hasattr(self, "phone"):
            return
        for session_id, body in self.bodies.items():
            self.send(session_id, body)
        self.ledger_is_whole()
        assert self.differences() == Differences()
        self.a_twin_ends_in_the_same_place()

    def ledger_is_whole(self) -> None:
        """Nothing that was told is missing, twice there, or another; what was taken back is on record."""
        listed: list[str] = []
        days = [page.day for pages in self.diary.sessions.values() for page in pages]
        first = min(days, default=self.diary.plan.starts_on)
        while days and first <= max(days):
            last = first + timedelta(days=365)
            page = self.read("/v1/me/sessions", limit=200, **{"from": str(first), "to": str(last)})
            assert page["next_cursor"] is None
            listed += [one["id"] for one in page["items"]]
            first = last + timedelta(days=1)
        assert sorted(listed) == sorted(self.bodies.keys() - self.withdrawn)
        for session_id, body in self.bodies.items():
            stored = self.read(f"/v1/me/sessions/{session_id}")
            pages = self.diary.sessions[session_id]
            assert stored["revision"] == len(pages)
            assert stored["known_on"] == str(pages[-1].known_on)
            assert stored["is_withdrawn"] == (session_id in self.withdrawn)
            told = {name: body[name] for name in ("time_zone", "pain_before", "pain_after", "symptoms")}
            assert {name: stored[name] for name in told} == told
            assert datetime.fromisoformat(stored["started_at"]) == datetime.fromisoformat(body["started_at"])

    def differences(self) -> Differences:
        operator = Caller(self.clock.now(), None, frozenset({Role.OPERATOR}), "spine", is_operator=True)
        patient_id = UUID(self.phone.patient_id)
        for one in self.stage.db.read_here(operator, replay_decisions, patient_id).differing:
            note(f"stored {one.stored}, by the facts {one.derived}")
        return self.stage.db.write_here(operator, rebuild_patient, patient_id, writes=False)


def live(settings: Settings, seed: int, *, examples: int, steps: int) -> None:
    """So many lives of so many steps; the same seed leads the same lives."""
    with staged(settings) as stage:

        @hypothesis.seed(seed)
        class Here(AnyLife):
            pass

        Here.stage = stage
        how = hypothesis.settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        )
        run_state_machine_as_test(Here, settings=how)


@pytest.mark.parametrize("seed", range(SHARES))
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("lives", "steps"),
    [pytest.param(300, 50, marks=pytest.mark.check), pytest.param(20_000, 80, marks=pytest.mark.soak)],
)
def test_any_life_adds_up(settings: Settings, seed: int, lives: int, steps: int) -> None:
    live(settings, seed, examples=lives // SHARES, steps=steps)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("lives", "steps"),
    [pytest.param(20, 50, marks=pytest.mark.check), pytest.param(1000, 80, marks=pytest.mark.soak)],
)
def test_any_life_adds_up_on_postgresql(settings: Settings, lives: int, steps: int) -> None:
    live(settings, SHARES, examples=lives, steps=steps)
