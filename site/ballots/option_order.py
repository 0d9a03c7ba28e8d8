"""The order in which a voter sees the options: that of the ballot, or one drawn by lot for each voter.

A drawn order is the same on every page and every visit of one voter, and is never stored: it follows from the vote's pepper and the
person's reference. Who is not logged in gets an order of the moment, which the pages carry along.
"""

import hmac
import re
import secrets
from hashlib import sha256

from ballots.frozen import FrozenOption, FrozenQuestion, FrozenVote
from ballots.models import Question
from ballots.voters import Voter

SEED_BYTES = 8
_SEED = re.compile(rf"[0-9a-f]{{{2 * SEED_BYTES}}}")


def seed_of(vote: FrozenVote, voter: Voter | None, carried: str) -> str:
    """What the order of this visitor is drawn from (hex). `carried`: what the page before had, for who is not logged in."""
    if voter is not None:
        return hmac.digest(vote.pepper, b"order:" + voter.reference.bytes, sha256).hex()
    return carried if _SEED.fullmatch(carried) else secrets.token_hex(SEED_BYTES)


def in_order_of(question: FrozenQuestion, seed: str) -> list[FrozenOption]:
    """The options as this visitor sees them."""
    if question.option_order == Question.Order.FIXED:
        return list(question.options)
    return sorted(question.options, key=lambda option: _lot(question, option, seed))


def _lot(question: FrozenQuestion, option: FrozenOption, seed: str) -> bytes:
    return sha256(f"{seed}:{question.reference}:{option.reference}".encode()).digest()
