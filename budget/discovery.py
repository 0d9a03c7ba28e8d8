"""Where plans are found besides their own pages: search, neighbourhood pages, open data. Only what anybody may see."""

from collections.abc import Iterator

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from wagtail.models import PageViewRestriction

from ballots.models import Vote
from ballots.queries import open_votes
from budget.exports import downloads_of
from budget.models import BudgetRoundPage, Plan
from budget.outcome import outcome_of
from budget.queries import rounds_with_votes
from budget.stages import RoundNow, Stage, round_now
from opendata.datasets import Dataset
from pages.highlights import Highlight
from pages.search import SearchHit, excerpt
from pages.templatetags.components import euro
from pages.word_parts import best_first, matching
from places.models import Area
from places.queries import within
from process.neighbourhood import Happening


def public_rounds() -> QuerySet[BudgetRoundPage]:
    """Rounds that anybody may see; 1 query more than asked, for the restrictions of pages."""
    rounds = BudgetRoundPage.objects.live()
    return rounds.public() if PageViewRestriction.objects.exists() else rounds


def public_plans() -> QuerySet[Plan]:
    """Plans that anybody may see, newest first."""
    return Plan.objects.public().filter(round__in=public_rounds()).order_by("-published_at", "-pk").defer("search")


def search_plans(words: str, limit: int) -> list[SearchHit]:
    """The plans that fit these words best."""
    best = best_first(matching(public_plans(), words), words)[:limit]
    return [SearchHit(plan.title, plan.get_absolute_url(), excerpt(plan.text)) for plan in best]


def highlights(limit: int) -> list[Highlight]:
    """The newest rounds for the home page, with what one can do there; 1 query, and 3 for each round.

    A round that can be voted on now is left out: its vote is on the home page already.
    """
    now = timezone.now()
    rounds = public_rounds().exclude(round_vote__vote__in=open_votes().values("pk"))
    newest = rounds.select_related("area").order_by("-first_published_at", "-pk")[:limit]
    return [_highlight(round_now(page, now)) for page in newest]


def _highlight(situation: RoundNow) -> Highlight:
    page = situation.round
    is_open = situation.stage in (Stage.SUBMIT, Stage.VOTE)
    return Highlight(
        title=page.title,
        url=page.get_url() or "",
        text=page.intro,
        badge=str(situation.stage.label),
        badge_kind="ok" if is_open else "neutral",
        meta=(euro(page.pot), *([page.area.name] if page.area else [])),
        lang=settings.LANGUAGE_CODE if get_language() != settings.LANGUAGE_CODE else "",
    )


def plans_around(area: Area, limit: int) -> list[Happening]:
    """The newest plans about an area."""
    plans = public_plans().filter(area__in=within(area))[:limit]
    return [
        Happening(plan.title, plan.get_absolute_url(), state=plan.state_in_words, when=plan.published_at)
        for plan in plans
    ]


def datasets() -> Iterator[Dataset]:
    """The published results."""
    visible = set(public_rounds().values_list("pk", flat=True))
    for link in rounds_with_votes(Vote.State.PUBLISHED).order_by("-vote__published_at"):
        outcome = outcome_of(link.round) if link.round_id in visible else None
        if outcome is not None:
            yield Dataset(
                title=_("Result of the vote: %(title)s") % {"title": link.vote.title},
                description=_("The plans with their votes, costs and outcome."),
                page_url=outcome.url,
                downloads=tuple(downloads_of(outcome)),
            )
