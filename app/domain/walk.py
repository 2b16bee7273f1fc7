"""What moves while a course is followed from one local date to the next?

A `Walk` is the one mutable thing of the domain. `course.py` opens it from a stored standing, lets each date change it
in a fixed order, and closes it into a new standing. This file knows how a rung changes and how a decision is written
down; it refuses to know when either is due.
"""

from bisect import insort
from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID, uuid5

from app.domain import progression, schedule
from app.domain.decision import Actor, ActorKind, Decision, DecisionKind, DecisionState, Order, Reason, Stop
from app.domain.prescription import Prescription, Version
from app.domain.progression import DayEvidence, Run
from app.domain.rules import growth, profiles
from app.domain.rules.profiles import Profile
from app.domain.standing import Climb, DayLabel, Offer, PastOffer, Progress, Standing, Status
from app.values import dataclass, field

ONE_DAY = timedelta(days=1)
RULE = Actor(ActorKind.RULE)
PAST_OFFERS_KEPT = 8
"""How many offers that are gone are remembered, for a yes that was given offline."""


@dataclass(slots=True)
class Walk:
    """A course on the date `today`, with everything that was known by then. Fields are named as in `Standing`."""

    prescription: Prescription
    version: Version
    profile: Profile
    today: date
    rung: int
    run_since: date
    is_eased: bool = False
    is_paused: bool = False
    is_held: bool = False
    is_caution_held: bool = False
    is_block_told: bool = False
    is_closed: bool = False
    was_eased: bool = False
    highest_rung: int = 0
    restore_on: date | None = None
    climb: Climb | None = None
    earned: Climb | None = None
    offer: Offer | None = None
    past_offers: list[PastOffer] = field(default_factory=list)
    open_stops: list[UUID] = field(default_factory=list)
    waiting_orders: list[Order] = field(default_factory=list)
    stops_elsewhere: list[Stop] = field(default_factory=list)
    uncleared: list[str] = field(default_factory=list)
    failures: dict[int, int] = field(default_factory=dict)
    recent: dict[date, DayEvidence] = field(default_factory=dict)
    dates: list[date] = field(default_factory=list)
    away: list[tuple[date, date]] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    growth: int = 0
    asked: dict[int, int] = field(default_factory=dict)

    @property
    def tomorrow(self) -> date:
        """The next local date."""
        return self.today + ONE_DAY

    @property
    def is_running(self) -> bool:
        """Does today lie within the prescription's days?"""
        return schedule.is_running(self.version, self.today)

    @property
    def is_over(self) -> bool:
        """Has the prescription's last day passed, or was it closed?"""
        ends_on = self.version.ends_on
        return self.version.closed_as is not None or (ends_on is not None and self.today > ends_on)

    def is_away(self, day: date) -> bool:
        """Is the patient away or ill on a day?"""
        return bool(self.away) and any(begins <= day <= ends for begins, ends in self.away)

    def is_due(self, day: date) -> bool:
        """Is the exercise due on a day, by the version in force on it? Nothing is on an absence."""
        version = self.version if day >= self.version.effective_on else self.prescription.version_on(day)
        return schedule.is_due(version, day) and not self.is_away(day)

    def days(self) -> list[DayEvidence]:
        """The evidence kept, oldest date first."""
        return [self.recent[day] for day in self.dates]


def remember(walk: Walk, evidence: DayEvidence) -> None:
    """Keep a day's evidence, in place of what was known of that date before."""
    if evidence.local_date not in walk.recent:
        insort(walk.dates, evidence.local_date)
    walk.recent[evidence.local_date] = evidence


