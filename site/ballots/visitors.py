"""Who is looking at a page of a vote."""

from django.http import HttpRequest

from ballots.frozen import FrozenVote
from ballots.voters import Voter, voter_behind
from people.models import Resident


def voter_of(request: HttpRequest, vote: FrozenVote) -> Voter | None:
    """The visitor as a voter of this vote; None when we do not know who it is. One query: where somebody lives is read when needed."""
    if not request.user.is_authenticated:
        return None
    resident = Resident.objects.filter(user_id=request.user.pk).first()
    return voter_behind(resident) if resident else None
