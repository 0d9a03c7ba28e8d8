"""What referendums do when their page is published or their vote is about to be opened."""

from typing import Any

from wagtail.signals import page_published

from ballots.models import Vote
from ballots.signals import vote_opening
from referendum.actions import follow_page, refuse_misplaced
from referendum.models import ReferendumPage


def connect() -> None:
    """Called once, when the app is ready."""
    page_published.connect(on_published, sender=ReferendumPage, dispatch_uid="referendum.follow")
    vote_opening.connect(on_opening, dispatch_uid="referendum.misplaced")


def on_published(instance: ReferendumPage, **_kwargs: Any) -> None:
    follow_page(instance)


def on_opening(vote: Vote, **_kwargs: Any) -> None:
    refuse_misplaced(vote)
