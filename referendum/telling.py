"""Telling who voted what the council decided, once.

The roll goes some weeks after publication, and the council may decide later. So the voters are those whom the ballot box told the
result: their notices say it and are kept for a year. Nothing new is stored about who voted.
"""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from ballots.telling import RESULT
from notices.actions import notify_all
from notices.models import OutboxLine
from people.models import User
from referendum.actions import lock_page
from referendum.models import CouncilDecision, ReferendumVote
from referendum.rules import address_of

DECIDED = "referendum.decided"


@transaction.atomic
def tell_decision(page_id: int, *, now: datetime) -> int:
    """Writes the notices of a decision; returns how many. Nothing when it was done, or while the result itself is not told yet."""
    lock_page(page_id)
    link = untold().filter(page=page_id).select_related("page", "vote").first()
    if link is None:
        return 0
    payload = {"title": link.page.title, "url": address_of(link.page) or "/"}
    told = notify_all(DECIDED, _voters(link), key=lambda user: f"{DECIDED}:{link.vote_id}:{user.pk}", payload=payload)
    ReferendumVote.objects.filter(pk=link.pk).update(told_at=now)
    return told


def untold() -> QuerySet[ReferendumVote]:
    """Referendums with a decision that who voted does not know yet; after the mail about the result, because that names the voters."""
    decided = CouncilDecision.objects.values("vote")
    return ReferendumVote.objects.filter(told_at=None, vote__voters_told_at__isnull=False, vote__in=decided)


def _voters(link: ReferendumVote) -> Iterator[User]:
    lines = OutboxLine.objects.filter(kind=RESULT, key__startswith=f"{RESULT}:{link.vote_id}:")
    accounts = User.objects.filter(pk__in=lines.values("recipient"), is_active=True).order_by("pk")
    return accounts.iterator(chunk_size=1000)
