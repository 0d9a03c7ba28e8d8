"""A pass: what staff give somebody at the counter, to type on the device where they vote. Nothing of it is stored anywhere.

key  = HMAC-SHA-256(pepper of the vote, "counter" ‖ number of the quarter of an hour)
pass = the first 60 bits of HMAC-SHA-256(key, reference of the person), as 12 characters

It works in its own quarter and the next. Finding the person again means making the pass of everybody: half a second of processor time
per 100,000 people, only on a device that staff prepared, and counted as a try. Of use once: the roll refuses a second ballot.
"""

import hmac
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from ballots.codes import ALPHABET, TRACKER_LENGTH, in_base32, plain
from ballots.frozen import FrozenVote
from ballots.register.models import RegisteredVoter
from ballots.roll import BATCH, is_by_register
from ballots.voters import Voter, voter_behind
from people.models import Resident

SECONDS = 15 * 60


def pass_for(vote: FrozenVote, voter: Voter, now: datetime) -> str:
    """The pass of this person now, without separators."""
    digest = hmac.digest(_key(vote, _quarter(now)), voter.reference.bytes, sha256)
    return in_base32(digest, TRACKER_LENGTH)


def voter_with_pass(vote: FrozenVote, text: str, now: datetime) -> Voter | None:
    """Whose pass this is; None for every other text, and when it is too old."""
    given = plain(text)
    if len(given) != TRACKER_LENGTH or not set(given) <= set(ALPHABET):
        return None
    wanted = _as_number(given)
    this, before = (_key(vote, _quarter(now) - age) for age in (0, 1))
    for reference in _references(vote):
        if wanted in (_number(this, reference), _number(before, reference)):
            return voter_at(vote, reference)
    return None


def voter_at(vote: FrozenVote, reference: UUID) -> Voter | None:
    """The voter with this reference."""
    if is_by_register(vote):
        return Voter(reference) if RegisteredVoter.objects.filter(vote_id=vote.id, pk=reference).exists() else None
    resident = Resident.objects.filter(reference=reference).first()
    return voter_behind(resident) if resident else None


def _references(vote: FrozenVote) -> Iterator[UUID]:
    if is_by_register(vote):
        registered = RegisteredVoter.objects.filter(vote_id=vote.id).values_list("pk", flat=True)
        return registered.iterator(chunk_size=BATCH)
    return Resident.objects.values_list("reference", flat=True).iterator(chunk_size=BATCH)


def _quarter(now: datetime) -> int:
    return int(now.timestamp()) // SECONDS


def _key(vote: FrozenVote, quarter: int) -> bytes:
    return hmac.digest(vote.pepper, b"counter" + quarter.to_bytes(8, "big"), sha256)


def _number(key: bytes, reference: UUID) -> int:
    """The pass as a number: quicker to compare than everybody's written out."""
    return int.from_bytes(hmac.digest(key, reference.bytes, sha256)[:8], "big") >> 4


def _as_number(code: str) -> int:
    number = 0
    for letter in code:
        number = number * len(ALPHABET) + ALPHABET.index(letter)
    return number
