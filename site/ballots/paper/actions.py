"""Verbs of paper: register an envelope, make and enter batches, reconcile. What they write holds nobody's choice beside a name."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from ballots import clock, locks
from ballots.answers import in_order
from ballots.box import NONCE_BYTES, leaf_of, payload_of
from ballots.codes import new_code, tracker_of
from ballots.frozen import FrozenVote, frozen_vote
from ballots.models import Ballot, Vote
from ballots.paper.models import PaperBatch, PaperEntry, Reconciliation
from ballots.paper.numbers import paper_numbers
from ballots.paper.reading import Line, answers_of, different_lines, manners_of
from ballots.paper.rules import may_enter, may_enter_batch, may_reconcile, may_register, may_sign
from ballots.rules import why_not_on_roll
from ballots.voters import Voter, mark_roll, roll_entry
from people.models import User
from people.verdict import NotAllowed, demand, refused


class EnvelopeRefused(NotAllowed):
    """This envelope stays shut; `str(error)` says why."""


def register_envelope(vote_id: UUID, *, voter: Voter, actor: User) -> None:
    """Marks the roll for an envelope that came in, exactly as casting does: so nobody votes twice, whatever comes first.

    It writes nothing else: no time, no actor, no counter. Durable when it returns. Raises `EnvelopeRefused` with the sentence to show.
    """
    vote = frozen_vote(vote_id)
    with transaction.atomic(durable=True):
        locks.share(vote.id)
        demand(may_register(actor, vote, clock.window(vote.id)))
        if mark_roll(vote, voter.reference):
            return
        if roll_entry(vote, voter.reference) is None:
            raise EnvelopeRefused(why_not_on_roll(vote, voter.resident))
        raise EnvelopeRefused(refused(_("This person has voted already. Leave the envelope shut and lay it apart.")))


def begin_registering(vote: Vote, *, actor: User) -> None:
    """Who registers envelopes says so once, beforehand: single envelopes leave no actor anywhere."""
    demand(may_register(actor, frozen_vote(vote.pk), clock.window(vote.pk)))
    log(instance=vote, action="ballots.envelopes", user=actor, title=vote.title, data={})


# --- Batches ---------------------------------------------------------------------------------------------


def make_batch(vote: Vote, *, size: int, manner: PaperBatch.Manner, actor: User) -> PaperBatch:
    """A pile with the next number. Raises `NotAllowed`."""
    with transaction.atomic():
        closed = _locked(vote)
        demand(may_enter(actor, closed))
        if manner not in manners_of(frozen_vote(vote.pk).questions):
            raise NotAllowed(refused(_("This ballot cannot be entered as numbers.")))
        last = PaperBatch.objects.filter(vote=vote).order_by("-number").values_list("number", flat=True).first()
        batch = PaperBatch(vote=closed, number=(last or 0) + 1, size=size, manner=manner)
        batch.validate_constraints()
        batch.save()
        _log(closed, "ballots.batch", actor, batch=batch.number, size=size)
    return batch


def withdraw_batch(batch: PaperBatch, *, actor: User) -> None:
    """Takes a pile back that was never accepted, such as one with another number of ballots than was said."""
    with transaction.atomic():
        closed = _locked(batch.vote)
        demand(may_enter(actor, closed))
        waiting = PaperBatch.objects.filter(pk=batch.pk, accepted_at=None).first()
        if waiting is None:
            raise NotAllowed(refused(_("This batch is done: two persons entered the same.")))
        waiting.delete()
        _log(closed, "ballots.withdraw_batch", actor, batch=batch.number)


def enter_batch(batch: PaperBatch, lines: Sequence[Line], *, actor: User) -> PaperBatch:
    """What one person read in the pile; when another read the same, the ballots go into the box. Raises `NotAllowed`."""
    with transaction.atomic():
        waiting = _locked_batch(batch)
        demand(may_enter_batch(actor, waiting))
        _demand_size(waiting, lines)
        entry = PaperEntry(batch=waiting, place=waiting.entries.count() + 1, person=actor, lines=list(lines))
        entry.save()
        _log(waiting.vote, "ballots.enter_batch", actor, batch=waiting.number)
        return _accept_if_equal(waiting)


def correct_entry(batch: PaperBatch, changes: Mapping[int, Line], *, actor: User) -> PaperBatch:
    """Somebody looked again at lines that differ, on the paper, and changes their own."""
    with transaction.atomic():
        waiting = _locked_batch(batch)
        demand(may_enter(actor, waiting.vote))
        entries = list(waiting.entries.all())
        own = next((entry for entry in entries if entry.person_id == actor.pk), None)
        if waiting.accepted_at or own is None or len(entries) < 2:
            raise NotAllowed(refused(_("There is nothing here for you to correct.")))
        allowed = different_lines(entries[0].lines, entries[1].lines)
        own.lines = [
            changes[place] if place in changes and place in allowed else line for place, line in enumerate(own.lines)
        ]
        _demand_size(waiting, own.lines)
        own.save(update_fields=["lines"])
        _log(waiting.vote, "ballots.correct_batch", actor, batch=waiting.number)
        return _accept_if_equal(waiting)


def _demand_size(batch: PaperBatch, lines: Sequence[Line]) -> None:
    number = len(answers_of(lines))
    if number != batch.size:
        words = {"number": number, "size": batch.size}
        raise NotAllowed(refused(_("You entered %(number)s ballots. The batch has %(size)s.") % words))


def _accept_if_equal(batch: PaperBatch) -> PaperBatch:
    entries = list(batch.entries.all())
    if len(entries) < 2 or different_lines(entries[0].lines, entries[1].lines):
        return batch
    numbers = paper_numbers(batch.vote_id)
    over = numbers.ballots + batch.size - numbers.registered
    if over > 0:
        raise NotAllowed(
            refused(
                _("With this batch there are %(number)s more ballots than envelopes. Nothing was added.")
                % {"number": over}
            )
        )
    batch.accepted_at = clock.now()
    batch.save(update_fields=["accepted_at"])
    _into_box(frozen_vote(batch.vote_id), answers_of(entries[0].lines))
    _log(batch.vote, "ballots.accept_batch", None, batch=batch.number, size=batch.size)
    return batch


_INSERT = """
    INSERT INTO ballots_ballot (id, vote_id, tracker, version, nonce, payload, leaf, channel)
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::int[], %s::bytea[], %s::text[], %s::bytea[], %s::text[])
"""


def _into_box(vote: FrozenVote, ballots: list[dict[str, Any]]) -> None:
    """In one statement and in random order: the place in the pile says nothing. The tracker comes from a code nobody has."""
    secrets.SystemRandom().shuffle(ballots)
    rows = [_row(vote, payload_of(in_order(vote, answers))) for answers in ballots]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [list(column) for column in zip(*rows, strict=True)])


def _row(vote: FrozenVote, payload: str) -> tuple[Any, ...]:
    tracker, nonce = tracker_of(vote.id, new_code()), secrets.token_bytes(NONCE_BYTES)
    leaf = leaf_of(vote.id, tracker=tracker, version=1, nonce=nonce, payload=payload)
    return uuid4(), vote.id, tracker, 1, nonce, payload, leaf, Ballot.Channel.PAPER.value


# --- Reconciliation --------------------------------------------------------------------------------------


def write_down(vote: Vote, *, opened: int, shut: int, reason: str, actor: User) -> Reconciliation:
    """The first of two persons writes down what lies on the table; the site adds its own numbers. Raises `NotAllowed`."""
    with transaction.atomic():
        closed = _locked(vote)
        numbers = paper_numbers(vote.pk)
        demand(may_reconcile(actor, closed, numbers))
        if (numbers.missing or opened != numbers.registered) and not reason.strip():
            raise NotAllowed(refused(_("Say why the numbers differ. Everybody can read it later.")))
        Reconciliation.objects.filter(vote=vote, second_by=None).delete()
        done = Reconciliation.objects.create(
            vote=closed,
            registered=numbers.registered,
            ballots=numbers.ballots,
            opened=opened,
            shut=shut,
            reason=reason.strip(),
            first_by=actor,
            first_at=clock.now(),
        )
        _log(closed, "ballots.reconcile", actor, registered=numbers.registered, ballots=numbers.ballots)
    return done


def sign(vote: Vote, *, actor: User) -> Reconciliation:
    """The second person signs what the first wrote down; then the count can begin. Raises `NotAllowed`."""
    with transaction.atomic():
        closed = _locked(vote)
        done = Reconciliation.objects.select_for_update().filter(vote=vote).first()
        demand(may_sign(actor, closed, done, paper_numbers(vote.pk)))
        assert done is not None
        done.second_by, done.second_at = actor, clock.now()
        done.save(update_fields=["second_by", "second_at"])
        _log(closed, "ballots.sign", actor, registered=done.registered, ballots=done.ballots, reason=done.reason)
    return done


def _locked(vote: Vote) -> Vote:
    locks.hold_alone(vote.pk)
    return Vote.objects.select_for_update().get(pk=vote.pk)


def _locked_batch(batch: PaperBatch) -> PaperBatch:
    locks.hold_alone(batch.vote_id)
    found = PaperBatch.objects.select_for_update(of=("self",)).select_related("vote").filter(pk=batch.pk).first()
    if found is None:
        raise NotAllowed(refused(_("This batch was withdrawn.")))
    return found


def _log(vote: Vote, action: str, actor: User | None, **data: object) -> None:
    log(instance=vote, action=action, user=actor, title=vote.title, data=data)
