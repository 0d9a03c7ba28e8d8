"""Telling voters: that a ballot was cast in their name, and that there is a result.

No mail line is written by the transaction that casts: it would carry the account, the moment and (through PostgreSQL's `xmin`) the
ballot. A sweep tells people in batches instead, from the roll; docs/decisions/0005-telling-voters.md weighs it.
"""

import secrets
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils import translation

from ballots import clock, locks
from ballots.models import RollEntry, Vote
from ballots.roll import is_by_register, residents_by_key
from notices.actions import notify_all
from people.models import User

CAST, RESULT = "ballots.cast", "ballots.result"
# While a vote is open so many voters wait for a next batch, and no batch is smaller.
HELD_BACK = 20

_MARK_TOLD = "UPDATE ballots_rollentry SET told = true WHERE id = %s"


def tell_casters(vote: Vote) -> int:
    """Tells who voted since the last batch; returns their number.

    One transaction: the lines and the marks on the roll are written together or not at all.
    """
    with transaction.atomic():
        if not locks.try_to_tell(vote.pk):
            return 0
        batch = _next_batch(vote)
        if batch:
            _notify(CAST, vote, batch.values())
            _mark_told(batch)
    return len(batch)


def _next_batch(vote: Vote) -> dict[UUID, bytes]:
    """Roll entries (id → key) to tell now, in random order, so that the order of rows becomes that of nobody's voting."""
    untold = RollEntry.objects.select_for_update().filter(vote=vote, has_cast=True, told=False)
    waiting = list(untold.values_list("pk", "voter_key"))
    secrets.SystemRandom().shuffle(waiting)
    if vote.state == Vote.State.OPEN:
        waiting = waiting[HELD_BACK:] if len(waiting) >= 2 * HELD_BACK else []
    return {pk: bytes(key) for pk, key in waiting}


def _mark_told(entries: Iterable[UUID]) -> None:
    """One by one, in the order given: an update of many at once would follow the order in the table."""
    with connection.cursor() as cursor:
        cursor.executemany(_MARK_TOLD, [(pk,) for pk in entries])


def tell_result(vote: Vote) -> int:
    """Tells everybody who voted that the result is there; returns their number. Once: `voters_told_at` goes with the lines."""
    with transaction.atomic():
        if not locks.try_to_tell(vote.pk) or not _is_untold(vote):
            return 0
        voters = RollEntry.objects.filter(vote=vote, has_cast=True).values_list("voter_key", flat=True)
        told = _notify(RESULT, vote, (bytes(key) for key in voters))
        Vote.objects.filter(pk=vote.pk).update(voters_told_at=clock.now())
    return told


def _is_untold(vote: Vote) -> bool:
    return Vote.objects.filter(pk=vote.pk, state=Vote.State.PUBLISHED, voters_told_at=None).exists()


def _notify(kind: str, vote: Vote, keys: Iterable[bytes]) -> int:
    """A line to every account behind these keys; who has no account (any more) is not found."""
    if is_by_register(vote):
        return 0
    wanted = set(keys)
    found = [user_id for key, user_id in residents_by_key(bytes(vote.pepper or b"")) if key in wanted]
    secrets.SystemRandom().shuffle(found)
    with translation.override(settings.LANGUAGE_CODE):
        payload: dict[str, Any] = {"title": vote.title, "url": reverse("ballots:vote", args=[vote.pk])}
        if vote.on_paper:
            payload["on_paper"] = True
    recipients = (User(pk=user_id) for user_id in found)
    return notify_all(kind, recipients, key=lambda user: f"{kind}:{vote.pk}:{user.pk}", payload=payload)
