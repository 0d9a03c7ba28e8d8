"""The pages of a dry run: for staff, and for who filled in one of its test codes. For everybody else they are not there.

Every address of one vote goes through here (`ballots.urls`), so no page has to think of it.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase

from ballots.frozen import FrozenVote, frozen_vote
from ballots.models import Vote
from ballots.visitors import voter_of

View = Callable[..., HttpResponseBase]


def known_testers(view: View, *, door: bool = False) -> View:
    """The view, which for a dry run answers 404 to strangers. `door`: where a test code is filled in; it shows nothing of the vote."""

    @wraps(view)
    def answer(request: HttpRequest, vote_id: UUID, *args: Any, **kwargs: Any) -> HttpResponseBase:
        test = _test(vote_id)
        if test is None:
            return view(request, vote_id, *args, **kwargs)
        if not door and not may_look(request, test):
            raise Http404
        response = view(request, vote_id, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return answer


def may_look(request: HttpRequest, test: FrozenVote) -> bool:
    """Whether this visitor has a test code, or is staff who see votes."""
    return request.user.has_perm("ballots.view_vote") or voter_of(request, test) is not None


def _test(vote_id: UUID) -> FrozenVote | None:
    """A dry run that is still there; None for a real vote, of which this process knows enough. 404 for one that was deleted."""
    try:
        vote = frozen_vote(vote_id)
    except Vote.DoesNotExist:
        return None
    if vote.is_test and not Vote.objects.filter(pk=vote_id).exists():
        raise Http404
    return vote if vote.is_test else None
