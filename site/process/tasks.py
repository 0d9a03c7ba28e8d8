"""Celery tasks, safe to run twice."""

from celery import shared_task
from django.utils import timezone

from process.escalation import escalate_late


@shared_task
def escalate_late_terms() -> None:
    """Mails the clerk about terms that have passed."""
    escalate_late(timezone.now())
