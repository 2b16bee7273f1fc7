"""Which rule profiles are there, and what does each call a good day?

A profile is a row of numbers and one named predicate about a single performance; `progression.py` and `course.py` are
the same for all of them. A number without a source is a product default. This file refuses to know days in a row.
"""

from collections.abc import Callable, Mapping

from app.domain.prescription import Rule
from app.domain.session import PerformanceEvidence
from app.values import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """What a rule profile asks for. Pain is 0-10; days of a run are scheduled days.

    `bears` says of one performance whether its pain is that of a good day. Pain of `ease_from` eases and pain of
    `step_back_from` steps back, both only above what was there before; a rise of `ease_rise` eases, too (None: a rise
    alone never does). `usual_margin`: pain up to so much above the patient's usual pain, or above the pain before where
    that is higher, is as before (None: usual pain says nothing). `met` is the reason of an earned rung, `would_earn`
    what would earn one. `must_be_chosen`: only a clinician's own word prescribes it, never a ladder's default.

    `missed_days`: so many scheduled days missed one after the other break no run. `reps_step`: the dosage grows by so
    many repetitions a step inside the prescribed range, and a day counts when it reaches the upper bound in force with
    an effort of at most `effort_to` (None: it does not grow, and a day counts when it is complete). Where a load was
    prescribed as a range, it then grows by about `load_step_percent` a step (None: it does not). The dosage begins at
    `start_percent` of the prescribed lower bound; `is_exact`: a quota is asked for, not a range. Without `hears_pain`
    no pain and no early stop for it says anything, and only symptoms do. `grew` is the reason of a step of growth.
    """

    bears: Callable[[PerformanceEvidence, "Profile", int | None], bool]
    ease_from: int
    step_back_from: int
    ease_rise: int | None
    early_stops: int
    early_stops_window_days: int
    default_days: int
    min_days: int
    max_days: int
    retry_extra_days: int
    failures_until_clinician: int
    met: str = "good_run_met"
    would_earn: str = "good_run"
    usual_margin: int | None = None
    must_be_chosen: bool = False
    missed_days: int = 0
    reps_step: int | None = None
    load_step_percent: int | None = None
    effort_to: int | None = None
    start_percent: int = 100
    is_exact: bool = False
    hears_pain: bool = True
    grew: str = "growth_earned"


def is_without_pain(performance: PerformanceEvidence, _profile: Profile, _usual: int | None) -> bool:
    """No pain at all during it, as the article says: what is unknown is not without pain."""
    return performance.pain_during == 0


def is_green(performance: PerformanceEvidence, profile: Profile, _usual: int | None) -> bool:
    """Pain during it was answered, and neither then nor after it did it reach amber."""
    worst = performance.worst_pain
    return performance.pain_during is not None and worst is not None and worst < profile.ease_from


def is_no_worse_than_usual(performance: PerformanceEvidence, profile: Profile, usual: int | None) -> bool:
    """Pain during it was answered, and at worst it was as before; in the red it was no more than what is usual."""
    worst, limit = performance.worst_pain, as_before(performance.pain_before, profile, usual)
    if performance.pain_during is None or worst is None or limit is None or worst > limit:
        return False
    return worst < profile.step_back_from or (usual is not None and worst <= usual)


def is_kept(_performance: PerformanceEvidence, _profile: Profile, _usual: int | None) -> bool:
    """Whatever the pain: the plan alone says how much, no less on a bad day and no more on a good one."""
    return True


def as_before(pain_before: int | None, profile: Profile, usual: int | None) -> int | None:
    """Up to which pain nothing became worse than it was, None where nobody knows how it was."""
    if profile.usual_margin is None:
        return pain_before
    known = [pain for pain in (pain_before, usual) if pain is not None]
    return max(known) + profile.usual_margin if known else None


NEVER = 11
"""A pain that nobody can report: the scale ends at 10."""

