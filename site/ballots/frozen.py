"""An opened vote as every cast needs it: read once per process, because nothing in it can change any more.

The database refuses every change of these fields (migration `guards`), so nothing has to be invalidated.
What does change, the state, is asked of the database each time.
"""

import hashlib
from collections import OrderedDict
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from ballots.canonical import canonical_json
from ballots.models import Option, Vote
from places.models import Area

KEPT = 64


@dataclass(frozen=True)
class FrozenOption:
    """An option as it stands on the ballot; `cost` in cents."""

    number: int
    reference: str
    title: str
    text: str
    cost: int | None
    url: str


@dataclass(frozen=True)
class FrozenVote:
    """Everything that decides about a vote, and the pepper of its roll. Amounts in cents."""

    id: UUID
    title: str
    question: str
    opens_at: datetime
    closes_at: datetime
    form: str
    max_options: int | None
    max_sum: int | None
    change_policy: str
    counting: dict[str, Any]
    budget: int | None
    url: str
    commitment: str
    threshold_kind: str
    threshold_share: int
    publication_threshold: int
    area: Area | None
    minimum_age: int
    minimum_proof: int
    opened_at: datetime | None
    pepper: bytes
    options: tuple[FrozenOption, ...]

    @cached_property
    def option_by_number(self) -> dict[int, FrozenOption]:
        return {option.number: option for option in self.options}

    @cached_property
    def option_by_reference(self) -> dict[str, FrozenOption]:
        return {option.reference: option for option in self.options}


_kept: OrderedDict[UUID, FrozenVote] = OrderedDict()


def frozen_vote(vote_id: UUID) -> FrozenVote:
    """The vote, from this process's memory where it is there. Raises `Vote.DoesNotExist`, for a draft too."""
    if (found := _kept.get(vote_id)) is not None:
        return found
    vote = Vote.objects.select_related("area__parent__parent").exclude(state=Vote.State.DRAFT).get(pk=vote_id)
    found = _kept[vote_id] = freeze(vote)
    while len(_kept) > KEPT:
        _kept.popitem(last=False)
    return found


def freeze(vote: Vote) -> FrozenVote:
    """The vote with its options as they are now."""
    options = tuple(_freeze_option(option) for option in Option.objects.filter(vote=vote).order_by("number"))
    own = {name: getattr(vote, name) for name in FrozenVote.__dataclass_fields__ if name not in ("options", "pepper")}
    return FrozenVote(**own, pepper=bytes(vote.pepper or b""), options=options)


def _freeze_option(option: Option) -> FrozenOption:
    return FrozenOption(option.number, option.reference, option.title, option.text, option.cost, option.url)


def rules_of(vote: FrozenVote) -> dict[str, Any]:
    """What decides the outcome of a vote, as plain values; `docs/explanation/ballot.md` names each."""
    plain = ("title", "question", "form", "max_options", "max_sum", "change_policy", "counting", "budget", "url")
    limits = ("publication_threshold", "minimum_age", "minimum_proof")
    frame = ("commitment", "threshold_kind", "threshold_share")
    return {
        **{name: getattr(vote, name) for name in (*plain, *limits, *frame)},
        "vote": str(vote.id),
        "opens_at": _in_utc(vote.opens_at),
        "closes_at": _in_utc(vote.closes_at),
        "area": vote.area.code if vote.area else None,
        "options": [asdict(option) for option in vote.options],
    }


def rules_hash(vote: FrozenVote) -> bytes:
    """SHA-256 over the canonical JSON of the rules."""
    return hashlib.sha256(canonical_json(rules_of(vote))).digest()


def _in_utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
