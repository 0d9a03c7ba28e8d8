"""Reads about referendums; access goes through here."""

from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from wagtail.models import PageViewRestriction

from ballots.models import Vote
from referendum.models import CouncilDecision, ReferendumPage, ReferendumVote
from referendum.standing import Standing, standing_of


def public_pages() -> QuerySet[ReferendumPage]:
    """Pages that anybody may see; 1 query more than asked, for the restrictions of pages."""
    pages = ReferendumPage.objects.live()
    return pages.public() if PageViewRestriction.objects.exists() else pages


def standing_for(page_id: int) -> Standing:
    """A referendum that anybody may see; 404 for an unpublished or restricted page, or one below such a page."""
    page = get_object_or_404(ReferendumPage.objects.live().select_related("area"), pk=page_id)
    standing = standing_of(page)
    if not standing.schedule.is_public or _is_restricted(page):
        raise Http404
    return standing


def _is_restricted(page: ReferendumPage) -> bool:
    """Whether Wagtail shows this page, or one above it, only to some; our own addresses then do not show it at all."""
    paths = [page.path[:end] for end in range(page.steplen, len(page.path) + 1, page.steplen)]
    return PageViewRestriction.objects.filter(page__path__in=paths).exists()


def links_in(*states: str) -> QuerySet[ReferendumVote]:
    """Referendums whose vote is in one of these states."""
    return ReferendumVote.objects.filter(vote__state__in=states)


def undecided() -> QuerySet[ReferendumVote]:
    """Referendums with a published result that the council has not decided about."""
    decided = CouncilDecision.objects.filter(vote=OuterRef("vote"))
    return links_in(Vote.State.PUBLISHED).filter(~Exists(decided))


def votes_to_choose(page: ReferendumPage, address: str) -> QuerySet[Vote]:
    """Drafts that are about no other page, newest first."""
    taken = ReferendumVote.objects.exclude(page=page).values("vote")
    drafts = Vote.objects.filter(state=Vote.State.DRAFT, url__in=["", address])
    return drafts.exclude(pk__in=taken).order_by("-opens_at")
