"""Celery tasks. Each may run twice, and is found again by `sweep_decisions` when a worker dies."""

from celery import shared_task


@shared_task
def tell_decision(page_id: int) -> None:
    """Tells who voted what the council decided."""
    from django.utils import timezone

    from referendum.telling import tell_decision as tell

    tell(page_id, now=timezone.now())


@shared_task
def sweep_decisions() -> None:
    """Finds decisions that who voted was not told of."""
    from referendum.telling import untold

    for page_id in untold().values_list("page", flat=True):
        tell_decision.delay(page_id)
