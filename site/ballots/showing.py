"""Votes on the home page."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ballots import queries
from ballots.phases import Phase
from ballots.rules import in_words
from pages.highlights import Highlight


def open_now(limit: int) -> list[Highlight]:
    """Votes that take ballots now, the first to close in front; one query."""
    lang = "" if get_language() == settings.LANGUAGE_CODE else settings.LANGUAGE_CODE
    return [
        Highlight(
            vote.title,
            reverse("ballots:vote", args=[vote.pk]),
            text=vote.lead,
            badge=str(Phase.OPEN.label),
            badge_kind=Phase.OPEN.badge,
            meta=(_("Until %(moment)s") % {"moment": in_words(vote.closes_at)},),
            lang=lang,
        )
        for vote in queries.open_votes()[:limit]
    ]
