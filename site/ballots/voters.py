"""Somebody who may be on a roll, and their place on it. Whoever marks the roll, for a ballot or for an envelope, does it here."""

from dataclasses import dataclass
from uuid import UUID

from ballots.frozen import FrozenVote
from ballots.models import RollEntry
from ballots.prepared import first_row
from ballots.register.codes import code_hashes, number_hashes, read_number, read_voting_code
from ballots.register.models import RegisteredVoter, VotingCode
from ballots.roll import voter_key
from people.models import Resident

_MARK = (
    "UPDATE ballots_rollentry SET has_cast = true"
    " WHERE vote_id = %s AND voter_key = %s AND NOT has_cast RETURNING electorate"
)


@dataclass(frozen=True)
class Mark:
    """That somebody's place on the roll was marked; `electorate` is the number of their group, None in a vote without groups."""

    electorate: int | None


@dataclass(frozen=True)
class Voter:
    """A person by the reference from which their key on a roll is made; `resident` is None for who has no account."""

    reference: UUID
    resident: Resident | None = None


def voter_behind(resident: Resident) -> Voter:
    """The voter behind an account."""
    return Voter(resident.reference, resident)


def voter_with_code(vote: FrozenVote, text: str) -> Voter | None:
    """The voter whose valid code this is, typed or scanned from a card; None for every other text, whatever is wrong with it."""
    code = valid_code(vote, text)
    return Voter(code.voter_id) if code else None


def valid_code(vote: FrozenVote, text: str) -> VotingCode | None:
    """The code itself, of this vote and not void."""
    if (plain := read_voting_code(text)) is None:
        return None
    valid = VotingCode.objects.filter(voter__vote_id=vote.id, voided_at=None)
    return valid.filter(code_hash__in=code_hashes(vote.id, plain)).first()


def voter_with_number(vote: FrozenVote, text: str) -> Voter | None:
    """The voter with this register number in the extract of this vote, for staff who checked somebody's identity."""
    if (number := read_number(text)) is None:
        return None
    found = RegisteredVoter.objects.filter(vote_id=vote.id, number_hash__in=number_hashes(vote.id, number))
    reference = found.values_list("pk", flat=True).first()
    return Voter(reference) if reference else None


def mark_roll(vote: FrozenVote, reference: UUID) -> Mark | None:
    """Marks that this person has voted, when they had not: of many at the same moment exactly one gets the mark, the others None.

    Call it in a transaction that shares the lock of the vote (`ballots.locks`). None too for who is not on the roll.
    """
    row = first_row(_MARK, [vote.id, voter_key(vote.pepper, reference)])
    return Mark(*row) if row else None


def roll_entry(vote: FrozenVote, reference: UUID) -> RollEntry | None:
    """Somebody's own place on the roll; None when they are not on it (or it has gone)."""
    if not vote.pepper:
        return None
    return RollEntry.objects.filter(vote_id=vote.id, voter_key=voter_key(vote.pepper, reference)).first()
