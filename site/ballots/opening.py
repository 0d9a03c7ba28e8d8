"""How far the opening of a vote is, for the pages on which staff open it."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ballots import clock, rules
from ballots.frozen import freeze
from ballots.models import Vote
from ballots.register.rules import has_people
from people.verdict import Verdict

AGREED = gettext_lazy("You agreed to this vote. Somebody else opens it now.")
OPENED = gettext_lazy("The vote has been opened. Nothing in it can change any more.")


@dataclass(frozen=True)
class Opening:
    """What this person can do now, and what others did; `note` says who agreed, "" when nobody did."""

    complete: Verdict
    agree: Verdict
    open: Verdict
    note: str

    @property
    def reason(self) -> str:
        """Why nothing can be done."""
        return self.complete.reason or self.agree.reason or self.open.reason


def opening_of(user: Any, vote: Vote) -> Opening:
    """The state of a draft before it is opened."""
    frozen = freeze(vote)
    complete = rules.may_open(vote, frozen, clock.now())
    complete = has_people(vote) if complete else complete
    return Opening(
        complete=complete,
        agree=rules.may_agree(user, vote, frozen, clock.now()),
        open=rules.may_open_as(user, vote, frozen) if complete else complete,
        note=_note(vote),
    )


def _note(vote: Vote) -> str:
    if vote.agreed_by is None or vote.agreed_at is None:
        return ""
    words = {"name": vote.agreed_by, "moment": rules.in_words(vote.agreed_at)}
    return _("%(name)s agreed to this vote on %(moment)s.") % words
