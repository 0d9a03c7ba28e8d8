"""Celery tasks, safe to run twice."""

from celery import shared_task
from django.utils import timezone

from proposals import actions


@shared_task
def announce_waiting() -> None:
    """Tells supporters what happened; the clock calls it, so nothing is lost when the broker is away."""
    actions.announce_waiting(timezone.now())


@shared_task
def delete_old_drafts() -> None:
    """Retention of drafts."""
    actions.delete_old_drafts(timezone.now())
