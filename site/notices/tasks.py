"""Celery tasks."""

from celery import shared_task


@shared_task
def deliver_outbox() -> None:
    """Delivers what is due. Safe to run twice, and at the same time on several workers."""
    from notices.delivery import deliver_due

    deliver_due()
