"""The shapes of decisions and progress on the wire, rendered for the reader in the reader's language."""

from collections.abc import Container, Iterable, Mapping
from datetime import date
from typing import Annotated
from uuid import UUID

from typing_extensions import TypedDict

from app.api.wire import Codes, Out
from app.content.texts import Texts
from app.domain.decision import Decision, DecisionKind, DecisionState
from app.domain.progress import LadderProgress
from app.domain.standing import Status
from app.values import dataclass

WORDED_AS = {"traffic_light": "good_days", "no_worse_than_usual": "good_days", "strength": "strength", "quota": "quota"}
"""Rule profiles with sentences of their own, and whose they share."""


class ParamOut(TypedDict):
    """A parameter of a reason."""

    name: str
    value: str


class ReasonOut(TypedDict):
    """Why: a code, its parameters, the rule that spoke, the sessions it used, and the same in words."""

    code: Annotated[str, Codes("reason")]
    params: list[ParamOut]
    text: str
    rule: Annotated[str, Codes("rule_profile")] | None
    rule_version: int | None
    sessions: list[UUID]
    would_change_it: str | None


class ActorOut(TypedDict):
    """Who decided."""

    kind: Annotated[str, Codes("actor")]
    id: UUID | None


class DecisionOut(TypedDict):
    """What changed, was offered, was ordered, was taken back, or was earned and blocked."""

    id: UUID
    prescription_id: UUID
    kind: Annotated[str, Codes("decision_kind")]
    from_rung: int
    to_rung: int
    decided_on: date
    effective_on: date | None
    state: Annotated[str, Codes("decision_state")]
    decided_by: ActorOut
    supersedes: UUID | None
    superseded_by: UUID | None
    reason: ReasonOut


class DecisionPage(Out):
    """A page of decisions, newest first."""

    items: list[DecisionOut]
    next_cursor: str | None


class ProgressOut(TypedDict):
    """Where the patient is on one ladder, and what is still missing for the next rung."""

    prescription_id: UUID
    exercise_id: str
    rung: int
    rungs: int
    status: Annotated[str, Codes("status")]
    code: Annotated[str, Codes("progress")]
    counted_days: int
    needed_days: int
    next_exercise_id: str | None
    text: str


class NoticeOut(Out):
    """Something the patient should read once. `notification_text` tells a lock screen nothing."""

    decision_id: UUID
    kind: Annotated[str, Codes("decision_kind")]
    text: str
    notification_text: str
    acknowledge: bool


@dataclass(frozen=True, slots=True)
class Teller:
    """Codes to sentences, for one audience in one language."""

    texts: Texts
    language: str
    audience: str = "patient"

    def decision(self, decision: Decision, superseded_by: UUID | None = None) -> DecisionOut:
        """A decision in words; `superseded_by` is the later one that answered it or took it back."""
        reason = decision.reason
        params = dict(reason.params)
        return DecisionOut(
            id=decision.id,
            prescription_id=decision.prescription_id,
            kind=decision.kind.value,
            from_rung=decision.from_rung,
            to_rung=decision.to_rung,
            decided_on=decision.decided_on,
            effective_on=decision.effective_on,
            state=decision.state.value,
            decided_by=ActorOut(kind=decision.by.kind.value, id=decision.by.id),
            supersedes=decision.supersedes,
            superseded_by=superseded_by,
            reason=ReasonOut(
                code=reason.code,
                params=[ParamOut(name=name, value=value) for name, value in reason.params],
                text=self.say("reason", reason.code, params),
                rule=reason.rule,
                rule_version=reason.rule_version,
                sessions=list(reason.sessions),
                would_change_it=self.say("would_change_it", reason.would_change_it, params)
                if reason.would_change_it
                else None,
            ),
        )

    def progress(self, progress: LadderProgress) -> ProgressOut:
        """Progress in words."""
        return ProgressOut(
            prescription_id=progress.prescription_id,
            exercise_id=progress.exercise_id,
            rung=progress.rung,
            rungs=progress.rungs,
            status=progress.status,
            code=progress.code,
            counted_days=progress.counted_days,
            needed_days=progress.needed_days,
            next_exercise_id=progress.next_exercise_id,
            text=self.progress_text(progress),
        )

    def progress_text(self, progress: LadderProgress) -> str:
        """Where the patient is, in a sentence; on an eased day with the resting form, where the exercise has one."""
        counts = {"counted_days": str(progress.counted_days), "needed_days": str(progress.needed_days)}
        text = self.say_by(progress.profile, "progress", progress.code, counts)
        if progress.code != Status.EASED or self.audience != "patient":
            return text
        resting_form = self.texts.names["resting_form"].get(progress.exercise_id)
        return text if resting_form is None else f"{text} {resting_form.get(self.language, resting_form['en'])}"

    def notices(self, decisions: Iterable[Decision], acknowledged: Container[UUID] = ()) -> list[NoticeOut]:
        """What the patient should read of some decisions; what was taken back is not told again.

        One that is `acknowledged` asks for no tap any more.
        """
        told = []
        for decision in decisions:
            is_told_elsewhere = decision.state in {DecisionState.SUPERSEDED, DecisionState.ACCEPTED}
            if is_told_elsewhere or decision.kind is DecisionKind.HOLD:
                continue
            code = decision.kind.value
            if decision.kind is DecisionKind.ADVANCE:
                code = {
                    DecisionState.OFFERED: "advance_offered",
                    DecisionState.BLOCKED: "advance_blocked",
                    DecisionState.DECLINED: "",
                }.get(decision.state, "advance")
            if not code:
                continue
            params = dict(decision.reason.params)
            asks = decision.state is DecisionState.OFFERED
            reason = self.say("reason", decision.reason.code, params)
            told.append(
                NoticeOut(
                    decision_id=decision.id,
                    kind=decision.kind.value,
                    text=f"{self.say('notice', code, params)} {reason}",
                    notification_text=self.say("notification", "question" if asks else "important", {}),
                    acknowledge=decision.id not in acknowledged
                    and (decision.kind in {DecisionKind.STOP, DecisionKind.STEP_BACK} or asks),
                )
            )
        return told

    def say_by(self, profile: str, kind: str, code: str, params: Mapping[str, str]) -> str:
        """One sentence, in the words of a rule profile where it has its own."""
        own = f"{kind}_by_{WORDED_AS.get(profile, '')}"
        return self.say(own if code in self.texts.params.get(own, {}) else kind, code, params)

    def say(self, kind: str, code: str, params: Mapping[str, str]) -> str:
        """One sentence."""
        return self.texts.render(kind, code, params, self.language, self.audience)
