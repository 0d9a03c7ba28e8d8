"""The public log of a vote: its page, the same as data, and following it by mail."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ballots import observing, queries
from ballots.log_file import log_of
from ballots.models import Vote


@require_safe
def log_page(request: HttpRequest, vote_id: UUID) -> HttpResponse:
    """Every checkpoint with its head; nothing on it says who voted, or what."""
    vote = vote_or_404(vote_id)
    context: dict[str, Any] = {
        "vote": vote,
        "title": _("Log of the vote"),
        "checkpoints": vote.checkpoints.order_by("-seq"),
        "observes": request.user.is_authenticated and observing.is_observer(vote, request.user),
        "crumbs": [
            (_("Votes"), reverse("ballots:list")),
            (vote.title, reverse("ballots:vote", args=[vote.pk])),
            (_("Log"), ""),
        ],
    }
    response = render(request, "ballots/log.html", context)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@require_safe
def log_json(_request: HttpRequest, vote_id: UUID) -> JsonResponse:
    """The log as `docs/reference/vote-format.md` describes it: the same bytes as in the files of the result."""
    return JsonResponse(log_of(vote_or_404(vote_id)), json_dumps_params={"sort_keys": True, "indent": 1})


@login_required
@require_POST
def follow(request: HttpRequest, vote_id: UUID) -> HttpResponse:
    """Begins or ends getting every new head by mail."""
    vote = vote_or_404(vote_id)
    change = observing.stop_observing if "stop" in request.POST else observing.observe
    change(vote, request.user)  # type: ignore[arg-type]
    return redirect("ballots:log", vote.pk)


def vote_or_404(vote_id: UUID) -> Vote:
    """A vote anybody may see."""
    vote: Vote | None = queries.shown_votes().select_related("seal").filter(pk=vote_id).first()
    if vote is None:
        raise Http404
    return vote
