"""The verbs of the ballot box. Each takes its lock, asks its rule, writes, logs; signals follow the commit."""

from ballots.actions.casting import (
    AlreadyVoted,
    BallotChanged,
    BallotRefused,
    CastRefused,
    CodeRefused,
    NotOnRoll,
    Receipt,
    StoredBallot,
    VotingClosed,
    cast_ballot,
    find_ballot,
    find_own_ballot,
)
from ballots.actions.checkpoints import finish_log, write_checkpoint
from ballots.actions.counting import BoxDamaged, count_vote
from ballots.actions.dry_runs import close_test, open_test, wipe_test
from ballots.actions.imports import import_closed_vote
from ballots.actions.shredding import rewrite_box, shred_vote
from ballots.actions.steps import agree_to_vote, annul_vote, close_vote, forget_roll, open_vote, publish_result

__all__ = [
    "AlreadyVoted",
    "BallotChanged",
    "BallotRefused",
    "BoxDamaged",
    "CastRefused",
    "CodeRefused",
    "NotOnRoll",
    "Receipt",
    "StoredBallot",
    "VotingClosed",
    "agree_to_vote",
    "annul_vote",
    "cast_ballot",
    "close_test",
    "close_vote",
    "count_vote",
    "find_ballot",
    "find_own_ballot",
    "finish_log",
    "forget_roll",
    "import_closed_vote",
    "open_test",
    "open_vote",
    "publish_result",
    "rewrite_box",
    "shred_vote",
    "wipe_test",
    "write_checkpoint",
]
