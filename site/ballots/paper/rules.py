"""Who may do what with paper, and when; each refusal has its reason."""

from typing import Any

from django.utils.translation import gettext as _

from ballots.clock import Window
from ballots.frozen import FrozenVote
from ballots.models import Vote
from ballots.paper.models import PaperBatch, Reconciliation
from ballots.paper.numbers import PaperNumbers
from ballots.rules import in_words, takes_ballots
from people.verdict import ALLOWED, Verdict, refused

PERMISSION = "ballots.enter_paper"


def may_register(user: Any, vote: FrozenVote, window: Window) -> Verdict:
    """Whether somebody may register envelopes now."""
    if not user.has_perm(PERMISSION):
        return refused(_("You may not register envelopes."))
    if not vote.on_paper:
        return refused(_("In this vote there are no ballots on paper."))
    if verdict := takes_ballots(window, vote):
        return ALLOWED
    if window.has_ended or window.state == Vote.State.CLOSED:
        words = {"moment": in_words(vote.closes_at)}
        return refused(_("The vote closed on %(moment)s. An envelope that was not registered stays shut.") % words)
    return verdict


def may_enter(user: Any, vote: Vote) -> Verdict:
    """Whether somebody may make and enter batches now."""
    if not user.has_perm(PERMISSION):
        return refused(_("You may not enter ballots on paper."))
    if not vote.on_paper:
        return refused(_("In this vote there are no ballots on paper."))
    if vote.state != Vote.State.CLOSED:
        return refused(_("Ballots on paper are entered when the vote has closed, before the count."))
    if Reconciliation.objects.filter(vote=vote, second_by__isnull=False).exists():
        return refused(_("Two persons signed for the paper. Nothing can be added any more."))
    return ALLOWED


def may_enter_batch(user: Any, batch: PaperBatch) -> Verdict:
    """Whether somebody may be one of the two who enter this batch."""
    if not (verdict := may_enter(user, batch.vote)):
        return verdict
    people = [entry.person_id for entry in batch.entries.all()]
    if batch.accepted_at:
        return refused(_("This batch is done: two persons entered the same."))
    if user.pk in people:
        return refused(_("You entered this batch already. Somebody else enters it too."))
    if len(people) == 2:
        return refused(_("Two persons entered this batch already."))
    return ALLOWED


def may_reconcile(user: Any, vote: Vote, numbers: PaperNumbers) -> Verdict:
    """Whether the work with paper can be ended."""
    if not (verdict := may_enter(user, vote)):
        return verdict
    if numbers.accepted < numbers.batches:
        return refused(_("Not every batch has been accepted yet."))
    if numbers.ballots > numbers.registered:
        return refused(_("There are more ballots on paper than envelopes that were registered."))
    return ALLOWED


def may_sign(user: Any, vote: Vote, done: Reconciliation | None, numbers: PaperNumbers) -> Verdict:
    """Whether somebody may be the second person."""
    if not (verdict := may_reconcile(user, vote, numbers)):
        return verdict
    if done is None:
        return refused(_("Nobody wrote down the numbers yet."))
    if done.first_by_id == user.pk:
        return refused(_("You wrote down the numbers, so somebody else signs."))
    if (done.registered, done.ballots) != (numbers.registered, numbers.ballots):
        return refused(_("The numbers changed since they were written down. Write them down again."))
    return ALLOWED
