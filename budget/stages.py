"""Which stage a round is in, and what that means for a resident: one answer for page, list, form and admin.

The process opens verbs by day (`budget.submit`, `budget.assess`, `budget.vote`, `budget.result`, `budget.follow`); the ballot box
has its own clock. Where they differ the ballot box is right, because it decides about votes.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy

from ballots.models import Vote
from budget.models import BudgetRoundPage
from process.queries import Schedule, schedule_of
from process.steps import Step, from_until, last_day, periods

VERBS = {
    "budget.submit": gettext_lazy("Submit a plan"),
    "budget.assess": gettext_lazy("See which plans are feasible"),
    "budget.vote": gettext_lazy("Vote on the plans"),
    "budget.result": gettext_lazy("See the result of the vote"),
    "budget.follow": gettext_lazy("Follow how the plans are carried out"),
}


class Stage(TextChoices):
    """Where a round is, in order."""

    BEFORE = "before", gettext_lazy("Not started yet")
    SUBMIT = "submit", gettext_lazy("Submit plans")
    ASSESS = "assess", gettext_lazy("Assessment")
    VOTE = "vote", gettext_lazy("Vote")
    COUNT = "count", gettext_lazy("Count")
    RESULT = "result", gettext_lazy("Result")
    FOLLOW = "follow", gettext_lazy("Carry out")


ORDER = list(Stage)
SHOWN = (Stage.SUBMIT, Stage.ASSESS, Stage.VOTE, Stage.RESULT, Stage.FOLLOW)


@dataclass(frozen=True)
class RoundNow:
    """A round with its phases and its vote, at one moment."""

    round: BudgetRoundPage
    schedule: Schedule
    vote: Vote | None
    now: datetime

    @property
    def on(self) -> date:
        return timezone.localdate(self.now)

    def opens(self, verb: str) -> bool:
        """Whether a phase opens the verb today."""
        phase = self.schedule.current(self.on)
        return phase is not None and verb in phase.opens

    @property
    def vote_is_open(self) -> bool:
        if self.vote is None or self.vote.state != Vote.State.OPEN:
            return False
        return self.vote.opens_at <= self.now < self.vote.closes_at

    @property
    def vote_is_coming(self) -> bool:
        """Opened by staff, so frozen, but the first moment to vote is still to come."""
        return self.vote is not None and self.vote.state == Vote.State.OPEN and self.now < self.vote.opens_at

    @property
    def is_published(self) -> bool:
        return self.vote is not None and self.vote.state == Vote.State.PUBLISHED

    @property
    def rules_are_frozen(self) -> bool:
        """Whether the vote has been opened: plans, costs and pot then stay as they are."""
        return self.vote is not None and self.vote.state not in (Vote.State.DRAFT, Vote.State.ANNULLED)

    @property
    def stage(self) -> Stage:
        """The stage by the ballot box, else by the phases."""
        if self.is_published:
            return Stage.FOLLOW if self.opens("budget.follow") else Stage.RESULT
        if self.vote_is_coming:
            return Stage.ASSESS
        if self.rules_are_frozen:
            return Stage.VOTE if self.vote_is_open else Stage.COUNT
        return self._stage_by_phase()

    def _stage_by_phase(self) -> Stage:
        if self.opens("budget.submit"):
            return Stage.SUBMIT
        first = self.first_day("budget.submit")
        return Stage.BEFORE if first and self.on < first else Stage.ASSESS

    def first_day(self, verb: str) -> date | None:
        return min((phase.starts_on for phase in self.schedule.with_verb(verb)), default=None)

    def last_day(self, verb: str) -> date | None:
        return max((phase.ends_on for phase in self.schedule.with_verb(verb)), default=None)

    def steps(self) -> list[Step]:
        """The steps of a round with their dates; without those that this process never had."""
        always = (Stage.VOTE, Stage.RESULT, self.stage)
        return [self._step(stage) for stage in SHOWN if stage in always or self._period(stage)]

    def _step(self, stage: Stage) -> Step:
        here, there = ORDER.index(self.stage), ORDER.index(stage)
        # Counting is the first part of the step "result".
        state = "now" if here == there or (self.stage, stage) == (Stage.COUNT, Stage.RESULT) else None
        state = state or ("past" if there < here else "next")
        return Step(
            str(stage.label), "" if state == "next" and self._has_begun(stage) else self._period(stage), "", state
        )

    def _has_begun(self, stage: Stage) -> bool:
        """By the plan of the process; when the round itself is not that far, the planned dates are no news any more."""
        first = self.first_day(f"budget.{stage}")
        return first is not None and first <= self.on

    def _period(self, stage: Stage) -> str:
        if stage == Stage.VOTE and self.vote is not None:
            return from_until(timezone.localdate(self.vote.opens_at), last_day(self.vote.closes_at))
        return periods(self.schedule.with_verb(f"budget.{stage}"))


def round_now(page: BudgetRoundPage, now: datetime) -> RoundNow:
    """The round at a moment; 3 queries."""
    return RoundNow(page, schedule_of(page), page.vote, now)
