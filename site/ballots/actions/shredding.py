"""Shredding: after the count nothing that is stored ties a ballot to a person any more.

Two steps, each safe to repeat after a crash. First, in one transaction, roll and ballots are written again in random order and without
tags; then the files of both tables are written anew, because old versions of rows stay in them. Why right after the seal:
`docs/decisions/0008-shredding.md`.
"""

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from ballots import clock, locks, rewriting
from ballots.actions.checkpoints import finish_log
from ballots.models import Shredding, Vote
from people.verdict import NotAllowed, refused

State = Vote.State
DONE_WITH = (State.COUNTED, State.PUBLISHED, State.ANNULLED)
# While people vote, the files are written anew at once when that takes about a second; else at night, by the clock of the site.
QUICK_BYTES = 64 * 2**20
NIGHT = range(2, 5)


def shred_vote(vote: Vote) -> bool:
    """Does what is left to do; True when nothing is. Outside a transaction.

    The last step makes who casts wait, about a second per 100,000 rows. So it waits for a moment when nobody can cast, or it is quick, or
    it is night; and until nobody can see the old rows any more. The sweep asks again.
    """
    rewrite_box(vote)
    if not Shredding.objects.filter(vote=vote, cleaned_at=None).exists():
        return True
    rewriting.forget_old_versions()
    if not _may_clean(vote) or not rewriting.write_files_anew(*rewriting.BOX):
        return False
    Shredding.objects.filter(vote=vote, cleaned_at=None).update(cleaned_at=clock.now())
    return True


def rewrite_box(vote: Vote) -> bool:
    """The first step; False when it was done before. Raises `NotAllowed` while the ballots are not counted."""
    finish_log(vote)
    with transaction.atomic():
        locks.hold_alone(vote.pk)
        ended = Vote.objects.select_for_update().get(pk=vote.pk)
        if ended.state not in DONE_WITH:
            raise NotAllowed(refused(_("Only a counted or annulled vote is shredded.")))
        if Shredding.objects.filter(vote=vote).exists():
            return False
        _mark(vote)
        rewriting.rewrite_box(vote.pk)
        log(instance=ended, action="ballots.shred", title=ended.title, data={})
    return True


def _mark(vote: Vote) -> None:
    statement = (
        "INSERT INTO ballots_shredding (vote_id, rewritten_at, transaction)"
        " VALUES (%s, clock_timestamp(), pg_current_xact_id()::text::bigint)"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [vote.pk])


def _may_clean(vote: Vote) -> bool:
    """Whether it is a good moment, and no transaction can still see what stood there before the rewriting."""
    statement = """
        SELECT EXISTS (SELECT 1 FROM ballots_vote WHERE state = 'open' AND NOT is_test AND opens_at <= clock_timestamp()),
            pg_table_size('ballots_ballot') + pg_table_size('ballots_rollentry'), clock_timestamp(),
            EXISTS (
                SELECT 1 FROM pg_stat_activity, ballots_shredding AS done
                WHERE done.vote_id = %s AND datname = current_database() AND pid <> pg_backend_pid()
                    AND backend_xmin IS NOT NULL AND age(backend_xmin) >= age(done.transaction::text::xid8::xid))
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, [vote.pk])
        somebody_votes, size, now, is_seen = cursor.fetchone()
    good_moment = not somebody_votes or size <= QUICK_BYTES or timezone.localtime(now).hour in NIGHT
    return good_moment and not is_seen
