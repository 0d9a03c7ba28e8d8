"""A term that has passed goes to the clerk: one mail per term to each clerk, once."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from notices.actions import notify_all
from people.models import User
from people.roles import CLERK
from process.clocks import kind_of, running
from process.models import Clock

LATE = "process.late"


def escalate_late(now: datetime) -> int:
    """Tells the clerks of every running term whose last day is over and of which they were not told; returns how many terms."""
    late = running().filter(due_on__lt=timezone.localdate(now), escalated_at=None)
    return sum(_escalate(pk, now) for pk in list(late.values_list("pk", flat=True)))


@transaction.atomic
def _escalate(pk: int, now: datetime) -> bool:
    """Mails and mark are written together; False when somebody else did it, or the term ended meanwhile."""
    clock = Clock.objects.select_for_update().filter(pk=pk, ended_on=None, escalated_at=None).first()
    if clock is None:
        return False
    clerks = User.objects.filter(groups__name=CLERK, is_active=True)
    notify_all(LATE, clerks, key=lambda user: f"{LATE}:{clock.pk}:{user.pk}", payload=_payload(clock))
    clock.escalated_at = now
    clock.save(update_fields=["escalated_at"])
    return True


def _payload(clock: Clock) -> dict[str, str]:
    kind = kind_of(clock)
    with translation.override(settings.LANGUAGE_CODE):
        url = kind.work_url(clock.subject_id) if kind else "/"
    return {"title": clock.title, "url": url, "due_on": clock.due_on.isoformat()}
