"""What waits for who works with paper, for the start page of staff."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from ballots.models import Vote
from ballots.paper.models import PaperBatch, Reconciliation
from ballots.paper.numbers import to_enter
from ballots.paper.rules import PERMISSION
from people.models import User


@dataclass(frozen=True)
class Task:
    """Work that waits: what it is, how many, where, since when."""

    label: str
    count: int
    url: str
    since: datetime | None


def tasks_of(user: User) -> list[Task]:
    """Nothing for who may not do it. The same number of queries for one batch and for many."""
    if not user.has_perm(PERMISSION):
        return []
    return [*map(_batch_task, to_enter(user.pk)), *_signatures(user)]


def _batch_task(batch: PaperBatch) -> Task:
    words = {"number": batch.number, "vote": batch.vote.title}
    label = _("Batch %(number)s waits to be entered: %(vote)s")
    if batch.entries.all():
        label = _("Batch %(number)s waits for the second person: %(vote)s")
    return Task(label % words, 1, reverse("vote:batch", args=[batch.vote_id, batch.number]), batch.vote.closed_at)


def _signatures(user: User) -> Iterator[Task]:
    waiting = Reconciliation.objects.filter(second_by=None, vote__state=Vote.State.CLOSED).exclude(first_by=user)
    for done in waiting.select_related("vote"):
        label = _("The numbers of paper wait for a second person: %(vote)s") % {"vote": done.vote.title}
        yield Task(label, 1, reverse("vote:reconcile", args=[done.vote_id]), done.first_at)
