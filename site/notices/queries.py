"""Reads about notices."""

from datetime import datetime

from django.db.models import Count, Min, QuerySet

from notices.models import OutboxLine
from people.models import User


def notices_for(user: User, *, now: datetime) -> QuerySet[OutboxLine]:
    """What somebody was told, newest first; also what they did not want by mail."""
    return OutboxLine.objects.filter(recipient=user, due_at__lte=now).order_by("-due_at", "-id")


def failed_notices() -> QuerySet[OutboxLine]:
    return OutboxLine.objects.filter(state=OutboxLine.State.FAILED).select_related("recipient").order_by("-created_at")


def failed_summary() -> tuple[int, datetime | None]:
    """How many notices failed, and since when the oldest waits for a person."""
    found = OutboxLine.objects.filter(state=OutboxLine.State.FAILED).aggregate(
        count=Count("pk"), oldest=Min("created_at")
    )
    return found["count"], found["oldest"]
