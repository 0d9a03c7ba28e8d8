"""What waits for moderators, for the start page of staff."""

from dataclasses import dataclass
from datetime import datetime

from conversation.queries import oldest_open_case, open_cases
from conversation.rules import may_moderate
from people.models import User


@dataclass(frozen=True)
class Waiting:
    """How many cases wait, and since when the oldest does."""

    count: int
    oldest: datetime | None


def waiting_for(user: User) -> Waiting | None:
    """The moderators' work; None for who does not moderate. 2 queries."""
    if not may_moderate(user):
        return None
    return Waiting(open_cases().count(), oldest_open_case())