def forget_old(walk: Walk, window_days: int) -> None:
    """Let go of evidence that can no longer matter: older than the window and than any run that still can be broken.

    The newest answered day always stays, because it says whether the patient is eased, however long ago it was.
    """
    if walk.earned and (walk.today - walk.earned.last_day).days > window_days:
        walk.earned = None
    keep = max(window_days, schedule.calendar_span(walk.version, walk.profile.max_days))
    oldest = walk.today - timedelta(days=keep)
    if walk.earned:
        oldest = min(oldest, walk.earned.first_day)
    walk.away = [one for one in walk.away if one[1] >= oldest]
    while walk.dates and walk.dates[0] < oldest:
        if not any(walk.recent[day].is_answered or walk.recent[day].level for day in reversed(walk.dates[1:])):
            break
        del walk.recent[walk.dates.pop(0)]


def use_up(walk: Walk, but: Iterable[date] = ()) -> None:
    """Mark all evidence known so far as acted on, except of the dates in `but`."""
    for day in walk.dates:
        if day not in but:
            walk.recent[day] = progression.use_up(walk.recent[day])


def move(walk: Walk, rung: int, since: date, but: Iterable[date] = ()) -> None:
    """Put the patient on a rung: at its first full dosage, with an empty run that counts days from `since` on."""
    walk.rung = rung
    walk.growth = 0
    walk.highest_rung = max(walk.highest_rung, rung)
    walk.run_since = since
    walk.is_eased = False
    walk.restore_on = None
    walk.climb = None
    walk.earned = None
    walk.is_block_told = False
    walk.past_offers.clear()
    use_up(walk, but)


def drop_offer(walk: Walk) -> UUID | None:
    """Close the open offer, if there is one, and give its id."""
    if walk.offer is None:
        return None
    gone, walk.offer = walk.offer, None
    walk.past_offers = [*walk.past_offers, PastOffer(gone.decision_id, gone.to_rung)][-PAST_OFFERS_KEPT:]
    return gone.decision_id


def decision_id(walk: Walk, kind: DecisionKind, from_rung: int, to_rung: int, cause: str) -> UUID:
    """The id of a decision of today."""
    return id_of(walk.prescription.id, walk.today, kind, from_rung, to_rung, cause)


def id_of(prescription_id: UUID, day: date, kind: DecisionKind, from_rung: int, to_rung: int, cause: str) -> UUID:
    """An id made from the prescription, the date and what was decided: the same facts always give the same id."""
    return uuid5(prescription_id, f"{day}/{kind}/{from_rung}/{to_rung}/{cause}")


def decide(  # noqa: PLR0913  (a decision has many parts, and each call names the few it needs)
    walk: Walk,
    kind: DecisionKind,
    code: str,
    *,
    from_rung: int | None = None,
    to_rung: int | None = None,
    effective_on: date | None = None,
    state: DecisionState = DecisionState.APPLIED,
    by: Actor = RULE,
    params: tuple[tuple[str, str], ...] = (),
    days: Iterable[DayEvidence] = (),
    sessions: tuple[UUID, ...] = (),
    would_change_it: str | None = None,
    supersedes: UUID | None = None,
    cause: str = "",
    id: UUID | None = None,  # noqa: A002  (it is the decision's own name for it)
) -> Decision:
    """Write a decision down. Rungs default to the current one; `cause` tells apart decisions of one kind and date."""
    from_rung = walk.rung if from_rung is None else from_rung
    to_rung = walk.rung if to_rung is None else to_rung
    is_rule = by.kind is ActorKind.RULE
    decision = Decision(
        id=id or decision_id(walk, kind, from_rung, to_rung, f"{code}/{cause}"),
        prescription_id=walk.prescription.id,
        kind=kind,
        from_rung=from_rung,
        to_rung=to_rung,
        decided_on=walk.today,
        effective_on=effective_on,
        state=state,
        by=by,
        reason=Reason(
            code=code,
            params=params,
            rule=walk.version.rule.profile if is_rule else None,
            rule_version=walk.version.rule.version if is_rule else None,
            sessions=sessions or progression.sessions_of(days),
            would_change_it=would_change_it,
        ),
        supersedes=supersedes,
    )
    walk.decisions.append(decision)
    return decision


