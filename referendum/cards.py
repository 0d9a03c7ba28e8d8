"""What waits for staff: votes to make and to open, results to publish, decisions of the council to write down."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Min, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from ballots.models import Vote
from people.models import User
from process.dashboard import Card
from referendum.models import ReferendumPage, ReferendumVote
from referendum.queries import links_in, undecided


def cards(user: User) -> Iterator[Card]:
    """The cards this member of staff can do something with."""
    if user.has_perm("referendum.add_referendumvote"):
        number = ReferendumPage.objects.live().filter(referendum_vote=None).count()
        yield Card(_("Referendums without a vote"), number, reverse("referendum:index"))
    if user.has_perm("ballots.open_vote"):
        yield _card(_("Referendums to agree to and open"), links_in(Vote.State.DRAFT), "opens_at")
    if user.has_perm("ballots.publish_vote"):
        yield _card(_("Results of referendums to publish"), links_in(Vote.State.COUNTED), "closes_at")
    if user.has_perm("referendum.add_councildecision"):
        weeks = timedelta(weeks=settings.REFERENDUM_DECISION_WEEKS)
        yield _card(_("Decisions of the council to write down"), undecided(), "published_at", after=weeks)


def _card(label: str, links: QuerySet[ReferendumVote], moment: str, *, after: timedelta = timedelta(0)) -> Card:
    """Due at the first of these moments of the votes, or so long after it."""
    found = links.aggregate(number=Count("pk"), first=Min(f"vote__{moment}"))
    due = found["first"] + after if found["first"] else None
    return Card(label, found["number"], reverse("referendum:index"), due=due)
