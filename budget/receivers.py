"""What budgets do when something happens to a vote or a page. `tasks.sweep_rounds` finds what is missed here."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from wagtail.signals import page_published

from ballots import signals
from ballots.models import Vote
from budget import ballot, settling, tasks
from budget.locks import lock_round
from budget.models import BudgetRoundPage, RoundVote


def connect() -> None:
    """Called once, when the app is ready."""
    signals.vote_opened.connect(note_opening, dispatch_uid="budget.note_opening")
    signals.vote_published.connect(settle, dispatch_uid="budget.settle")
    signals.vote_annulled.connect(unsettle, dispatch_uid="budget.unsettle")
    page_published.connect(follow_pot, sender=BudgetRoundPage, dispatch_uid="budget.follow_pot")


def note_opening(vote: Vote, **kwargs: Any) -> None:
    ballot.note_opening(vote)


def settle(vote: Vote, **kwargs: Any) -> None:
    link = RoundVote.objects.filter(vote=vote).first()
    if link is not None:
        tasks.settle_round.delay(link.round_id)


def unsettle(vote: Vote, **kwargs: Any) -> None:
    settling.unsettle(vote, now=timezone.now())


def follow_pot(instance: BudgetRoundPage, **kwargs: Any) -> None:
    """A new pot or area goes into a vote that is not open yet."""
    with transaction.atomic():
        lock_round(instance.pk)
        ballot.follow_plans(instance.pk)