def current_run(walk: Walk, needed: int, *, is_today_open: bool = True, today: date | None = None) -> Run:
    """The run of good days at the current rung, counted back from today, at most `needed` days of it."""
    return progression.good_run(
        walk.recent,
        rung=walk.rung,
        is_due=walk.is_due,
        since=walk.run_since,
        today=today or walk.today,
        is_today_open=is_today_open,
        enough=needed,
        missed_days=walk.profile.missed_days,
    )


def needed_days(walk: Walk) -> int:
    """How many good days earn the next step of the dosage now, or the next rung."""
    if can_grow(walk):
        return walk.version.rule.days
    return profiles.needed_days(walk.version.rule, walk.failures.get(walk.rung + 1, 0))


def can_grow(walk: Walk) -> bool:
    """Is there more to ask for on this rung before the next one comes?"""
    return walk.growth < growth.steps_of(walk.version.rung_at(walk.rung).dosage, walk.profile)


def asked_now(walk: Walk) -> dict[int, int]:
    """The repetitions that the rung asks for at this moment, where its dosage grows."""
    if walk.profile.reps_step is None:
        return {}
    return {walk.rung: growth.asks(growth.in_force(walk.version, walk.rung, walk.growth, is_eased=walk.is_eased))}


def status_of(walk: Walk) -> Status:
    """What the patient is asked to do today."""
    if walk.is_over:
        return Status.COMPLETED if walk.version.closed_as == Status.COMPLETED else Status.ENDED
    if walk.open_stops:
        return Status.STOPPED
    if not walk.is_running:
        return Status.UPCOMING
    if walk.is_paused:
        return Status.PAUSED
    if walk.is_held or walk.is_caution_held:
        return Status.HELD
    return Status.EASED if walk.is_eased else Status.ACTIVE


def label(walk: Walk) -> DayLabel:
    """Today as the patient met it so far."""
    is_due = schedule.is_due(walk.version, walk.today)
    asked = {rung: min(reps, walk.asked.get(rung, reps)) for rung, reps in asked_now(walk).items()}
    return DayLabel(
        local_date=walk.today,
        version=walk.version.version,
        rung=walk.rung,
        highest_rung=walk.highest_rung,
        status=status_of(walk),
        is_eased=walk.was_eased or walk.is_eased,
        is_closed=walk.is_closed or (walk.is_over and is_due),
        due_slots=walk.version.due_per_day if is_due else 0,
        offered_slots=walk.version.offered_per_day if is_due else 0,
        is_absent=walk.is_away(walk.today),
        growth=walk.growth,
        asked=tuple(sorted({**walk.asked, **asked}.items())),
    )


WAITING_FOR = {
    Status.ENDED: Progress.ENDED,
    Status.COMPLETED: Progress.ENDED,
    Status.UPCOMING: Progress.NOT_STARTED,
    Status.STOPPED: Progress.STOPPED,
    Status.PAUSED: Progress.PAUSED,
}
"""What is missing while nothing is to be done."""


def progress_of(walk: Walk, status: Status, run: Run) -> Progress:
    """What stands between the patient and the next rung: the first of these that is so."""
    if status in WAITING_FOR:
        return WAITING_FOR[status]
    is_ordered_up = DecisionKind.ADVANCE in [order.kind for order in walk.waiting_orders]
    reasons = (
        (walk.is_caution_held, Progress.NEEDS_CLEARANCE),
        (walk.climb and walk.climb.is_growth and not is_ordered_up, Progress.GROW_TOMORROW),
        (walk.climb or is_ordered_up, Progress.ADVANCE_TOMORROW),
        (walk.is_held, Progress.HELD),
        (walk.version.as_needed, Progress.AS_NEEDED),
        (walk.is_eased, Progress.EASED),
        (walk.rung >= walk.version.max_rung and not can_grow(walk), Progress.TOP_RUNG),
        (walk.offer, Progress.OFFER_WAITING),
        (walk.is_block_told, Progress.NEEDS_CLEARANCE),
        (is_today_incomplete(walk), Progress.INCOMPLETE),
    )
    for is_so, progress in reasons:
        if is_so:
            return progress
    return Progress(run.broken_by) if run.broken_by and not run.days else Progress.RUN


