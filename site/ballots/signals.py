"""Sent after the commit (all but `vote_opening`), each with the argument `vote` (a `ballots.models.Vote`).

A receiver may miss one (a process can die in between), so what must happen is also found by a sweep over the states.
"""

from functools import partial

from django.db import transaction
from django.dispatch import Signal

from ballots.models import Vote
from pages.page_cache import bump

vote_opening = Signal()
"""Sent before somebody agrees to a vote or opens it, in that transaction, with the draft: who knows why not raises `NotAllowed`."""

vote_opened = Signal()
vote_closed = Signal()
vote_counted = Signal()
vote_published = Signal()
vote_annulled = Signal()


def send_on_commit(signal: Signal, vote: Vote) -> None:
    """Sends the signal when this transaction has been committed; kept public pages are stale then too."""
    bump()
    transaction.on_commit(partial(signal.send, sender=Vote, vote=vote), robust=True)
