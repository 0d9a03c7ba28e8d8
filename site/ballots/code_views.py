"""Filling in the code of a voting card, and putting it away. The code stands in the body of a POST: in no address, session or log."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ballots import clock, code_tries, kept_choices, kept_code
from ballots.casting_views import frame, secret_page, vote_or_404
from ballots.forms import VotingCodeForm
from ballots.frozen import FrozenVote
from ballots.register.codes import read_voting_code
from ballots.register.models import VotingCode
from ballots.roll import is_by_register
from ballots.rules import takes_ballots
from ballots.voters import roll_entry, valid_code

TOO_MANY = 429


@secret_page
@require_http_methods(["GET", "HEAD", "POST"])
def voting_code(request: HttpRequest, vote_id: UUID) -> HttpResponse:
    """A right code leads to the ballot, or to the page of the vote when there is nothing to vote; every other gets one answer."""
    vote = vote_or_404(vote_id)
    if not is_by_register(vote):
        return redirect("ballots:vote", vote.id)
    if request.POST.get("step") == "forget":
        return _forget(vote)
    form = VotingCodeForm(request.POST or None)
    if not (form.is_bound and form.is_valid()):
        return _ask(request, vote, form)
    if read_voting_code(form.cleaned_data["code"]) and not (verdict := code_tries.count_try(request, vote.id)):
        form.add_error("code", verdict.reason)
        return _ask(request, vote, form, status=TOO_MANY)
    if (code := valid_code(vote, form.cleaned_data["code"])) is None:
        form.add_error("code", _not_usable())
        return _ask(request, vote, form)
    code_tries.give_back(request, vote.id)
    return _welcome(vote, code)


def _ask(request: HttpRequest, vote: FrozenVote, form: Any, status: int = 200) -> HttpResponse:
    context = {"form": form, **frame(vote, _("Fill in your voting code"))}
    if vote.is_test:
        context["crumbs"] = []  # strangers come here too: nothing says what it is about
    return render(request, "ballots/voting_code.html", context, status=status)


def _welcome(vote: FrozenVote, code: VotingCode) -> HttpResponse:
    entry = roll_entry(vote, code.voter_id)
    can_vote = entry is not None and not entry.has_cast and takes_ballots(clock.window(vote.id), vote)
    response = redirect("ballots:choose" if can_vote else "ballots:vote", vote.id)
    kept_code.keep(response, vote.id, code)
    return response


def _forget(vote: FrozenVote) -> HttpResponse:
    response = redirect("ballots:vote", vote.id)
    kept_code.forget(response, vote.id)
    kept_choices.forget(response, vote.id)
    return response


def _not_usable() -> str:
    """The same whatever is wrong: no such code, void, or of another vote."""
    return _(
        "We cannot use this code. Compare it with your voting card. Did you get a new card? Then only the new code works."
    )
