"""Celery tasks. Each takes an id, may run twice, and is found again by `sweep_rounds` when a worker dies."""

from celery import shared_task


@shared_task
def settle_round(round_id: int) -> None:
    """Sets the outcome of a round's plans, then tells people in batches."""
    from django.utils import timezone

    from budget.settling import settle

    settle(round_id, now=timezone.now())
    tell_round.delay(round_id)


@shared_task
def tell_round(round_id: int, after: int = 0) -> None:
    """Tells one batch and asks for the next."""
    from django.utils import timezone

    from budget.settling import finish_telling, tell_outcomes

    following = tell_outcomes(round_id, after)
    if following is not None:
        tell_round.delay(round_id, following)
    else:
        finish_telling(round_id, now=timezone.now())


@shared_task
def sweep_rounds() -> None:
    """Finds what a signal or a worker missed: plans without the outcome, people who were not told, openings not noted."""
    from ballots.models import Vote
    from budget.ballot import note_opening
    from budget.models import RoundVote
    from budget.settling import unfinished

    for link in unfinished():
        settle_round.delay(link.round_id)
    for link in RoundVote.objects.filter(vote__state=Vote.State.OPEN).select_related("vote"):
        note_opening(link.vote)


@shared_task
def forget_drafts() -> int:
    """Deletes drafts that nobody goes on with; returns their number."""
    from django.utils import timezone

    from budget.actions import forget_drafts as forget

    return forget(now=timezone.now())
