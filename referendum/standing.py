"""Where a referendum stands: one answer for page, list, admin and pictures.

The process opens verbs by day (`referendum.inform`, `referendum.vote`, `referendum.result`); the ballot box has its own clock.
Where they differ the ballot box is right, because it decides about votes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ballots import clock
from ballots.frozen import FrozenVote, frozen_vote
from ballots.models import Vote
from ballots.phases import Phase as VotePhase
from ballots.phases import phase_of
from process.queries import Schedule, schedule_of
from process.steps import Step, from_until, last_day, periods
from referendum.models import CouncilDecision, ReferendumPage

VERBS = {
    "referendum.inform": gettext_lazy("Read about the question"),
    "referendum.vote": gettext_lazy("Vote in the referendum"),
    "referendum.result": gettext_lazy("See the result of the referendum"),
}


class Stage(TextChoices):
    """Where a referendum is, in order."""

    PREPARE = "prepare", gettext_lazy("The vote is being prepared")
    COMING = "coming", gettext_lazy("Not open yet")
    OPEN = "open", gettext_lazy("You can vote now")
    COUNT = "count", gettext_lazy("The ballots are being counted")
    RESULT = "result", gettext_lazy("Result is here")
    DECISION = "decision", gettext_lazy("The council has decided")
    ANNULLED = "annulled", gettext_lazy("Annulled")

    @property
    def badge(self) -> str:
        """The kind of badge (`status_badge`)."""
        return {"open": "ok", "count": "neutral", "annulled": "error"}.get(self.value, "info")


_STAGES = {
    VotePhase.COMING: Stage.COMING,
    VotePhase.OPEN: Stage.OPEN,
    VotePhase.CLOSED: Stage.COUNT,
    VotePhase.COUNTED: Stage.COUNT,
    VotePhase.PUBLISHED: Stage.RESULT,
    VotePhase.ANNULLED: Stage.ANNULLED,
}


@dataclass(frozen=True)
class Standing:
    """A referendum with its phases, its vote and the council's decision (the last one counts), at one moment of the database clock."""

    page: ReferendumPage
    schedule: Schedule
    vote: Vote | None
    decisions: tuple[CouncilDecision, ...]
    now: datetime

    @cached_property
    def stage(self) -> Stage:
        if self.vote is None or self.vote.state == Vote.State.DRAFT:
            return Stage.PREPARE
        stage = _STAGES[phase_of(self.vote, self.now)]
        return Stage.DECISION if stage == Stage.RESULT and self.decision else stage

    @property
    def decision(self) -> CouncilDecision | None:
        return self.decisions[0] if self.decisions else None

    @property
    def is_published(self) -> bool:
        return self.vote is not None and self.vote.state == Vote.State.PUBLISHED

    @cached_property
    def frozen(self) -> FrozenVote | None:
        """The rules of an opened vote; None while they can still change: nobody is shown a draft."""
        if self.vote is None or self.vote.state == Vote.State.DRAFT:
            return None
        return frozen_vote(self.vote.pk)

    def steps(self) -> list[Step]:
        """The way of a referendum with its dates; "inform" only where the process has it."""
        return [*self._inform(), self._voting(), self._counting(), self._result(), self._decision()]

    def _inform(self) -> Iterator[Step]:
        if phases := self.schedule.with_verb("referendum.inform"):
            today = timezone.localdate(self.now)
            over = self.stage not in (Stage.PREPARE, Stage.COMING)
            state = "past" if over else "now" if phases[0].starts_on <= today else "next"
            yield Step(_("Read about it"), periods(phases), "", state)

    def _voting(self) -> Step:
        if self.frozen is None:
            return Step(_("Vote"), periods(self.schedule.with_verb("referendum.vote")), "", "next")
        first, last = timezone.localdate(self.frozen.opens_at), last_day(self.frozen.closes_at)
        return Step(_("Vote"), from_until(first, last), "", self._place(Stage.OPEN))

    def _counting(self) -> Step:
        return Step(_("Count"), "", "", self._place(Stage.COUNT))

    def _result(self) -> Step:
        if self.is_published and self.vote is not None and self.vote.published_at:
            period = date_format(timezone.localtime(self.vote.published_at), "j F Y")
        else:
            period = periods(self.schedule.with_verb("referendum.result"))
        return Step(_("Result"), period, "", self._place(Stage.RESULT))

    def _decision(self) -> Step:
        period = date_format(self.decision.decided_on, "j F Y") if self.decision else ""
        state = "past" if self.stage == Stage.DECISION else "next"
        return Step(_("Decision of the council"), period, "", state)

    def _place(self, there: Stage) -> str:
        """Past, now or next; an annulled vote is past where it had begun."""
        if self.stage == Stage.ANNULLED:
            return "past" if there == Stage.OPEN else "next"
        here, place = _ORDER.index(self.stage), _ORDER.index(there)
        return "now" if here == place else "past" if place < here else "next"


_ORDER = list(Stage)


def standing_of(page: ReferendumPage, vote: Vote | None = None) -> Standing:
    """The referendum now; 5 queries, 4 when `vote` (with its seal) is at hand."""
    vote = vote or page.vote
    decisions = CouncilDecision.objects.filter(vote=vote) if vote and vote.published_at else ()
    return Standing(page, schedule_of(page), vote, tuple(decisions), clock.now())
