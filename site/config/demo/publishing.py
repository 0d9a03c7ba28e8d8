"""Publication of results of the past, on the day a municipality would have done it."""

from datetime import timedelta

from ballots import clock
from ballots.actions import publish_result
from ballots.models import Vote
from people.models import User

TERM = timedelta(days=7)


def publish_in_time(vote: Vote, *, actor: User) -> None:
    """Publishes a counted vote, dated a week after it closed; what closed less than a week ago is dated now."""
    counted = Vote.objects.get(pk=vote.pk)
    publish_result(counted, actor=actor, elsewhere_at=min(counted.closes_at + TERM, clock.now()))
