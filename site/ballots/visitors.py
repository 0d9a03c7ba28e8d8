"""Who is looking at a page of a vote."""

from uuid import UUID

from django.http import HttpRequest

from ballots import kept_code
from ballots.counter.device import is_prepared, voter_at_counter
from ballots.frozen import FrozenVote
from ballots.models import Ballot
from ballots.register.models import VotingCode
from ballots.roll import is_by_register
from ballots.voters import Voter, voter_behind
from people.models import Resident


def voter_of(request: HttpRequest, vote: FrozenVote) -> Voter | None:
    """The visitor as a voter of this vote; None when we do not know who it is. Looked up once for each request."""
    known: dict[UUID, Voter | None] = request.__dict__.setdefault("known_voters", {})
    if vote.id not in known:
        known[vote.id] = _look_up(request, vote)
    return known[vote.id]


def _look_up(request: HttpRequest, vote: FrozenVote) -> Voter | None:
    """One query: where somebody lives is read when needed."""
    if (at_counter := voter_at_counter(request, vote)) is not None:
        return at_counter
    if is_by_register(vote):
        return _with_code(request, vote)
    if not request.user.is_authenticated:
        return None
    resident = Resident.objects.filter(user_id=request.user.pk).first()
    return voter_behind(resident) if resident else None


def is_known(request: HttpRequest, vote: FrozenVote) -> bool:
    """Whether the visitor said who they are, as this vote asks it: by logging in, or with a voting code."""
    if is_by_register(vote) or is_prepared(request, vote):
        return voter_of(request, vote) is not None
    return request.user.is_authenticated


def channel_of(request: HttpRequest, vote: FrozenVote) -> Ballot.Channel:
    """By which channel the visitor votes."""
    return Ballot.Channel.COUNTER if voter_at_counter(request, vote) is not None else Ballot.Channel.WEB


def _with_code(request: HttpRequest, vote: FrozenVote) -> Voter | None:
    """Whoever filled in a code that is still valid. An account says nothing here."""
    if (code_id := kept_code.kept(request, vote.id)) is None:
        return None
    valid = VotingCode.objects.filter(pk=code_id, voter__vote_id=vote.id, voided_at=None)
    reference = valid.values_list("voter_id", flat=True).first()
    return Voter(reference) if reference else None
