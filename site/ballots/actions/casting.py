"""Casting a ballot: four statements in one transaction, the same answer however often it is repeated."""

import secrets
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from ballots import clock, locks
from ballots.answers import in_order
from ballots.box import NONCE_BYTES, Answer, Answers, answers_in, leaf_of, payload_of
from ballots.codes import code_from, new_tracker, read_code, tag_of, tracker_of
from ballots.frozen import FrozenVote, frozen_vote
from ballots.models import Ballot, Vote
from ballots.prepared import first_row
from ballots.rules import has_changed_already, has_voted_already, is_valid_ballot, takes_ballots, why_not_on_roll
from ballots.voters import Mark, Voter, mark_roll, roll_entry
from people.verdict import NotAllowed, refused

_INSERT = """
    INSERT INTO ballots_ballot (id, vote_id, tag, tracker, version, nonce, payload, leaf, channel, electorate)
    VALUES (%s, %s, %s, %s, 1, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING id
"""
_FIND = "SELECT id, tracker, version, payload FROM ballots_ballot WHERE vote_id = %s AND tag = %s"
# After shredding only the tracker is left of a code: enough to find a ballot, never to change it.
_FIND_SHREDDED = """
    SELECT id, tracker, version, payload FROM ballots_ballot
    WHERE vote_id = %s AND tracker = %s AND tag IS NULL AND EXISTS (SELECT 1 FROM ballots_shredding WHERE vote_id = %s)
"""
# The leaf that is replaced goes into the log by a trigger, when a checkpoint had fixed it; the new one waits for the next.
_REPLACE = "UPDATE ballots_ballot SET payload = %s, nonce = %s, leaf = %s, version = %s, batch = NULL WHERE id = %s"


class CastRefused(NotAllowed):
    """No ballot was cast; `str(error)` is the sentence to show."""


class VotingClosed(CastRefused):
    """The box is not open: too early, too late, or annulled."""


class BallotRefused(CastRefused):
    """These choices make no ballot of this vote."""


class NotOnRoll(CastRefused):
    """This person may not vote here."""


class AlreadyVoted(CastRefused):
    """This person has voted, with another code or in a vote that knows no changes."""


class BallotChanged(CastRefused):
    """The ballot was changed after the page that sent this was made."""


class CodeRefused(CastRefused):
    """The code is no code, or belongs to somebody else's ballot."""


@dataclass(frozen=True)
class Receipt:
    """What the voter gets, and gets again at every repetition. `code` and `tracker` are without separators."""

    vote_id: UUID
    code: str
    tracker: str
    version: int
    payload: str

    @property
    def answers(self) -> dict[str, Answer | None]:
        return answers_in(self.payload)


@dataclass(frozen=True)
class StoredBallot:
    """A ballot found by its code."""

    id: UUID
    tracker: str
    version: int
    payload: str

    @property
    def answers(self) -> dict[str, Answer | None]:
        return answers_in(self.payload)


@sensitive_variables()
def cast_ballot(
    vote_id: UUID,
    *,
    voter: Voter,
    answers: Answers,
    code: str,
    replaces: int | None = None,
    channel: Ballot.Channel = Ballot.Channel.WEB,
) -> Receipt:
    """Casts a ballot with these answers (`ballots.box`; an empty one is blank), or gives the receipt this code had before.

    The code is receipt, right to change and idempotency key; in a poll that is not secret it follows from the voter, and `code` is
    not read. `replaces` is the version that the sender saw (0: none yet): then an old page that is sent again does not undo a later
    change. Durable: when this returns, the ballot is on the disk.
    Raises a `CastRefused` with its reason.
    """
    vote = frozen_vote(vote_id)
    read = _demand_code(vote, voter, code)
    with transaction.atomic(durable=True):
        locks.share(vote.id)
        _demand_open(vote)
        payload = _valid_payload(vote, answers)
        if mark := mark_roll(vote, voter.reference):
            return insert_ballot(vote, payload, read, channel, mark)
        _demand_on_roll(vote, voter)
        return _repeat_or_change(vote, payload, read, replaces)


