"""Telling supporters what happened with what they support."""

from datetime import datetime

from django.db import transaction

from notices.actions import notify_all
from proposals.actions.moving import notice_key, notice_kind, payload
from proposals.models import Announcement
from proposals.queries import supporters_of, waiting_announcements

BATCH = 500


def announce(announcement_id: int, now: datetime) -> int:
    """Writes a notice to every supporter, in batches; safe to run twice or to break off. Returns how many were new."""
    announcement = Announcement.objects.select_related("change__submission").get(pk=announcement_id)
    if announcement.done_at is not None:
        return 0
    written, last = 0, 0
    while (batch := _tell_batch(announcement, after=last)) is not None:
        new, last = batch
        written += new
    Announcement.objects.filter(pk=announcement_id, done_at=None).update(done_at=now)
    return written


@transaction.atomic
def _tell_batch(announcement: Announcement, *, after: int) -> tuple[int, int] | None:
    """One batch in one transaction: the number written and the last account id, or None at the end."""
    change = announcement.change
    people = list(supporters_of(change.submission).filter(pk__gt=after)[:BATCH])
    if not people:
        return None
    new = notify_all(notice_kind(change), people, key=lambda user: notice_key(change, user), payload=payload(change))
    return new, people[-1].pk


def announce_waiting(now: datetime) -> int:
    """Tells supporters of every step that was not told yet. Returns the number of announcements."""
    waiting = list(waiting_announcements().values_list("pk", flat=True)[:100])
    for announcement_id in waiting:
        announce(announcement_id, now)
    return len(waiting)
