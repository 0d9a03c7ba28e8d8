"""The list of votes and the page of each."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ballots import queries
from ballots.electorates.results import groups_result
from ballots.electorates.words import groups_in_words
from ballots.frozen import FrozenVote, frozen_vote
from ballots.live_turnout import live_turnout
from ballots.models import Option, Vote
from ballots.phases import Phase, phase_of
from ballots.promises import limits, promises, who_may_vote
from ballots.publishing.files import files_of, is_published, shows_single_ballots
from ballots.results import result_of
from ballots.roll import is_by_register
from ballots.rule_words import questions_in_words, threshold_in_words
from ballots.rules import why_not_on_roll
from ballots.visitors import is_known, voter_of
from ballots.voters import roll_entry
from pages.uploads import photo_response

PAST_PER_PAGE = 20


@require_safe
def vote_list(request: HttpRequest) -> HttpResponse:
    """Votes of now and soon, then those of the past, newest first."""
    votes = queries.public_votes().select_related("area")
    current = [(vote, phase_of(vote, vote.clock)) for vote in votes.filter(state=Vote.State.OPEN).order_by("closes_at")]
    page = Paginator(_past(votes), PAST_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "title": _("Votes"),
        "now": [pair for pair in current if pair[1] == Phase.OPEN],
        "soon": [pair for pair in current if pair[1] == Phase.COMING],
        "past": [pair for pair in current if pair[1] == Phase.CLOSED] if page.number == 1 else [],
        "page_obj": page,
        "older": [(vote, phase_of(vote, vote.clock)) for vote in page],
        "crumbs": [(_("Votes"), "")],
    }
    return _changing(render(request, "ballots/vote_list.html", context))


def _past(votes: QuerySet[Any]) -> QuerySet[Any]:
    return votes.exclude(state=Vote.State.OPEN).order_by("-closes_at", "pk")


@require_safe
def vote_page(request: HttpRequest, vote_id: UUID) -> HttpResponse:
    """Everything about one vote, for where it stands now."""
    vote = queries.shown_votes().select_related("seal", "shredding").filter(pk=vote_id).first()
    if vote is None:
        raise Http404
    frozen = frozen_vote(vote.pk)
    phase = phase_of(vote, vote.clock)
    is_shredded, has_roll = queries.is_shredded(vote), vote.pepper is not None or bool(vote.source)
    context = {
        "vote": vote,
        "frozen": frozen,
        "phase": phase,
        "title": vote.title,
        "who": who_may_vote(frozen),
        "voters_groups": groups_in_words(frozen),
        "lead": vote.lead,
        "questions": questions_in_words(frozen),
        "threshold_in_words": threshold_in_words(frozen),
        "promises": promises(frozen, is_shredded=is_shredded, has_roll=has_roll),
        "limits": limits(frozen, is_shredded=is_shredded),
        "has_roll": has_roll,
        "by_code": is_by_register(frozen),
        **_place_on_roll(request, frozen),
        "crumbs": [(_("Votes"), reverse("ballots:list")), (vote.title, "")],
    }
    if phase == Phase.OPEN:
        context["live"] = live_turnout(frozen)
    if phase == Phase.PUBLISHED:
        context |= {"result": result_of(frozen, vote.seal), "turnout": queries.turnout(vote), **_files(vote)}
        context["groups"] = groups_result(frozen, vote.seal)
    return _changing(render(request, "ballots/vote.html", context))


@require_safe
def photo(request: HttpRequest, vote_id: UUID, number: int) -> FileResponse:
    """The photo of an option; `?klein` gives the small one."""
    option = Option.objects.filter(vote=vote_id, number=number).exclude(vote__state=Vote.State.DRAFT).first()
    if option is None:
        raise Http404
    return photo_response(option.image, small="klein" in request.GET, is_public=True)


def _files(vote: Vote) -> dict[str, Any]:
    """What anybody can download to count again; nothing for a vote from before there were logs."""
    if not is_published(vote):
        return {}
    return {"files": [file.name for file in files_of(vote)], "few": not shows_single_ballots(vote)}


def _place_on_roll(request: HttpRequest, vote: FrozenVote) -> dict[str, Any]:
    """Whether a ballot was cast in the visitor's name (P9), or why they are not on the roll; nothing for whom we do not know."""
    if not is_known(request, vote):
        return {}
    voter = voter_of(request, vote)
    entry = roll_entry(vote, voter.reference) if voter else None
    return (
        {"has_cast": entry.has_cast}
        if entry
        else {"why_not": why_not_on_roll(vote, voter.resident if voter else None).reason}
    )


def _changing(response: HttpResponse) -> HttpResponse:
    """A page that changes by the clock, and by who looks, is not kept anywhere."""
    response.headers["Cache-Control"] = "private, no-cache"
    return response