def _demand_code(vote: FrozenVote, voter: Voter, code: str) -> str:
    read = code_from(vote.pepper, voter.reference) if vote.not_secret else read_code(code)
    if read is None:
        raise CodeRefused(refused(_("This is not a voting receipt code. Go back and start again.")))
    return read


def _demand_open(vote: FrozenVote) -> None:
    if not (verdict := takes_ballots(clock.window(vote.id), vote)):
        raise VotingClosed(verdict)


def _valid_payload(vote: FrozenVote, answers: Answers) -> str:
    """What goes into the box."""
    if not (verdict := is_valid_ballot(vote, answers)):
        raise BallotRefused(verdict)
    return payload_of(in_order(vote, answers))


def insert_ballot(vote: FrozenVote, payload: str, code: str, channel: Ballot.Channel, mark: Mark) -> Receipt:
    """Puts the first version in the box. A code that is taken leaves everything as it was, the roll too."""
    tracker = new_tracker() if vote.not_secret else tracker_of(vote.id, code)
    nonce, leaf = _nonce_and_leaf(vote, tracker, 1, payload)
    row = [uuid4(), vote.id, tag_of(vote.id, code), tracker, nonce, payload, leaf, str(channel), mark.electorate]
    if first_row(_INSERT, row) is None:
        raise CodeRefused(refused(_("This code is taken. Go back and start again: you get a new code.")))
    return Receipt(vote.id, code, tracker, 1, payload)


def _demand_on_roll(vote: FrozenVote, voter: Voter) -> None:
    if roll_entry(vote, voter.reference) is None:
        raise NotOnRoll(why_not_on_roll(vote, voter.resident))


def _repeat_or_change(vote: FrozenVote, payload: str, code: str, replaces: int | None) -> Receipt:
    """Somebody who has voted: the same again, another choice with the right code, or a second vote."""
    ballot = find_ballot(vote.id, code, for_update=True)
    if ballot is None:
        raise AlreadyVoted(has_voted_already(vote))
    if ballot.payload == payload:
        return Receipt(vote.id, code, ballot.tracker, ballot.version, payload)
    if vote.change_policy == Vote.ChangePolicy.NONE:
        raise AlreadyVoted(has_voted_already(vote))
    if replaces is not None and replaces != ballot.version:
        raise BallotChanged(has_changed_already(vote))
    return _replace(vote, ballot, payload, code)


def _replace(vote: FrozenVote, ballot: StoredBallot, payload: str, code: str) -> Receipt:
    """The next version. It touches no roll entry: nothing new connects it to a person."""
    version = ballot.version + 1
    nonce, leaf = _nonce_and_leaf(vote, ballot.tracker, version, payload)
    with connection.cursor() as cursor:
        cursor.execute(_REPLACE, [payload, nonce, leaf, version, ballot.id])
    return Receipt(vote.id, code, ballot.tracker, version, payload)


def find_ballot(vote_id: UUID, code: str, *, for_update: bool = False) -> StoredBallot | None:
    """The ballot with this code; None when there is none (or the code is no code). Works after shredding too."""
    if (read := read_code(code)) is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_FIND + (" FOR UPDATE" if for_update else ""), [vote_id, tag_of(vote_id, read)])
        row = cursor.fetchone()
        if row is None and not for_update:
            cursor.execute(_FIND_SHREDDED, [vote_id, tracker_of(vote_id, read), vote_id])
            row = cursor.fetchone()
    return StoredBallot(*row) if row else None


def find_own_ballot(vote: FrozenVote, voter: Voter) -> StoredBallot | None:
    """The ballot of this voter in a poll that is not secret, until shredding; None in every other vote."""
    return find_ballot(vote.id, code_from(vote.pepper, voter.reference)) if vote.not_secret else None


def _nonce_and_leaf(vote: FrozenVote, tracker: str, version: int, payload: str) -> tuple[bytes, bytes]:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce, leaf_of(vote.id, tracker=tracker, version=version, nonce=nonce, payload=payload)
