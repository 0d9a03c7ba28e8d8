"""What happens to a vote as a whole: opening, closing, publishing, annulling, forgetting its roll."""

import secrets
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from ballots import chain, clock, locks, signals
from ballots.actions.checkpoints import begin_log, mix_what_waits
from ballots.counter.models import Assistance
from ballots.frozen import FrozenVote, freeze, rules_hash
from ballots.models import RollEntry, Vote
from ballots.register.ending import forget_register, settle_register
from ballots.register.rules import has_people
from ballots.roll import PEPPER_BYTES, write_roll
from ballots.rules import may_agree, may_annul, may_forget_roll, may_open, may_open_as, may_publish
from people.models import User
from people.verdict import NotAllowed, demand, refused

State = Vote.State


def agree_to_vote(vote: Vote, *, actor: User) -> Vote:
    """The first of two persons agrees to a draft as it is now; a change afterwards undoes that. Raises `NotAllowed`."""
    with transaction.atomic():
        draft = _locked(vote)
        frozen = freeze(draft)
        demand(may_agree(actor, draft, frozen, clock.now()))
        signals.vote_opening.send(sender=Vote, vote=draft)
        demand(has_people(draft))
        draft.agreed_by, draft.agreed_at, draft.agreed_hash = actor, clock.now(), rules_hash(frozen)
        draft.save(update_fields=["agreed_by", "agreed_at", "agreed_hash"])
        _log(draft, "ballots.agree", actor, rules=draft.agreed_hash.hex())
    vote.refresh_from_db()
    return vote


def open_vote(vote: Vote, *, actor: User, pepper: bytes | None = None) -> Vote:
    """The second person freezes rules, options and roll; from `opens_at` on (database clock) the vote takes ballots.

    `pepper` is 32 random bytes, made here unless given. Raises `NotAllowed` with what is missing.
    """
    with transaction.atomic():
        draft = _locked(vote)
        frozen = freeze(draft)
        demand(may_open(draft, frozen, clock.now()))
        demand(has_people(draft))
        demand(may_open_as(actor, draft, frozen))
        signals.vote_opening.send(sender=Vote, vote=draft)
        voters = _freeze(draft, frozen, pepper or secrets.token_bytes(PEPPER_BYTES), actor)
        _log(draft, "ballots.open", actor, voters=voters, rules=rules_hash(frozen).hex())
        signals.send_on_commit(signals.vote_opened, draft)
    vote.refresh_from_db()
    return vote


def begin_test(test: Vote, *, actor: User) -> int:
    """Opens the fresh draft of a dry run, in the transaction that made it: one person is enough. Returns the size of its roll."""
    return _freeze(test, freeze(test), secrets.token_bytes(PEPPER_BYTES), actor)


def _locked(vote: Vote) -> Vote:
    locks.hold_alone(vote.pk)
    return Vote.objects.select_for_update(of=("self",)).select_related("agreed_by").get(pk=vote.pk)


def _freeze(draft: Vote, frozen: FrozenVote, pepper: bytes, actor: User) -> int:
    """Writes the roll and the state of an opened vote; the size of the roll."""
    keys = write_roll(frozen, pepper)
    if not keys:
        raise NotAllowed(refused(_("Nobody may vote: no resident meets the area, age and proof that this vote asks.")))
    settle_register(frozen)
    draft.pepper, draft.rules_hash, draft.roll_root = pepper, rules_hash(frozen), chain.roll_root(keys)
    draft.opened_at, draft.opened_by, draft.state = clock.now(), actor, State.OPEN
    draft.save(update_fields=["pepper", "rules_hash", "roll_root", "opened_at", "opened_by", "state"])
    begin_log(draft, len(keys))
    return len(keys)


def close_vote(vote: Vote) -> bool:
    """Closes a vote whose time is over by the database clock; True when this call did it.

    Holding the vote alone means that every ballot that was on its way is in the box, or will be refused: what is counted
    after this is what there will ever be.
    """
    with transaction.atomic():
        locks.hold_alone(vote.pk)
        # A vote with paper is counted when people have entered that, days later: what came in last is mixed now, not then.
        mix_what_waits(vote)
        if not _close_if_due(vote):
            return False
        vote.refresh_from_db()
        _log(vote, "ballots.close", None)
        signals.send_on_commit(signals.vote_closed, vote)
    return True


def _close_if_due(vote: Vote) -> bool:
    """Compare and swap, by one clock."""
    statement = (
        "UPDATE ballots_vote SET state = 'closed', closed_at = clock_timestamp()"
        " WHERE id = %s AND state = 'open' AND closes_at <= clock_timestamp()"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [vote.pk])
        return cursor.rowcount == 1


def publish_result(vote: Vote, *, actor: User, elsewhere_at: datetime | None = None) -> Vote:
    """Makes the sealed result public. The view asks for a fresh log-in; this asks for the right person.

    `elsewhere_at`: when the result of an imported vote was published where it was held; else the database's clock tells.
    """
    with transaction.atomic():
        counted = Vote.objects.select_for_update().get(pk=vote.pk)
        demand(may_publish(actor, counted))
        published_at = elsewhere_at if elsewhere_at and counted.source else clock.now()
        counted.state, counted.published_at, counted.published_by = State.PUBLISHED, published_at, actor
        counted.save(update_fields=["state", "published_at", "published_by"])
        _log(counted, "ballots.publish", actor, digest=bytes(counted.seal.digest).hex())
        signals.send_on_commit(signals.vote_published, counted)
    vote.refresh_from_db()
    return vote


def annul_vote(vote: Vote, *, actor: User, reason: str) -> Vote:
    """Ends a vote for good, with a public reason. Its ballots stay as they are; a new vote takes its place."""
    with transaction.atomic():
        locks.hold_alone(vote.pk)
        opened = Vote.objects.select_for_update().get(pk=vote.pk)
        demand(may_annul(opened))
        if not reason.strip():
            raise NotAllowed(refused(_("Say why the vote is annulled.")))
        opened.state, opened.annulled_at, opened.annulled_by = State.ANNULLED, clock.now(), actor
        opened.annulment_reason = reason.strip()
        opened.save(update_fields=["state", "annulled_at", "annulled_by", "annulment_reason"])
        _log(opened, "ballots.annul", actor, reason=opened.annulment_reason)
        signals.send_on_commit(signals.vote_annulled, opened)
    vote.refresh_from_db()
    return vote


def forget_roll(vote: Vote) -> int:
    """Deletes the roll and its pepper when the term to object has passed; returns the number of entries."""
    with transaction.atomic():
        locks.hold_alone(vote.pk)
        ended = Vote.objects.select_for_update().get(pk=vote.pk)
        demand(may_forget_roll(ended, clock.now()))
        ended.pepper = None
        ended.save(update_fields=["pepper"])
        forget_register(ended)
        Assistance.objects.filter(vote=ended).delete()
        deleted, _per_model = RollEntry.objects.filter(vote=ended).delete()
        _log(ended, "ballots.forget_roll", None, entries=deleted)
    return deleted


def _log(vote: Vote, action: str, actor: User | None, **data: object) -> None:
    log(instance=vote, action=action, user=actor, title=vote.title, data=data)
