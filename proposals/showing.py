"""Proposals elsewhere on the site: search, the home page, a neighbourhood's page, the start page of staff."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Left
from django.urls import reverse
from django.utils.translation import gettext_lazy

from pages.highlights import Highlight
from pages.search import EXCERPT, SearchHit, excerpt
from pages.word_parts import best_first, matching
from people.models import User
from places.models import Area
from places.queries import within
from process.dashboard import Card
from process.neighbourhood import Happening
from proposals.listing import BADGES, support_label
from proposals.models import Submission, SubmissionQuerySet
from proposals.queries import awaiting_answer, first_answer_due, oldest_awaiting_answer, public_submissions
from proposals.rules import may_answer

SHOWN = ("id", "title", "state", "support_count", "threshold", "published_at", "image")


def _brief(rows: SubmissionQuerySet) -> Any:
    # One character more shows that the text goes on.
    return rows.annotate(excerpt=Left("text", EXCERPT + 1), area_name=F("area__name")).only(*SHOWN)


def search_hits(query: str, limit: int) -> list[SearchHit]:
    """Proposals with these words, best first."""
    rows = best_first(_brief(matching(public_submissions(), query)), query)
    return [SearchHit(found.title, found.get_absolute_url(), excerpt(found.excerpt)) for found in rows[:limit]]


def latest(limit: int) -> list[Highlight]:
    """Cards for the home page: the newest proposals that collect support."""
    rows = _brief(public_submissions().filter(state=Submission.State.COLLECTING)).order_by("-published_at", "-pk")
    return [_highlight(found) for found in rows[:limit]]


def _highlight(found: Any) -> Highlight:
    return Highlight(
        title=found.title,
        url=found.get_absolute_url(),
        text=excerpt(found.excerpt),
        badge=str(found.get_state_display()).capitalize(),
        badge_kind=BADGES[found.state],
        meta=(found.area_name,) if found.area_name else (),
        image=reverse("proposals:small_photo", args=[found.pk]) if found.image else "",
        progress=found.support_count,
        progress_max=found.threshold,
        progress_label=support_label(found),
        lang=settings.LANGUAGE_CODE,
    )


def happenings_around(area: Area, limit: int) -> Sequence[Happening]:
    """The newest proposals about an area or a part of it."""
    rows = _brief(public_submissions().filter(area__in=within(area))).order_by("-published_at", "-pk")
    return [
        Happening(
            title=found.title,
            url=found.get_absolute_url(),
            text=excerpt(found.excerpt),
            state=str(found.get_state_display()).capitalize(),
            when=found.published_at,
        )
        for found in rows[:limit]
    ]


def cards(user: User) -> list[Card]:
    """What waits for the municipality's answer."""
    if not may_answer(user):
        return []
    label = gettext_lazy("Proposals with enough support, waiting for an answer")
    url = f"{reverse('submission:index')}?state={Submission.State.REACHED}"
    due, oldest = first_answer_due(), oldest_awaiting_answer()
    return [Card(str(label), awaiting_answer().count(), url, due=due, oldest=oldest)]