def is_today_incomplete(walk: Walk) -> bool:
    """Was today practised without pain, and short of the dosage so far?"""
    today = walk.recent.get(walk.today)
    return bool(today and today.is_clean and walk.rung not in today.full_rungs and walk.is_due(walk.today))


def next_rung(walk: Walk) -> int:
    """The rung that tomorrow begins with, if nothing else becomes known: a climb or an order that waits for its day."""
    waiting = [order for order in walk.waiting_orders if order.effective_on <= walk.tomorrow and order.to_rung]
    rung = walk.climb.to_rung if walk.climb else walk.rung
    if waiting:
        rung = max(waiting, key=lambda order: (order.recorded_at, order.id)).to_rung or rung
    rung = min(rung, walk.version.max_rung)
    if rung <= walk.rung:
        return rung
    is_avoided = any(condition in walk.version.rung_at(rung).avoid_conditions for condition in walk.uncleared)
    return walk.rung if walk.open_stops or is_avoided else rung


def next_growth(walk: Walk, upcoming: int) -> int:
    """How often the dosage will have grown tomorrow, if nothing else becomes known: an order begins on the first."""
    if upcoming != walk.rung or any(order.effective_on <= walk.tomorrow for order in walk.waiting_orders):
        return 0
    return walk.climb.to_growth if walk.climb and walk.climb.is_growth else walk.growth


def stand(walk: Walk, today: DayLabel | None = None) -> Standing:
    """Close the walk into a standing at the end of today; `today` is its label where that was made already."""
    today, needed = today or label(walk), needed_days(walk)
    run = current_run(walk, needed)
    upcoming = next_rung(walk)
    return Standing(
        through=walk.today,
        rung=walk.rung,
        status=today.status,
        is_eased=walk.is_eased,
        today_closed=walk.is_closed,
        next_rung=upcoming,
        next_is_eased=walk.is_eased and walk.restore_on is None and upcoming == walk.rung,
        open_stops=tuple(walk.open_stops),
        offer=walk.offer,
        progress=progress_of(walk, today.status, run),
        counted_days=len(run.days),
        needed_days=needed,
        failures=tuple(sorted(walk.failures.items())),
        day=today,
        run_since=walk.run_since,
        is_paused=walk.is_paused,
        is_held=walk.is_held,
        is_caution_held=walk.is_caution_held,
        is_block_told=walk.is_block_told,
        restore_on=walk.restore_on,
        climb=walk.climb,
        earned=walk.earned,
        past_offers=tuple(walk.past_offers),
        waiting_orders=tuple(walk.waiting_orders),
        stops_elsewhere=tuple(walk.stops_elsewhere),
        uncleared=tuple(walk.uncleared),
        recent=tuple(walk.days()),
        away=tuple(walk.away),
        growth=walk.growth,
        next_growth=next_growth(walk, upcoming),
    )


def go_on(prescription: Prescription, standing: Standing) -> Walk:
    """Open a walk where a standing left it."""
    version = prescription.version_on(standing.through)
    return Walk(
        prescription=prescription,
        version=version,
        profile=profiles.profile_of(version.rule),
        today=standing.through,
        rung=standing.rung,
        run_since=standing.run_since,
        is_eased=standing.is_eased,
        is_paused=standing.is_paused,
        is_held=standing.is_held,
        is_caution_held=standing.is_caution_held,
        is_block_told=standing.is_block_told,
        restore_on=standing.restore_on,
        climb=standing.climb,
        earned=standing.earned,
        offer=standing.offer,
        past_offers=list(standing.past_offers),
        open_stops=list(standing.open_stops),
        waiting_orders=list(standing.waiting_orders),
        stops_elsewhere=list(standing.stops_elsewhere),
        uncleared=list(standing.uncleared),
        failures=dict(standing.failures),
        recent={day.local_date: day for day in standing.recent},
        dates=[day.local_date for day in standing.recent],
        away=list(standing.away),
        growth=standing.growth,
    )
