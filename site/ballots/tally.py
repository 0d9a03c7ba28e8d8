"""Reading the box for a count: every ballot is checked against its own leaf first, equal ballots are counted once with a weight."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from ballots.box import choices_in, leaf_of
from ballots.counting import Instance, Option, group_ballots
from ballots.counting.instance import as_marks, positions
from ballots.frozen import FrozenVote
from ballots.log_check import why_log_differs
from ballots.models import Ballot, RollEntry, Vote
from ballots.progress import Report
from ballots.rules import is_valid_ballot

CHUNK = 5_000


class BoxDamaged(Exception):
    """The box does not hold what was cast; the message says what is wrong. Such a vote is not counted."""


@dataclass(frozen=True)
class Box:
    """The content of a box, ready to count. `seed` (hex): SHA-256 over the sorted leaves."""

    instance: Instance
    seed: str
    ballots: int
    blank: int
    roll: int


def read_box(vote: FrozenVote, report: Report) -> Box:
    """Reads and checks every ballot; raises `BoxDamaged`."""
    rows = Ballot.objects.filter(vote_id=vote.id)
    total = rows.count()
    payloads: Counter[str] = Counter()
    leaves: list[tuple[int | None, bytes]] = []
    for done, (payload, batch, leaf) in enumerate(_checked(vote, rows), start=1):
        payloads[payload] += 1
        leaves.append((batch, leaf))
        if done % CHUNK == 0:
            report("reading", done, total)
    roll = _reconciled_roll(vote.id, len(leaves))
    if problem := why_log_differs(vote.id, leaves):
        raise BoxDamaged(problem)
    ballots = {tuple(choices_in(payload)): number for payload, number in payloads.items()}
    return Box(
        _instance(vote, ballots), seed_of([leaf for _batch, leaf in leaves]), len(leaves), ballots.get((), 0), roll
    )


def seed_of(leaves: list[bytes]) -> str:
    """What lots are drawn from: nobody could choose it before the last ballot was in."""
    return hashlib.sha256(b"".join(sorted(leaves))).hexdigest()


def _checked(vote: FrozenVote, rows: QuerySet[Ballot]) -> Iterator[tuple[str, int | None, bytes]]:
    """(payload, batch, leaf) of every ballot whose leaf is its own and whose choices are valid."""
    valid: dict[str, list[str]] = {}
    columns = rows.values_list("tracker", "version", "nonce", "payload", "batch", "leaf", "channel")
    for tracker, version, nonce, payload, batch, leaf, channel in columns.iterator(chunk_size=CHUNK):
        if payload not in valid:
            valid[payload] = _valid_choices(vote, payload, channel)
        found = leaf_of(vote.id, tracker=tracker, version=version, nonce=bytes(nonce), choices=valid[payload])
        if found != bytes(leaf):
            raise BoxDamaged(f"ballot {tracker} is not as it was cast")
        yield payload, batch, bytes(leaf)


def _valid_choices(vote: FrozenVote, payload: str, channel: str) -> list[str]:
    choices = choices_in(payload)
    if not set(choices) <= vote.option_by_reference.keys():
        raise BoxDamaged(f"a ballot names an unknown option: {payload}")
    # An imported file says itself which ballots were valid then.
    numbers = [vote.option_by_reference[reference].number for reference in choices]
    if channel != Ballot.Channel.IMPORT and not is_valid_ballot(vote, numbers):
        raise BoxDamaged(f"a ballot breaks the rules of the vote: {payload}")
    return choices


def _reconciled_roll(vote_id: UUID, ballots: int) -> int:
    """The size of the roll, after the ballots have been found to be as many as the people who voted."""
    entries = RollEntry.objects.filter(vote_id=vote_id)
    has_cast = entries.filter(has_cast=True).count()
    imported = bool(Vote.objects.values_list("source", flat=True).get(pk=vote_id))
    if not imported and has_cast != ballots:
        raise BoxDamaged(f"{has_cast} people voted and there are {ballots} ballots")
    return entries.count()


def _instance(vote: FrozenVote, ballots: dict[tuple[str, ...], int]) -> Instance:
    options = tuple(Option(option.reference, option.cost or 0, option.title) for option in vote.options)
    place = positions(options)
    marks: Counter[tuple[tuple[int, int], ...]] = Counter()
    for choices, number in ballots.items():
        marks[as_marks(choices, place)] += number
    return Instance(options, vote.budget or 0, group_ballots(marks))
