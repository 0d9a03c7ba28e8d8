"""Whether the box is what its own log says: asked before every count."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from ballots import chain
from ballots.models import Checkpoint, RollEntry, Superseded, Vote


def why_log_differs(vote_id: UUID, leaves: Iterable[tuple[int | None, bytes]]) -> str:
    """What is wrong between the log and these (batch, leaf) of all ballots, in a sentence for staff; empty when all is well."""
    points = list(Checkpoint.objects.filter(vote=vote_id))
    if problem := _broken_chain(points) or _other_start(vote_id, points):
        return problem
    fixed = _by_batch(vote_id, leaves)
    for point in points[1:]:
        batch = fixed.pop(point.seq, [])
        if len(batch) != point.leaves or chain.merkle_root(batch) != bytes(point.root):
            return f"the ballots of checkpoint {point.seq} are not those it fixed"
    return "there are ballots outside the log" if fixed else ""


def _broken_chain(points: list[Checkpoint]) -> str:
    head = chain.NO_HEAD
    for seq, point in enumerate(points):
        if (point.seq, bytes(point.previous)) != (seq, head):
            return f"checkpoint {point.seq} does not follow the one before"
        head = chain.head_of(head, seq, bytes(point.root))
        if head != bytes(point.head):
            return f"checkpoint {point.seq} has another head than its content"
    return "" if points else "the vote has no log"


def _other_start(vote_id: UUID, points: list[Checkpoint]) -> str:
    """Number 0 fixed the rules and the roll; an imported vote has an empty roll."""
    vote = Vote.objects.only("rules_hash", "roll_root").get(pk=vote_id)
    keys = [bytes(key) for key in RollEntry.objects.filter(vote=vote_id).values_list("voter_key", flat=True)]
    root = chain.roll_root(keys)
    if len(keys) != points[0].leaves or root != bytes(vote.roll_root or b""):
        return "the roll is not the one the vote opened with"
    if chain.first_root(bytes(vote.rules_hash or b""), root) != bytes(points[0].root):
        return "the rules or the roll are not those the vote opened with"
    return ""


def _by_batch(vote_id: UUID, leaves: Iterable[tuple[int | None, bytes]]) -> dict[int | None, list[bytes]]:
    fixed: dict[int | None, list[bytes]] = defaultdict(list)
    for batch, leaf in leaves:
        fixed[batch].append(leaf)
    for batch, superseded in Superseded.objects.filter(vote=vote_id).values_list("batch", "leaf"):
        fixed[batch].append(bytes(superseded))
    return fixed