# Every row states all of its numbers, even where two rows agree: a published version never changes with another.
PROFILES: Mapping[tuple[str, int], Profile] = {
    # The article says "pain-free for several days in a row". Three days, and each other number, are product defaults:
    # 0-2, 3-5 and 6-10 is the stricter split of the published traffic lights, a rise of 2 the usual meaningful change.
    ("pain_free_days", 1): Profile(
        bears=is_without_pain,
        ease_from=3,
        step_back_from=6,
        ease_rise=2,
        early_stops=2,
        early_stops_window_days=7,
        default_days=3,
        min_days=3,
        max_days=14,
        retry_extra_days=2,
        failures_until_clinician=2,
        met="pain_free_run_met",
        would_earn="pain_free_run",
    ),
    # The split of British physiotherapy services: 0-3 carry on, 4-5 acceptable but reduce, 6-10 stop or change. Green
    # means carry on, so a rise that ends in green asks for nothing.
    ("traffic_light", 1): Profile(
        bears=is_green,
        ease_from=4,
        step_back_from=6,
        ease_rise=None,
        early_stops=2,
        early_stops_window_days=7,
        default_days=3,
        min_days=3,
        max_days=14,
        retry_extra_days=2,
        failures_until_clinician=2,
    ),
    # For pain that is always there: one more than usual is as before, two more are a meaningful change and ease. As
    # before is never less than 1, so whatever lies above it has reached 2.
    ("no_worse_than_usual", 1): Profile(
        bears=is_no_worse_than_usual,
        ease_from=2,
        step_back_from=6,
        ease_rise=None,
        early_stops=2,
        early_stops_window_days=7,
        default_days=3,
        min_days=3,
        max_days=14,
        retry_extra_days=2,
        failures_until_clinician=2,
        usual_margin=1,
        must_be_chosen=True,
    ),
    # Two good days in a row are the "2-for-2" of strength training: whoever reaches the upper bound in green, twice and
    # with an effort of at most 5 of 10, does more. First by 2 repetitions, then with 5 % more load, the middle of the
    # published 2 to 10 %, then on the next rung. The pain of the traffic light. A day without it takes no strength
    # away, a week does: 3 scheduled days in a row begin anew.
    ("strength", 1): Profile(
        bears=is_green,
        ease_from=4,
        step_back_from=6,
        ease_rise=None,
        early_stops=2,
        early_stops_window_days=7,
        default_days=2,
        min_days=2,
        max_days=14,
        retry_extra_days=2,
        failures_until_clinician=2,
        missed_days=2,
        reps_step=2,
        load_step_percent=5,
        effort_to=5,
    ),
    # Graded activity, for pain that has stayed after healing: 70 % of a measured baseline, then fixed quotas, and pain
    # is no reason to do more or less. It contradicts all the others on purpose. 1 repetition after 3 days with the
    # quota done is a product default, "1 or 2 more every few days" the nearest that a source says.
    ("quota", 1): Profile(
        bears=is_kept,
        ease_from=NEVER,
        step_back_from=NEVER,
        ease_rise=None,
        early_stops=2,
        early_stops_window_days=7,
        default_days=3,
        min_days=2,
        max_days=14,
        retry_extra_days=2,
        failures_until_clinician=2,
        met="quota_run_met",
        would_earn="quota_run",
        must_be_chosen=True,
        missed_days=2,
        reps_step=1,
        start_percent=70,
        is_exact=True,
        hears_pain=False,
        grew="quota_raised",
    ),
}
"""Rule profiles by name and version. An old version stays here for as long as a decision names it."""

PAIN_FREE_DAYS = "pain_free_days"
"""The article's own rule. Its number of days has the same name."""
GOOD_DAYS = "good_days"
"""What the number of days is called in every other profile."""


def profile_of(rule: Rule) -> Profile:
    """The numbers of a prescription's rule. KeyError when no such profile was ever published."""
    return PROFILES[rule.profile, rule.version]


def needed_days(rule: Rule, failures: int) -> int:
    """How many good scheduled days in a row earn the next rung after so many failures on it."""
    profile = profile_of(rule)
    return min(profile.max_days, rule.days + profile.retry_extra_days * failures)
