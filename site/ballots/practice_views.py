"""A sample of the ballot to practise on: the same form and the same check, for everybody. It stores nothing and gives no code."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ballots import clock
from ballots.ballot_form import BallotForm
from ballots.ballot_words import in_words
from ballots.casting_views import AGAIN, secret_page, vote_or_404
from ballots.frozen import FrozenVote
from ballots.models import Vote
from ballots.option_order import seed_of
from ballots.submission import Submission, read_submission


@secret_page
@require_http_methods(["GET", "HEAD", "POST"])
def practise(request: HttpRequest, vote_id: UUID) -> HttpResponse:
    """The ballot, then the check page; nobody need be on the roll, and the vote need not have begun."""
    vote = vote_or_404(vote_id)
    if not _can_practise(vote):
        return redirect("ballots:vote", vote.id)
    given = read_submission(request.POST)
    data = given.data if request.method == "POST" else None
    form = BallotForm(vote, data, seed=seed_of(vote, None, given.order), searches=given.searches)
    if request.method != "POST":
        return _ballot(request, vote, form, given)
    if request.POST.get("step") in AGAIN:
        return _ballot(request, vote, form.without_complaints(), given)
    if not form.is_valid():
        return _ballot(request, vote, form, given)
    context = {"given": given, "answers": in_words(vote, form.answers), "order": form.seed}
    return render(request, "ballots/practice_check.html", {**context, **_frame(vote, _("Check your practice ballot"))})


def _can_practise(vote: FrozenVote) -> bool:
    """Until the vote closes."""
    window = clock.window(vote.id)
    return window.state == Vote.State.OPEN and not window.has_ended


def _ballot(request: HttpRequest, vote: FrozenVote, form: Any, given: Submission) -> HttpResponse:
    context = {"form": form, "given": given, "order": form.seed, "practice": True}
    return render(request, "ballots/choose.html", {**context, **_frame(vote, _("Practise with the ballot"))})


def _frame(vote: FrozenVote, title: str) -> dict[str, Any]:
    crumbs = [(_("Votes"), reverse("ballots:list")), (vote.title, reverse("ballots:vote", args=[vote.id])), (title, "")]
    return {"vote": vote, "title": title, "crumbs": crumbs}
