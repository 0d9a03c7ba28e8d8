"""Where a vote stands, in the words of the public pages."""

from datetime import datetime
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ballots.models import Vote

State = Vote.State


class Phase(StrEnum):
    """What somebody can do with a vote now."""

    COMING = "coming"
    OPEN = "open"
    CLOSED = "closed"
    COUNTED = "counted"
    PUBLISHED = "published"
    ANNULLED = "annulled"

    @property
    def label(self) -> str | Promise:
        return _LABELS[self]

    @property
    def badge(self) -> str:
        """The kind of badge (`status_badge`)."""
        return {"coming": "info", "open": "ok", "published": "info", "annulled": "error"}.get(self.value, "neutral")


_LABELS: dict[Phase, str | Promise] = {
    Phase.COMING: _("Not open yet"),
    Phase.OPEN: _("You can vote now"),
    Phase.CLOSED: _("Closed, being counted"),
    Phase.COUNTED: _("Counted, result follows"),
    Phase.PUBLISHED: _("Result is here"),
    Phase.ANNULLED: _("Annulled"),
}


def phase_of(vote: Vote, now: datetime) -> Phase:
    """`now` is the database clock: a vote whose time is over is closed, even before the worker has closed it."""
    if vote.state != State.OPEN:
        return Phase(vote.state)
    if now < vote.opens_at:
        return Phase.COMING
    return Phase.OPEN if now < vote.closes_at else Phase.CLOSED
