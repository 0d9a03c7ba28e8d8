"""Whether the box is what its own log says: asked before every count."""

from uuid import UUID

from ballots import chain
from ballots.models import Checkpoint, RollEntry, Superseded, Vote

Fixed = dict[int | None, list[bytes]]
"""Number of a checkpoint → leaves that say they are in it; None for those that say they are in none."""


def why_log_differs(vote_id: UUID, fixed: Fixed) -> str:
    """What is wrong between the log and the leaves of all ballots, in a sentence for staff; empty when all is well.

    Takes `fixed` apart on the way: memory.
    """
    points = list(Checkpoint.objects.filter(vote=vote_id))
    if problem := _broken_chain(points) or _other_start(vote_id, points):
        return problem
    for batch, superseded in Superseded.objects.filter(vote=vote_id).values_list("batch", "leaf"):
        fixed.setdefault(batch, []).append(bytes(superseded))
    for point in points[1:]:
        leaves = fixed.pop(point.seq, [])
        if len(leaves) != point.leaves or chain.merkle_root(leaves) != bytes(point.root):
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
