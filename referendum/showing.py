"""What the page of a referendum shows."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from ballots.rule_words import questions_in_words, threshold_in_words
from referendum.card import HEIGHT, WIDTH
from referendum.guidance import guidance
from referendum.models import ReferendumPage
from referendum.outcome import outcome_of
from referendum.standing import Standing, standing_of


def show(page: ReferendumPage) -> dict[str, Any]:
    """The context of the page; a vote that nobody opened yet stays unseen."""
    standing = standing_of(page)
    frozen = standing.frozen
    return {
        "standing": standing,
        "guidance": guidance(standing),
        "steps": standing.steps(),
        "area": area_in_words(standing),
        "questions": questions_in_words(frozen) if frozen else [],
        "commitment": frozen.commitment if frozen else "",
        "threshold_in_words": threshold_in_words(frozen) if frozen else "",
        "outcome": outcome_of(standing),
        "own_address": f"{settings.BASE_URL}{page.get_url() or '/'}",
        "share": share_of(page) if standing.is_published else None,
        "decision": standing.decision if standing.is_published else None,
        "earlier": standing.decisions[1:] if standing.is_published else (),
    }


def share_of(page: ReferendumPage) -> dict[str, str | int]:
    """Where the result can be taken along: a picture, a table, and a frame with its whole address."""
    args = [page.pk]
    return {
        "picture": reverse("referendums:picture", args=args),
        "card": reverse("referendums:card", args=args),
        "card_address": settings.BASE_URL + reverse("referendums:card", args=args),
        "card_width": WIDTH,
        "card_height": HEIGHT,
        "table": reverse("referendums:table", args=args),
        "frame": settings.BASE_URL + reverse("referendums:frame", args=args),
    }


def area_in_words(standing: Standing) -> str:
    """For whom it is: the streets, else the area of the opened vote, else that of the page; "" is the whole municipality."""
    page, frozen = standing.page, standing.frozen
    area = frozen.area if frozen else page.area
    streets = "; ".join(map(str, frozen.streets)) if frozen else page.streets_in_words
    return ", ".join(str(part) for part in (streets, area) if part)
